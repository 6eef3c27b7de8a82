//! Files that grow at their end: what a log does to a disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::{Disk, FileSystem};

/// A file that is open for writing at its end.
pub trait AppendFile: Send {
    /// Writes bytes at the end; they are durable after [`Self::sync`].
    ///
    /// # Errors
    /// The system refuses; then any number of the bytes may be in the file.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the content durable.
    ///
    /// # Errors
    /// The disk fails. What was appended since the last sync is then lost or not, and a
    /// second sync that succeeds says nothing about it.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to its first `n_bytes`.
    ///
    /// # Errors
    /// The system refuses.
    fn cut(&mut self, n_bytes: u64) -> io::Result<()>;
}

/// A disk on which files can grow.
pub trait AppendDisk: Disk {
    /// Opens a file for writing at its end, or creates it. A new file's name is durable
    /// after [`Disk::sync_dir`] of its folder.
    ///
    /// # Errors
    /// The system refuses.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
}

impl AppendFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, n_bytes: u64) -> io::Result<()> {
        self.set_len(n_bytes)
    }
}

impl AppendDisk for FileSystem {
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        // A log holds what people bought: for its owner's eyes.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Box::new(options.open(path)?))
    }
}
