//! What shoppers chose among, as rows of features.

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_evaluation::{Targets, top_k};
use vitrine_ranking::{Components, FeatureRows, PastPurchase};

use crate::PreparedData;
use crate::logit::ChoiceSet;

/// Part of the logs that are also seen as newcomers'.
const NEWCOMERS_SHARE: f64 = 0.5;
/// Entries that a newcomer's log has, at most.
const NEWCOMER_ENTRIES_MAX: usize = 12;
/// Shoppers of a window to learn from, at most.
const SHOPPERS_MAX: usize = 2_000;
/// Cards of each kind beside those bought and those bought before.
const RANDOM_CARDS: usize = 80;
const TOP_CARDS: usize = 60;

/// Some of those who bought before `cut` and in the window after it, ascending.
pub fn choosers(data: &PreparedData<'_>, cut: i64, seed: u64) -> Vec<usize> {
    let (log, until) = (&data.log, cut + WINDOW_SECONDS);
    let has_chosen =
        |n: &usize| !log.before(*n, cut).is_empty() && !log.between(*n, cut, until).is_empty();
    let all: Vec<usize> = (0..log.n_shoppers()).filter(has_chosen).collect();
    let mut rng = SmallRng::seed_from_u64(seed ^ cut as u64);
    let drawn = index::sample(&mut rng, all.len(), all.len().min(SHOPPERS_MAX));
    let mut chosen: Vec<usize> = drawn.into_iter().map(|i| all[i]).collect();
    chosen.sort_unstable();
    chosen
}

/// Choices in the window after `cut`, of whole logs and of newcomers.
pub fn choices(
    data: &PreparedData<'_>,
    components: &Components,
    choosers: &[usize],
    cut: i64,
    seed: u64,
) -> Vec<ChoiceSet> {
    let both = |n: usize| {
        let mut rng = SmallRng::seed_from_u64(seed ^ (n as u64).wrapping_mul(0x9e37_79b9));
        let whole = data.log.before(n, cut);
        let remembered = rng.random_range(1..=NEWCOMER_ENTRIES_MAX);
        let is_newcomer = rng.random_bool(NEWCOMERS_SHARE) && whole.len() > remembered;
        let short = is_newcomer.then(|| &whole[whole.len() - remembered..]);
        let mut choice = |history| choice(data, components, (n, history), cut, &mut rng);
        [choice(whole), short.and_then(choice)]
    };
    choosers.par_iter().copied().flat_map_iter(both).flatten().collect()
}

/// What a shopper bought after `cut`, of what a model that knows `history` has to choose
/// among.
fn choice(
    data: &PreparedData<'_>,
    components: &Components,
    (n, history): (usize, &[PastPurchase]),
    cut: i64,
    rng: &mut SmallRng,
) -> Option<ChoiceSet> {
    let within = data.log.between(n, cut, cut + WINDOW_SECONDS);
    if history.is_empty() || within.is_empty() {
        return None;
    }
    let items =
        |entries: &[PastPurchase]| entries.iter().map(|entry| entry.item_idx).collect::<Vec<u32>>();
    let targets = Targets::split(items(history), items(within)).all;
    let rows = FeatureRows::new(components, history, cut);
    let mut candidates: Vec<u32> = targets.clone();
    candidates.extend(rows.bought_before());
    for feature in 0..6 {
        candidates.extend(top_k(rows.column(feature), TOP_CARDS));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let rest: Vec<u32> =
        (0..data.n_items() as u32).filter(|item| candidates.binary_search(item).is_err()).collect();
    let random = index::sample(rng, rest.len(), rest.len().min(RANDOM_CARDS));
    let mut log_weights = vec![0.0; candidates.len()];
    log_weights.resize(
        candidates.len() + random.len(),
        (rest.len() as f32 / random.len().max(1) as f32).ln(),
    );
    let n_picked = candidates.len();
    candidates.extend(random.iter().map(|position| rest[position]));
    let is_target = |(position, item): (usize, &u32)| {
        position < n_picked && targets.binary_search(item).is_ok()
    };
    let share = 1.0 / targets.len() as f32;
    Some(ChoiceSet {
        shortness: rows.shortness(),
        rows: candidates.iter().flat_map(|item| rows.row(*item)).collect(),
        groups: candidates.iter().map(|item| u8::from(rows.personal(*item).is_some())).collect(),
        targets: candidates
            .iter()
            .enumerate()
            .map(|candidate| if is_target(candidate) { share } else { 0.0 })
            .collect(),
        log_weights,
    })
}
