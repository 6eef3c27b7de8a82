//! Shards, manifests and the pointer to the current one, in a directory.
//!
//! ```text
//! CURRENT                 number of the current manifest
//! LOCK                    held by whoever publishes
//! manifests/<number>.json
//! shards/<hash>           uncompressed, named by the BLAKE3 of its bytes
//! shards/<hash>.br        the same, brotli
//! ```
//!
//! Every file is written under another name, made durable and renamed; `CURRENT`
//! is renamed last, after the directories with all that it leads to are durable.
//! So a crash at any moment leaves the old version or the new one, whole.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use vitrine_domain::{ContentHash, Manifest};
use vitrine_wire::{content_hash, decode_manifest, encode_manifest};

use crate::compression::{compress, decompress};
use crate::disk::{Disk, FileSystem};
use crate::{Prepared, PublishError};

/// How many manifests are kept, so that an open tab can finish fetching the
/// version it is pinned to.
pub const VERSIONS_KEPT: u64 = 5;

const CURRENT: &str = "CURRENT";
const LOCK: &str = "LOCK";
const MANIFESTS: &str = "manifests";
const SHARDS: &str = "shards";

/// In which form a shard is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As hashed.
    Raw,
    /// Brotli.
    Brotli,
}

/// What a publish did.
#[derive(Debug)]
pub struct Published {
    /// Number of the manifest in this store.
    pub number: u64,
    /// The manifest, now current.
    pub manifest: Manifest,
    /// Bytes written to disk.
    pub bytes_written: u64,
    /// Compressed bytes of shards that a browser which has the version before must fetch.
    pub bytes_to_fetch: u64,
    /// Files of versions no longer kept that were deleted.
    pub n_collected: usize,
    /// Why not all of them could be deleted; the next publish tries again.
    pub leftover: Option<PublishError>,
}

/// A directory with everything that was published. Any number of processes may
/// read; those that publish take turns.
pub struct Store {
    dir: PathBuf,
    disk: Box<dyn Disk>,
}

impl Store {
    /// Opens a store, making its directories if there are none.
    ///
    /// # Errors
    /// When the disk refuses or the current manifest cannot be read.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, PublishError> {
        Self::open_on(dir, Box::new(FileSystem))
    }

    pub(crate) fn open_on(
        dir: impl Into<PathBuf>,
        disk: Box<dyn Disk>,
    ) -> Result<Self, PublishError> {
        let store = Self { dir: dir.into(), disk };
        for dir in [store.dir.join(MANIFESTS), store.dir.join(SHARDS)] {
            fs::create_dir_all(&dir).map_err(PublishError::io("create", &dir))?;
        }
        store.current()?;
        Ok(store)
    }

    /// Number of the current manifest; `None` before the first publish.
    ///
    /// # Errors
    /// When the pointer cannot be read.
    pub fn current_number(&self) -> Result<Option<u64>, PublishError> {
        let path = self.dir.join(CURRENT);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let number = text.strip_suffix('\n').and_then(|text| text.parse().ok());
                number.map(Some).ok_or(PublishError::Pointer { path })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PublishError::io("read", &path)(error)),
        }
    }

    /// The current manifest; `None` before the first publish.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn current(&self) -> Result<Option<Manifest>, PublishError> {
        self.current_number()?.map(|number| self.manifest(number)).transpose()
    }

    /// A kept manifest.
    ///
    /// # Errors
    /// When it is not kept any more or damaged.
    pub fn manifest(&self, number: u64) -> Result<Manifest, PublishError> {
        let bytes = self.manifest_bytes(number)?;
        decode_manifest(&bytes).map_err(|source| PublishError::ManifestDamaged { number, source })
    }

    /// A kept manifest as it is sent.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn manifest_bytes(&self, number: u64) -> Result<Vec<u8>, PublishError> {
        let path = self.manifest_path(number);
        fs::read(&path).map_err(PublishError::io("read", &path))
    }

    /// A shard, checked against its name every time: callers that send it often
    /// keep what they get.
    ///
    /// # Errors
    /// [`PublishError::ShardDamaged`] when the bytes are not what the name says,
    /// [`PublishError::Io`] when there are none.
    pub fn shard(&self, hash: ContentHash, encoding: Encoding) -> Result<Vec<u8>, PublishError> {
        let path = self.shard_path(hash, encoding);
        let bytes = fs::read(&path).map_err(PublishError::io("read", &path))?;
        let is_good = match encoding {
            Encoding::Raw => content_hash(&bytes) == hash,
            Encoding::Brotli => decompress(&bytes).is_some_and(|raw| content_hash(&raw) == hash),
        };
        if is_good { Ok(bytes) } else { Err(PublishError::ShardDamaged { hash }) }
    }

    /// Makes what was prepared the current version.
    ///
    /// # Errors
    /// [`PublishError::Conflict`] when something else was published in between;
    /// otherwise when the disk refuses. Then the version before stays current.
    pub fn commit(&self, prepared: &Prepared) -> Result<Published, PublishError> {
        let _lock = self.lock()?;
        let current = self.current_number()?;
        if current != prepared.previous {
            return Err(PublishError::Conflict { prepared: prepared.previous, current });
        }
        let number = current.unwrap_or(0) + 1;
        let mut bytes_written = self.write_shards(prepared)?;
        self.sync_dir(&self.dir.join(SHARDS))?;
        let manifest = encode_manifest(&prepared.manifest)?;
        self.replace(&self.manifest_path(number), &manifest)?;
        self.sync_dir(&self.dir.join(MANIFESTS))?;
        let pointer = format!("{number}\n");
        self.replace(&self.dir.join(CURRENT), pointer.as_bytes())?;
        self.sync_dir(&self.dir)?;
        bytes_written += (manifest.len() + pointer.len()) as u64;
        let (n_collected, leftover) = match self.collect(number) {
            Ok(n) => (n, None),
            Err(error) => (0, Some(error)),
        };
        let manifest = prepared.manifest.clone();
        let bytes_to_fetch = prepared.bytes_to_fetch;
        Ok(Published { number, manifest, bytes_written, bytes_to_fetch, n_collected, leftover })
    }

    /// Makes sure that every shard of the manifest is here and whole.
    fn write_shards(&self, prepared: &Prepared) -> Result<u64, PublishError> {
        let mut bytes_written = 0;
        for hash in prepared.manifest.shards.iter().map(|shard| shard.hash) {
            let is_here = |encoding| self.shard(hash, encoding).is_ok();
            let new = prepared.new.get(&hash);
            if !is_here(Encoding::Raw) {
                let new = new.ok_or(PublishError::ShardDamaged { hash })?;
                self.replace(&self.shard_path(hash, Encoding::Raw), &new.raw)?;
                bytes_written += new.raw.len() as u64;
            }
            if !is_here(Encoding::Brotli) {
                let compressed = match new {
                    Some(new) => new.compressed.clone(),
                    None => compress(&self.shard(hash, Encoding::Raw)?),
                };
                self.replace(&self.shard_path(hash, Encoding::Brotli), &compressed)?;
                bytes_written += compressed.len() as u64;
            }
        }
        Ok(bytes_written)
    }

    /// Deletes manifests beyond those kept, then shards that no kept one names,
    /// and what an interrupted publish left behind. Returns how many files.
    fn collect(&self, current: u64) -> Result<usize, PublishError> {
        let mut n_removed = 0;
        let mut named = HashSet::new();
        for (path, name) in self.files(MANIFESTS)? {
            let number = name.strip_suffix(".json").and_then(|number| number.parse().ok());
            let is_kept = |number| number <= current && number + VERSIONS_KEPT > current;
            match number.filter(|number| is_kept(*number)) {
                Some(number) => {
                    named.extend(self.manifest(number)?.shards.iter().map(|shard| shard.hash));
                }
                None => n_removed += self.remove(&path)?,
            }
        }
        for (path, name) in self.files(SHARDS)? {
            let hash = name.strip_suffix(".br").unwrap_or(&name).parse();
            if !hash.is_ok_and(|hash| named.contains(&hash)) {
                n_removed += self.remove(&path)?;
            }
        }
        Ok(n_removed)
    }

    /// Waits for whoever else publishes; the system unlocks when the file is
    /// closed, also by a crash.
    fn lock(&self) -> Result<File, PublishError> {
        let path = self.dir.join(LOCK);
        let file = File::create(&path).map_err(PublishError::io("create", &path))?;
        file.lock().map_err(PublishError::io("lock", &path))?;
        Ok(file)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        self.disk.write(&temporary, bytes).map_err(PublishError::io("write", &temporary))?;
        self.disk.rename(&temporary, path).map_err(PublishError::io("rename to", path))
    }

    fn sync_dir(&self, dir: &Path) -> Result<(), PublishError> {
        self.disk.sync_dir(dir).map_err(PublishError::io("sync", dir))
    }

    fn remove(&self, path: &Path) -> Result<usize, PublishError> {
        self.disk.remove(path).map_err(PublishError::io("delete", path)).map(|()| 1)
    }

    fn files(&self, folder: &str) -> Result<Vec<(PathBuf, String)>, PublishError> {
        let dir = self.dir.join(folder);
        let entries = fs::read_dir(&dir).map_err(PublishError::io("list", &dir))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(PublishError::io("list", &dir))?.path();
            // What is not UTF-8 was not written by us.
            if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                let name = name.to_owned();
                files.push((path, name));
            }
        }
        files.sort();
        Ok(files)
    }

    fn manifest_path(&self, number: u64) -> PathBuf {
        self.dir.join(MANIFESTS).join(format!("{number}.json"))
    }

    fn shard_path(&self, hash: ContentHash, encoding: Encoding) -> PathBuf {
        let name = match encoding {
            Encoding::Raw => hash.to_string(),
            Encoding::Brotli => format!("{hash}.br"),
        };
        self.dir.join(SHARDS).join(name)
    }
}
