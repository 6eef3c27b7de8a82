//! Where things are: the workspace, cargo's target folder, our tools.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::process::Cmd;

pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target folder, with `CARGO_TARGET_DIR` respected.
    pub target: PathBuf,
    /// Where set-up puts what it installs: shared by every clone of this user.
    pub tools: PathBuf,
}

/// A member of the workspace.
pub struct Member {
    pub version: String,
    /// SPDX expression.
    pub license: String,
}

impl Workspace {
    pub fn locate() -> Result<Self> {
        let metadata = metadata(&["--no-deps"])?;
        let folder = |key: &str| -> Result<PathBuf> {
            Ok(metadata[key].as_str().with_context(|| format!("cargo metadata: no {key}"))?.into())
        };
        let root = folder("workspace_root")?;
        let target = folder("target_directory")?;
        Ok(Self { root, target, tools: cache_folder()?.join("vitrine/tools") })
    }

    /// Target folder of wasm builds: apart, because their flags differ.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    pub fn dist(&self) -> PathBuf {
        self.root.join("web/dist")
    }

    /// A program on our `PATH`, which begins with our own tools.
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.path())
            .map(|folder| folder.join(program))
            .find(|file| is_program(file))
    }

    /// `PATH` with our own tools in front.
    pub fn path(&self) -> OsString {
        let ours = [self.tools.join("bin"), self.tools.join("node_modules/.bin")];
        let theirs = env::var_os("PATH").unwrap_or_default();
        env::join_paths(ours.into_iter().chain(env::split_paths(&theirs))).unwrap_or(theirs)
    }

    /// A command run in the workspace, with our tools on its `PATH`.
    pub fn cmd(&self, program: impl AsRef<OsStr>) -> Cmd {
        Cmd::new(program).dir(&self.root).env("PATH", self.path())
    }

    /// What a member's Cargo.toml says of it.
    ///
    /// # Errors
    /// The workspace has no such member.
    pub fn member(&self, name: &str) -> Result<Member> {
        let metadata = metadata(&["--no-deps"])?;
        let mut packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.find(|package| package["name"] == name);
        let package = package.with_context(|| format!("no package of the workspace is {name}"))?;
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Ok(Member { version: text("version"), license: text("license") })
    }

    /// The version of a package that Cargo.lock pins.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let text =
            fs::read_to_string(self.root.join("Cargo.lock")).context("reading Cargo.lock")?;
        version_in_lock(&text, package).ok_or_else(|| anyhow!("Cargo.lock has no {package}"))
    }
}

/// `cargo metadata`, parsed.
pub fn metadata(args: &[&str]) -> Result<Value> {
    let text = Cmd::new("cargo").args(["metadata", "--format-version=1"]).args(args).capture()?;
    serde_json::from_str(&text).context("parsing cargo metadata")
}

/// `$XDG_CACHE_HOME`, else `~/.cache`.
pub fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let home = env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(Path::new(&home).join(".cache"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(file)
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_version_is_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "bindgen"), None);
    }
}
