//! `vitrine-lab outputs`: several outputs of the published student, judged: what is viewed,
//! put into the basket, bought; and orders compared by a replay of clicks. The shop's log
//! has purchases alone, so views and cart events are SIMULATED by shoppers with known
//! propensities; purchases are those of the log.

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde::Serialize;
use vitrine_evaluation::outputs::{Labelled, OutputReport};
use vitrine_evaluation::simulation::{
    self, Impression, Pool, SimulatedReplay, browse, estimated_propensities,
};
use vitrine_evaluation::top_k;
use vitrine_publish::{ServedPath, Snapshot, Store};
use vitrine_server::catalogue::with_interactions;
use vitrine_server::measure::{MeasuredFeed, ServedCases, served_cases, windows};
use vitrine_server::settings::ServerSettings;
use vitrine_training::outputs::{Example, Label, N_INPUTS, N_OUTPUTS, Outputs};
use vitrine_training::{PreparedData, TrainingData};

use crate::cli::OutputsArgs;

/// Passes over what was shown.
const PASSES: usize = 6;
/// Least propensity that a label is divided by: what is looked at more rarely would
/// count too much.
const PROPENSITY_MIN: f64 = 0.1;
const PURCHASE: usize = 2;
const NAMES: [&str; N_OUTPUTS] =
    ["view, SIMULATED", "cart, SIMULATED", "purchase of what is shown, learned with both"];

/// Best items of a shopper that the simulated lists are made of.
const POOL: usize = 50;
/// Orders that the replay compares.
const ORDERS: [&str; 2] = ["student int8, served", "popularity"];

/// What is reported.
#[derive(Serialize)]
struct Report {
    n_shoppers: usize,
    outputs: Vec<OutputReport>,
    replays: Vec<SimulatedReplay>,
}

/// What one shopper may be shown.
struct Shelf {
    /// As the simulation needs it.
    pool: Pool,
    /// Inputs of each of its items.
    inputs: Vec<[f32; N_INPUTS]>,
}

/// Runs the command.
///
/// # Errors
/// No model is published, its files cannot be read, or nothing was bought in the window.
pub fn run(settings: &ServerSettings, args: &OutputsArgs) -> Result<ExitCode> {
    let snapshot = Snapshot::load(&Store::open(settings.data_dir.join("store"))?)?;
    let (catalogue, interactions) = with_interactions(settings)?;
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    let ServedCases { served, cases, now_seconds } =
        served_cases(&data, snapshot, windows(&data)?.test).context("run `vitrine train` first")?;
    let feeds = MeasuredFeed::of_all(&served, &data, &cases, now_seconds);
    let shelves = feeds.par_iter().filter_map(|feed| shelf(&served, feed, now_seconds));
    let shelves: Vec<Shelf> = shelves.collect();
    let pools: Vec<Pool> = shelves.iter().map(|shelf| shelf.pool.clone()).collect();
    let report = Report {
        n_shoppers: shelves.len(),
        outputs: reports(&shelves, args.report.seed)?,
        replays: simulation::simulate(&ORDERS, &pools, args.report.seed),
    };
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

fn table(report: &Report) -> String {
    let Report { n_shoppers, outputs, replays } = report;
    let outputs: Vec<String> = outputs.iter().map(ToString::to_string).collect();
    let outputs = outputs.join("\n");
    format!("{n_shoppers} shoppers\n{outputs}\n{}", simulation::table(replays))
}

/// The best items of one shopper, with the served order of them and that of popularity.
fn shelf(served: &ServedPath, feed: &MeasuredFeed<'_>, now_seconds: i64) -> Option<Shelf> {
    let n_buyers = served.table().n_buyers();
    let best = top_k(&feed.scores, POOL);
    if best.len() <= simulation::PLACES {
        return None;
    }
    let at = |place: &u32| *place as usize;
    let rows: Vec<u32> = best.iter().map(|place| feed.rows[at(place)]).collect();
    let popular: Vec<f32> = rows.iter().map(|row| n_buyers[*row as usize] as f32).collect();
    let popular = top_k(&popular, simulation::PLACES).iter().map(at).collect();
    let bought = best.iter().map(|place| feed.bought[at(place)]).collect();
    let orders = vec![(0..simulation::PLACES).collect(), popular];
    let scalars = served.scalars(feed.events, now_seconds * 1_000, &rows);
    let input = |(place, scalars): (&u32, &[f32])| {
        let mut inputs = [0.0; N_INPUTS];
        inputs[0] = feed.scores[at(place)];
        inputs[1..].copy_from_slice(scalars);
        inputs
    };
    let inputs = best.iter().zip(scalars.chunks_exact(N_INPUTS - 1)).map(input).collect();
    Some(Shelf { pool: Pool { bought, orders }, inputs })
}

/// Learns on every other shopper, judges on the others; the purchase also by itself, so
/// that what learning together brings can be seen.
///
/// # Errors
/// Nothing was clicked or bought by one of the halves, or a loss diverges.
fn reports(shelves: &[Shelf], seed: u64) -> Result<Vec<OutputReport>> {
    let pools: Vec<Pool> = shelves.iter().map(|shelf| shelf.pool.clone()).collect();
    let shown = browse(&pools, seed);
    let of_learners: Vec<Impression> =
        shown.iter().filter(|one| one.pool.is_multiple_of(2)).copied().collect();
    let propensities = estimated_propensities(&of_learners);
    let examples: Vec<Example> =
        shown.iter().map(|one| example(one, shelves, &propensities)).collect();
    let learned_from: Vec<Example> = examples
        .iter()
        .zip(&shown)
        .filter(|(_, one)| one.pool.is_multiple_of(2))
        .map(|(example, _)| example.clone())
        .collect();
    let stop = AtomicBool::new(false);
    let together = Outputs::fit(&learned_from, PASSES, seed, &stop)?;
    let purchases_alone: Vec<Example> = learned_from
        .iter()
        .map(|example| {
            let labels = [None, None, example.labels[PURCHASE]];
            Example { labels, ..example.clone() }
        })
        .collect();
    let alone = Outputs::fit(&purchases_alone, PASSES, seed, &stop)?;
    let mut reports = Vec::new();
    for (output, name) in NAMES.iter().enumerate() {
        reports.push(judge(name, &together, output, &examples, &shown)?);
    }
    reports.push(judge(
        "purchase of what is shown, learned alone",
        &alone,
        PURCHASE,
        &examples,
        &shown,
    )?);
    Ok(reports)
}

fn example(one: &Impression, shelves: &[Shelf], propensities: &[f64]) -> Example {
    let shelf = &shelves[one.pool];
    let propensity = propensities.get(one.place).copied().unwrap_or(0.0).max(PROPENSITY_MIN) as f32;
    let placed = |happened| Some(Label { happened, propensity });
    let bought = Label { happened: shelf.pool.bought[one.item], propensity: 1.0 };
    let labels = [placed(one.clicked), placed(one.carted), Some(bought)];
    Example { inputs: shelf.inputs[one.item], labels }
}

/// What was learned on the even shoppers, calibrated on them, judged on the odd ones by
/// what happened to what they were shown.
fn judge(
    name: &str,
    outputs: &Outputs,
    output: usize,
    examples: &[Example],
    shown: &[Impression],
) -> Result<OutputReport> {
    let mut halves = [Labelled::default(), Labelled::default()];
    for (example, one) in examples.iter().zip(shown) {
        let Some(label) = example.labels[output] else { continue };
        let half = &mut halves[one.pool % 2];
        // It happens if the place is looked at, too.
        half.scores.push(outputs.probabilities(&example.inputs)[output] * label.propensity);
        half.labels.push(label.happened);
    }
    Ok(OutputReport::new(name, &halves[0], &halves[1])?)
}
