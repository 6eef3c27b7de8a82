//! What publishing does to a disk, so that a test can stop after any step and lose
//! what was not synced.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Steps of a publish. Each is durable or not yet visible when it returns, unless its
/// documentation says otherwise.
pub trait Disk: Send + Sync {
    /// Creates or replaces a file and makes its content durable.
    ///
    /// # Errors
    /// The system refuses.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes the content of a file durable that something else wrote.
    ///
    /// # Errors
    /// The system refuses.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Puts a file or folder in another's place, atomically; durable after
    /// [`Self::sync_dir`] of the folder it is in.
    ///
    /// # Errors
    /// The system refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The system refuses.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Deletes a file.
    ///
    /// # Errors
    /// The system refuses.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Disk for FileSystem {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}
