//! `vitrine-lab compare <set> --poison SHARE`: what made-up sessions do to each model.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::Serialize;
use vitrine_evaluation::Interval;
use vitrine_evaluation::poison::{self, Attack, Filler};
use vitrine_evaluation::{NextItemRun, mean_interval, ratio_interval};
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;

use super::models::{self, Answered};
use super::sets::EvaluationSet;
use crate::cli::{CompareArgs, FillerName};

const N_RESAMPLES: usize = 1_000;

/// What an attack did.
#[derive(Serialize)]
pub(crate) struct Report {
    set: String,
    share: f64,
    filler: String,
    n_pushed: usize,
    n_cases: usize,
    models: Vec<Poisoned>,
}

/// One model without and with made-up sessions in what it was fitted on.
#[derive(Serialize)]
struct Poisoned {
    name: String,
    ndcg_clean: Interval,
    ndcg_poisoned: Interval,
    /// Paired.
    ndcg_ratio: Interval,
    /// Share of the cases with a pushed item among the first ten.
    pushed_clean: Interval,
    pushed_poisoned: Interval,
}

/// Fits every model twice and compares.
///
/// # Errors
/// As [`models::compare`].
pub fn compare(
    settings: &ServerSettings,
    mut set: EvaluationSet,
    share: f64,
    options: &CompareArgs,
    stop: &Stop,
) -> Result<Report> {
    let filler = match options.attack {
        Some(FillerName::Random) | None => Filler::Random,
        Some(FillerName::Bandwagon) => Filler::Bandwagon,
    };
    let attack = Attack { share, filler, seed: options.seed };
    let mut task = set.task(options.split.into())?;
    let pushed = task.poison(attack)?;
    let clean = models::answer(settings, &set, options, stop)?;
    set.poison = Some(attack);
    let poisoned = models::answer(settings, &set, options, stop)?;
    let pairs = clean.runs.iter().zip(&poisoned.runs);
    Ok(Report {
        set: set.name().to_owned(),
        share,
        filler: format!("{filler:?}"),
        n_pushed: pushed.len(),
        n_cases: clean.task.cases.len(),
        models: pairs
            .map(|(before, after)| paired(&clean, before, after, &pushed, options.seed))
            .collect::<Result<_>>()?,
    })
}

fn paired(
    answered: &Answered,
    before: &NextItemRun,
    after: &NextItemRun,
    pushed: &[u32],
    seed: u64,
) -> Result<Poisoned> {
    let ndcg = |run: &NextItemRun| -> Vec<f64> {
        run.outcomes(0).flatten().map(|outcome| outcome.ndcg[1]).collect()
    };
    let (clean, poisoned) = (ndcg(before), ndcg(after));
    let shown = |run| poison::hit_rate(&answered.task.questions, run, pushed, seed);
    Ok(Poisoned {
        name: before.name.clone(),
        ndcg_clean: mean_interval(&clean, seed, N_RESAMPLES)?,
        ndcg_poisoned: mean_interval(&poisoned, seed, N_RESAMPLES)?,
        ndcg_ratio: ratio_interval(&poisoned, &clean, seed, N_RESAMPLES)
            .context("both are of the same cases")?,
        pushed_clean: shown(before)?,
        pushed_poisoned: shown(after)?,
    })
}

impl Report {
    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let Self { set, share, filler, n_pushed, n_cases, models } = self;
        let mut text = format!(
            "# {set}, poisoned\n\n{:.1} % made-up sessions ({filler} fillers) push {n_pushed} \
             items. {n_cases} cases; 95 % bootstrap intervals.\n\n| model | NDCG@10 clean | \
             poisoned | paired ratio | a pushed item in the first ten, clean | poisoned |\n\
             |---|---|---|---|---|---|\n",
            100.0 * share
        );
        let cell = |i: Interval| format!("{:.4} [{:.4}, {:.4}]", i.mean, i.lower, i.upper);
        for model in models {
            let _ = writeln!(
                text,
                "| {} | {:.4} | {:.4} | {} | {:.4} | {} |",
                model.name,
                model.ndcg_clean.mean,
                model.ndcg_poisoned.mean,
                cell(model.ndcg_ratio),
                model.pushed_clean.mean,
                cell(model.pushed_poisoned)
            );
        }
        text
    }
}
