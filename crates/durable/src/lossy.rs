//! A disk that a power cut robs of everything that was not synced.
#![cfg(any(test, feature = "testing"))]

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::{Disk, FileSystem};

/// Works on a folder of the real disk and knows what was made durable in it.
///
/// After [`LossyDisk::power_cut`] each file that was never synced is empty, and each
/// rename whose folder was not synced is undone, as file systems with delayed
/// allocation leave it. What was in the folder before counts as durable.
pub struct LossyDisk {
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    durable: HashSet<PathBuf>,
    /// From, to, and what a replaced file held; the newest last.
    renames: Vec<(PathBuf, PathBuf, Option<Vec<u8>>)>,
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
        Self { root: root.to_owned(), state: Mutex::new(state) }
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
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.note(|state| state.renames.retain(|(_, to, _)| to.parent() != Some(dir)));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove(path)
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
