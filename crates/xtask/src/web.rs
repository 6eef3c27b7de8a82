//! The web bundle: Trunk, wasm-opt, compressed copies, size checks. It holds two pages,
//! the shop and the Studio, each with a program of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bundle;
use crate::setup::wasm_opt;
use crate::setup::wasm_target;
use crate::stamp;
use crate::workspace::Workspace;

/// Builds `web/dist`, or takes it from an earlier build of the same inputs.
///
/// # Errors
/// When a tool is missing or fails, or the bundle is over its size budget.
pub fn build(ws: &Workspace) -> Result<()> {
    let kept = kept_bundle(ws)?;
    if kept.is_dir() {
        eprintln!("   nothing that it is made from has changed");
        bundle::mirror(&kept, &ws.dist())?;
    } else {
        trunk(ws)?;
        bundle::slim_glue(&ws.dist())?;
        eprintln!("   compressing");
        bundle::compress(&ws.dist())?;
        keep(ws, &kept)?;
    }
    bundle::check_sizes(&ws.dist())
}

/// Trunk makes one page a run and empties the folder it writes to, so the Studio, in a
/// folder inside the shop's, comes second. Both programs are compiled beforehand, side by
/// side: most of the time is their linking.
fn trunk(ws: &Workspace) -> Result<()> {
    let programs = ["build", "--profile", "web", "--package", "vitrine-web", "--bins"];
    wasm_target::cmd(ws, "cargo")?.args(programs).args(["--target", wasm_target::TARGET]).run()?;
    let has_wasm_opt = wasm_opt::version(ws).is_some();
    if !has_wasm_opt {
        eprintln!("   wasm-opt SKIPPED: not installed, the bundle will be somewhat larger");
    }
    let studio = ["web/studio.html", "--dist", "web/dist/studio", "--public-url", "/studio/"];
    for page in [&["web/index.html"][..], &studio] {
        let cmd = wasm_target::cmd(ws, "trunk")?.arg("build").args(page);
        // Trunk runs wasm-opt by itself, with the options in the page, but only in release
        // mode, and would download it; so release mode is for when it is here.
        if has_wasm_opt { cmd.arg("--release").run()? } else { cmd.run()? }
    }
    Ok(())
}

/// Where a bundle of the present inputs is kept. Outside `web/dist`, so that
/// changing to and fro between branches, or a fresh clone, costs no build.
fn kept_bundle(ws: &Workspace) -> Result<PathBuf> {
    let key = stamp::of_web_inputs(ws, &stamp::tools(ws)?)?;
    Ok(ws.wasm_target().join("bundles").join(key))
}

/// Keeps the finished bundle, and of the older ones the newest few.
fn keep(ws: &Workspace, kept: &Path) -> Result<()> {
    const KEPT_MAX: usize = 4;
    let folder = ws.wasm_target().join("bundles");
    let unfinished = folder.join("unfinished");
    bundle::mirror(&ws.dist(), &unfinished).context("keeping the bundle")?;
    fs::rename(&unfinished, kept).context("keeping the bundle")?;

    let mut bundles = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        bundles.push((entry.metadata()?.modified()?, entry.path()));
    }
    bundles.sort_by(|a, b| b.cmp(a));
    for (_, old) in bundles.into_iter().skip(KEPT_MAX) {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}
