//! The state at a number of the log, so that the log before it can go.
//!
//! A file of JSON lines: a head with the number and the counts, the products, the
//! idempotency keys, and last the BLAKE3 hash of all before it.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blake3::Hasher;
use serde::{Deserialize, Serialize};
use vitrine_durable::AppendDisk;

use crate::error::CatalogueError;
use crate::repetition::{Answered, AnsweredRequest};
use crate::state::{CatalogueState, ChangeOutcome, ProductState};

const EXTENSION: &str = "snapshot";
const FORMAT: u32 = 1;
const CHECK: &str = "blake3 ";

/// What a snapshot holds.
pub(crate) struct SavedState {
    /// Number of the last record that is in it.
    pub(crate) number: u64,
    pub(crate) products: Vec<Arc<ProductState>>,
    pub(crate) answered: Vec<Arc<AnsweredRequest<ChangeOutcome>>>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    number: u64,
    n_products: usize,
    n_answered: usize,
}

/// A state that was read back.
#[derive(Default)]
pub(crate) struct LoadedState {
    pub(crate) number: u64,
    pub(crate) state: CatalogueState,
    pub(crate) answered: Answered<ChangeOutcome>,
}

/// Writes a snapshot; it is durable on return.
pub(crate) fn write(
    dir: &Path,
    disk: &dyn AppendDisk,
    saved: &SavedState,
) -> Result<(), CatalogueError> {
    let path = path_of(dir, saved.number);
    let temporary = vitrine_durable::temporary(&path);
    let file = vitrine_durable::create_private(&temporary)?;
    let mut to = Hashed { to: BufWriter::new(file), hasher: Hasher::new() };
    write_lines(&mut to, saved).map_err(CatalogueError::io("write", &temporary))?;
    let hash = to.hasher.finalize().to_hex();
    writeln!(to.to, "{CHECK}{hash}")
        .and_then(|()| to.to.flush())
        .map_err(CatalogueError::io("write", &temporary))?;
    drop(to);
    disk.sync_file(&temporary).map_err(CatalogueError::io("sync", &temporary))?;
    disk.rename(&temporary, &path).map_err(CatalogueError::io("rename to", &path))?;
    disk.sync_dir(dir).map_err(CatalogueError::io("sync", dir))
}

fn write_lines(to: &mut impl Write, saved: &SavedState) -> io::Result<()> {
    let head = Head {
        format: FORMAT,
        number: saved.number,
        n_products: saved.products.len(),
        n_answered: saved.answered.len(),
    };
    write_line(to, &head)?;
    saved.products.iter().try_for_each(|product| write_line(to, product))?;
    saved.answered.iter().try_for_each(|request| write_line(to, request))
}

fn write_line(to: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

/// Writes on and hashes what it writes.
struct Hashed<W> {
    to: W,
    hasher: Hasher,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The newest snapshot that is whole; the empty state when there is none. Those that are
/// damaged are told, and their numbers returned.
pub(crate) fn load_newest(dir: &Path) -> Result<(LoadedState, Vec<u64>), CatalogueError> {
    let mut damaged = Vec::new();
    for number in list(dir)?.into_iter().rev() {
        let path = path_of(dir, number);
        match load(&path) {
            Ok(loaded) if loaded.number == number => return Ok((loaded, damaged)),
            Ok(_) => tracing::warn!(file = %path.display(), "a snapshot has another's content"),
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "a snapshot is damaged: the one before is read");
            }
        }
        damaged.push(number);
    }
    Ok((LoadedState::default(), damaged))
}

fn load(path: &Path) -> io::Result<LoadedState> {
    let mut lines =
        Lines { from: BufReader::new(File::open(path)?), hasher: Hasher::new(), line: Vec::new() };
    let head: Head = lines.next()?;
    if head.format != FORMAT {
        return Err(io::Error::other(format!("format {} is unknown", head.format)));
    }
    let mut loaded = LoadedState { number: head.number, ..LoadedState::default() };
    for _ in 0..head.n_products {
        loaded.state.put(Arc::new(lines.next()?));
    }
    for _ in 0..head.n_answered {
        loaded.answered.restore(lines.next()?);
    }
    lines.check()?;
    Ok(loaded)
}

struct Lines {
    from: BufReader<File>,
    hasher: Hasher,
    line: Vec<u8>,
}

impl Lines {
    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> io::Result<T> {
        self.line.clear();
        self.from.read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        Ok(serde_json::from_slice(&self.line)?)
    }

    /// Reads the last line.
    fn check(mut self) -> io::Result<()> {
        let expected = format!("{CHECK}{}\n", self.hasher.finalize().to_hex());
        self.line.clear();
        self.from.read_until(b'\n', &mut self.line)?;
        let is_end = self.from.fill_buf()?.is_empty();
        if self.line == expected.as_bytes() && is_end {
            return Ok(());
        }
        Err(io::Error::other("its content does not match its checksum"))
    }
}

/// Numbers of the snapshots of a folder, the oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<u64>, CatalogueError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(CatalogueError::io("list", dir))? {
        let path = entry.map_err(CatalogueError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            numbers.extend(path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Removes a snapshot.
pub(crate) fn remove(dir: &Path, disk: &dyn AppendDisk, number: u64) -> Result<(), CatalogueError> {
    let path = path_of(dir, number);
    disk.remove(&path).map_err(CatalogueError::io("remove", &path))
}

pub(crate) fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.{EXTENSION}"))
}
