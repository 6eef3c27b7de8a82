//! Shards of revisions: kept a day, so that a page that fetches slowly finds what its
//! manifest named.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use axum::body::Bytes;
use vitrine_domain::{ContentHash, Manifest};
use vitrine_publish::{RevisionShard, decompress_shard};

/// How long a shard stays after it was made.
pub const KEPT: Duration = Duration::from_secs(24 * 3_600);
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
        shards.collect();
        Ok(shards)
    }

    /// Adds the new shards of a manifest, and keeps in memory those that it names.
    pub fn add(&self, new: Vec<RevisionShard>, manifest: &Manifest) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        for shard in new {
            let hash = shard.reference.hash;
            let path = self.path(hash);
            let temporary = vitrine_durable::temporary(&path);
            let written = fs::write(&temporary, &shard.compressed)
                .and_then(|()| fs::rename(&temporary, &path));
            if let Err(error) = written {
                tracing::warn!(%error, "a revision is served from memory alone");
            }
            newest.insert(hash, Bytes::from(shard.compressed));
        }
        let named: std::collections::HashSet<ContentHash> =
            manifest.shards.iter().map(|shard| shard.hash).collect();
        newest.retain(|hash, _| named.contains(hash));
        drop(newest);
        let mut collected = self.collected.write().unwrap_or_else(PoisonError::into_inner);
        if collected.elapsed() > COLLECT_EVERY {
            *collected = Instant::now();
            drop(collected);
            self.collect();
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

    /// The same as it is hashed.
    pub fn raw(&self, hash: ContentHash) -> Option<Bytes> {
        decompress_shard(&self.compressed(hash)?, hash).map(Bytes::from)
    }

    fn path(&self, hash: ContentHash) -> PathBuf {
        self.dir.join(format!("{hash}.br"))
    }

    fn collect(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for entry in entries.flatten() {
            let made = entry.metadata().and_then(|file| file.modified());
            let age = made.ok().and_then(|made| SystemTime::now().duration_since(made).ok());
            if age.is_some_and(|age| age > KEPT)
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::warn!(%error, "removing an old revision");
            }
        }
    }
}
