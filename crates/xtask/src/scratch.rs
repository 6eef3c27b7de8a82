//! Folders and addresses for one use.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// A folder that goes when it is dropped.
pub struct Scratch {
    pub path: PathBuf,
}

impl Scratch {
    /// # Errors
    /// The system's temporary folder cannot be written to.
    pub fn new() -> Result<Self> {
        for n in 0.. {
            let name = format!("vitrine-xtask-{}-{n}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| path.display().to_string()),
            }
        }
        bail!("no name is left in {}", std::env::temp_dir().display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// An address where nobody listens now.
///
/// # Errors
/// No port is free.
pub fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr()?.to_string())
}
