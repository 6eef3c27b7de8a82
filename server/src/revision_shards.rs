//! Shards of revisions: kept a day, so that a page that fetches slowly finds what its
//! manifest named.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use axum::body::Bytes;
use vitrine_domain::{ContentHash, Manifest};
use vitrine_publish::{RevisionShard, decompress_shard};

/// How long a shard stays after the newest manifest named it last.
pub const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// What they may take in all: a shop that changes everything all day keeps fewer hours.
const BYTES_MAX: u64 = 2 << 30;
/// How often old ones are looked for.
const COLLECT_EVERY: Duration = Duration::from_secs(600);
/// Folder in the data folder.
const FOLDER: &str = "revisions";

/// The compressed bytes of shards that are no version's. Files are no more than a cache:
/// the log of changes is what lasts, so nothing is synced to the disk.
pub struct RevisionShards {
    dir: PathBuf,
    /// Those of the newest manifest.
    newest: RwLock<HashMap<ContentHash, Bytes>>,
    collected: RwLock<Instant>,
}

impl RevisionShards {
    /// Opens the folder, or makes it, and forgets what is too old.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let dir = data_dir.join(FOLDER);
        fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
        let (newest, collected) = (RwLock::default(), RwLock::new(Instant::now()));
        let shards = Self { dir, newest, collected };
        collect(&shards.dir);
        Ok(shards)
    }

    /// Adds the new shards of a manifest, and keeps in memory those that it names.
    pub fn add(&self, new: Vec<RevisionShard>, manifest: &Manifest) {
        for shard in &new {
            self.write(shard.reference.hash, &shard.compressed);
        }
        let named: HashSet<ContentHash> = manifest.shards.iter().map(|shard| shard.hash).collect();
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        newest.extend(
            new.into_iter().map(|shard| (shard.reference.hash, Bytes::from(shard.compressed))),
        );
        let gone: HashMap<ContentHash, Bytes> =
            newest.extract_if(|hash, _| !named.contains(hash)).collect();
        drop(newest);
        // Its day begins when the newest manifest names it no more.
        gone.iter().for_each(|(hash, bytes)| self.touch(*hash, bytes));
        let mut collected = self.collected.write().unwrap_or_else(PoisonError::into_inner);
        if collected.elapsed() > COLLECT_EVERY {
            *collected = Instant::now();
            let dir = self.dir.clone();
            std::thread::spawn(move || collect(&dir));
        }
    }

    fn write(&self, hash: ContentHash, compressed: &[u8]) {
        let path = self.path(hash);
        let temporary = vitrine_durable::temporary(&path);
        let written =
            fs::write(&temporary, compressed).and_then(|()| fs::rename(&temporary, &path));
        if let Err(error) = written {
            tracing::warn!(%error, "a revision is served from memory alone");
        }
    }

    /// Begins the day of a file anew, or writes it again.
    fn touch(&self, hash: ContentHash, compressed: &[u8]) {
        let file = fs::File::options().append(true).open(self.path(hash));
        if file.and_then(|file| file.set_modified(SystemTime::now())).is_err() {
            self.write(hash, compressed);
        }
    }

    /// A shard as brotli; `None` when no revision of the last day had it.
    pub fn compressed(&self, hash: ContentHash) -> Option<Bytes> {
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = newest.get(&hash) {
            return Some(bytes.clone());
        }
        drop(newest);
        let bytes = fs::read(self.path(hash)).ok()?;
        // A file that a crash left half is none.
        decompress_shard(&bytes, hash).map(|_| Bytes::from(bytes))
    }

    /// A shard as it is hashed; `None` when no revision of the last day had it.
    pub fn raw(&self, hash: ContentHash) -> Option<Bytes> {
        decompress_shard(&self.compressed(hash)?, hash).map(Bytes::from)
    }

    fn path(&self, hash: ContentHash) -> PathBuf {
        self.dir.join(format!("{hash}.br"))
    }
}

/// Removes what no manifest of the last day named; of what is left, the oldest beyond
/// [`BYTES_MAX`].
fn collect(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let of = |entry: fs::DirEntry| {
        let file = entry.metadata().ok()?;
        Some((file.modified().ok()?, file.len(), entry.path()))
    };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries.flatten().filter_map(of).collect();
    files.sort_unstable_by_key(|(modified, ..)| std::cmp::Reverse(*modified));
    let mut n_bytes = 0;
    for (modified, len, path) in files {
        n_bytes += len;
        let is_old = SystemTime::now().duration_since(modified).is_ok_and(|age| age > KEPT);
        if (is_old || n_bytes > BYTES_MAX)
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(%error, "removing an old revision");
        }
    }
}
