//! A Rust toolchain that compiles to WebAssembly.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::apt;
use super::step::{Otherwise, Step, Way};
use crate::process::Cmd;
use crate::workspace::Workspace;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's newer toolchain, the sources of std, and the linker. Clippy is for `lint`.
const PACKAGES: &[&str] =
    &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22", "rust-web-clippy"];

/// Rustup retries a refused connection by itself; it need not do so for long.
const DOWNLOAD: Duration = Duration::from_secs(180);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Toolchain {
    /// The toolchain in use has the target.
    Own,
    /// Debian's, which builds std from its sources.
    Debian,
}

impl Toolchain {
    pub fn find() -> Option<Self> {
        if has_target() { Some(Self::Own) } else { debian_has_sources().then_some(Self::Debian) }
    }

    /// What every cargo command for the target needs in its environment.
    pub fn env(self) -> Vec<(&'static str, OsString)> {
        match self {
            Self::Own => vec![],
            Self::Debian => vec![
                ("RUSTUP_TOOLCHAIN", "debian".into()),
                ("RUSTC_BOOTSTRAP", "1".into()),
                ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
            ],
        }
    }

    /// Name and version of the compiler.
    pub fn version(self) -> Result<String> {
        Ok(Cmd::new("rustc").envs(&self.env()).arg("--version").capture()?.trim().to_owned())
    }
}

/// A command that compiles for the target, into a target folder of its own.
pub fn cmd(ws: &Workspace, program: &str) -> Result<Cmd> {
    let Some(toolchain) = Toolchain::find() else {
        bail!("no toolchain compiles to {TARGET}: run `cargo xtask setup`")
    };
    Ok(ws.cmd(program).envs(&toolchain.env()).env("CARGO_TARGET_DIR", ws.wasm_target()))
}

pub fn step(ws: &Workspace) -> Step {
    let mut ways = Vec::new();
    if ws.which("rustup").is_some() {
        ways.push(Way::new("rustup", |ws| {
            vec![ws.cmd("rustup").args(["target", "add", TARGET]).timeout(DOWNLOAD)]
        }));
        if ws.which("apt-get").is_some() {
            ways.push(Way::new("Debian's toolchain, which builds std itself", |ws| {
                let link = ws.cmd("rustup").args(["toolchain", "link", "debian", "/usr"]);
                apt::install(ws, PACKAGES).into_iter().chain([link]).collect()
            }));
        }
    }
    let find = |_: &Workspace| {
        let toolchain = Toolchain::find()?;
        Some(format!("{}, {}", TARGET, toolchain.version().ok()?))
    };
    Step {
        name: "WebAssembly target".into(),
        why: "to compile the shop and its ranker for the browser",
        find: Box::new(find),
        ways,
        otherwise: Otherwise::Fail,
    }
}

fn has_target() -> bool {
    let folder = rustc(&["--print=target-libdir", "--target", TARGET], &[]);
    folder.is_some_and(|folder| is_filled(&folder))
}

fn debian_has_sources() -> bool {
    let sysroot = rustc(&["--print=sysroot"], &[("RUSTUP_TOOLCHAIN", "debian".into())]);
    sysroot.is_some_and(|root| is_filled(&root.join("lib/rustlib/src/rust/library")))
}

fn rustc(args: &[&str], env: &[(&'static str, OsString)]) -> Option<PathBuf> {
    let text = Cmd::new("rustc").envs(env).args(args).capture().ok()?;
    Some(text.trim().into())
}

fn is_filled(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|mut entries| entries.next().is_some())
}
