//! A disk for tests of what happens when one fails.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_durable::{AppendDisk, AppendFile, Disk, FileSystem};

/// The machine's disk, full or broken when it is told to be.
#[derive(Default)]
pub struct FailingDisk {
    /// Nothing more fits on it.
    pub is_full: Arc<AtomicBool>,
    /// What is written to it is in the file, and no sync succeeds.
    pub loses_syncs: Arc<AtomicBool>,
}

struct FailingFile {
    file: Box<dyn AppendFile>,
    is_full: Arc<AtomicBool>,
    loses_syncs: Arc<AtomicBool>,
}

impl Disk for FailingDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        FileSystem.write(path, bytes)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        FileSystem.sync_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        FileSystem.rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        FileSystem.sync_dir(dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove(path)
    }
}

impl AppendDisk for FailingDisk {
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let (is_full, loses_syncs) = (self.is_full.clone(), self.loses_syncs.clone());
        let file = FileSystem.open_append(path)?;
        Ok(Box::new(FailingFile { file, is_full, loses_syncs }))
    }
}

impl AppendFile for FailingFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.loses_syncs.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        self.file.sync()
    }

    fn cut(&mut self, n_bytes: u64) -> io::Result<()> {
        self.file.cut(n_bytes)
    }
}
