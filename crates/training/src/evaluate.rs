//! Runs rankers over a test window.

use std::time::Instant;

use rayon::prelude::*;

use vitrine_evaluation::{ModelRun, TargetRanks, Targets, Window, top_k};
use vitrine_ranking::PastPurchase;

use crate::Prepared;

/// Shoppers a part of a run.
const SHOPPERS_AT_ONCE: usize = 64;

/// What a ranker says about one shopper.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Rows that were ranked, distinct; `None` means all, in order.
    pub candidates: Option<Vec<u32>>,
    /// Their scores.
    pub scores: Vec<f32>,
}

/// Runs a ranker for every shopper who bought something in the window. It sees
/// the shopper's purchases before the window and the moment at which it starts.
pub fn run(
    data: &Prepared<'_>,
    window: Window,
    name: &str,
    rank: impl Fn(&[PastPurchase], i64) -> Ranking + Sync,
) -> ModelRun {
    let shoppers: Vec<usize> = (0..data.log.n_shoppers()).collect();
    let parts: Vec<ModelRun> = shoppers
        .par_chunks(SHOPPERS_AT_ONCE)
        .map(|shoppers| {
            let mut part = ModelRun::new(name);
            shoppers.iter().for_each(|n| run_one(&mut part, data, window, *n, &rank));
            part
        })
        .collect();
    let mut run = ModelRun::new(name);
    parts.into_iter().for_each(|part| run.extend(part));
    run
}

fn run_one(
    part: &mut ModelRun,
    data: &Prepared<'_>,
    window: Window,
    n: usize,
    rank: &impl Fn(&[PastPurchase], i64) -> Ranking,
) {
    let history = data.log.before(n, window.start_seconds);
    let within = data.log.between(n, window.start_seconds, window.end_seconds);
    if within.is_empty() {
        return;
    }
    let item = |entry: &PastPurchase| entry.item_idx;
    let targets = Targets::split(history.iter().map(item), within.iter().map(item));
    let started = Instant::now();
    let Ranking { candidates, scores } = rank(history, window.start_seconds);
    part.add_seconds(started.elapsed().as_secs_f64());
    let mut shown = top_k(&scores, vitrine_evaluation::report::TOP);
    if let Some(candidates) = &candidates {
        shown.iter_mut().for_each(|position| *position = candidates[*position as usize]);
    }
    part.add(&targets, history.len(), &shown, |wanted| match &candidates {
        Some(candidates) => TargetRanks::of_candidates(candidates, &scores, wanted),
        None => TargetRanks::of_scores(&scores, wanted),
    });
}
