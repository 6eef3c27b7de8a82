//! The command line, as a user meets it.
//!
//! `demo` builds this file along with the server. It must stay one that needs
//! dev-dependencies: see `build_server` in `src/demo.rs`.

use std::process::{Command, Output};

fn xtask(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Away from the workspace and without a home: nothing here may get as far as needing one.
    Command::new(env!("CARGO_BIN_EXE_vitrine-xtask"))
        .args(args)
        .current_dir(folder.path())
        .env_remove("HOME")
        .env_remove("XDG_CACHE_HOME")
        .output()
        .expect("cargo has built it")
}

#[test]
fn help_names_every_task() {
    let output = xtask(&["--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for task in
        ["demo", "test", "lint", "tidy", "docs", "dist", "site", "setup", "web", "check-cuda"]
    {
        assert!(help.contains(task), "{task} is missing in:\n{help}");
    }
}

#[test]
fn help_of_a_task_helps_and_does_nothing_else() {
    for task in [
        "demo",
        "test",
        "lint",
        "tidy",
        "docs",
        "dist",
        "site",
        "setup",
        "web",
        "bench",
        "check-cuda",
    ] {
        for asked in [[task, "--help"], [task, "-h"], ["help", task]] {
            let output = xtask(&asked);
            assert!(output.status.success(), "{asked:?}: {output:?}");
            assert!(output.stderr.is_empty(), "nothing was begun: {output:?}");
            let help = String::from_utf8(output.stdout).unwrap();
            assert!(help.contains(&format!("Usage: cargo xtask {task}")), "{asked:?}:\n{help}");
        }
    }
    for (task, flag) in [("demo", "--listen"), ("dist", "--no-check"), ("site", "--axe")] {
        let help = String::from_utf8(xtask(&[task, "--help"]).stdout).unwrap();
        assert!(help.contains(flag) && help.contains("Examples:"), "{help}");
    }
}

#[test]
fn an_unknown_task_fails_and_says_so() {
    let output = xtask(&["dmeo"]);
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("dmeo") && message.contains("demo"), "{message}");
}

#[test]
fn outside_the_workspace_it_fails_with_a_reason_and_no_panic() {
    let output = xtask(&["tidy"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: ") && message.contains("Cargo.toml"), "{message}");
}
