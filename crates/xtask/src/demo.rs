//! `cargo xtask demo`.

use std::path::PathBuf;

use anyhow::Result;

use crate::setup::{self, Purpose};
use crate::stopwatch::Stopwatch;
use crate::test::SELECTION;
use crate::web;
use crate::workspace::Workspace;

/// # Errors
/// When a step fails; the message says which and what to do.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, args: &[String]) -> Result<()> {
    let vitrine = build(ws, watch)?;
    watch.report();
    ws.cmd(vitrine).arg("demo").args(args).exec()
}

/// Builds the page and the server that has it; the path of the binary.
///
/// # Errors
/// When a step fails; the message says which and what to do.
pub fn build(ws: &Workspace, watch: &mut Stopwatch) -> Result<PathBuf> {
    watch.lap("set-up", || setup::run(ws, Purpose::Demo))?;
    watch.lap("web bundle", || web::build(ws))?;
    watch.lap("server", || build_server(ws))?;
    Ok(ws.target.join("debug/vitrine"))
}

/// The selection of `test`, and a small test besides the server, though only the
/// server is needed: the selection decides which features the shared dependencies
/// get. With it, all that `demo` compiles is ready for `test`; without, `test` would
/// compile candle once more.
fn build_server(ws: &Workspace) -> Result<()> {
    ws.cmd("cargo").arg("build").args(SELECTION).args(["--bin", "vitrine", "--test", "xtask"]).run()
}
