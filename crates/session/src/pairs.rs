//! Which pair is in use, which waits, and which is still coming.

use std::rc::Rc;

use vitrine_domain::{Manifest, ShardRef};
use vitrine_wire::{Layer, Shard};

use crate::Progress;
use crate::pair::Pair;

/// A manifest and those of its shards that are decoded so far.
struct Incoming {
    manifest: Manifest,
    /// One place for each of `manifest.shards`.
    shards: Vec<Option<Shard>>,
    /// All were here, and a pair is being built of them.
    is_taken: bool,
}

impl Incoming {
    fn new(manifest: Manifest) -> Self {
        let shards = manifest.shards.iter().map(|_| None).collect();
        Self { manifest, shards, is_taken: false }
    }

    fn n_head(&self) -> usize {
        (self.manifest.n_head as usize).min(self.shards.len())
    }

    fn head_ready(&self) -> bool {
        self.is_taken || self.shards[..self.n_head()].iter().all(Option::is_some)
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
            if shard.is_some() || self.is_taken {
                progress.bytes_done += bytes;
                progress.n_shards_done += 1;
            }
        }
        progress
    }

    /// What has arrived, with its places. Once all is here it is taken, not copied.
    fn arrived(&mut self) -> Vec<Layer> {
        self.is_taken = self.shards.iter().all(Option::is_some);
        let is_taken = self.is_taken;
        let shards = self.shards.iter_mut().zip(&self.manifest.shards);
        let layer = |(shard, at): (&mut Option<Shard>, &ShardRef)| {
            let shard = if is_taken { shard.take() } else { shard.clone() }?;
            Some(Layer { role: at.role, cell: at.cell, shard })
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

    /// Has a pair wait for the next navigation.
    pub fn set_pending(&mut self, pair: Rc<Pair>) {
        self.pending = Some(pair);
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

    /// The manifest that is coming and what has arrived of it, for [`Pair::build`]; `None` when
    /// none is coming. Then call [`Pairs::take`] or [`Pairs::abandon`].
    pub fn arrived(&mut self) -> Option<(Manifest, Vec<Layer>)> {
        let incoming = self.incoming.as_mut()?;
        Some((incoming.manifest.clone(), incoming.arrived()))
    }

    /// Says what becomes of a pair that was built of what has arrived. Whoever calls it puts
    /// what is [`Grown::InUse`] in use.
    pub fn take(&mut self, pair: Pair) -> Grown {
        let pair = Rc::new(pair);
        let is_same = self.active.as_ref().is_none_or(|own| own.versions() == pair.versions());
        if pair.complete {
            self.incoming = None;
        }
        match (is_same, pair.complete) {
            (true, _) => Grown::InUse(pair),
            (false, true) => {
                self.pending = Some(Rc::clone(&pair));
                Grown::Waiting(pair)
            }
            (false, false) => Grown::NotYet,
        }
    }

    /// Forgets what has arrived, if all of it was to become a pair that could not be built: the
    /// next sync begins anew.
    pub fn abandon(&mut self) {
        self.incoming.take_if(|incoming| incoming.is_taken);
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
