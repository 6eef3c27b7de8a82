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
//!
//! Disks lose bytes, too. What cannot be read is never served; readers go back to the
//! newest version that is whole ([`Store::newest`]), and numbers go on from the highest
//! that was ever given, so that no number names two versions.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use vitrine_domain::{ContentHash, Manifest, ShardRef};
use vitrine_durable::{Disk, FileSystem};
use vitrine_wire::{content_hash, decode_manifest, encode_manifest};

use crate::assemble::NewShard;
use crate::compression::{compress, decompress};
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
    /// Opens a store, making its directories if there are none. Nothing is read yet.
    ///
    /// # Errors
    /// When the disk refuses.
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
        Ok(store)
    }

    /// Number of the current manifest; `None` before the first publish. Where `CURRENT`
    /// is missing or damaged, that of the newest manifest.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn current_number(&self) -> Result<Option<u64>, PublishError> {
        match self.pointer()? {
            Some(number) => Ok(Some(number)),
            None => Ok(self.numbers()?.first().copied()),
        }
    }

    /// What `CURRENT` says; `None` when it is missing or no number.
    pub(crate) fn pointer(&self) -> Result<Option<u64>, PublishError> {
        let path = self.dir.join(CURRENT);
        match fs::read(&path) {
            Ok(bytes) => Ok(str::from_utf8(&bytes)
                .ok()
                .and_then(|text| text.strip_suffix('\n'))
                .and_then(|text| text.parse().ok())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PublishError::io("read", &path)(error)),
        }
    }

    /// Numbers of the manifests on disk, the newest first.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn numbers(&self) -> Result<Vec<u64>, PublishError> {
        let files = self.files(MANIFESTS)?;
        let mut numbers: Vec<u64> =
            files.iter().filter_map(|(_, name)| manifest_number(name)).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        Ok(numbers)
    }

    /// Numbers of the kept versions: the current one, then older ones, the newest first.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn kept(&self) -> Result<Vec<u64>, PublishError> {
        let Some(current) = self.current_number()? else { return Ok(Vec::new()) };
        let older = self.numbers()?.into_iter().filter(|number| *number < current);
        Ok([current].into_iter().chain(older).collect())
    }

    /// The newest kept version that `load` can load, with its number; `None` before the
    /// first publish.
    ///
    /// # Errors
    /// [`PublishError::NoneWhole`] when all are damaged; the first error of `load` that is
    /// no damage.
    pub fn newest<T>(
        &self,
        mut load: impl FnMut(u64) -> Result<T, PublishError>,
    ) -> Result<Option<(u64, T)>, PublishError> {
        let mut first = None;
        for number in self.kept()? {
            match load(number) {
                Ok(loaded) => return Ok(Some((number, loaded))),
                Err(error) if error.is_damage() => first = first.or(Some((number, error))),
                Err(error) => return Err(error),
            }
        }
        match first {
            None => Ok(None),
            Some((number, error)) => {
                Err(PublishError::NoneWhole { number, source: Box::new(error) })
            }
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
        let published = self.switch(current, &prepared.manifest, &prepared.new)?;
        Ok(Published { bytes_to_fetch: prepared.bytes_to_fetch, ..published })
    }

    /// Publishes an older version again, under a number of its own: `number`, or the
    /// newest before the current one that `is_usable` and whole.
    ///
    /// # Errors
    /// [`PublishError::NotKept`]; [`PublishError::NothingOlder`]; what is wrong with
    /// version `number`; when the disk refuses. Then the version before stays current.
    pub fn rollback(
        &self,
        number: Option<u64>,
        mut is_usable: impl FnMut(&Manifest) -> bool,
    ) -> Result<Published, PublishError> {
        let _lock = self.lock()?;
        let kept = self.kept()?;
        let manifest = match number {
            Some(number) if !kept.contains(&number) => {
                return Err(PublishError::NotKept { number, kept });
            }
            Some(number) => self.whole_manifest(number)?,
            None => {
                let older = kept.iter().skip(1);
                let mut whole = older.filter_map(|number| self.whole_manifest(*number).ok());
                whole.find(|manifest| is_usable(manifest)).ok_or(PublishError::NothingOlder)?
            }
        };
        self.switch(kept.first().copied(), &manifest, &BTreeMap::new())
    }

    /// The manifest of a version whose shards can all be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn whole_manifest(&self, number: u64) -> Result<Manifest, PublishError> {
        let manifest = self.manifest(number)?;
        for shard in &manifest.shards {
            self.shard(shard.hash, Encoding::Raw)?;
        }
        Ok(manifest)
    }

    /// Makes a manifest current, with everything that it names.
    fn switch(
        &self,
        current: Option<u64>,
        manifest: &Manifest,
        new: &BTreeMap<ContentHash, NewShard>,
    ) -> Result<Published, PublishError> {
        let number = next_number(current);
        let mut bytes_written = self.write_shards(manifest, new)?;
        self.sync_dir(&self.dir.join(SHARDS))?;
        let bytes = encode_manifest(manifest)?;
        self.replace(&self.manifest_path(number), &bytes)?;
        self.sync_dir(&self.dir.join(MANIFESTS))?;
        let pointer = format!("{number}\n");
        self.replace(&self.dir.join(CURRENT), pointer.as_bytes())?;
        self.sync_dir(&self.dir)?;
        bytes_written += (bytes.len() + pointer.len()) as u64;
        let (n_collected, leftover) = match self.collect(number) {
            Ok(n) => (n, None),
            Err(error) => (0, Some(error)),
        };
        let (manifest, bytes_to_fetch) = (manifest.clone(), 0);
        Ok(Published { number, manifest, bytes_written, bytes_to_fetch, n_collected, leftover })
    }

    /// Makes sure that every shard of the manifest is here and whole.
    fn write_shards(
        &self,
        manifest: &Manifest,
        new: &BTreeMap<ContentHash, NewShard>,
    ) -> Result<u64, PublishError> {
        let mut bytes_written = 0;
        for &ShardRef { hash, kind, cell, .. } in &manifest.shards {
            let is_here = |encoding| self.shard(hash, encoding).is_ok();
            let new = new.get(&hash);
            if !is_here(Encoding::Raw) {
                let new = new.ok_or(PublishError::ShardDamaged { hash })?;
                self.replace(&self.shard_path(hash, Encoding::Raw), &new.raw)?;
                bytes_written += new.raw.len() as u64;
            }
            if !is_here(Encoding::Brotli) {
                let compressed = match new {
                    Some(new) => new.compressed.clone(),
                    None => compress(&self.shard(hash, Encoding::Raw)?, kind, cell),
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
            let is_kept = |number| number <= current && number + VERSIONS_KEPT > current;
            match manifest_number(&name).filter(|number| is_kept(*number)) {
                Some(number) => match self.manifest(number) {
                    Ok(manifest) => named.extend(manifest.shards.iter().map(|shard| shard.hash)),
                    // It names nothing that anyone could find.
                    Err(PublishError::ManifestDamaged { .. }) => {}
                    Err(error) => return Err(error),
                },
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
        let temporary = vitrine_durable::temporary(path);
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

    pub(crate) fn manifest_path(&self, number: u64) -> PathBuf {
        self.dir.join(MANIFESTS).join(format!("{number}.json"))
    }

    pub(crate) fn shard_path(&self, hash: ContentHash, encoding: Encoding) -> PathBuf {
        let name = match encoding {
            Encoding::Raw => hash.to_string(),
            Encoding::Brotli => format!("{hash}.br"),
        };
        self.dir.join(SHARDS).join(name)
    }
}

/// The number of the version after the current one.
pub(crate) fn next_number(current: Option<u64>) -> u64 {
    current.unwrap_or(0) + 1
}

fn manifest_number(name: &str) -> Option<u64> {
    name.strip_suffix(".json").and_then(|number| number.parse().ok())
}
