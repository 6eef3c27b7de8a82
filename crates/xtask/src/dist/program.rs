//! The program of the folder: optimised, stripped, and linked statically, so that it asks
//! nothing of the machine that it runs on.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::Cmd;
use crate::workspace::Workspace;

/// Only linking differs, so that this is said to the last step alone: glibc, from `libc6-dev`,
/// becomes part of the program. Its allocator is several times faster than musl's where many
/// threads allocate, as they do in training.
const STATIC: [&str; 2] = ["-C", "target-feature=+crt-static"];

/// Builds the program; where it is.
///
/// # Errors
/// Cargo fails, or what it made still wants libraries.
pub fn build(ws: &Workspace) -> Result<PathBuf> {
    ws.cmd("cargo")
        .args(["rustc", "--release", "--locked", "--package", "vitrine-server", "--bin", "vitrine"])
        .arg("--")
        .args(STATIC)
        .run()?;
    let program = ws.target.join("release/vitrine");
    // Of a static program `ldd` fails, or says so in a line without an arrow.
    let wanted = Cmd::new("ldd").arg(&program).capture();
    if let Some(libraries) = wanted.ok().filter(|text| text.contains("=>")) {
        bail!("{} is linked with libraries of this machine:\n{libraries}", program.display());
    }
    Ok(program)
}

/// The target that rustc makes programs for here, such as `x86_64-unknown-linux-gnu`.
///
/// # Errors
/// rustc cannot be started.
pub fn host_triple() -> Result<String> {
    let text = Cmd::new("rustc").arg("-vV").capture()?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}
