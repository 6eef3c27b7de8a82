//! What a student chooses among at a cut.

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::index;

use vitrine_domain::EventKind;
use vitrine_evaluation::top_k;
use vitrine_student::Shopper;

use crate::sequences::Cut;
use crate::snapshots::LogSnapshot;

/// Candidates of a cut.
pub const N_CANDIDATES: usize = 96;
/// Offset of an entry that is only padding.
pub const ABSENT: f32 = -1e4;
const TARGETS_MAX: usize = 24;
const TEACHER_TOP: usize = 20;
const TEACHER_TOP_NEW: usize = 12;
const OWN_MAX: usize = 8;
/// One random card stands for at most so many: more would be noise.
const STANDS_FOR_MAX: f32 = 1_000.0;
/// Random cards are drawn by buyers to this power.
const POPULARITY_EXPONENT: f32 = 0.75;
const RELATED_MAX: usize = 6;

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
    /// as many as its probability was small.
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

/// Candidates of a cut and ln of how many cards each stands for: what was bought, what was
/// seen last, what the teacher puts first, what is related, what was bought before, and some
/// of the rest.
///
/// # Shapes
/// `scores` \[n_items\] are the teacher's; `seen` \[n_items\] says which items were bought
/// before, and `bought_before` lists them. → both \[96\].
pub fn candidates(
    snapshot: &LogSnapshot,
    scores: &[f32],
    (seen, bought_before): (&[bool], &[u32]),
    shopper: &Shopper,
    cut: &Cut,
    rng: &mut SmallRng,
) -> (Vec<u32>, Vec<f32>) {
    let n_items = scores.len();
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
    let new = top.iter().filter(|item| !seen[**item as usize]);
    new.take(TEACHER_TOP_NEW).for_each(|item| chosen.add(*item));
    for _ in 0..RELATED_MAX {
        let entry = log[log.len() - 1 - rng.random_range(0..log.len().min(20))];
        let related = snapshot.table.index_of(entry.item).map(|i| snapshot.table.related(i));
        let related: Vec<u32> = related.unwrap_or_default().iter().map(|(item, _)| *item).collect();
        chosen.add_random(rng, &related, 1);
    }
    chosen.add_sample(rng, bought_before.iter().copied(), OWN_MAX);
    chosen.fill(rng, &snapshot.popularity.n_buyers);
    // A catalogue of fewer cards: repeated entries that count for nothing.
    let first = chosen.items[0];
    chosen.items.resize(N_CANDIDATES, first);
    chosen.offsets.resize(N_CANDIDATES, ABSENT);
    (chosen.items, chosen.offsets)
}
