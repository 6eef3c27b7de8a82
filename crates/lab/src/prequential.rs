//! `vitrine-lab prequential`: what the personal layer adds, basket by
//! basket: predict it, then learn from it.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vitrine_domain::EventKind;
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_evaluation::protocol::{Window, Windows};
use vitrine_evaluation::{
    Interval, TargetRanks, difference_interval, mean_interval, ratio_interval,
};
use vitrine_ranking::{PastPurchase, Popularity, neighbour_lists, related_lists};
use vitrine_server::catalogue::with_interactions;
use vitrine_server::configure;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_student::{
    ItemTable, LogEntry, PersonalConfig, PersonalLayer, Prediction, Ranker, Shopper, Weights,
    candidates,
};
use vitrine_training::snapshots::item_table;
use vitrine_training::train::train_prepared;
use vitrine_training::{Config, Control, Outcome, PreparedData, TrainingData};

use crate::cli::{PrequentialArgs, SplitName};

const TOP: usize = 10;
const N_RESAMPLES: usize = 1_000;

/// What can be configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReplayConfig {
    /// Layers that learn side by side.
    personal: Vec<PersonalConfig>,
    /// Newest baskets before the window that are learned from.
    baskets_before: usize,
}

impl Default for ReplayConfig {
    fn default() -> Self {
        let guarded = PersonalConfig::default();
        let unguarded = PersonalConfig { is_guarded: false, ..guarded };
        Self { personal: vec![guarded, unguarded], baskets_before: 40 }
    }
}

/// What is reported. Each shopper counts once: the mean over their baskets.
#[derive(Debug, Serialize)]
struct Report {
    split: &'static str,
    baskets_before: usize,
    n_shoppers: usize,
    n_baskets: usize,
    /// NDCG@10 of the frozen student.
    frozen: Interval,
    layers: Vec<LayerReport>,
}

/// What one layer added.
#[derive(Debug, Serialize)]
struct LayerReport {
    config: PersonalConfig,
    /// NDCG@10 with the layer.
    ndcg_at_10: Interval,
    /// With the layer minus frozen, paired.
    gain: Interval,
    /// With the layer over frozen, paired.
    ratio: Interval,
    /// Part of the predictions at which the layer spoke.
    share_on: f64,
    /// Part of the shoppers whose order was worse on the whole.
    share_worse: f64,
}

/// Runs the replay.
pub fn run(settings: &ServerSettings, args: &PrequentialArgs, stop: &Stop) -> Result<ExitCode> {
    let config: ReplayConfig = configure::read(args.configure.as_deref())?;
    let (catalogue, interactions) = with_interactions(settings)?;
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    let last = data.log.last_seconds().context("the interaction log is empty")?;
    let (window, split) = match args.split {
        SplitName::Validation => (Windows::ending_at(last).validation, "validation"),
        SplitName::Test => (Windows::ending_at(last).test, "test"),
    };
    let device = Device::before(&data, window, args.report.seed, stop)?;
    tracing::info!(split, "replaying");
    let replays: Vec<Replay> = (0..data.log.n_shoppers())
        .into_par_iter()
        .filter(|_| !stop.load(Ordering::Relaxed))
        .filter_map(|shopper| device.replay(&data, shopper, window, &config))
        .collect();
    if stop.load(Ordering::Relaxed) {
        bail!("stopped");
    }
    let report = Report::new(&replays, split, &config, args.report.seed)?;
    vitrine_server::print(&if args.report.json {
        serde_json::to_string_pretty(&report)?
    } else {
        report.table()
    });
    Ok(ExitCode::SUCCESS)
}

/// A frozen student and the catalogue as they would have been at the window's start.
struct Device {
    weights: Weights,
    table: ItemTable,
}

/// One shopper's sums over the baskets of the window.
#[derive(Default)]
struct Replay {
    n_baskets: usize,
    /// NDCG@10 of the frozen student.
    frozen: f64,
    /// By layer: NDCG@10, and baskets at which it spoke.
    layers: Vec<(f64, usize)>,
}

impl Device {
    fn before(data: &PreparedData<'_>, window: Window, seed: u64, stop: &Stop) -> Result<Self> {
        let until = window.start_seconds;
        tracing::info!("training a student on what came before the window");
        // From random weights: a base may have seen what this window asks, in its own shop.
        let config = Config { seed, until_seconds: Some(until), ..Config::default() };
        let mut control = Control { stop, progress: &mut |_| {}, checkpoint: None };
        let Outcome::Finished(trained) = train_prepared(data, &config, None, &mut control)? else {
            bail!("stopped");
        };
        let model = trained.model;
        let weights = model.packed.weights();
        let codes = model.codes_for(&data.ids, data.vectors);
        let past = data.log.truncated(until);
        let popularity = Popularity::new(&past, until).published();
        let related = related_lists(&past, &data.ids);
        let neighbours = neighbour_lists(&past, &data.ids);
        let lists = (&related[..], &neighbours[..]);
        let table = item_table(data, &popularity, lists, &codes, &weights);
        Ok(Self { weights, table })
    }

    /// `None` for a shopper who took nothing in the window, or nothing before it.
    fn replay(
        &self,
        data: &PreparedData<'_>,
        shopper: usize,
        window: Window,
        config: &ReplayConfig,
    ) -> Option<Replay> {
        let history = data.log.before(shopper, window.start_seconds);
        let within = data.log.between(shopper, window.start_seconds, window.end_seconds);
        if history.is_empty() || within.is_empty() {
            return None;
        }
        let baskets: Vec<&[PastPurchase]> = history.chunk_by(|a, b| a.basket == b.basket).collect();
        let (told, learned) = baskets.split_at(baskets.len().saturating_sub(config.baskets_before));
        let mut device = Shopper::new();
        let mut told_until = i64::MIN;
        for basket in told {
            self.record_non_purchases(data, &mut device, shopper, &mut told_until, basket);
            basket.iter().for_each(|entry| device.record(self.entry(entry)));
        }
        let mut layers: Vec<PersonalLayer> =
            config.personal.iter().map(|config| PersonalLayer::new(*config)).collect();
        let mut replay = Replay { layers: vec![(0.0, 0); layers.len()], ..Replay::default() };
        for basket in learned {
            self.record_non_purchases(data, &mut device, shopper, &mut told_until, basket);
            self.step(&mut device, &mut layers, basket, None);
        }
        for basket in within.chunk_by(|a, b| a.basket == b.basket) {
            self.record_non_purchases(data, &mut device, shopper, &mut told_until, basket);
            self.step(&mut device, &mut layers, basket, Some(&mut replay));
        }
        Some(replay)
    }

    /// Records views and basket events since the previous basket.
    fn record_non_purchases(
        &self,
        data: &PreparedData<'_>,
        device: &mut Shopper,
        shopper: usize,
        told_until: &mut i64,
        basket: &[PastPurchase],
    ) {
        let now = basket[0].at_seconds;
        for event in data.non_purchases.between(shopper, *told_until, now) {
            device.record(self.table.entry(event.item_idx, event.kind, event.at_seconds * 1_000));
        }
        *told_until = now;
    }

    /// Predicts a basket, says how well into `replay`, and learns from it.
    fn step(
        &self,
        device: &mut Shopper,
        layers: &mut [PersonalLayer],
        basket: &[PastPurchase],
        replay: Option<&mut Replay>,
    ) {
        if !device.log().is_empty() {
            device.encode(&self.weights);
            let now_ms = basket[0].at_seconds * 1_000;
            let rows = candidates::feed(&self.table, &self.weights, device, FEED_CANDIDATES_MAX);
            let ranker = &mut Ranker::new();
            let scores = ranker.rank(&self.weights, &self.table, device, now_ms, &rows, None);
            let prediction = Prediction { rows: &rows, scores: &scores };
            if let Some(replay) = replay {
                replay.add(basket, &rows, prediction, layers);
            }
            for entry in basket {
                if let Some(taken) = rows.iter().position(|row| *row == entry.item_idx) {
                    layers.iter_mut().for_each(|layer| layer.learn(prediction, taken));
                }
            }
        }
        basket.iter().for_each(|entry| device.record(self.entry(entry)));
    }

    fn entry(&self, entry: &PastPurchase) -> LogEntry {
        self.table.entry(entry.item_idx, EventKind::Purchase, entry.at_seconds * 1_000)
    }
}

impl Replay {
    fn add(
        &mut self,
        basket: &[PastPurchase],
        rows: &[u32],
        prediction: Prediction<'_>,
        layers: &[PersonalLayer],
    ) {
        let mut targets: Vec<u32> = basket.iter().map(|entry| entry.item_idx).collect();
        targets.sort_unstable();
        targets.dedup();
        let ndcg = |scores: &[f32]| TargetRanks::of_candidates(rows, scores, &targets).ndcg(TOP);
        self.n_baskets += 1;
        self.frozen += ndcg(prediction.scores);
        for ((sum, n_on), layer) in self.layers.iter_mut().zip(layers) {
            let mut corrected = prediction.scores.to_vec();
            layer.correct(rows, &mut corrected);
            *sum += ndcg(&corrected);
            *n_on += usize::from(layer.is_on());
        }
    }
}

impl Report {
    fn new(
        replays: &[Replay],
        split: &'static str,
        config: &ReplayConfig,
        seed: u64,
    ) -> Result<Self> {
        let mean = |sum: f64, replay: &Replay| sum / replay.n_baskets as f64;
        let frozen: Vec<f64> = replays.iter().map(|of| mean(of.frozen, of)).collect();
        let n_baskets = replays.iter().map(|replay| replay.n_baskets).sum::<usize>();
        let layer = |(i, config): (usize, &PersonalConfig)| -> Result<LayerReport> {
            let own: Vec<f64> = replays.iter().map(|of| mean(of.layers[i].0, of)).collect();
            let n_on = replays.iter().map(|of| of.layers[i].1).sum::<usize>();
            let n_worse = own.iter().zip(&frozen).filter(|(own, frozen)| own < frozen).count();
            Ok(LayerReport {
                config: *config,
                ndcg_at_10: mean_interval(&own, seed, N_RESAMPLES)?,
                gain: difference_interval(&own, &frozen, seed, N_RESAMPLES)?,
                ratio: ratio_interval(&own, &frozen, seed, N_RESAMPLES)?,
                share_on: n_on as f64 / n_baskets as f64,
                share_worse: n_worse as f64 / replays.len() as f64,
            })
        };
        Ok(Self {
            split,
            baskets_before: config.baskets_before,
            n_shoppers: replays.len(),
            n_baskets,
            frozen: mean_interval(&frozen, seed, N_RESAMPLES)?,
            layers: config.personal.iter().enumerate().map(layer).collect::<Result<_>>()?,
        })
    }

    fn table(&self) -> String {
        let mut text = format!(
            "# Prequential replay, {}\n\n{} shoppers, {} baskets; each is predicted, then learned \
             from. 95 % bootstrap intervals over shoppers. Frozen student: NDCG@10 {}.\n\n\
             | personal layer | NDCG@10 | over frozen | ratio | spoke at | worse for |\n\
             |---|---|---|---|---|---|\n",
            self.split,
            self.n_shoppers,
            self.n_baskets,
            cell(self.frozen)
        );
        for layer in &self.layers {
            let PersonalConfig { rate, term_max, is_guarded, .. } = layer.config;
            let guard = if is_guarded { "guarded" } else { "without its guard" };
            let _ = writeln!(
                text,
                "| {guard}, rate {rate}, terms up to {term_max} | {} | {} | {} | {:.0} % \
                 of baskets | {:.0} % of shoppers |",
                cell(layer.ndcg_at_10),
                cell(layer.gain),
                cell(layer.ratio),
                100.0 * layer.share_on,
                100.0 * layer.share_worse
            );
        }
        text
    }
}

fn cell(interval: Interval) -> String {
    format!("{:.4} [{:.4}, {:.4}]", interval.mean, interval.lower, interval.upper)
}
