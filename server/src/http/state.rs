//! What all requests share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::http::HeaderValue;
use tokio::sync::Semaphore;
use vitrine_assistant::Lexicon;
use vitrine_domain::ContentHash;
use vitrine_publish::{Encoding, PublishError, Store};

use super::ask::QUESTIONS_MAX;
use super::assets;
use super::error::ApiError;
use super::metrics::Metrics;
use super::pages::PublicPages;
use super::push::PUSHES_MAX;
use super::quarantine::StoppedChanges;
use crate::embedding::EmbedSettings;
use crate::keys::Keys;
use crate::language_model::LanguageModel;
use crate::listings::Listings;
use crate::live::Live;
use crate::pushed::{Pushed, PushedError};
use crate::revision_shards::RevisionShards;
use crate::rules::RuleStore;
use crate::settings::{Limits, ServerSettings};
use crate::speech::Speeches;

/// Requests of the Studio that work or wait at once: one person looks.
const STUDIO_REQUESTS_MAX: usize = 8;

/// Shared by all requests. What is published is swapped as one `Arc`: a request
/// that has begun keeps the version it began with.
pub struct AppState {
    pub limits: Limits,
    pub requests: Semaphore,
    /// Searches that compute or wait for a core.
    pub searches: Arc<Semaphore>,
    /// Searches that compute.
    pub cores: Arc<Semaphore>,
    /// Requests of the Studio that read and rank, or wait for it.
    pub studio_requests: Arc<Semaphore>,
    /// Those that do.
    pub studio_cores: Arc<Semaphore>,
    /// Pages of products and categories that are drawn, or wait for it.
    pub page_requests: Arc<Semaphore>,
    /// Those that are drawn: one, so that a crawler leaves searches their cores.
    pub page_cores: Arc<Semaphore>,
    /// Questions about products that are answered, or wait for it.
    pub questions: Arc<Semaphore>,
    /// Those that are answered: one, so that searches keep their cores.
    pub question_cores: Arc<Semaphore>,
    /// The words that questions are read by, once the first has come.
    pub lexicon: OnceLock<Lexicon>,
    /// Pushes whose body is read or that are worked at.
    pub pushes: Arc<Semaphore>,
    /// Pushes whose lines are read as JSON.
    pub push_cores: Arc<Semaphore>,
    /// API keys of the shop's own systems.
    pub keys: Keys,
    /// Pushed changes that were stopped lately.
    pub quarantine: StoppedChanges,
    /// Number of the last record of the log of changes that the served manifest has; 0 until
    /// the first one. Whoever publishes pushed changes sets it.
    pub served_record: AtomicU64,
    /// Poor listings of the served version, and what was written of them.
    pub listings: Listings,
    /// What the shop wants to stand where, as people edit it.
    pub rules: RuleStore,
    pub metrics: Metrics,
    /// The encoders of versions.
    pub speeches: Speeches,
    pub content_security_policy: HeaderValue,
    pub admin_token: String,
    /// Whose pages may embed the shop.
    pub embed: EmbedSettings,
    pub data_dir: PathBuf,
    /// Pages at addresses of their own, where the shop has them.
    pub pages: Option<PublicPages>,
    /// Whether other assistants may shop here, by the Model Context Protocol.
    #[cfg(feature = "mcp")]
    pub has_mcp: bool,
    /// Shards that are not in the store.
    pub revision_shards: RevisionShards,
    /// The shop's language model, where it has one.
    pub language_model: Option<Arc<LanguageModel>>,
    /// The logs of what is pushed, or why this server does not have them.
    pushed: Result<Pushed, PushedError>,
    started: Instant,
    store: Store,
    live: RwLock<Option<Arc<Live>>>,
    /// Number of the published version; differs from the served one while that is damaged.
    current: AtomicU64,
    /// Verified shards by name; they are immutable, so this never goes stale.
    shards: RwLock<HashMap<(ContentHash, bool), StoredShard>>,
}

/// A shard as it is sent.
#[derive(Clone)]
pub struct StoredShard {
    pub bytes: Bytes,
    pub encoding: Encoding,
    /// Whether a browser may keep it: not what came with a revision, since what it need not
    /// ask for would tell when it was here last.
    pub may_be_kept: bool,
}

impl AppState {
    /// Fresh state that serves nothing yet.
    pub fn new(settings: &ServerSettings, speeches: Speeches) -> Result<Self> {
        let limits = settings.limits;
        let policy = assets::content_security_policy();
        Ok(Self {
            limits,
            requests: Semaphore::new(limits.requests_in_flight_max),
            searches: Arc::new(Semaphore::new(limits.searches_in_flight_max)),
            cores: Arc::new(Semaphore::new(thread::available_parallelism().map_or(1, usize::from))),
            studio_requests: Arc::new(Semaphore::new(STUDIO_REQUESTS_MAX)),
            studio_cores: Arc::new(Semaphore::new(1)),
            pushes: Arc::new(Semaphore::new(PUSHES_MAX)),
            page_requests: Arc::new(Semaphore::new(limits.searches_in_flight_max)),
            page_cores: Arc::new(Semaphore::new(1)),
            push_cores: Arc::new(Semaphore::new(1)),
            questions: Arc::new(Semaphore::new(QUESTIONS_MAX)),
            question_cores: Arc::new(Semaphore::new(1)),
            lexicon: OnceLock::new(),
            keys: Keys::open(&settings.data_dir)?,
            quarantine: StoppedChanges::default(),
            served_record: AtomicU64::new(0),
            listings: Listings::open(&settings.data_dir),
            rules: RuleStore::open(&settings.data_dir),
            metrics: Metrics::new()?,
            speeches,
            content_security_policy: HeaderValue::from_str(&policy).context("the page's policy")?,
            admin_token: settings.admin_token.clone(),
            embed: settings.embed.clone(),
            data_dir: settings.data_dir.clone(),
            pages: settings.pages.origin.as_ref().map(PublicPages::new),
            #[cfg(feature = "mcp")]
            has_mcp: settings.mcp.enabled,
            revision_shards: RevisionShards::open(&settings.data_dir)?,
            language_model: LanguageModel::open(&settings.language_model)?.map(Arc::new),
            pushed: open_pushed(&settings.data_dir),
            started: Instant::now(),
            store: Store::open(settings.data_dir.join("store"))?,
            live: RwLock::new(None),
            current: AtomicU64::new(0),
            shards: RwLock::new(HashMap::new()),
        })
    }

    /// The logs of what is pushed.
    ///
    /// # Errors
    /// Another server has them, or they could not be opened.
    pub fn pushed(&self) -> Result<&Pushed, ApiError> {
        self.pushed.as_ref().map_err(|error| match error.is_in_use() {
            true => ApiError::LogInUse,
            false => ApiError::LogUnavailable,
        })
    }

    /// The same, to push changes of products.
    ///
    /// # Errors
    /// As [`Self::pushed`]; the log of changes is not the one that the served version was made of.
    pub fn pushed_for_changes(&self) -> Result<&Pushed, ApiError> {
        let pushed = self.pushed()?;
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        // What is numbered as what is already published would be answered and never shown.
        match live.as_ref().is_some_and(|live| is_behind(pushed, live)) {
            true => Err(ApiError::LogBehind),
            false => Ok(pushed),
        }
    }

    /// Has the log of changes, the log of orders and the keys in place of those that were
    /// opened.
    #[cfg(test)]
    pub fn with(&mut self, pushed: Pushed, keys: Keys) {
        (self.pushed, self.keys) = (Ok(pushed), keys);
    }

    /// Milliseconds since the server was started.
    pub fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The version that is served now.
    pub fn live(&self) -> Result<Arc<Live>, ApiError> {
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        live.clone().ok_or(ApiError::NotReady)
    }

    /// Serves `live` from now on, in the place of version `current` where that is damaged;
    /// requests under way finish on the old one.
    pub fn serve(&self, live: Live, current: u64) {
        let manifest = &live.manifest;
        let model = manifest.model.as_ref().map_or(0, |model| model.version.0);
        let catalogue = manifest.catalogue.version.0;
        self.metrics.serving(catalogue, model, manifest.catalogue.n_items);
        tracing::info!(catalogue, model, items = manifest.catalogue.n_items, "serving");
        self.note_versions(current, live.number);
        if let Ok(pushed) = &self.pushed {
            if is_behind(pushed, &live) {
                tracing::error!(
                    last = pushed.changes.number(),
                    published = live.changes_until,
                    "the folder `changes` ends before what the published catalogue has of it, so \
                     that nothing pushed is taken: put it back, or run `vitrine import` again"
                );
            }
            let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
            pushed.judge_by((&manifest.currency, &manifest.prices), live.changes_until, &rows);
        }
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(live));
        // What the store no longer keeps need not stay in memory.
        self.shards.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Serves a revision of the served version from now on.
    pub fn revise(&self, live: Live) {
        self.metrics.revised(live.manifest.catalogue.n_items);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(live));
    }

    /// Notes up to which record of the log changes are served, once they are: whoever reads the
    /// number and then what is served finds them in it.
    pub fn revised_to(&self, record: u64) {
        self.served_record.store(record, Ordering::Release);
    }

    /// Serves what it served before, though version `current` is published: it is damaged.
    pub fn goes_on(&self, current: u64) {
        self.note_versions(current, self.live().map_or(0, |live| live.number));
    }

    fn note_versions(&self, current: u64, served: u64) {
        self.current.store(current, Ordering::Relaxed);
        self.metrics.versions(current, served);
        if current != served {
            tracing::error!(
                current,
                served,
                "the current version is damaged and an older one is served: `vitrine verify` \
                 says where, `vitrine rollback` or another import mends it"
            );
        }
    }

    /// Number of the version that should be served; 0 when there is none.
    pub fn current(&self) -> u64 {
        self.current.load(Ordering::Relaxed)
    }

    /// Number of the manifest that should be served.
    pub fn published(&self) -> Result<Option<u64>, PublishError> {
        self.store.current_number()
    }

    /// The store that is served from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A shard, read and verified once; as brotli if that is wanted and whole, else
    /// as hashed. Blocks on the disk.
    ///
    /// # Errors
    /// No such shard is kept, or it is damaged in both forms.
    pub fn shard(&self, hash: ContentHash, brotli: bool) -> Result<StoredShard, ApiError> {
        let known = self.shards.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(shard) = known.get(&(hash, brotli)) {
            return Ok(shard.clone());
        }
        drop(known);
        if let Some(shard) = self.of_revision(hash, brotli) {
            return Ok(shard);
        }
        let compressed = if brotli { self.compressed(hash) } else { None };
        let shard = compressed.map_or_else(|| self.stored(hash, Encoding::Raw), Ok)?;
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        shards.insert((hash, brotli), shard.clone());
        Ok(shard)
    }

    /// A shard that a revision has and no version.
    fn of_revision(&self, hash: ContentHash, brotli: bool) -> Option<StoredShard> {
        let (bytes, encoding) = match brotli {
            true => (self.revision_shards.compressed(hash)?, Encoding::Brotli),
            false => (self.revision_shards.raw(hash)?, Encoding::Raw),
        };
        Some(StoredShard { bytes, encoding, may_be_kept: false })
    }

    /// `None` where the compressed form is missing or damaged: the raw one may be good.
    fn compressed(&self, hash: ContentHash) -> Option<StoredShard> {
        match self.stored(hash, Encoding::Brotli) {
            Ok(shard) => Some(shard),
            Err(error) => {
                tracing::warn!(%error, "a compressed shard cannot be sent: sending it as it is");
                None
            }
        }
    }

    fn stored(&self, hash: ContentHash, encoding: Encoding) -> Result<StoredShard, ApiError> {
        match self.store.shard(hash, encoding) {
            Ok(bytes) => Ok(StoredShard { bytes: Bytes::from(bytes), encoding, may_be_kept: true }),
            Err(PublishError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Err(ApiError::ShardNotFound)
            }
            Err(error) => Err(ApiError::ShardDamaged(error.into())),
        }
    }
}

/// The logs of a data folder. Whoever serves without them says so: shoppers need none.
fn open_pushed(data_dir: &Path) -> Result<Pushed, PushedError> {
    Pushed::open(data_dir).inspect_err(|error| {
        tracing::error!(
            error = format!("{error:#}"),
            "the catalogue API takes nothing: this server serves what is published and answers \
             pushes with 503; start it anew once this is mended"
        );
    })
}
/// Whether the log of changes is not the one that a version was made of.
fn is_behind(pushed: &Pushed, live: &Live) -> bool {
    pushed.changes.number() < live.changes_until
}
