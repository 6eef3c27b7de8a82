//! Sequences with their candidates, scalars and target distributions: all that
//! a training step reads, in flat arrays.

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_domain::EventKind;
use vitrine_evaluation::top_k;
use vitrine_ranking::FeatureRows;
use vitrine_student::{N_SCALARS, Shopper, features, window};

use crate::Prepared;
use crate::sequences::{Cut, Sequence, sequence};
use crate::snapshots::{Snapshot, Snapshots};

/// Candidates of a cut.
pub const N_CANDIDATES: usize = 96;
const TARGETS_MAX: usize = 24;
const TEACHER_TOP: usize = 20;
const TEACHER_TOP_NEW: usize = 12;
const OWN_MAX: usize = 8;
/// One random card stands for at most so many: more would be noise.
const STANDS_FOR_MAX: f32 = 1_000.0;
/// Random cards are drawn by buyers to this power.
const POPULARITY_EXPONENT: f32 = 0.75;
/// Offset of an entry that is only padding.
const ABSENT: f32 = -1e4;
const RELATED_MAX: usize = 6;
/// Part of the target distribution that is the teacher's, without and with views.
const TEACHER_SHARE: f32 = 0.5;
const TEACHER_SHARE_AFTER_VIEWS: f32 = 0.2;
/// Weight of the next basket's cards against those of the weeks after it.
const NEXT_BASKET_WEIGHT: f32 = 1.5;
const NEXT_BASKET_WEIGHT_AFTER_VIEWS: f32 = 5.0;
/// In retrieval, cards of the log count less: they are candidates anyway.
const RETRIEVED_OWN_WEIGHT: f32 = 0.25;

/// A training sequence, ready.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Item of each event of the window.
    pub items: Vec<u32>,
    /// Kind row of each event.
    pub kinds: Vec<u8>,
    /// Gap row of each event.
    pub gaps: Vec<u8>,
    /// Cuts: row of the window after which each ranks.
    pub cut_rows: Vec<u32>,
    /// \[cuts, 96\]
    pub candidates: Vec<u32>,
    /// \[cuts, 96, 16\]
    pub scalars: Vec<f32>,
    /// \[cuts, 96\], the teacher's distribution times its share of the loss.
    pub taught: Vec<f32>,
    /// \[cuts, 96\], what was bought; each row sums to the rest of the loss, or to 0.
    pub bought: Vec<f32>,
    /// \[cuts, 96\], what retrieval should find.
    pub retrieval_targets: Vec<f32>,
    /// \[cuts, 96\], ln of how many cards each candidate stands for.
    pub offsets: Vec<f32>,
    /// \[cuts, 96\], targets among the cards that the log has no purchase of.
    pub new_taught: Vec<f32>,
    /// \[cuts, 96\], what was bought of them.
    pub new_bought: Vec<f32>,
    /// \[cuts, 96\], offsets that leave the other cards out.
    pub new_offsets: Vec<f32>,
}

/// The part of the logs asked for with which it is enough.
const ENOUGH_SHARE: f64 = 0.9;

/// Draws `n_sequences` logs and makes samples of those that have a moment that can be asked
/// about; then as many again, in at most `rounds_max` rounds, until about `n_sequences` had
/// one. The same for the same seed on any number of threads. Stops early, with what it has,
/// when `stop` is set.
pub fn draw(
    data: &Prepared<'_>,
    snapshots: &Snapshots,
    n_sequences: usize,
    rounds_max: u64,
    seed: u64,
    stop: &AtomicBool,
) -> Vec<Sample> {
    let drawn = |n: u64| {
        let seed = seed ^ n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let sequence = sequence(data, snapshots, seed)?;
        Some(sample(data, snapshots, &sequence, seed))
    };
    let is_wanted = |_: &u64| !stop.load(Ordering::Relaxed);
    let (n, mut samples) = (n_sequences as u64, Vec::new());
    for round in 0..rounds_max {
        let numbers = (round * n..(round + 1) * n).into_par_iter();
        samples.par_extend(numbers.filter(is_wanted).filter_map(drawn));
        if samples.len() as f64 >= ENOUGH_SHARE * n_sequences as f64 {
            break;
        }
    }
    samples
}

fn sample(data: &Prepared<'_>, snapshots: &Snapshots, sequence: &Sequence, seed: u64) -> Sample {
    let mut rng = SmallRng::seed_from_u64(seed ^ 0x5851_f42d_4c95_7f2d);
    let Sequence { log, items, start, cuts, .. } = sequence;
    let times: Vec<i64> = log[*start..].iter().map(|entry| entry.at_ms).collect();
    let n = cuts.len() * N_CANDIDATES;
    let mut sample = Sample {
        items: items[*start..].to_vec(),
        kinds: log[*start..].iter().map(|entry| entry.kind as u8).collect(),
        gaps: window::gap_buckets(&times).into_iter().map(|gap| gap as u8).collect(),
        cut_rows: cuts.iter().map(|cut| (cut.n_events - start - 1) as u32).collect(),
        candidates: Vec::with_capacity(n),
        scalars: vec![0.0; n * N_SCALARS],
        taught: Vec::with_capacity(n),
        bought: Vec::with_capacity(n),
        retrieval_targets: Vec::with_capacity(n),
        offsets: Vec::with_capacity(n),
        new_taught: Vec::with_capacity(n),
        new_bought: Vec::with_capacity(n),
        new_offsets: Vec::with_capacity(n),
    };
    let mut shopper = Shopper::new();
    for (cut, scalars) in cuts.iter().zip(sample.scalars.chunks_mut(N_CANDIDATES * N_SCALARS)) {
        log[shopper.log().len()..cut.n_events].iter().for_each(|entry| shopper.record(*entry));
        let snapshot = snapshots.at(cut.now_seconds);
        let history = &data.log.of(sequence.shopper)[cut.purchases.0..cut.purchases.1];
        let rows = FeatureRows::new(&snapshot.teacher.components, history, cut.now_seconds);
        let scores = snapshot.teacher.score_rows(&rows);
        let (candidates, offsets) = candidates(snapshot, &rows, &scores, &shopper, cut, &mut rng);
        let now_ms = cut.now_seconds * 1_000;
        features::dynamic(&snapshot.table, &shopper, now_ms, &candidates, None, scalars);
        let new_offsets: Vec<f32> = candidates
            .iter()
            .zip(&offsets)
            .map(|(item, offset)| if rows.personal(*item).is_some() { ABSENT } else { *offset })
            .collect();
        let choice = Choice::new(cut, &candidates, &rows, &scores);
        sample.taught.extend(choice.taught(&offsets));
        sample.bought.extend(choice.bought(&offsets));
        sample.new_taught.extend(choice.taught(&new_offsets));
        sample.new_bought.extend(choice.bought(&new_offsets));
        sample.retrieval_targets.extend(choice.retrieval_targets(&offsets));
        sample.candidates.extend(candidates);
        sample.offsets.extend(offsets);
        sample.new_offsets.extend(new_offsets);
    }
    sample
}

/// Distinct cards up to a number, in the order of adding.
struct Chosen {
    items: Vec<u32>,
    offsets: Vec<f32>,
    taken: Vec<bool>,
}

impl Chosen {
    fn add(&mut self, item: u32) {
        if !self.taken[item as usize] && self.items.len() < N_CANDIDATES {
            self.taken[item as usize] = true;
            self.items.push(item);
            self.offsets.push(0.0);
        }
    }

    fn add_random(&mut self, rng: &mut SmallRng, from: &[u32], n: usize) {
        for _ in 0..if from.is_empty() { 0 } else { n } {
            self.add(from[rng.random_range(0..from.len())]);
        }
    }

    fn add_for(&mut self, item: u32, stands_for: f32) {
        let n = self.items.len();
        self.add(item);
        if self.items.len() > n {
            self.offsets[n] = stands_for.clamp(1.0, STANDS_FOR_MAX).ln();
        }
    }

    /// Adds at most `n` of `from` that stand for all of those not yet chosen.
    fn add_sample(&mut self, rng: &mut SmallRng, from: impl Iterator<Item = u32>, n: usize) {
        let rest: Vec<u32> = from.filter(|item| !self.taken[*item as usize]).collect();
        let n = n.min(rest.len());
        let stands_for = rest.len() as f32 / n.max(1) as f32;
        for position in index::sample(rng, rest.len(), n) {
            self.add_for(rest[position], stands_for);
        }
    }

    /// Fills up with random cards, popular ones more often, each standing for
    /// as many as its chance was small.
    fn fill(&mut self, rng: &mut SmallRng, n_buyers: &[u32]) {
        let mut sum = 0.0;
        let cumulated: Vec<f32> = n_buyers
            .iter()
            .map(|n| {
                sum += (*n as f32 + 1.0).powf(POPULARITY_EXPONENT);
                sum
            })
            .collect();
        let n = N_CANDIDATES - self.items.len();
        // A small catalogue may not have that many left.
        for _ in 0..20 * n {
            let place = rng.random_range(0.0..sum);
            let item = cumulated.partition_point(|until| *until <= place).min(n_buyers.len() - 1);
            let weight = (n_buyers[item] as f32 + 1.0).powf(POPULARITY_EXPONENT);
            self.add_for(item as u32, sum / (n as f32 * weight));
        }
    }
}

/// Candidates and ln of how many cards each stands for.
fn candidates(
    snapshot: &Snapshot,
    rows: &FeatureRows,
    scores: &[f32],
    shopper: &Shopper,
    cut: &Cut,
    rng: &mut SmallRng,
) -> (Vec<u32>, Vec<f32>) {
    let n_items = rows.n_items();
    let mut chosen = Chosen { items: Vec::new(), offsets: Vec::new(), taken: vec![false; n_items] };
    cut.next_basket.iter().take(TARGETS_MAX).for_each(|item| chosen.add(*item));
    while chosen.items.len() < TARGETS_MAX.min(cut.targets.len()) {
        chosen.add(cut.targets[rng.random_range(0..cut.targets.len())]);
    }
    let log = shopper.log();
    for entry in log.iter().rev().take(12).filter(|entry| entry.kind != EventKind::Purchase) {
        snapshot.table.index_of(entry.item).into_iter().for_each(|item| chosen.add(item));
    }
    let top = top_k(scores, 200.min(n_items));
    top.iter().take(TEACHER_TOP).for_each(|item| chosen.add(*item));
    let new = top.iter().filter(|item| rows.personal(**item).is_none());
    new.take(TEACHER_TOP_NEW).for_each(|item| chosen.add(*item));
    for _ in 0..RELATED_MAX {
        let entry = log[log.len() - 1 - rng.random_range(0..log.len().min(20))];
        let related = snapshot.table.index_of(entry.item).map(|i| snapshot.table.related(i));
        let related: Vec<u32> = related.unwrap_or_default().iter().map(|(item, _)| *item).collect();
        chosen.add_random(rng, &related, 1);
    }
    chosen.add_sample(rng, rows.bought_before(), OWN_MAX);
    chosen.fill(rng, &snapshot.teacher.components.popularity.n_buyers);
    // A catalogue of fewer cards: repeated entries that count for nothing.
    let first = chosen.items[0];
    chosen.items.resize(N_CANDIDATES, first);
    chosen.offsets.resize(N_CANDIDATES, ABSENT);
    (chosen.items, chosen.offsets)
}

/// What the teacher says of the candidates of a cut, and what the shopper did.
struct Choice {
    teacher_share: f32,
    scores: Vec<f32>,
    /// Weight of what was bought, else 0.
    bought: Vec<f32>,
    own: Vec<bool>,
}

impl Choice {
    fn new(cut: &Cut, candidates: &[u32], rows: &FeatureRows, scores: &[f32]) -> Self {
        // Of a log without purchases the teacher knows nothing.
        let is_known = cut.purchases.0 < cut.purchases.1;
        let (teacher_share, next_weight) = if cut.after_views {
            (TEACHER_SHARE_AFTER_VIEWS, NEXT_BASKET_WEIGHT_AFTER_VIEWS)
        } else {
            (TEACHER_SHARE, NEXT_BASKET_WEIGHT)
        };
        let bought = |item: &u32| {
            if cut.next_basket.contains(item) {
                next_weight
            } else if cut.targets.binary_search(item).is_ok() {
                1.0
            } else {
                0.0
            }
        };
        Self {
            teacher_share: if is_known { teacher_share } else { 0.0 },
            scores: candidates.iter().map(|item| scores[*item as usize]).collect(),
            bought: candidates.iter().map(bought).collect(),
            own: candidates.iter().map(|item| rows.personal(*item).is_some()).collect(),
        }
    }

    /// The teacher's softmax, over the candidates that the offsets do not leave out, times
    /// its share.
    fn taught(&self, offsets: &[f32]) -> Vec<f32> {
        let logits: Vec<f32> = self.scores.iter().zip(offsets).map(|(a, b)| a + b).collect();
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let teacher = normalised(logits.iter().map(|logit| (logit - most).exp()).collect());
        teacher.iter().map(|t| self.teacher_share * t).collect()
    }

    /// What was bought, of the same candidates, times the rest.
    fn bought(&self, offsets: &[f32]) -> Vec<f32> {
        let bought = normalised(present(&self.bought, offsets));
        bought.iter().map(|b| (1.0 - self.teacher_share) * b).collect()
    }

    /// The purchases alone, those of known cards counting less.
    fn retrieval_targets(&self, offsets: &[f32]) -> Vec<f32> {
        let weights = self
            .bought
            .iter()
            .zip(&self.own)
            .map(|(weight, own)| weight * if *own { RETRIEVED_OWN_WEIGHT } else { 1.0 });
        normalised(present(&weights.collect::<Vec<f32>>(), offsets))
    }
}

/// Weights of the candidates that are not left out.
fn present(weights: &[f32], offsets: &[f32]) -> Vec<f32> {
    weights
        .iter()
        .zip(offsets)
        .map(|(w, offset)| if *offset == ABSENT { 0.0 } else { *w })
        .collect()
}

/// Weights that sum to 1, or all 0.
fn normalised(mut weights: Vec<f32>) -> Vec<f32> {
    let sum: f32 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    weights
}
