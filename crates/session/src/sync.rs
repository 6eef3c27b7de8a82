//! Sync by difference: fetch what the manifest lists and the device lacks, in
//! the manifest's order, whatever the shopper does.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use futures_util::{StreamExt, stream};
use vitrine_domain::{ContentHash, Manifest, ShardRef, ShardRole};
use vitrine_wire::{Shard, content_hash, decode_manifest, decode_shard};

use crate::ledger::Request;
use crate::pair::Pair;
use crate::pairs::Grown;
use crate::photos::within_budget;
use crate::session::{META_MANIFEST, Session};
use crate::{Progress, SessionError, StoreName};

/// Shards that are asked for at a time: as many as the first feed needs, so that a slow line is not
/// idle while one of them is being read. Browsers open six connections to a server without HTTP/2,
/// where a search waits for one of these to be free.
const SHARDS_AT_ONCE: usize = 6;

/// What came of asking for a shard.
struct ShardAnswer {
    /// Its place in the manifest.
    place: usize,
    reference: ShardRef,
    bytes: Result<Vec<u8>, SessionError>,
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

    /// Waits for the sync that is on its way, if one is; says whether the last one succeeded.
    pub async fn has_synced(&self) -> bool {
        drop(self.inner.sync_lock.lock().await);
        self.status().sync_error.is_none()
    }

    /// How far the coming pair is synced, or the one in use when none is coming.
    pub fn progress(&self) -> Progress {
        self.inner.state.borrow().pairs.progress()
    }

    async fn head(&self) -> Result<(), SessionError> {
        let bytes = self.send(&Request::Manifest).await?;
        let path = || Request::Manifest.path();
        let manifest =
            decode_manifest(&bytes).map_err(|source| SessionError::unreadable(path(), source))?;
        let is_offered = manifest.shards.iter().any(|shard| shard.kind.is_for_private_search());
        self.inner.state.borrow_mut().lacks_meaning = !is_offered;
        self.note_pictures(&manifest);
        self.expect(manifest);
        if self.active().is_some() {
            return Ok(());
        }
        let n_head = self.inner.state.borrow().pairs.n_head();
        self.fetch(n_head, |_| {}).await?;
        self.store_manifest(&bytes).await;
        self.grow_or_wait().await
    }

    async fn rest(&self, on_progress: impl FnMut(Progress)) -> Result<(), SessionError> {
        let n_shards = self.inner.state.borrow().pairs.n_coming();
        let Some(n_shards) = n_shards else {
            return if self.active().is_none() { Err(SessionError::NotSynced) } else { Ok(()) };
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
        self.load_stored(n, false).await;
        let missing = self.inner.state.borrow().pairs.missing(n);
        on_progress(self.progress());
        // In the manifest's order; the next one is on its way while one is being read. What is
        // on its way when another fails is waited for, so that the ledger has it.
        let has_failed = Cell::new(false);
        let asked = missing.into_iter().map(|(place, reference)| {
            let has_failed = &has_failed;
            async move {
                if has_failed.get() { None } else { Some(self.send_shard(place, reference).await) }
            }
        });
        let mut answers = stream::iter(asked).buffered(SHARDS_AT_ONCE);
        let mut result = Ok(());
        while let Some(answer) = answers.next().await {
            let Some(answer) = answer else { continue };
            let received = self.receive(answer).await;
            has_failed.set(has_failed.get() || received.is_err());
            result = result.and(received);
            on_progress(self.progress());
        }
        result
    }

    async fn send_shard(&self, place: usize, reference: ShardRef) -> ShardAnswer {
        ShardAnswer { place, reference, bytes: self.send(&Request::Shard(reference.hash)).await }
    }

    async fn receive(&self, answer: ShardAnswer) -> Result<(), SessionError> {
        let ShardAnswer { place, reference, bytes } = answer;
        let bytes = bytes?;
        self.pace().breathe().await;
        let shard = verify(&bytes, &reference)?;
        let key = reference.hash.to_string();
        let put = self.inner.adapters.storage.put(StoreName::Shards, &key, &bytes).await;
        self.note_write(&put);
        self.put(place, reference.hash, shard);
        if is_of_revision(&reference) {
            self.inner.fetched.borrow_mut().insert(reference.hash);
        }
        Ok(())
    }

    /// Decodes what the store has of the first `n` shards; what is damaged is
    /// dropped, so that it is fetched again. The shards of revisions are of use without a
    /// server (`opens`); with one, each visit fetches them anew: those that a browser need
    /// not fetch would tell to the second when it was here last.
    async fn load_stored(&self, n: usize, opens: bool) {
        let mut wanted = self.inner.state.borrow().pairs.missing(n);
        if !opens {
            let fetched = self.inner.fetched.borrow();
            wanted.retain(|(_, shard)| !is_of_revision(shard) || fetched.contains(&shard.hash));
        }
        if wanted.is_empty() {
            return;
        }
        let keys: Vec<String> = wanted.iter().map(|(_, r)| r.hash.to_string()).collect();
        let storage = &self.inner.adapters.storage;
        let read = storage.get(StoreName::Shards, &keys).await;
        let values = self.inner.state.borrow_mut().health.take(read);
        let mut damaged = Vec::new();
        for ((place, reference), (value, key)) in
            wanted.into_iter().zip(values.into_iter().zip(keys))
        {
            let Some(bytes) = value else { continue };
            self.pace().breathe().await;
            match verify(&bytes, &reference) {
                Ok(shard) => self.put(place, reference.hash, shard),
                Err(_) => damaged.push(key),
            }
        }
        if !damaged.is_empty() {
            self.inner.state.borrow_mut().health.n_dropped += damaged.len() as u32;
            let removed = storage.remove(StoreName::Shards, &damaged).await;
            self.note_write(&removed);
        }
    }

    /// Opens with the manifest that an earlier visit stored.
    pub(crate) async fn load_pair(&self, manifest_bytes: &[u8]) {
        let Ok(manifest) = decode_manifest(manifest_bytes) else {
            self.inner.state.borrow_mut().health.n_dropped += 1;
            return;
        };
        if self.is_private() {
            let mut shards = manifest.shards.iter();
            let lacks = !shards.any(|shard| shard.kind.is_for_private_search());
            self.inner.state.borrow_mut().lacks_meaning = lacks;
        }
        self.note_pictures(&manifest);
        self.expect(manifest);
        let n_shards = self.inner.state.borrow().pairs.n_coming().unwrap_or(0);
        self.load_stored(n_shards, true).await;
        let is_ready = self.inner.state.borrow().pairs.head_ready();
        if is_ready {
            let built = self.grow_or_wait().await;
            self.note_sync(&built);
        }
    }

    /// Uses what has arrived: a first or same-version pair at once, a newer one
    /// when it is complete and the page navigates.
    async fn grow_or_wait(&self) -> Result<(), SessionError> {
        let was_in_use = self.active().is_some();
        let arrived = self.inner.state.borrow_mut().pairs.arrived();
        let Some((manifest, shards)) = arrived else { return Ok(()) };
        let pace = self.pace();
        pace.breathe().await;
        let built = Pair::build(&manifest, shards, pace).await;
        if built.is_err() {
            self.inner.state.borrow_mut().pairs.abandon();
        }
        let grown = self.inner.state.borrow_mut().pairs.take(built?);
        let pair = match grown {
            Grown::NotYet => return Ok(()),
            Grown::Waiting(pair) => pair,
            Grown::InUse(pair) => {
                self.activate_paced(Rc::clone(&pair)).await;
                pair
            }
        };
        self.pace().breathe().await;
        if pair.complete {
            self.keep_cards(&pair).await;
            if was_in_use {
                let bytes = vitrine_wire::encode_manifest(&pair.manifest).map_err(|source| {
                    SessionError::Wire { path: Request::Manifest.path(), source }
                })?;
                self.store_manifest(&bytes).await;
            }
            self.forget_old_shards(&pair.manifest).await;
            let in_use = self.active();
            let manifests = in_use.iter().chain([&pair]).map(|pair| &pair.manifest);
            self.inner.photos.borrow_mut().keep(manifests);
        }
        Ok(())
    }

    async fn store_manifest(&self, bytes: &[u8]) {
        let put = self.inner.adapters.storage.put(StoreName::Meta, META_MANIFEST, bytes).await;
        self.note_write(&put);
    }

    /// Removes stored shards that the stored manifest does not list.
    async fn forget_old_shards(&self, manifest: &Manifest) {
        let storage = &self.inner.adapters.storage;
        let listed: HashSet<String> =
            manifest.shards.iter().map(|reference| reference.hash.to_string()).collect();
        let Ok(keys) = storage.keys(StoreName::Shards).await else { return };
        let old: Vec<String> = keys.into_iter().filter(|key| !listed.contains(key)).collect();
        if !old.is_empty() {
            let removed = storage.remove(StoreName::Shards, &old).await;
            if removed.is_err() {
                self.note_write(&removed);
            }
        }
    }

    fn note_pictures(&self, manifest: &Manifest) {
        let mut shards = manifest.shards.iter();
        let offers = shards.any(|shard| shard.kind.is_for_picture_search());
        self.inner.state.borrow_mut().offers_pictures = offers;
    }

    /// Makes a manifest the one to be completed, less the pictures that are too many, and what
    /// only private search or search with pictures has a use for where the shopper has not chosen it.
    fn expect(&self, mut manifest: Manifest) {
        let is_private = self.is_private();
        let sees = self.inner.state.borrow().settings.picture_search;
        manifest.shards.retain(|shard| {
            (is_private || !shard.kind.is_for_private_search())
                && (sees || !shard.kind.is_for_picture_search())
        });
        within_budget(&mut manifest, self.inner.adapters.transport.saves_data());
        self.inner.state.borrow_mut().pairs.expect(manifest);
    }

    fn put(&self, place: usize, hash: ContentHash, mut shard: Shard) {
        self.inner.photos.borrow_mut().take(hash, &mut shard);
        self.inner.state.borrow_mut().pairs.put(place, shard);
    }

    fn note_sync<T>(&self, result: &Result<T, SessionError>) {
        self.inner.state.borrow_mut().health.note_sync(result);
    }
}

/// Whether a shard came with a revision, and not with a version.
fn is_of_revision(shard: &ShardRef) -> bool {
    shard.role == ShardRole::Delta && shard.cell > 0
}

/// Decodes a shard that is what its reference says.
fn verify(bytes: &[u8], reference: &ShardRef) -> Result<Shard, SessionError> {
    let (expected, found) = (reference.hash, content_hash(bytes));
    if found != expected {
        return Err(SessionError::HashMismatch { expected, found });
    }
    let path = || Request::Shard(expected).path();
    let shard = decode_shard(bytes).map_err(|source| SessionError::unreadable(path(), source))?;
    if shard.kind() == reference.kind {
        Ok(shard)
    } else {
        Err(SessionError::WrongKind { hash: ContentHash(expected.0) })
    }
}
