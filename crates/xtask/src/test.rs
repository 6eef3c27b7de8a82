//! `cargo xtask test`.

use std::env;
use std::path::PathBuf;

use anyhow::Result;

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
    "vitrine-device/native,vitrine-session/gpu-native",
];

/// Ends as `cargo test` itself, so that its closing lines are the last ones.
///
/// # Errors
/// When a step before the tests fails; a failed test ends the process with cargo's status.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, args: &[String]) -> Result<()> {
    watch.lap("set-up", || setup::run(ws, Purpose::Test))?;
    watch.lap("web bundle", || web::build(ws))?;
    watch.lap("npm packages", || packages::build(ws))?;
    // Not `cargo test --no-run`, which leaves out programs that other crates' tests start.
    watch.lap("programs and tests", || {
        cargo(ws).args(["build", "--all-targets"]).args(SELECTION).run()
    })?;
    watch.lap("weights and data", || ws.cmd(vitrine(ws)).arg("fetch").run())?;
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
    cmd.exec()
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
