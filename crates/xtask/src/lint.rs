//! `cargo xtask lint`. Runs all of its checks, and fails at the end if one did. What could
//! not be checked here is named at the end, too.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::process::Cmd;
use crate::setup::wasm_target;
use crate::stopwatch::Stopwatch;
use crate::tidy;
use crate::workspace::{self, Workspace};

/// Beyond the workspace's own lints.
const DENIED: &[&str] = &["-D", "warnings", "-D", "clippy::undocumented_unsafe_blocks"];

/// Features that this machine can't check; `check-cuda` does.
const UNCHECKED_FEATURES: &[&str] = &["cuda"];

/// What a check came to, if nothing failed.
enum Passed {
    Whole,
    /// Some of it could not be checked: what, and what to do.
    Skipped(String),
}

type Check = fn(&Workspace) -> Result<Passed>;

/// # Errors
/// When a check failed: its name; what it found is printed above. With `strict` also when
/// one was skipped.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, strict: bool) -> Result<()> {
    let checks: [(&str, Check); 6] = [
        ("format", |ws| whole(ws.cmd("cargo").args(["fmt", "--all", "--check"]).run())),
        ("tidy", |ws| whole(tidy::run(ws))),
        ("dependencies", deny),
        ("clippy", |ws| whole(clippy(ws))),
        ("clippy for wasm", |ws| whole(clippy_wasm(ws))),
        ("features", |ws| whole(features(ws))),
    ];
    let (mut failed, mut skipped) = (Vec::new(), Vec::new());
    for (name, check) in checks {
        match watch.lap(name, || check(ws)) {
            Ok(Passed::Whole) => {}
            Ok(Passed::Skipped(what)) => skipped.push(format!("{name}: {what}")),
            Err(error) => {
                eprintln!(" ✗ {name}: {error:#}");
                failed.push(name.to_owned());
            }
        }
    }
    watch.report();
    verdict(failed, &skipped, strict)
}

fn whole(checked: Result<()>) -> Result<Passed> {
    checked.map(|()| Passed::Whole)
}

/// The last lines: what was skipped cannot be overlooked.
fn verdict(mut failed: Vec<String>, skipped: &[String], strict: bool) -> Result<()> {
    for what in skipped {
        eprintln!(" ! NOT CHECKED, {what}");
    }
    if strict {
        failed.extend(skipped.iter().cloned());
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    match skipped.len() {
        0 => eprintln!(" ✓ lint"),
        n => eprintln!(" ✓ lint, but for {n} that could not be checked here"),
    }
    Ok(())
}

fn clippy(ws: &Workspace) -> Result<()> {
    ws.cmd("cargo")
        .args(["clippy", "--workspace", "--exclude", "vitrine-web", "--all-targets", "--"])
        .args(DENIED)
        .run()
}

fn clippy_wasm(ws: &Workspace) -> Result<()> {
    wasm_target::cmd(ws, "cargo")?
        .args(["clippy", "--target", wasm_target::TARGET])
        .args(["-p", "vitrine-web", "-p", "vitrine-browser", "-p", "vitrine-session"])
        .args(["-p", "vitrine-embed", "-p", "vitrine-ranker-bench", "--"])
        .args(DENIED)
        .run()
}

/// Licences, bans and sources need no network; the advisories' database does.
fn deny(ws: &Workspace) -> Result<Passed> {
    if ws.which("cargo-deny").is_none() {
        let what = "cargo-deny is not installed: `cargo install --locked cargo-deny`";
        return Ok(Passed::Skipped(what.to_owned()));
    }
    ws.cmd("cargo").args(["deny", "check", "licenses", "bans", "sources"]).run()?;
    match ws.cmd("cargo").args(["deny", "check", "advisories"]).capture() {
        Err(error) if format!("{error:#}").contains("failed to fetch advisory database") => {
            Ok(Passed::Skipped("the advisories' database cannot be reached".to_owned()))
        }
        outcome => outcome.map(|_| Passed::Whole),
    }
}

/// Each feature by itself, so that none works only in another's company.
fn features(ws: &Workspace) -> Result<()> {
    let metadata = workspace::metadata(&["--no-deps"])?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.flat_map(feature_sets).try_for_each(|(package, features)| {
        let cmd: Cmd = ws.cmd("cargo").args(["check", "-p", &package, "--no-default-features"]);
        if features.is_empty() { cmd.run() } else { cmd.args(["--features", &features]).run() }
    })
}

/// For each package with features: none of them, and each that can be checked.
fn feature_sets(package: &Value) -> Vec<(String, String)> {
    let name = package["name"].as_str().unwrap_or_default();
    let features = package["features"].as_object();
    let names: Vec<_> = features.into_iter().flat_map(|map| map.keys()).collect();
    if names.is_empty() {
        return vec![];
    }
    let checked = names
        .into_iter()
        .filter(|feature| *feature != "default" && !UNCHECKED_FEATURES.contains(&feature.as_str()));
    let alone = checked.map(|feature| (name.to_owned(), feature.clone()));
    [(name.to_owned(), String::new())].into_iter().chain(alone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_not_checked_fails_where_that_is_asked() {
        let skipped = ["dependencies: cargo-deny is not installed".to_owned()];
        assert!(verdict(vec![], &skipped, false).is_ok());
        let refused = verdict(vec![], &skipped, true).expect_err("strict").to_string();
        assert!(refused.contains("cargo-deny"), "{refused}");
        assert!(verdict(vec!["clippy".to_owned()], &[], false).is_err());
    }

    #[test]
    fn every_feature_is_checked_alone_but_cuda() {
        let package = json!({"name": "p", "features": {"default": ["a"], "a": [], "cuda": []}});
        let expected = [("p", ""), ("p", "a")].map(|(p, f)| (p.to_owned(), f.to_owned()));
        assert_eq!(feature_sets(&package), expected);
        assert!(feature_sets(&json!({"name": "p", "features": {}})).is_empty());
    }
}
