//! The served path, measured: candidates drawn as a device draws them, ranked by
//! the student as it ships.

use std::collections::HashMap;
use std::time::Instant;

use rayon::prelude::*;
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_domain::{Event, ItemId};
use vitrine_evaluation::report::TOP;
use vitrine_evaluation::{ModelRun, TargetRanks, Targets, top_k};
use vitrine_student::counting::CandidateGroup;
use vitrine_student::{
    ItemTable, LogEntry, N_SCALARS, PackedStudent, Ranker, Shopper, Weights, candidates, counting,
    explore, features, score,
};

use crate::{PublishError, Snapshot};

/// Shoppers that one task ranks for.
const SHOPPERS_AT_ONCE: usize = 32;

/// One shopper of an evaluation.
#[derive(Clone, Copy, Debug)]
pub struct ServedShopper<'a> {
    /// Their log, oldest first.
    pub events: &'a [Event],
    /// The moment of the ranking, in milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
    /// How many of the events say what they want, as the shop's models count it.
    pub n_history: usize,
    /// What they went on to buy, as indexes into the item list of [`ServedPath::run`].
    pub targets: &'a Targets,
}

/// A published version with its student loaded, as a device has it.
pub struct ServedPath {
    weights: Weights,
    table: ItemTable,
}

impl ServedPath {
    /// Loads student and catalogue from the bytes of a snapshot.
    ///
    /// # Errors
    /// [`PublishError::NoModel`] if there is none; when the student's payload is invalid.
    pub fn new(snapshot: &Snapshot) -> Result<Self, PublishError> {
        let payload = snapshot.rows.student.as_ref().ok_or(PublishError::NoModel)?;
        let weights = PackedStudent::from_bytes(payload)?.weights();
        Ok(Self::with_weights(snapshot, weights))
    }

    /// The catalogue of a snapshot under other weights: what packing costs is the
    /// difference to the weights before it.
    pub fn with_weights(snapshot: &Snapshot, weights: Weights) -> Self {
        let table = snapshot.item_table(&weights);
        Self { weights, table }
    }

    /// The catalogue as the student sees it.
    pub fn table(&self) -> &ItemTable {
        &self.table
    }

    /// The feed of one shopper: candidates as rows of [`Self::table`], with scores.
    /// Events of items that are not in the catalogue are left out.
    pub fn feed(&self, events: &[Event], now_ms: i64) -> (Vec<u32>, Vec<f32>) {
        self.ranked(&self.shopper(events), now_ms)
    }

    /// What the student is told of candidates besides their codes, \[rows · 16\].
    pub fn scalars(&self, events: &[Event], now_ms: i64, rows: &[u32]) -> Vec<f32> {
        let shopper = self.shopper(events);
        let mut scalars = vec![0.0; rows.len() * N_SCALARS];
        features::dynamic(&self.table, &shopper, now_ms, rows, None, &mut scalars);
        scalars
    }

    /// A feed in which one of every `every` places is kept for a card without a past: rows,
    /// best first, with scores that say no more than their order.
    fn explored(&self, events: &[Event], now_ms: i64, every: u16) -> (Vec<u32>, Vec<f32>) {
        let shopper = self.shopper(events);
        let (rows, scores) = self.ranked(&shopper, now_ms);
        let (mut rows, _) = score::sorted(&self.table, &rows, &scores);
        let is_unexplored =
            |row: &u32| counting::group(&self.table, &shopper, *row) == CandidateGroup::WithoutPast;
        let eligible = rows.iter().copied().filter(is_unexplored).collect();
        let id = |row: &u32| self.table.ids()[*row as usize];
        explore::place(&mut rows, every.into(), eligible, id, is_unexplored, |_, _, _| true);
        in_this_order(rows)
    }

    fn shopper(&self, events: &[Event]) -> Shopper {
        let log: Vec<LogEntry> =
            events.iter().filter_map(|event| self.table.entry_of(event)).collect();
        Shopper::from_log(&self.weights, &log)
    }

    fn ranked(&self, shopper: &Shopper, now_ms: i64) -> (Vec<u32>, Vec<f32>) {
        let rows = candidates::feed(&self.table, &self.weights, shopper, FEED_CANDIDATES_MAX);
        let scores = Ranker::new().rank(&self.weights, &self.table, shopper, now_ms, &rows, None);
        (rows, scores)
    }

    /// Ranks for every shopper, in their order. `items` is the list that targets
    /// index into; an item of it that is not published cannot be found.
    pub fn run(&self, name: &str, items: &[ItemId], shoppers: &[ServedShopper<'_>]) -> ModelRun {
        self.run_exploring(name, items, shoppers, None)
    }

    /// Ranks for every shopper as [`Self::run`] does, one of `explore_every` places kept for
    /// cards without a past.
    pub fn run_exploring(
        &self,
        name: &str,
        items: &[ItemId],
        shoppers: &[ServedShopper<'_>],
        explore_every: Option<u16>,
    ) -> ModelRun {
        self.run_with(name, items, shoppers, |_, shopper| match explore_every {
            None => self.feed(shopper.events, shopper.now_ms),
            Some(every) => self.explored(shopper.events, shopper.now_ms, every),
        })
    }

    /// Measures what `feed` ranks for every shopper, of which it is told the place: rows of
    /// [`Self::table`], with scores.
    pub fn run_with(
        &self,
        name: &str,
        items: &[ItemId],
        shoppers: &[ServedShopper<'_>],
        feed: impl Fn(usize, &ServedShopper<'_>) -> (Vec<u32>, Vec<f32>) + Sync,
    ) -> ModelRun {
        let index: HashMap<ItemId, u32> =
            items.iter().enumerate().map(|(i, id)| (*id, i as u32)).collect();
        // What is published but not in the list still takes its place in a ranking.
        let unlisted = |row: usize| (items.len() + row) as u32;
        let ids = self.table.ids().iter().enumerate();
        let index_of: Vec<u32> =
            ids.map(|(row, id)| index.get(id).copied().unwrap_or(unlisted(row))).collect();
        let parts: Vec<ModelRun> = shoppers
            .par_chunks(SHOPPERS_AT_ONCE)
            .enumerate()
            .map(|(chunk, shoppers)| {
                let mut part = ModelRun::new(name);
                for (n, shopper) in shoppers.iter().enumerate() {
                    let place = chunk * SHOPPERS_AT_ONCE + n;
                    add(&mut part, &index_of, shopper, || feed(place, shopper));
                }
                part
            })
            .collect();
        let mut run = ModelRun::new(name);
        parts.into_iter().for_each(|part| run.extend(part));
        run
    }
}

/// Rows, best first, with scores that say no more than their order.
pub fn in_this_order(rows: Vec<u32>) -> (Vec<u32>, Vec<f32>) {
    let places = (0..rows.len()).map(|place| -(place as f32)).collect();
    (rows, places)
}

fn add(
    run: &mut ModelRun,
    index_of: &[u32],
    shopper: &ServedShopper<'_>,
    feed: impl FnOnce() -> (Vec<u32>, Vec<f32>),
) {
    let started = Instant::now();
    let (rows, scores) = feed();
    run.add_seconds(started.elapsed().as_secs_f64());
    let items: Vec<u32> = rows.iter().map(|row| index_of[*row as usize]).collect();
    let shown: Vec<u32> =
        top_k(&scores, TOP).into_iter().map(|place| items[place as usize]).collect();
    run.add(shopper.targets, shopper.n_history, &shown, |targets| {
        TargetRanks::of_candidates(&items, &scores, targets)
    });
}
