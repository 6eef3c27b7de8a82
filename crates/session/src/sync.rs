//! Sync by difference: fetch what the manifest lists and the device lacks, in
//! the manifest's order, whatever the shopper does.

use std::collections::HashSet;
use std::rc::Rc;

use vitrine_domain::{ContentHash, Manifest, ShardRef, ShardRole};
use vitrine_wire::{Shard, content_hash, decode_manifest, decode_shard};

use crate::ledger::Request;
use crate::pair::Pair;
use crate::session::{META_MANIFEST, Session};
use crate::{Progress, SessionError, Store};

/// A manifest and those of its shards that are decoded so far.
pub(crate) struct Incoming {
    pub manifest: Manifest,
    /// One place for each of `manifest.shards`.
    pub shards: Vec<Option<Shard>>,
}

impl Incoming {
    fn new(manifest: Manifest) -> Self {
        let shards = manifest.shards.iter().map(|_| None).collect();
        Self { manifest, shards }
    }

    fn n_head(&self) -> usize {
        (self.manifest.n_head as usize).min(self.shards.len())
    }

    fn head_ready(&self) -> bool {
        self.shards[..self.n_head()].iter().all(Option::is_some)
    }

    fn progress(&self) -> Progress {
        let mut progress = Progress {
            n_shards: self.shards.len() as u32,
            head_ready: self.head_ready(),
            ..Progress::default()
        };
        for (shard, reference) in self.shards.iter().zip(&self.manifest.shards) {
            let bytes = u64::from(reference.bytes_compressed);
            progress.bytes_total += bytes;
            if shard.is_some() {
                progress.bytes_done += bytes;
                progress.n_shards_done += 1;
            }
        }
        progress
    }

    /// What has arrived, with its roles.
    fn arrived(&self) -> Vec<(ShardRole, Shard)> {
        let shards = self.shards.iter().zip(&self.manifest.shards);
        shards.filter_map(|(shard, reference)| Some((reference.role, shard.clone()?))).collect()
    }
}

impl Session {
    /// Asks for the manifest and fetches what the first feed lacks. With a pair
    /// already in use, nothing but the manifest is fetched: the rest is
    /// [`Session::sync_rest`]'s.
    ///
    /// # Errors
    /// When the server cannot be reached or sends what cannot be used. What was
    /// on the device stays in use; call again later, and only what is still
    /// missing is fetched.
    pub async fn sync_head(&self) -> Result<Progress, SessionError> {
        let _only_one = self.inner.sync_lock.lock().await;
        let result = self.head().await;
        self.note_sync(&result);
        result.map(|()| self.progress())
    }

    /// Fetches the rest of the manifest that [`Session::sync_head`] brought, and
    /// says after each shard how far it is. When all is there, a pair of the
    /// same versions as the one in use grows in place; a newer one waits for
    /// [`Session::take_up_pending`].
    ///
    /// # Errors
    /// As [`Session::sync_head`]; what was fetched is kept.
    pub async fn sync_rest(
        &self,
        on_progress: impl FnMut(Progress),
    ) -> Result<Progress, SessionError> {
        let only_one = self.inner.sync_lock.lock().await;
        let result = self.rest(on_progress).await;
        self.note_sync(&result);
        drop(only_one);
        if result.is_ok() {
            self.choose_backend().await;
        }
        result.map(|()| self.progress())
    }

    /// How far the coming pair is synced, or the one in use when none is coming.
    pub fn progress(&self) -> Progress {
        let state = self.inner.state.borrow();
        let newest = state.pending.as_ref().or(state.active.as_ref());
        match (&state.incoming, newest) {
            (Some(incoming), _) => incoming.progress(),
            (None, Some(pair)) => complete_progress(&pair.manifest),
            (None, None) => Progress::default(),
        }
    }

    async fn head(&self) -> Result<(), SessionError> {
        let bytes = self.send(&Request::Manifest).await?;
        let path = || Request::Manifest.path();
        let manifest = decode_manifest(&bytes)
            .map_err(|source| SessionError::Wire { path: path(), source })?;
        self.expect_manifest(manifest);
        if self.inner.state.borrow().active.is_some() {
            return Ok(());
        }
        let n_head = self.with_incoming(Incoming::n_head).unwrap_or(0);
        self.fetch(n_head, |_| {}).await?;
        self.store_manifest(&bytes).await;
        self.grow_or_wait().await
    }

    /// Makes the manifest the one to be completed, unless it already is, or is done.
    fn expect_manifest(&self, manifest: Manifest) {
        let mut state = self.inner.state.borrow_mut();
        let is_done = |pair: &Rc<Pair>| pair.complete && pair.manifest == manifest;
        if state.pending.as_ref().is_some_and(is_done) {
            return;
        }
        if state.active.as_ref().is_some_and(is_done) {
            // The shop went back to the pair in use.
            state.pending = None;
            state.incoming = None;
            return;
        }
        if state.incoming.as_ref().is_none_or(|incoming| incoming.manifest != manifest) {
            state.incoming = Some(Incoming::new(manifest));
        }
    }

    async fn rest(&self, on_progress: impl FnMut(Progress)) -> Result<(), SessionError> {
        let Some(n_shards) = self.with_incoming(|incoming| incoming.shards.len()) else {
            let nothing_yet = self.inner.state.borrow().active.is_none();
            return if nothing_yet { Err(SessionError::NotSynced) } else { Ok(()) };
        };
        self.fetch(n_shards, on_progress).await?;
        self.grow_or_wait().await
    }

    /// Brings the first `n` shards of the incoming manifest into memory: from
    /// the store where it has them, else from the server, in order.
    async fn fetch(
        &self,
        n: usize,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<(), SessionError> {
        self.load_stored(n).await;
        let missing = self.with_incoming(|incoming| {
            let places = incoming.shards.iter().zip(&incoming.manifest.shards).take(n).enumerate();
            places
                .filter(|(_, (shard, _))| shard.is_none())
                .map(|(place, (_, reference))| (place, *reference))
                .collect::<Vec<_>>()
        });
        on_progress(self.progress());
        for (place, reference) in missing.unwrap_or_default() {
            let bytes = self.send(&Request::Shard(reference.hash)).await?;
            let shard = verify(&bytes, &reference)?;
            let key = reference.hash.to_string();
            let put = self.inner.adapters.storage.put(Store::Shards, &key, &bytes).await;
            self.note_write(&put);
            self.put_incoming(place, shard);
            on_progress(self.progress());
        }
        Ok(())
    }

    /// Decodes what the store has of the first `n` shards; what is damaged is
    /// dropped, so that it is fetched again.
    async fn load_stored(&self, n: usize) {
        let wanted = self.with_incoming(|incoming| {
            let places = incoming.shards.iter().zip(&incoming.manifest.shards).take(n).enumerate();
            places
                .filter(|(_, (shard, _))| shard.is_none())
                .map(|(place, (_, reference))| (place, *reference))
                .collect::<Vec<_>>()
        });
        let wanted = wanted.unwrap_or_default();
        if wanted.is_empty() {
            return;
        }
        let keys: Vec<String> = wanted.iter().map(|(_, r)| r.hash.to_string()).collect();
        let storage = &self.inner.adapters.storage;
        let read = storage.get(Store::Shards, &keys).await;
        let values = self.inner.state.borrow_mut().take(read);
        let mut damaged = Vec::new();
        for ((place, reference), (value, key)) in
            wanted.into_iter().zip(values.into_iter().zip(keys))
        {
            let Some(bytes) = value else { continue };
            match verify(&bytes, &reference) {
                Ok(shard) => self.put_incoming(place, shard),
                Err(_) => damaged.push(key),
            }
        }
        if !damaged.is_empty() {
            self.inner.state.borrow_mut().n_dropped += damaged.len() as u32;
            let removed = storage.remove(Store::Shards, &damaged).await;
            self.note_write(&removed);
        }
    }

    /// Opens with the manifest that an earlier visit stored.
    pub(crate) async fn load_pair(&self, manifest_bytes: &[u8]) {
        let Ok(manifest) = decode_manifest(manifest_bytes) else {
            self.inner.state.borrow_mut().n_dropped += 1;
            return;
        };
        self.expect_manifest(manifest);
        let n = self.with_incoming(|incoming| incoming.shards.len()).unwrap_or(0);
        self.load_stored(n).await;
        if self.with_incoming(Incoming::head_ready) == Some(true) {
            let built = self.grow_or_wait().await;
            self.note_sync(&built);
        }
    }

    /// Uses what has arrived: a first or same-version pair at once, a newer one
    /// when it is complete and the page navigates.
    async fn grow_or_wait(&self) -> Result<(), SessionError> {
        let arrived = self.with_incoming(|i| (i.manifest.clone(), i.arrived()));
        let Some((manifest, shards)) = arrived else { return Ok(()) };
        let pair = Rc::new(Pair::build(&manifest, shards)?);
        let (active, same) = {
            let state = self.inner.state.borrow();
            let active = state.active.clone();
            let same = active.as_ref().is_none_or(|a| a.versions() == pair.versions());
            (active, same)
        };
        if pair.complete {
            self.inner.state.borrow_mut().incoming = None;
        } else if !same {
            return Ok(());
        }
        if same {
            self.activate(Rc::clone(&pair));
        } else {
            self.inner.state.borrow_mut().pending = Some(Rc::clone(&pair));
        }
        if pair.complete {
            self.keep_cards(&pair).await;
            if active.is_some() {
                let bytes = vitrine_wire::encode_manifest(&pair.manifest).map_err(|source| {
                    SessionError::Wire { path: Request::Manifest.path(), source }
                })?;
                self.store_manifest(&bytes).await;
            }
            self.forget_old_shards(&pair.manifest).await;
        }
        Ok(())
    }

    async fn store_manifest(&self, bytes: &[u8]) {
        let put = self.inner.adapters.storage.put(Store::Meta, META_MANIFEST, bytes).await;
        self.note_write(&put);
    }

    /// Removes stored shards that the stored manifest does not list.
    async fn forget_old_shards(&self, manifest: &Manifest) {
        let storage = &self.inner.adapters.storage;
        let listed: HashSet<String> =
            manifest.shards.iter().map(|reference| reference.hash.to_string()).collect();
        let Ok(keys) = storage.keys(Store::Shards).await else { return };
        let old: Vec<String> = keys.into_iter().filter(|key| !listed.contains(key)).collect();
        if !old.is_empty() {
            let removed = storage.remove(Store::Shards, &old).await;
            if removed.is_err() {
                self.note_write(&removed);
            }
        }
    }

    fn with_incoming<T>(&self, read: impl FnOnce(&Incoming) -> T) -> Option<T> {
        self.inner.state.borrow().incoming.as_ref().map(read)
    }

    fn put_incoming(&self, place: usize, shard: Shard) {
        if let Some(incoming) = &mut self.inner.state.borrow_mut().incoming {
            incoming.shards[place] = Some(shard);
        }
    }

    fn note_sync<T>(&self, result: &Result<T, SessionError>) {
        self.inner.state.borrow_mut().sync_error = result.as_ref().err().map(ToString::to_string);
    }
}

/// Decodes a shard that is what its reference says.
fn verify(bytes: &[u8], reference: &ShardRef) -> Result<Shard, SessionError> {
    let (expected, found) = (reference.hash, content_hash(bytes));
    if found != expected {
        return Err(SessionError::HashMismatch { expected, found });
    }
    let path = || Request::Shard(expected).path();
    let shard =
        decode_shard(bytes).map_err(|source| SessionError::Wire { path: path(), source })?;
    if shard.kind() == reference.kind {
        Ok(shard)
    } else {
        Err(SessionError::WrongKind { hash: ContentHash(expected.0) })
    }
}

fn complete_progress(manifest: &Manifest) -> Progress {
    let bytes = manifest.shards.iter().map(|s| u64::from(s.bytes_compressed)).sum();
    let n_shards = manifest.shards.len() as u32;
    Progress {
        n_shards_done: n_shards,
        n_shards,
        bytes_done: bytes,
        bytes_total: bytes,
        head_ready: true,
    }
}
