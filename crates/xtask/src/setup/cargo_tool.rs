//! Tools compiled by `cargo install` into our own folder.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::step::Way;
use crate::process::Cmd;
use crate::workspace::Workspace;

/// `version` of the tool as it reports it, whichever of our `PATH` comes first.
pub fn version_of(ws: &Workspace, program: &str) -> Option<String> {
    let text = Cmd::new(ws.which(program)?).arg("--version").capture().ok()?;
    Some(text.split_whitespace().nth(1)?.to_owned())
}

/// `extra` are further arguments of `cargo install`.
///
/// Compiled without optimisation and without debug information: that costs a
/// third of the time, and these tools spend theirs waiting for rustc.
pub fn way(package: &'static str, version: String, extra: &'static [&'static str]) -> Way {
    Way::new(format!("cargo install ({package} {version}, some minutes)"), move |ws| {
        let vars: [(&str, OsString); 2] = [
            ("CARGO_PROFILE_DEV_DEBUG", "false".into()),
            // Shared between the tools, so that what they have in common is built once.
            ("CARGO_TARGET_DIR", intermediates(ws).into()),
        ];
        vec![
            ws.cmd("cargo")
                .envs(&vars)
                .args(["install", package, "--version", &version, "--debug", "--force", "--root"])
                .arg(&ws.tools)
                .args(extra),
        ]
    })
}

/// Once all tools are there. Until then an interrupted build goes on from these.
///
/// # Errors
/// When they can't be removed.
pub fn remove_intermediates(ws: &Workspace) -> Result<()> {
    let folder = intermediates(ws);
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))
}

fn intermediates(ws: &Workspace) -> PathBuf {
    ws.tools.join("build")
}
