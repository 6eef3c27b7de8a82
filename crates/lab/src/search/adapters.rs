//! `vitrine-lab adapters`: the search with an adapter beside none, by judged searches that the fit
//! did not see.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::Serialize;
use vitrine_domain::{Interaction, Item};
use vitrine_encoder::ModelFiles;
use vitrine_evaluation::{Interval, difference_interval, mean_interval};
use vitrine_server::adapter_choice::AdapterChoice;
use vitrine_server::adapters::Candidate;
use vitrine_server::adapting::AdaptConfig;
use vitrine_server::adapting::fitting::{Fitted, fit};
use vitrine_server::adapting::pairs::{self, Judged, Pairs, Sources};
use vitrine_server::catalogue::{self, StoredCatalogue};
use vitrine_server::commands::adapt::served;
use vitrine_server::commands::evaluate::search::{self, ByQuery};
use vitrine_server::configure;
use vitrine_server::live::synonyms;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use crate::cli::AdaptersArgs;

const N_RESAMPLES: usize = 2_000;

/// What is reported: NDCG@10 of what is served.
#[derive(Serialize)]
struct AdaptersReport {
    n_queries: usize,
    n_folds: usize,
    /// Whether the fits saw the judgments of the other folds.
    learns_judgments: bool,
    config: AdaptConfig,
    without: Interval,
    with: Interval,
    difference: Interval,
    without_judged_only: Interval,
    with_judged_only: Interval,
    difference_judged_only: Interval,
}

/// Each search with and without.
type Paired = BTreeMap<String, [ByQuery; 2]>;

/// Runs the command.
///
/// # Errors
/// Nothing is published, a file cannot be read, no query has a relevant product, or stopped.
pub fn run(settings: &ServerSettings, args: &AdaptersArgs, stop: &Stop) -> Result<ExitCode> {
    let config: AdaptConfig = configure::read(args.configure.as_deref())?;
    let (catalogue, interactions) = catalogue::with_interactions(settings)?;
    let judged = search::read_judgments(&args.judgments, &catalogue.items)?.grades;
    ensure!(
        settings.adapter == AdapterChoice::Auto,
        "the adapter is fitted here: --adapter has no meaning"
    );
    ensure!(args.folds >= 2, "--folds must be at least 2");
    let seed = args.report.seed;
    let mut queries: Vec<&String> = judged.keys().collect();
    queries.shuffle(&mut SmallRng::seed_from_u64(seed));
    // Without judgments in the fit, one fit is as good as another.
    let n_folds = if args.without_judgments { 1 } else { args.folds };
    let mut paired = Paired::new();
    for fold in 0..n_folds {
        let is_held = |at: usize| at % n_folds == fold;
        let part = |held: bool| -> Judged {
            let chosen = queries.iter().enumerate().filter(|(at, _)| is_held(*at) == held);
            chosen.map(|(_, query)| ((*query).clone(), judged[*query].clone())).collect()
        };
        let (seen, held) = (part(false), part(true));
        tracing::info!(fold = fold + 1, n_folds, seen = seen.len(), held = held.len(), "fitting");
        paired.extend(measured(
            settings,
            (&catalogue, &interactions),
            (&seen, &held),
            &config,
            stop,
        )?);
    }
    let report = report(&paired, (n_folds, !args.without_judgments), config, seed)?;
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

/// Fits with the searches that are seen, and asks those that are held out.
fn measured(
    settings: &ServerSettings,
    (catalogue, interactions): (&StoredCatalogue, &[Interaction]),
    (seen, held): (&Judged, &Judged),
    config: &AdaptConfig,
    stop: &Stop,
) -> Result<Paired> {
    let plain = ModelFiles::from(&settings.weights_dir);
    let mut texts = TextVectors::of(settings, plain.clone())?;
    let synonyms = synonyms(settings)?;
    let sources = Sources {
        items: &catalogue.items,
        neighbours: &pairs::neighbours(&catalogue.items, interactions)?,
        judged: seen,
        synonyms: &synonyms,
    };
    let pairs = Pairs::of(&sources, config);
    let made_of = (&catalogue.items[..], &pairs);
    let Fitted { adapter, .. } = fit(settings, &mut texts, made_of, config, stop)?;
    drop(texts);
    let candidate = Candidate::write(&settings.data_dir, &adapter)?;
    let adapted = ModelFiles { dir: plain.dir.clone(), adapter: Some(candidate.path.clone()) };
    let asked = |files: ModelFiles| -> Result<BTreeMap<String, ByQuery>> {
        let mut texts = TextVectors::of(settings, files)?;
        let passages: Vec<String> = catalogue.items.iter().map(Item::passage).collect();
        let vectors = texts.encode(&passages, stop)?;
        let judged = (held, config.fit.seed);
        served(settings, (catalogue, vectors), &mut texts, judged, stop)
    };
    let (without, mut with) = (asked(plain)?, asked(adapted)?);
    drop(candidate);
    let pair = |(query, without): (String, ByQuery)| -> Result<(String, [ByQuery; 2])> {
        let with = with.remove(&query).context("both are asked the same")?;
        Ok((query, [without, with]))
    };
    without.into_iter().map(pair).collect()
}

fn report(
    paired: &Paired,
    (n_folds, learns_judgments): (usize, bool),
    config: AdaptConfig,
    seed: u64,
) -> Result<AdaptersReport> {
    let of = |which: usize, value: fn(&ByQuery) -> f64| -> Vec<f64> {
        paired.values().map(|pair| value(&pair[which])).collect()
    };
    let full = |query: &ByQuery| query.ndcg;
    let judged = |query: &ByQuery| query.ndcg_judged_only;
    let mean = |values: &[f64]| mean_interval(values, seed, N_RESAMPLES);
    let difference = |a: &[f64], b: &[f64]| difference_interval(a, b, seed, N_RESAMPLES);
    Ok(AdaptersReport {
        n_queries: paired.len(),
        n_folds,
        learns_judgments,
        config,
        without: mean(&of(0, full))?,
        with: mean(&of(1, full))?,
        difference: difference(&of(1, full), &of(0, full))?,
        without_judged_only: mean(&of(0, judged))?,
        with_judged_only: mean(&of(1, judged))?,
        difference_judged_only: difference(&of(1, judged), &of(0, judged))?,
    })
}

fn table(report: &AdaptersReport) -> String {
    let line = |name: &str, without: Interval, with: Interval, difference: Interval| {
        format!(
            "| {name} | {:.3} | {:.3} | {:+.3} [{:+.3}, {:+.3}] |\n",
            without.mean, with.mean, difference.mean, difference.lower, difference.upper
        )
    };
    format!(
        "{} queries, {} fits, judgments of other folds {}\n\n\
         | NDCG@10 of what is served | without | with | difference |\n|---|---|---|---|\n{}{}",
        report.n_queries,
        report.n_folds,
        if report.learns_judgments { "seen" } else { "not seen" },
        line("unjudged as irrelevant", report.without, report.with, report.difference),
        line(
            "judged only",
            report.without_judged_only,
            report.with_judged_only,
            report.difference_judged_only
        ),
    )
}
