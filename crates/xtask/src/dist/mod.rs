//! `cargo xtask dist`: the folder that a shop's engineer gets, in `target/dist`.

mod container;
mod image;
pub mod layout;
pub mod program;

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cuda;
use crate::docs;
use crate::packages;
use crate::setup::{self, Purpose};
use crate::stopwatch::Stopwatch;
use crate::web;
use crate::workspace::Workspace;

/// Programs that building starts, and where they come from.
const TOOLS: [(&str, &str); 2] = [("ldd", "libc-bin"), ("cc", "gcc and libc6-dev")];

/// Options of `cargo xtask dist`.
#[derive(Args)]
pub struct DistOptions {
    /// Leave out the checks: the quick start run in a copy of the folder, and a start in
    /// a root that has nothing but what the Containerfile copies.
    #[arg(long)]
    no_check: bool,
}

/// # Errors
/// When a tool is missing or a step fails; the message says what to do.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, options: &DistOptions) -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "the program of the folder is one for Linux: run this there"
    );
    layout::check_tools(ws, &TOOLS)?;
    layout::check_machine(ws)?;
    watch.lap("set-up", || setup::run(ws, Purpose::Demo))?;
    watch.lap("web bundle", || web::build(ws))?;
    let program = watch.lap("program", || program::build(ws))?;
    let cuda = cuda::Toolkit::find(ws);
    let cuda = cuda.map(|toolkit| watch.lap(cuda::PROGRAM, || toolkit.build(ws, "release")));
    let cuda = cuda.transpose()?;
    if cuda.is_none() {
        eprintln!("   {} LEFT OUT: there is no nvcc (docs/devices.md)", cuda::PROGRAM);
    }
    let weights = layout::fetched_weights()?;
    let fetch = ws.cmd(&program).args(["fetch", "--weights"]).env("VITRINE_WEIGHTS_DIR", &weights);
    watch.lap("weights", || fetch.run())?;
    watch.lap("npm packages", || packages::build(ws))?;
    let folder = ws.target.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    watch.lap("folder", || layout::lay_out(ws, &program, cuda.as_deref(), &folder))?;
    if !options.no_check {
        watch.lap("container file", || container::check(ws, &folder))?;
        watch.lap("quick start", || docs::run_quick_start(ws, &folder))?;
    }
    watch.report();
    layout::print(&folder)
}
