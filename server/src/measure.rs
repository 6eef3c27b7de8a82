//! Measures a model on the last four weeks of the log, over the path a browser
//! takes: shipped bytes → 500 candidates on the device → student.

mod in_full;

use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use vitrine_domain::{Event, RelatedList, limits};
use vitrine_evaluation::gate::GateNames;
use vitrine_evaluation::protocol::{Window, Windows};
use vitrine_evaluation::report::TOP;
use vitrine_evaluation::{EvaluationReport, ModelRun, TargetRanks, Targets, top_k};
use vitrine_publish::{ServedPath, ServedShopper, Snapshot};
use vitrine_ranking::baselines::item_knn;
use vitrine_ranking::cooccurrence::{self, CooccurrenceConfig, Together};
use vitrine_ranking::{Baseline, Neighbours, PastPurchase, Popularity};
use vitrine_student::Weights;
use vitrine_training::PreparedData;
use vitrine_training::fit::components_until;
use vitrine_training::next::fusion::standardised;
use vitrine_training::next::{
    Cadence, ItemKnnConfig, Scorer as _, TextSimilarity, TifuKnn, TifuKnnConfig, TwoHop,
};
use vitrine_training::teacher::Teacher;
use vitrine_training::teacher::shape::Shape;
use vitrine_wire::RelatedRow;

use in_full::InFull;
pub use in_full::MeasuredFeed;

use crate::signals::Stop;

const TEACHER: &str = "teacher";
const STUDENT_F32: &str = "student f32, served";
const SERVED_BEFORE: &str = "served before";
/// ItemKNN of what may be published: pairs that [`limits::BUYERS_MIN`] shoppers share.
const ITEM_KNN_OF_FIVE: &str = "item-knn, pairs of five";
/// The strongest simple model of next baskets. It compares with all other shoppers, so no
/// device could run it.
const TIFU_KNN: &str = "TIFU-KNN";
/// The student as it ships, one place of ten kept for cards without a past.
const EXPLORING: &str = "one place of ten explored";
/// Nearness of texts alone: the one ranker that needs no past of an item.
const TEXTS: &str = "texts alone";
/// What is due again by the days since then.
const CADENCE: &str = "cadence in days";
/// Who took the same, without anything learned; and with texts.
const TWO_HOP: &str = "two-hop graph";
const TWO_HOP_TEXTS: &str = "two-hop graph and texts";
pub(crate) const STUDENT_INT8: &str = "student int8, served";
/// Shoppers that one task ranks for.
const SHOPPERS_AT_ONCE: usize = 32;

/// What is measured.
pub struct Measured<'a> {
    /// The log with its cards.
    pub data: &'a PreparedData<'a>,
    /// The server's ranker, if one was fitted.
    pub teacher: Option<&'a Teacher>,
    /// What is public now, if there is a model in it.
    pub before: Option<Snapshot>,
    /// The student before it was packed.
    pub weights_f32: &'a Weights,
    /// What would be, or is, public.
    pub snapshot: Snapshot,
    /// Of the bootstrap.
    pub seed: u64,
    /// Set it and measuring ends with an error.
    pub stop: &'a Stop,
    /// Whether to measure also what the gate does not need.
    pub in_full: bool,
}

/// The report with the gate's verdict on the test window.
///
/// Buyer counts, related lists and neighbours in the published rows also cover the test
/// window; here they are those of its first day, so that nothing of the
/// answer is in the question. Weights and codes are the very bytes.
///
/// # Errors
/// The log is empty, or nobody bought anything in the window.
pub fn measure(measured: Measured<'_>) -> Result<EvaluationReport> {
    let Measured { data, teacher, before, weights_f32, mut snapshot, seed, stop, in_full } =
        measured;
    let window = windows(data)?.test;
    as_of(&mut snapshot, data, window.start_seconds);

    let cases = cases(data, window);
    let now = window.start_seconds;
    let components = components_until(data, now)?;
    let mut runs: Vec<ModelRun> = Baseline::EACH
        .iter()
        .map(|baseline| {
            let score = |history: &[PastPurchase]| Ok(baseline.score(&components, history));
            run(baseline.name(), (&cases, stop), score)
        })
        .collect::<Result<_>>()?;
    let publishable = publishable_neighbours(data, now);
    runs.push(run(ITEM_KNN_OF_FIVE, (&cases, stop), |history| {
        Ok(item_knn(&publishable, history))
    })?);
    let past = data.log.truncated(now);
    let tifu = TifuKnn::fit(&past, TifuKnnConfig::default());
    runs.push(run(TIFU_KNN, (&cases, stop), |history| Ok(tifu.score(&[history], now)?))?);
    let cadence = Cadence::fit(&past);
    runs.push(run(CADENCE, (&cases, stop), |history| Ok(cadence.score(&[history], now)?))?);
    let two_hop = TwoHop::fit(&past);
    runs.push(run(TWO_HOP, (&cases, stop), |history| Ok(two_hop.score(&[history], now)?))?);
    if Shape::of(&data.log, data.vectors).has_texts {
        let recency = ItemKnnConfig::default().recency;
        let texts = TextSimilarity::new(data.vectors, data.n_items(), recency)?;
        runs.push(run(TEXTS, (&cases, stop), |history| Ok(texts.score(&[history], now)?))?);
        runs.push(run(TWO_HOP_TEXTS, (&cases, stop), |history| {
            let scores = [two_hop.score(&[history], now)?, texts.score(&[history], now)?];
            let [a, b] = scores.map(|scores| standardised(scores, data.n_items()));
            Ok(a.iter().zip(b).map(|(a, b)| a + b).collect())
        })?);
    }
    if let Some(teacher) = teacher {
        runs.push(run(TEACHER, (&cases, stop), |history| Ok(teacher.score_one(history, now)?))?);
    }
    let shoppers: Vec<ServedShopper<'_>> = cases
        .iter()
        .map(|case| ServedShopper {
            events: &case.events,
            now_ms: now * 1_000,
            n_history: case.history.len(),
            targets: &case.targets,
        })
        .collect();
    if let Some(mut before) = before {
        as_of(&mut before, data, now);
        runs.push(ServedPath::new(&before)?.run(SERVED_BEFORE, &data.ids, &shoppers));
    }
    let f32_path = ServedPath::with_weights(&snapshot, weights_f32.clone());
    runs.push(f32_path.run(STUDENT_F32, &data.ids, &shoppers));
    let served = ServedPath::new(&snapshot)?;
    runs.push(served.run(STUDENT_INT8, &data.ids, &shoppers));
    let exploring = served.run_exploring(EXPLORING, &data.ids, &shoppers, Some(TOP as u16));
    runs.push(exploring);
    let names = GateNames {
        popularity: Baseline::Popularity.name(),
        baselines: &[
            Baseline::Popularity.name(),
            Baseline::PersonalFrequency.name(),
            ITEM_KNN_OF_FIVE,
        ],
        compared: &[TIFU_KNN, CADENCE, TWO_HOP],
        before: runs.iter().any(|run| run.name() == SERVED_BEFORE).then_some(SERVED_BEFORE),
        teacher: teacher.map(|_| TEACHER),
        served: STUDENT_INT8,
    };
    let mut report = EvaluationReport::new(&runs, names, data.n_items(), seed)?;
    report.positives = data.log.positives();
    if in_full {
        let now_seconds = now;
        let served = &served;
        let in_full = InFull {
            served,
            teacher,
            components: &components,
            data,
            cases: &cases,
            now_seconds,
            seed,
            stop,
        };
        in_full.add_to(&mut report)?;
    }
    Ok(report)
}

/// Neighbours by shopper of what may be published, before a moment.
fn publishable_neighbours(data: &PreparedData<'_>, at_seconds: i64) -> Neighbours {
    let config = CooccurrenceConfig {
        together: Together::Shopper,
        exponent_from: 0.5,
        exponent_to: 0.4,
        buyers_min: limits::BUYERS_MIN,
        n_neighbours: data.n_items(),
    };
    cooccurrence::neighbours(&data.log.truncated(at_seconds), &config)
}

/// What a snapshot serves, and the shoppers of the test window.
pub struct ServedCases<'a> {
    /// The student as a browser runs it.
    pub served: ServedPath,
    /// Everyone who bought something in the window, in the order of the log's shoppers.
    pub cases: Vec<MeasuredShopper<'a>>,
    /// The moment of all rankings, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
}

/// The windows of a log.
///
/// # Errors
/// The log is empty.
pub fn windows(data: &PreparedData<'_>) -> Result<Windows> {
    let last = data.log.last_seconds().context("the interaction log is empty")?;
    Ok(Windows::ending_at(last))
}

/// What [`measure`] asks, for measurements of one's own: counts and lists of the snapshot are
/// those of the window's first day.
///
/// # Errors
/// The snapshot has no model.
pub fn served_cases<'a>(
    data: &'a PreparedData<'_>,
    mut snapshot: Snapshot,
    window: Window,
) -> Result<ServedCases<'a>> {
    as_of(&mut snapshot, data, window.start_seconds);
    let served = ServedPath::new(&snapshot)?;
    Ok(ServedCases { served, cases: cases(data, window), now_seconds: window.start_seconds })
}

/// One shopper of the window.
#[derive(Clone)]
pub struct MeasuredShopper<'a> {
    /// What was bought before the window.
    pub history: &'a [PastPurchase],
    /// What a device would know: purchases and views before the window, oldest first.
    pub events: Vec<Event>,
    /// What is bought in the window.
    pub targets: Targets,
}

/// Everyone who bought something in the window, with what they bought before it.
fn cases<'a>(data: &'a PreparedData<'_>, window: Window) -> Vec<MeasuredShopper<'a>> {
    let log = &data.log;
    let mut has_past = vec![false; data.n_items()];
    for n in 0..log.n_shoppers() {
        let past = log.before(n, window.start_seconds);
        past.iter().for_each(|entry| has_past[entry.item_idx as usize] = true);
    }
    (0..log.n_shoppers())
        .filter_map(|shopper| {
            let bought = log.between(shopper, window.start_seconds, window.end_seconds);
            let history = log.before(shopper, window.start_seconds);
            let targets = Targets::split(
                history.iter().map(|entry| entry.item_idx),
                bought.iter().map(|entry| entry.item_idx),
            )
            .with_past(|item| has_past[item as usize]);
            let events = data.events_before(shopper, window.start_seconds);
            (!bought.is_empty()).then_some(MeasuredShopper { history, events, targets })
        })
        .collect()
}

/// Has a ranker of the whole catalogue rank for every case.
fn run(
    name: &str,
    (cases, stop): (&[MeasuredShopper<'_>], &Stop),
    score: impl Fn(&[PastPurchase]) -> Result<Vec<f32>> + Sync,
) -> Result<ModelRun> {
    let parts: Vec<ModelRun> = cases
        .par_chunks(SHOPPERS_AT_ONCE)
        .map(|cases| {
            let mut part = ModelRun::new(name);
            ensure!(!stop.load(Ordering::Relaxed), "stopped");
            for case in cases {
                let started = Instant::now();
                let scores = score(case.history)?;
                part.add_seconds(started.elapsed().as_secs_f64());
                let shown = top_k(&scores, TOP);
                part.add(&case.targets, case.history.len(), &shown, |targets| {
                    TargetRanks::of_scores(&scores, targets)
                });
            }
            Ok(part)
        })
        .collect::<Result<_>>()?;
    let mut whole = ModelRun::new(name);
    parts.into_iter().for_each(|part| whole.extend(part));
    Ok(whole)
}

/// Sets buyer counts, related lists and neighbours back to those of a moment.
fn as_of(snapshot: &mut Snapshot, data: &PreparedData<'_>, at_seconds: i64) {
    let past = data.log.truncated(at_seconds);
    let popularity = Popularity::new(&past, at_seconds).published();
    for row in &mut snapshot.rows.prices {
        let i = data.ids.binary_search(&row.id).ok();
        row.n_buyers = i.map_or(0, |i| popularity.n_buyers[i]);
        row.n_buyers_recent = i.map_or(0, |i| popularity.n_buyers_recent[i]);
    }
    snapshot.rows.related = rows_of(vitrine_ranking::related_lists(&past, &data.ids));
    snapshot.rows.neighbours = rows_of(vitrine_ranking::neighbour_lists(&past, &data.ids));
}

/// Lists as they are published: those that have any entries.
fn rows_of(lists: Vec<RelatedList>) -> Vec<RelatedRow> {
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    lists
        .map(|(id, list)| {
            let (related, strengths) = list.into_iter().unzip();
            RelatedRow { id, related, strengths }
        })
        .collect()
}
