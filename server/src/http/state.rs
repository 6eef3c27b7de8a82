//! What all requests share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::http::HeaderValue;
use tokio::sync::Semaphore;
use vitrine_domain::ContentHash;
use vitrine_encoder::TextEncoder;
use vitrine_publish::{Encoding, PublishError, Store};

use super::assets;
use super::error::ApiError;
use super::metrics::Metrics;
use crate::live::Live;
use crate::settings::{Limits, Settings};

/// Shared by all requests. What is published is swapped as one `Arc`: a request
/// that has begun keeps the version it began with.
pub struct AppState {
    pub limits: Limits,
    pub requests: Semaphore,
    pub searches: Semaphore,
    pub metrics: Metrics,
    pub encoder: Arc<TextEncoder>,
    pub content_security_policy: HeaderValue,
    pub admin_token: String,
    pub data_dir: PathBuf,
    store: Store,
    live: RwLock<Option<Arc<Live>>>,
    /// Number of the published version; differs from the served one while that is damaged.
    current: AtomicU64,
    /// Verified shards by name; they are immutable, so this never goes stale.
    shards: RwLock<HashMap<(ContentHash, bool), Bytes>>,
}

impl AppState {
    /// Fresh state that serves nothing yet.
    pub fn new(settings: &Settings, encoder: TextEncoder) -> Result<Self> {
        let limits = settings.limits;
        let policy = assets::content_security_policy();
        Ok(Self {
            limits,
            requests: Semaphore::new(limits.requests_in_flight_max),
            searches: Semaphore::new(limits.searches_in_flight_max),
            metrics: Metrics::new()?,
            encoder: Arc::new(encoder),
            content_security_policy: HeaderValue::from_str(&policy).context("the page's policy")?,
            admin_token: settings.admin_token.clone(),
            data_dir: settings.data_dir.clone(),
            store: Store::open(settings.data_dir.join("store"))?,
            live: RwLock::new(None),
            current: AtomicU64::new(0),
            shards: RwLock::new(HashMap::new()),
        })
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
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(live));
        // What the store no longer keeps need not stay in memory.
        self.shards.write().unwrap_or_else(PoisonError::into_inner).clear();
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

    /// A shard's bytes; read and verified once. Blocks on the disk.
    pub fn shard(&self, hash: ContentHash, brotli: bool) -> Result<Bytes, ApiError> {
        let known = self.shards.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = known.get(&(hash, brotli)) {
            return Ok(bytes.clone());
        }
        drop(known);
        let encoding = if brotli { Encoding::Brotli } else { Encoding::Raw };
        let bytes = match self.store.shard(hash, encoding) {
            Ok(bytes) => Bytes::from(bytes),
            Err(PublishError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                return Err(ApiError::ShardNotFound);
            }
            Err(error) => return Err(ApiError::ShardDamaged(error.into())),
        };
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        shards.insert((hash, brotli), bytes.clone());
        Ok(bytes)
    }
}
