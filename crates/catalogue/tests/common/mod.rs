//! What several tests of the log need.
#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vitrine_catalogue::{
    ChangeLog, ChangeOutcome, ChangeReceipt, ChangeRequest, Judge, Judgement, LogConfig,
    ProductChange,
};
use vitrine_durable::{AppendDisk, AppendFile, Disk, FileSystem};

/// 2027-01-15.
pub const NOW_SECONDS: i64 = 1_800_000_000;

pub fn accept_all() -> Judge {
    Box::new(|_, _| Judgement::Accept)
}

/// The machine's disk, a clock that stands, and segments that soon get a successor.
pub fn config() -> LogConfig {
    LogConfig { segment_bytes_max: 2_000, ..LogConfig::new(Arc::new(|| NOW_SECONDS)) }
}

pub fn open(dir: &Path) -> ChangeLog {
    ChangeLog::open(dir, config(), accept_all()).unwrap()
}

pub fn change(line: &str) -> ProductChange {
    ProductChange::from_line(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

pub fn upsert(sku: &str, revision: u64, title: &str) -> ProductChange {
    change(&format!(
        r#"{{"op": "upsert", "sku": "{sku}", "revision": {revision}, "title": "{title}"}}"#
    ))
}

pub fn submit(log: &ChangeLog, changes: Vec<ProductChange>) -> ChangeReceipt {
    log.submit(ChangeRequest { changes, key: None }).unwrap()
}

pub fn submit_one(log: &ChangeLog, change: ProductChange) -> ChangeOutcome {
    submit(log, vec![change]).outcomes.remove(0)
}

/// Names of the files of a folder with an extension, sorted.
pub fn files(dir: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

/// A step of a disk that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Append,
    Sync,
    Other,
}

type Failure = dyn Fn(Step, usize) -> Option<io::ErrorKind> + Send + Sync;

/// A disk that asks before each step whether it fails. Of an append that fails the first
/// half is written.
#[derive(Clone)]
pub struct FailingDisk {
    inner: Arc<dyn AppendDisk>,
    failure: Arc<Failure>,
    n_steps: Arc<AtomicUsize>,
    pub n_syncs: Arc<AtomicUsize>,
}

impl FailingDisk {
    /// `failure` gets the step and its number, from 0.
    pub fn new(
        inner: Arc<dyn AppendDisk>,
        failure: impl Fn(Step, usize) -> Option<io::ErrorKind> + Send + Sync + 'static,
    ) -> Self {
        Self { inner, failure: Arc::new(failure), n_steps: Arc::default(), n_syncs: Arc::default() }
    }

    pub fn config(&self) -> LogConfig {
        LogConfig { disk: Arc::new(self.clone()), ..config() }
    }

    fn step(&self, step: Step) -> io::Result<()> {
        let number = self.n_steps.fetch_add(1, Ordering::SeqCst);
        self.n_syncs.fetch_add(usize::from(step == Step::Sync), Ordering::SeqCst);
        match (self.failure)(step, number) {
            Some(kind) => Err(kind.into()),
            None => Ok(()),
        }
    }
}

impl Disk for FailingDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(Step::Other)?;
        self.inner.write(path, bytes)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.step(Step::Other)?;
        self.inner.sync_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(Step::Other)?;
        self.inner.rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(Step::Other)?;
        self.inner.sync_dir(dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(Step::Other)?;
        self.inner.remove(path)
    }
}

impl AppendDisk for FailingDisk {
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        self.step(Step::Other)?;
        let file = Mutex::new(self.inner.open_append(path)?);
        Ok(Box::new(FailingFile { file, disk: self.clone() }))
    }
}

struct FailingFile {
    file: Mutex<Box<dyn AppendFile>>,
    disk: FailingDisk,
}

impl AppendFile for FailingFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.file.get_mut().unwrap();
        if let Err(error) = self.disk.step(Step::Append) {
            file.append(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.step(Step::Sync)?;
        self.file.get_mut().unwrap().sync()
    }

    fn cut(&mut self, n_bytes: u64) -> io::Result<()> {
        self.disk.step(Step::Other)?;
        self.file.get_mut().unwrap().cut(n_bytes)
    }
}

/// The machine's disk with failures.
pub fn failing(
    failure: impl Fn(Step, usize) -> Option<io::ErrorKind> + Send + Sync + 'static,
) -> FailingDisk {
    FailingDisk::new(Arc::new(FileSystem), failure)
}
