#![allow(dead_code)]

use std::time::Instant;

use rayon::prelude::*;

use vitrine_domain::{EventKind, limits};
use vitrine_evaluation::{GateNames, ModelRun, Report, TargetRanks, Targets, Window, top_k};
use vitrine_ranking::{Baseline, PastPurchase, Popularity, related_lists};
use vitrine_student::{ItemTable, LogEntry, Ranker, Shopper, Weights, candidates};

use vitrine_training::snapshots::item_table;
use vitrine_training::{Prepared, Trained, TrainingError};

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

/// Runs the baselines, the teacher and the student of one training run over the
/// window that begins where the run stopped looking.
///
/// # Errors
/// When nobody bought anything in the window.
pub fn report(
    data: &Prepared<'_>,
    trained: &Trained,
    window: Window,
    seed: u64,
) -> Result<Report, TrainingError> {
    let Trained { teacher, model, .. } = trained;
    let all = |scores| Ranking { candidates: None, scores };
    let mut runs: Vec<ModelRun> = Baseline::EACH
        .into_iter()
        .map(|baseline| {
            let rank =
                |history: &[PastPurchase], _| all(baseline.score(&teacher.components, history));
            run(data, window, baseline.name(), rank)
        })
        .collect();
    runs.push(run(data, window, TEACHER, |history, now| all(teacher.score(history, now))));
    let float = Device::new(data, trained, model.weights.clone(), window);
    let int8 = Device::new(data, trained, model.packed.weights(), window);
    runs.push(run(data, window, "student f32", |history, now| float.rank_all(history, now)));
    runs.push(run(data, window, "student int8", |history, now| int8.rank_all(history, now)));
    runs.push(run(data, window, SERVED, |history, now| int8.rank_feed(history, now)));
    let names = GateNames {
        popularity: Baseline::Popularity.name(),
        item_knn: Baseline::ItemKnn.name(),
        personal_frequency: Baseline::PersonalFrequency.name(),
        teacher: TEACHER,
        served: SERVED,
    };
    Ok(Report::new(&runs, names, data.n_items(), seed).unwrap())
}

const TEACHER: &str = "teacher";
const SERVED: &str = "student int8, served";

/// A device that has synced the catalogue as it was at the start of a window.
pub struct Device<'a> {
    pub data: &'a Prepared<'a>,
    pub weights: Weights,
    pub table: ItemTable,
}

impl<'a> Device<'a> {
    pub fn new(
        data: &'a Prepared<'a>,
        trained: &Trained,
        weights: Weights,
        window: Window,
    ) -> Self {
        let past = data.log.truncated(window.start_seconds);
        let popularity = Popularity::new(&past, window.start_seconds);
        let related = related_lists(&past, &data.ids);
        let codes = trained.model.codes_for(&data.ids, data.vectors);
        let table = item_table(data, &popularity, &related, &codes, &weights);
        Self { data, weights, table }
    }

    fn shopper(&self, history: &[PastPurchase]) -> Shopper {
        let log: Vec<LogEntry> = history
            .iter()
            .map(|entry| LogEntry {
                kind: EventKind::Purchase,
                item: self.data.ids[entry.item_idx as usize],
                at_ms: entry.at_seconds * 1_000,
                code: std::array::from_fn(|i| self.table.code(entry.item_idx)[i]),
                department: self.data.departments[entry.item_idx as usize],
                category: self.data.categories[entry.item_idx as usize],
            })
            .collect();
        Shopper::from_log(&self.weights, &log)
    }

    fn rank(&self, shopper: &Shopper, now_seconds: i64, candidates: &[u32]) -> Vec<f32> {
        let now_ms = now_seconds * 1_000;
        Ranker::new().rank(&self.weights, &self.table, shopper, now_ms, candidates, None)
    }

    fn rank_all(&self, history: &[PastPurchase], now_seconds: i64) -> Ranking {
        let everything: Vec<u32> = (0..self.data.n_items() as u32).collect();
        let scores = self.rank(&self.shopper(history), now_seconds, &everything);
        Ranking { candidates: None, scores }
    }

    fn rank_feed(&self, history: &[PastPurchase], now_seconds: i64) -> Ranking {
        let shopper = self.shopper(history);
        let n = limits::FEED_CANDIDATES_MAX;
        let candidates = candidates::feed(&self.table, &self.weights, &shopper, n);
        let scores = self.rank(&shopper, now_seconds, &candidates);
        Ranking { candidates: Some(candidates), scores }
    }
}
