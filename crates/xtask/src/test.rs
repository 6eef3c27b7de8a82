//! `cargo xtask test`.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::docs;
use crate::packages;
use crate::process::Cmd;
use crate::setup::{self, Purpose, chromium, firefox, vulkan};
use crate::stopwatch::Stopwatch;
use crate::web;
use crate::workspace::Workspace;

/// Native members, with the path to a native GPU, which only tests use; the web
/// crate is tested through the browser. The selection also decides which features
/// the dependencies get, so that `demo` builds by the same one.
pub const SELECTION: &[&str] = &[
    "--workspace",
    "--exclude",
    "vitrine-web",
    "--features",
    "vitrine-device/native,vitrine-session/gpu-native,vitrine-server/mcp",
];

/// Ends with what failed, from all test programs, so that nobody looks for it among what passed.
///
/// # Errors
/// When a step before the tests fails, or a test.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, args: &[String]) -> Result<()> {
    watch.lap("set-up", || setup::run(ws, Purpose::Test))?;
    watch.lap("web bundle", || web::build(ws))?;
    watch.lap("npm packages", || packages::build(ws))?;
    // Not `cargo test --no-run`, which leaves out programs that other crates' tests start.
    watch.lap("programs and tests", || {
        cargo(ws).args(["build", "--all-targets"]).args(SELECTION).run()
    })?;
    watch.lap("weights and data", || ws.cmd(vitrine(ws)).arg("fetch").run())?;
    let pictures = ["fetch", "--model", "efficientnet-lite0"];
    watch.lap("weights for pictures", || ws.cmd(vitrine(ws)).args(pictures).run())?;
    docs::run(ws, watch, &[])?;
    watch.report();
    eprintln!("\n== tests");
    let mut cmd = cargo(ws).args(["test", "--no-fail-fast"]).args(SELECTION).args(args);
    cmd = cmd.env("VITRINE_TOOLS", &ws.tools).env("VITRINE_BIN", ws.target.join("debug/vitrine"));
    cmd = cmd.env("VITRINE_PACKAGES", ws.target.join("packages"));
    if let Some(chromium) = chromium::path(ws) {
        cmd = cmd.env("VITRINE_CHROMIUM", chromium);
    }
    if let Some(firefox) = firefox::path(ws) {
        cmd = cmd.env("VITRINE_FIREFOX", firefox);
    }
    let mut failures = Failures::default();
    let status = cmd.run_noting(|line| failures.note(line))?;
    if status.success() {
        return Ok(());
    }
    eprintln!("\n== what failed\n{}", failures.found.join("\n"));
    bail!("{status}: cargo test")
}

/// What test programs say of their failures.
#[derive(Default)]
struct Failures {
    is_open: bool,
    found: Vec<String>,
}

impl Failures {
    /// Takes the lines from `failures:` to the result of a program.
    fn note(&mut self, line: &str) {
        self.is_open |= line == "failures:";
        if line.starts_with("test result:") {
            self.is_open = false;
        }
        if self.is_open && !line.is_empty() {
            self.found.push(line.to_owned());
        }
    }
}

/// Who has a real GPU says so; a software one is found. The build has to know it
/// too, because it decides there which tests are ignored.
fn cargo(ws: &Workspace) -> Cmd {
    let mut cmd = ws.cmd("cargo");
    if env::var_os("VITRINE_GPU").is_none() && vulkan::has_lavapipe() {
        cmd = cmd.env("VITRINE_GPU", "lavapipe");
    }
    // Its driver complains without one, in every test.
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        cmd = cmd.env("XDG_RUNTIME_DIR", env::temp_dir());
    }
    cmd
}

fn vitrine(ws: &Workspace) -> PathBuf {
    ws.target.join("debug/vitrine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_taken_from_among_what_passed() {
        let lines = [
            "test a ... ok",
            "failures:",
            "",
            "---- b ----",
            "left is not right",
            "test result: FAILED. 1 passed; 1 failed",
            "test c ... ok",
            "test result: ok. 1 passed; 0 failed",
        ];
        let mut failures = Failures::default();
        lines.into_iter().for_each(|line| failures.note(line));
        assert_eq!(failures.found, ["failures:", "---- b ----", "left is not right"]);
    }
}
