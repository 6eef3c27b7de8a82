//! Compares models on a data set.

use std::sync::Arc;

use anyhow::{Result, ensure};
use vitrine_evaluation::{Curve, NextItemReport, NextItemRun};
use vitrine_server::configure;
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_training::next::fusion::Part;
use vitrine_training::next::linear::DENSE_ITEMS_MAX;
use vitrine_training::next::{RunControl, Scorer, Split, Task, run, run_knowing};

use super::bench::Bench;
use super::config::{ModelConfig, PARTS, title};
use super::sets::EvaluationSet;
use crate::cli::{CompareArgs, ModelName, SplitName};

/// Models and what they answered.
pub struct Answered {
    /// What was asked.
    pub task: Task,
    /// The models, named.
    pub lineup: Vec<(String, Arc<dyn Scorer>)>,
    /// Their answers.
    pub runs: Vec<NextItemRun>,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Validation => Self::Validation,
            SplitName::Test => Self::Test,
        }
    }
}

/// Fits the models, has them answer, and reports.
///
/// # Errors
/// A model cannot be fitted (the encoder's weights are missing, say), or the
/// process was asked to stop.
pub fn compare(
    settings: &ServerSettings,
    set: &EvaluationSet,
    options: &CompareArgs,
    stop: &Stop,
) -> Result<NextItemReport> {
    let Answered { task, lineup, runs } = answer(settings, set, options, stop)?;
    let subject = set.subject(options.split.into());
    let mut report = NextItemReport::new(subject, &task.questions, &runs, options.seed)?;
    if options.curves {
        for (title, scorer) in &lineup {
            report.curves.push(curve(title, &**scorer, &task, options.seed, stop)?);
        }
    }
    Ok(report)
}

/// Fits the models and has them answer.
///
/// # Errors
/// As [`compare`].
pub fn answer(
    settings: &ServerSettings,
    set: &EvaluationSet,
    options: &CompareArgs,
    stop: &Stop,
) -> Result<Answered> {
    let split = options.split.into();
    let mut config: ModelConfig = configure::read(options.configure.as_deref())?;
    config.sequence.seed = options.seed;
    config.student.encoder.seed = options.seed;
    let mut bench = Bench::new(settings, set, config, stop)?;
    let mut task = set.task(split)?;
    ensure!(!task.cases.is_empty(), "nobody in this data set has enough events to be asked");
    tracing::info!(
        items = task.questions.n_items,
        cases = task.cases.len(),
        fitted_on = task.fit.entries().len(),
        "split"
    );
    if !set.fits_dense() {
        tracing::info!(
            items = task.questions.n_items,
            items_max = DENSE_ITEMS_MAX,
            "too many items for EASE and transitions: the teacher goes without them"
        );
    }
    let parts: Vec<ModelName> =
        parts(set).into_iter().filter(|part| !options.without.contains(part)).collect();
    let names = if options.models.is_empty() { every(set, &parts) } else { options.models.clone() };
    if names.contains(&ModelName::Teacher) || names.contains(&ModelName::Student) {
        task.ask_only(|case| !Bench::is_learned_from(case, split));
    }
    let mut lineup: Vec<(String, Arc<dyn Scorer>)> = Vec::new();
    for name in &names {
        if *name == ModelName::Teacher
            && let Some(ablated) = &options.ablate
        {
            let is_ablated = |part: &&ModelName| ablated.is_empty() || ablated.contains(part);
            for left_out in parts.iter().filter(is_ablated) {
                let rest = parts.iter().copied().filter(|part| part != left_out).collect();
                let fusion = bench.fusion(rest, split)?;
                lineup.push((format!("teacher without {}", title(*left_out)), fusion));
            }
        }
        let scorer = match name {
            ModelName::Teacher => bench.fusion(parts.clone(), split)?,
            ModelName::Student => bench.student(parts.clone(), split)?,
            name => bench.scorer(*name, split)?,
        };
        lineup.push((title(*name).to_owned(), scorer));
    }
    let mut runs = Vec::new();
    for (title, scorer) in &lineup {
        let mut bar = WorkProgress::start("ranking", task.cases.len() as u64);
        let mut control = RunControl { stop, progress: &mut |n_done| bar.at(n_done as u64, title) };
        runs.push(run(title, &**scorer, &task, &mut control)?);
        bar.finish();
    }
    Ok(Answered { task, lineup, runs })
}

/// NDCG@10 of a model against the number of events that it is told.
fn curve(title: &str, scorer: &dyn Scorer, task: &Task, seed: u64, stop: &Stop) -> Result<Curve> {
    Curve::of(title, seed, |n_events| {
        let mut bar = WorkProgress::start("curve", task.cases.len() as u64);
        let note = format!("{title}, {n_events} events");
        let mut control = RunControl { stop, progress: &mut |n_done| bar.at(n_done as u64, &note) };
        let run = run_knowing(n_events, title, scorer, task, &mut control)?;
        bar.finish();
        Ok(run.outcomes(0).flatten().map(|outcome| outcome.ndcg[1]).collect())
    })
}

/// All models that make sense for a set; a student is distilled only when asked for.
fn every(set: &EvaluationSet, parts: &[ModelName]) -> Vec<ModelName> {
    let mut names = parts.to_vec();
    if set.has_texts() {
        let after = names.iter().position(|name| *name == ModelName::Titles).unwrap_or(0) + 1;
        names.insert(after, ModelName::ItemKnnTitles);
    }
    names.push(ModelName::Teacher);
    names
}

/// Parts of the teacher of a set.
fn parts(set: &EvaluationSet) -> Vec<ModelName> {
    let makes_sense = |name: &ModelName| match name {
        // Of bare sequences nothing is recent, and PureSVD was not tried there.
        ModelName::RecentPop
        | ModelName::PureSvd
        | ModelName::Frequency
        | ModelName::FadedFrequency
        | ModelName::ShopperKnn
        | ModelName::Repeat => set.has_repeats(),
        ModelName::Titles => set.has_texts(),
        // Where people buy again, they added nothing that could be told from nothing.
        ModelName::Graph | ModelName::Sequence => !set.has_repeats(),
        ModelName::Ease | ModelName::Transition => set.fits_dense(),
        _ => true,
    };
    PARTS.into_iter().filter(makes_sense).collect()
}

/// A named part.
pub fn part(name: ModelName, scorer: Arc<dyn Scorer>) -> Part {
    (title(name).to_owned(), scorer)
}
