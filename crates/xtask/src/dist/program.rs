//! The program of the folder: optimised, stripped, and linked statically, so that it asks
//! nothing of the machine that it runs on.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::Cmd;
use crate::workspace::Workspace;

/// glibc inside the program. It is part of the target's `libc6-dev`, and its allocator is
/// several times faster than musl's where many threads allocate, as they do in training.
const STATIC: &str = r#"rustflags=["-C","target-feature=+crt-static"]"#;

/// Builds the program; where it is.
///
/// # Errors
/// Cargo fails, or what it made still wants libraries.
pub fn build(ws: &Workspace) -> Result<PathBuf> {
    let triple = host_triple()?;
    // With a target named, flags do not reach what runs during the build, which needs none.
    ws.cmd("cargo")
        .args(["build", "--release", "--locked", "--package", "vitrine-server", "--bin", "vitrine"])
        .args(["--target", &triple, "--config"])
        .arg(format!("target.{triple}.{STATIC}"))
        .run()?;
    let program = ws.target.join(&triple).join("release/vitrine");
    let wanted = Cmd::new("ldd").arg(&program).capture();
    // Of a static program `ldd` says so, by failing or by one line, as its version has it.
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
