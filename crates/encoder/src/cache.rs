//! A file of vectors by content hash, safe to kill at any moment. Nothing in it changes but by
//! [`VectorCache::retain`]; all else is appended.
//!
//! Layout: 16 bytes of header (magic, format, numbers a vector), then records
//! of equal length: key (BLAKE3 of model id and content), vector (f32, little
//! endian), the first 8 bytes of BLAKE3 over both. A record whose check fails
//! is never served; an incomplete one at the end is cut off when the file is
//! opened.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{EncoderError, TEXT_DIM};

const MAGIC: [u8; 8] = *b"VITRVECS";
const FORMAT: u32 = 1;
const HEADER_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 8;

/// Vectors by content, on disk; keys and positions are in memory.
///
/// One process at a time has a cache open.
#[derive(Debug)]
pub struct VectorCache {
    file: File,
    path: PathBuf,
    /// Numbers a vector.
    dim: usize,
    /// Number of the record that holds a key.
    record_of: HashMap<[u8; KEY_BYTES], u64>,
    n_records: u64,
    n_damaged: u64,
}

impl VectorCache {
    /// Opens the file of text vectors or creates it, and checks every record.
    ///
    /// # Errors
    /// No access; not a cache; in use by another process.
    pub fn open(path: &Path) -> Result<Self, EncoderError> {
        Self::open_of(path, TEXT_DIM)
    }

    /// Opens the file of vectors of `dim` numbers or creates it, and checks every record.
    ///
    /// # Errors
    /// As [`Self::open`]; a cache of vectors of another width is none of these.
    pub fn open_of(path: &Path, dim: usize) -> Result<Self, EncoderError> {
        let io_error = |source| EncoderError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(EncoderError::CacheInUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let mut cache = Self {
            file,
            path: path.to_owned(),
            dim,
            record_of: HashMap::new(),
            n_records: 0,
            n_damaged: 0,
        };
        cache.check_header()?;
        cache.scan().map_err(io_error)?;
        Ok(cache)
    }

    /// The key of a text under a model.
    pub fn key(model_id: [u8; 32], text: &str) -> [u8; 32] {
        Self::key_of_bytes(model_id, text.as_bytes())
    }

    /// The key of any content under a model.
    pub fn key_of_bytes(model_id: [u8; 32], content: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&model_id).update(content);
        hasher.finalize().into()
    }

    /// Numbers a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.record_of.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.record_of.is_empty()
    }

    /// Records found damaged when the file was opened; their texts are encoded again.
    pub fn n_damaged(&self) -> u64 {
        self.n_damaged
    }

    /// Whether the vector of a key is there.
    pub fn contains(&self, key: &[u8; 32]) -> bool {
        self.record_of.contains_key(key)
    }

    /// Copies the vector of `key` into `out` \[dim\]; false when it is not there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&mut self, key: &[u8; 32], out: &mut [f32]) -> Result<bool, EncoderError> {
        let Some(&record) = self.record_of.get(key) else { return Ok(false) };
        let mut bytes = vec![0; self.dim * size_of::<f32>()];
        self.file
            .seek(SeekFrom::Start(self.record_start(record) + KEY_BYTES as u64))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| self.io_error(source))?;
        for (number, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *number = f32::from_le_bytes(*bytes);
        }
        Ok(true)
    }

    /// Appends vectors \[n, dim\] under `keys` \[n\] and hands them to the system,
    /// so that a killed process keeps them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, keys: &[[u8; 32]], vectors: &[f32]) -> Result<(), EncoderError> {
        let mut bytes = Vec::with_capacity(keys.len() * self.record_bytes());
        for (key, vector) in keys.iter().zip(vectors.chunks_exact(self.dim)) {
            let start = bytes.len();
            bytes.extend_from_slice(key);
            bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
            let check = check_of(&bytes[start..]);
            bytes.extend_from_slice(&check);
        }
        self.file
            .seek(SeekFrom::Start(self.record_start(self.n_records)))
            .and_then(|_| self.file.write_all(&bytes))
            .map_err(|source| self.io_error(source))?;
        for (key, record) in keys.iter().zip(self.n_records..) {
            self.record_of.insert(*key, record);
        }
        self.n_records += keys.len() as u64;
        Ok(())
    }

    /// Forgets the vectors of all other keys, in the file, too; how many these were. Records move
    /// towards the front one by one: where the process is killed meanwhile, some are there twice,
    /// and one may be damaged.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn retain(&mut self, kept: &HashSet<[u8; 32]>) -> Result<usize, EncoderError> {
        let n_before = self.record_of.len();
        self.record_of.retain(|key, _| kept.contains(key));
        let mut records: Vec<(u64, [u8; KEY_BYTES])> =
            self.record_of.iter().map(|(key, record)| (*record, *key)).collect();
        if records.len() as u64 == self.n_records {
            return Ok(0);
        }
        records.sort_unstable();
        let mut bytes = vec![0; self.record_bytes()];
        for (to, (from, key)) in (0..).zip(&records) {
            if to == *from {
                continue;
            }
            let (read_at, write_at) = (self.record_start(*from), self.record_start(to));
            self.file
                .seek(SeekFrom::Start(read_at))
                .and_then(|_| self.file.read_exact(&mut bytes))
                .and_then(|()| self.file.seek(SeekFrom::Start(write_at)))
                .and_then(|_| self.file.write_all(&bytes))
                .map_err(|source| self.io_error(source))?;
            self.record_of.insert(*key, to);
        }
        let end = self.record_start(records.len() as u64);
        self.file.set_len(end).map_err(|source| self.io_error(source))?;
        self.n_records = records.len() as u64;
        self.sync()?;
        Ok(n_before - records.len())
    }

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn sync(&self) -> Result<(), EncoderError> {
        self.file.sync_data().map_err(|source| self.io_error(source))
    }

    /// Writes the header of a new file, or one that was killed while new.
    fn check_header(&mut self) -> Result<(), EncoderError> {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(&MAGIC);
        header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        header[12..].copy_from_slice(&(self.dim as u32).to_le_bytes());

        let mut found = Vec::with_capacity(HEADER_BYTES);
        (&self.file)
            .take(HEADER_BYTES as u64)
            .read_to_end(&mut found)
            .map_err(|source| self.io_error(source))?;
        if found == header {
            return Ok(());
        }
        if !header.starts_with(&found) {
            return Err(EncoderError::NotACache { path: self.path.clone() });
        }
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&header))
            .map_err(|source| self.io_error(source))
    }

    /// Learns which records are whole, and cuts off an incomplete last one.
    fn scan(&mut self) -> io::Result<()> {
        let data_bytes = self.file.metadata()?.len().saturating_sub(HEADER_BYTES as u64);
        self.n_records = data_bytes / self.record_bytes() as u64;
        self.file.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
        let mut reader = BufReader::with_capacity(1 << 20, &self.file);
        let mut record = vec![0; self.record_bytes()];
        for i in 0..self.n_records {
            reader.read_exact(&mut record)?;
            let (content, check) = record.split_at(record.len() - CHECK_BYTES);
            if check_of(content) == check {
                let mut key = [0; KEY_BYTES];
                key.copy_from_slice(&content[..KEY_BYTES]);
                self.record_of.insert(key, i);
            } else {
                self.n_damaged += 1;
            }
        }
        self.file.set_len(self.record_start(self.n_records))
    }

    fn record_bytes(&self) -> usize {
        KEY_BYTES + self.dim * size_of::<f32>() + CHECK_BYTES
    }

    fn record_start(&self, record: u64) -> u64 {
        HEADER_BYTES as u64 + record * self.record_bytes() as u64
    }

    fn io_error(&self, source: io::Error) -> EncoderError {
        EncoderError::Io { path: self.path.clone(), source }
    }
}

fn check_of(content: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&blake3::hash(content).as_bytes()[..CHECK_BYTES]);
    check
}
