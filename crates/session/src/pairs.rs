//! Which pair is in use, which waits, and which is still coming.

use std::rc::Rc;

use vitrine_domain::{Manifest, ShardRef};
use vitrine_wire::{Layer, Shard};

use crate::pair::Pair;
use crate::{Progress, SessionError};

/// A manifest and those of its shards that are decoded so far.
struct Incoming {
    manifest: Manifest,
    /// One place for each of `manifest.shards`.
    shards: Vec<Option<Shard>>,
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

    /// What has arrived, with its places.
    fn arrived(&self) -> Vec<Layer> {
        let shards = self.shards.iter().zip(&self.manifest.shards);
        let layer = |(shard, at): (&Option<Shard>, &ShardRef)| {
            Some(Layer { role: at.role, cell: at.cell, shard: shard.clone()? })
        };
        shards.filter_map(layer).collect()
    }
}

/// What becomes of a pair that was built from what has arrived.
pub(crate) enum Grown {
    /// It takes the place of the one in use: the first, or the same versions.
    InUse(Rc<Pair>),
    /// It is newer and complete: it waits for a navigation.
    Waiting(Rc<Pair>),
    /// It is newer and not complete yet.
    NotYet,
}

/// The pairs of a session.
#[derive(Default)]
pub(crate) struct Pairs {
    /// In use.
    active: Option<Rc<Pair>>,
    /// Newer and complete.
    pending: Option<Rc<Pair>>,
    /// Shards of a manifest that is not wholly on the device yet.
    incoming: Option<Incoming>,
}

impl Pairs {
    /// The pair in use.
    pub fn active(&self) -> Option<&Rc<Pair>> {
        self.active.as_ref()
    }

    /// A newer one that waits for a navigation.
    pub fn pending(&self) -> Option<&Rc<Pair>> {
        self.pending.as_ref()
    }

    /// Puts a pair in use.
    pub fn set_active(&mut self, pair: Rc<Pair>) {
        self.active = Some(pair);
    }

    /// Takes the pair that waits.
    pub fn take_pending(&mut self) -> Option<Rc<Pair>> {
        self.pending.take()
    }

    /// Makes the manifest the one to be completed, unless it already is, or is done.
    pub fn expect(&mut self, manifest: Manifest) {
        let is_done = |pair: &Rc<Pair>| pair.complete && pair.manifest == manifest;
        if self.pending.as_ref().is_some_and(is_done) {
            return;
        }
        if self.active.as_ref().is_some_and(is_done) {
            // The shop went back to the pair in use.
            self.pending = None;
            self.incoming = None;
            return;
        }
        if self.incoming.as_ref().is_none_or(|incoming| incoming.manifest != manifest) {
            self.incoming = Some(Incoming::new(manifest));
        }
    }

    /// Shards of the manifest that is coming; `None` when none is.
    pub fn n_coming(&self) -> Option<usize> {
        self.incoming.as_ref().map(|incoming| incoming.shards.len())
    }

    /// How many of them a first feed needs.
    pub fn n_head(&self) -> usize {
        self.incoming.as_ref().map_or(0, Incoming::n_head)
    }

    /// Whether those are here.
    pub fn head_ready(&self) -> bool {
        self.incoming.as_ref().is_some_and(Incoming::head_ready)
    }

    /// Places and names of those of the first `n` shards that are not here.
    pub fn missing(&self, n: usize) -> Vec<(usize, ShardRef)> {
        let Some(incoming) = &self.incoming else { return Vec::new() };
        let places = incoming.shards.iter().zip(&incoming.manifest.shards).take(n).enumerate();
        let missing = places.filter(|(_, (shard, _))| shard.is_none());
        missing.map(|(place, (_, reference))| (place, *reference)).collect()
    }

    /// Puts a shard in its place.
    pub fn put(&mut self, place: usize, shard: Shard) {
        if let Some(incoming) = &mut self.incoming {
            incoming.shards[place] = Some(shard);
        }
    }

    /// Builds a pair of what has arrived and says what becomes of it; `None` when
    /// none is coming. Whoever calls it puts what is [`Grown::InUse`] in use.
    pub fn grow(&mut self) -> Result<Option<Grown>, SessionError> {
        let Some(incoming) = &self.incoming else { return Ok(None) };
        let pair = Rc::new(Pair::build(&incoming.manifest, incoming.arrived())?);
        let is_same = self.active.as_ref().is_none_or(|own| own.versions() == pair.versions());
        if pair.complete {
            self.incoming = None;
        }
        Ok(Some(match (is_same, pair.complete) {
            (true, _) => Grown::InUse(pair),
            (false, true) => {
                self.pending = Some(Rc::clone(&pair));
                Grown::Waiting(pair)
            }
            (false, false) => Grown::NotYet,
        }))
    }

    /// How far the coming pair is, or the one in use when none is coming.
    pub fn progress(&self) -> Progress {
        let newest = self.pending.as_ref().or(self.active.as_ref());
        match (&self.incoming, newest) {
            (Some(incoming), _) => incoming.progress(),
            (None, Some(pair)) => complete_progress(&pair.manifest),
            (None, None) => Progress::default(),
        }
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
