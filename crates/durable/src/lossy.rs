//! A disk that a power cut robs of everything that was not synced.
#![cfg(any(test, feature = "testing"))]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{AppendDisk, AppendFile, Disk, FileSystem};

/// Works on a folder of the real disk and knows what was made durable in it.
///
/// After [`LossyDisk::power_cut`] each file that was never synced is empty, and each
/// rename whose folder was not synced is undone, as file systems with delayed
/// allocation leave it. Of a file that grew, the bytes after its last sync are lost as
/// [`UnsyncedTail`] says, and the file itself if its folder was never synced. What was in
/// the folder before counts as durable.
pub struct LossyDisk {
    root: PathBuf,
    state: Arc<Mutex<State>>,
}

/// What a power cut leaves of bytes that were appended and not synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnsyncedTail {
    /// Nothing.
    #[default]
    Lost,
    /// Their first half.
    Half,
    /// Their number, as zeros: the length was written before the content.
    Zeros,
    /// Zeros, then their second half: the blocks were written in another order.
    LastHalf,
    /// All of them.
    Kept,
}

#[derive(Default)]
struct State {
    durable: HashSet<PathBuf>,
    /// From, to, and what a replaced file held; the newest last.
    renames: Vec<(PathBuf, PathBuf, Option<Vec<u8>>)>,
    /// Files that were opened for appending.
    grown: HashMap<PathBuf, Grown>,
}

/// What is durable of a file that grows.
struct Grown {
    n_bytes_synced: u64,
    is_name_durable: bool,
}

impl Grown {
    /// Leaves of the file what a power cut would.
    fn cut(&self, path: &Path, tail: UnsyncedTail) -> io::Result<()> {
        let mut bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            read => read?,
        };
        if !self.is_name_durable {
            return fs::remove_file(path);
        }
        let synced = bytes.len().min(self.n_bytes_synced as usize);
        let middle = synced + (bytes.len() - synced) / 2;
        match tail {
            UnsyncedTail::Lost => bytes.truncate(synced),
            UnsyncedTail::Half => bytes.truncate(middle),
            UnsyncedTail::Zeros => bytes[synced..].fill(0),
            UnsyncedTail::LastHalf => bytes[synced..middle].fill(0),
            UnsyncedTail::Kept => {}
        }
        fs::write(path, bytes)
    }
}

impl LossyDisk {
    /// A disk that only loses files below `root`. Files that lie there in a folder
    /// whose name ends in `.tmp` are not durable yet; all others are.
    pub fn new(root: &Path) -> Self {
        let mut state = State::default();
        for file in files(root).unwrap_or_default() {
            let is_staged = |part: &std::ffi::OsStr| part.to_string_lossy().ends_with(".tmp");
            if !file.iter().any(is_staged) {
                state.durable.insert(file);
            }
        }
        Self { root: root.to_owned(), state: Arc::new(Mutex::new(state)) }
    }

    /// Loses what was not synced.
    ///
    /// # Errors
    /// The real disk refuses.
    pub fn power_cut(&self) -> io::Result<()> {
        self.power_cut_in(&self.root)
    }

    /// The same, but only files below `dir` are lost: others were written past this disk.
    ///
    /// # Errors
    /// The real disk refuses.
    pub fn power_cut_in(&self, dir: &Path) -> io::Result<()> {
        self.power_cut_leaving(dir, UnsyncedTail::Lost)
    }

    /// The same, leaving `tail` of what was appended to files and not synced.
    ///
    /// # Errors
    /// The real disk refuses.
    pub fn power_cut_leaving(&self, dir: &Path, tail: UnsyncedTail) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, grown) in state.grown.drain().filter(|(path, _)| path.starts_with(dir)) {
            grown.cut(&path, tail)?;
        }
        for (from, to, before) in state.renames.drain(..).rev().collect::<Vec<_>>() {
            fs::rename(&to, &from)?;
            if let Some(bytes) = before {
                fs::write(&to, bytes)?;
            }
            let moved = |path: &PathBuf| match path.strip_prefix(&to) {
                Ok(rest) if rest.as_os_str().is_empty() => from.clone(),
                Ok(rest) => from.join(rest),
                Err(_) => path.clone(),
            };
            state.durable = state.durable.iter().map(moved).collect();
        }
        for file in files(dir)? {
            if !state.durable.contains(&file) {
                fs::write(&file, b"")?;
            }
        }
        Ok(())
    }

    fn note(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Disk for LossyDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        FileSystem.write(path, bytes)?;
        self.note(|state| {
            state.durable.insert(path.to_owned());
        });
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        FileSystem.sync_file(path)?;
        self.note(|state| {
            state.durable.insert(path.to_owned());
        });
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let before = if to.is_file() { Some(fs::read(to)?) } else { None };
        FileSystem.rename(from, to)?;
        self.note(|state| {
            let moved = |path: &PathBuf| match path.strip_prefix(from) {
                Ok(rest) if rest.as_os_str().is_empty() => to.to_owned(),
                Ok(rest) => to.join(rest),
                Err(_) => path.clone(),
            };
            state.durable.remove(to);
            state.durable = state.durable.iter().map(moved).collect();
            state.renames.push((from.to_owned(), to.to_owned(), before));
        });
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        FileSystem.sync_dir(dir)?;
        self.note(|state| {
            state.renames.retain(|(_, to, _)| to.parent() != Some(dir));
            for (path, grown) in &mut state.grown {
                grown.is_name_durable |= path.parent() == Some(dir);
            }
        });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove(path)
    }
}

impl AppendDisk for LossyDisk {
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let n_bytes = fs::metadata(path).map(|metadata| metadata.len()).ok();
        let file = FileSystem.open_append(path)?;
        self.note(|state| {
            state.durable.insert(path.to_owned());
            state.grown.entry(path.to_owned()).or_insert(Grown {
                n_bytes_synced: n_bytes.unwrap_or(0),
                is_name_durable: n_bytes.is_some(),
            });
        });
        Ok(Box::new(LossyFile { path: path.to_owned(), file, state: Arc::clone(&self.state) }))
    }
}

/// A file that grows on a [`LossyDisk`].
struct LossyFile {
    path: PathBuf,
    file: Box<dyn AppendFile>,
    state: Arc<Mutex<State>>,
}

impl AppendFile for LossyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()?;
        let n_bytes = fs::metadata(&self.path)?.len();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grown) = state.grown.get_mut(&self.path) {
            grown.n_bytes_synced = n_bytes;
        }
        Ok(())
    }

    fn cut(&mut self, n_bytes: u64) -> io::Result<()> {
        self.file.cut(n_bytes)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grown) = state.grown.get_mut(&self.path) {
            grown.n_bytes_synced = grown.n_bytes_synced.min(n_bytes);
        }
        Ok(())
    }
}

/// Every file below a folder.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_takes_what_was_appended_and_not_synced() {
        let tails = [
            (UnsyncedTail::Lost, &b"ab"[..]),
            (UnsyncedTail::Half, b"abcd"),
            (UnsyncedTail::Zeros, b"ab\0\0\0\0"),
            (UnsyncedTail::LastHalf, b"ab\0\0ef"),
            (UnsyncedTail::Kept, b"abcdef"),
        ];
        for (tail, left) in tails {
            let dir = tempfile::tempdir().unwrap();
            let disk = LossyDisk::new(dir.path());
            let path = dir.path().join("log");
            let mut file = disk.open_append(&path).unwrap();
            file.append(b"ab").unwrap();
            file.sync().unwrap();
            disk.sync_dir(dir.path()).unwrap();
            file.append(b"cdef").unwrap();
            disk.power_cut_leaving(dir.path(), tail).unwrap();
            assert_eq!(fs::read(&path).unwrap(), left, "{tail:?}");
        }
    }

    #[test]
    fn a_new_file_is_gone_when_its_folder_was_not_synced() {
        let dir = tempfile::tempdir().unwrap();
        let disk = LossyDisk::new(dir.path());
        let path = dir.path().join("log");
        let mut file = disk.open_append(&path).unwrap();
        file.append(b"ab").unwrap();
        file.sync().unwrap();
        disk.power_cut().unwrap();
        assert!(!path.exists());
    }
}
