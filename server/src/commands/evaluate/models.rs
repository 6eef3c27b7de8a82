//! Fits models on a data set and compares them.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use vitrine_encoder::{DeviceKind, TEXT_DIM, TextEncoder, VectorCache, encode_cached};
use vitrine_evaluation::NextItemReport;
use vitrine_training::next::{
    ItemKnn, ItemKnnConfig, PersonalFrequency, PopRec, Recency, RunControl, Scorer, Split, Task,
    TextSimilarity, WeightedSum, run,
};

use super::sets::EvaluationSet;
use crate::cli::{EvaluateOptions, ModelName, SplitName};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::signals::Stop;

/// Weight of titles beside ItemKNN, as in the figures to be reproduced.
const TITLES_WEIGHT: f32 = 0.1;

/// Fits the models, has them answer, and reports.
///
/// # Errors
/// A model cannot be fitted (the encoder's weights are missing, say), or the
/// process was asked to stop.
pub fn compare(
    settings: &Settings,
    set: &EvaluationSet,
    options: &EvaluateOptions,
    stop: &Stop,
) -> Result<NextItemReport> {
    let split = match options.split {
        SplitName::Validation => Split::Validation,
        SplitName::Test => Split::Test,
    };
    let task = set.task(split);
    ensure!(!task.cases.is_empty(), "nobody in this data set has enough events to be asked");
    tracing::info!(
        items = task.questions.n_items,
        cases = task.cases.len(),
        fitted_on = task.fit.entries().len(),
        "split"
    );
    let names = if options.models.is_empty() { every(set) } else { options.models.clone() };
    let mut bench = Bench { settings, set, task: &task, stop, titles: None, item_knn: None };
    let mut runs = Vec::new();
    for name in names {
        let scorer = bench.scorer(name)?;
        let title = title(name);
        let mut bar = Progress::start("ranking", task.cases.len() as u64);
        let mut control = RunControl { stop, progress: &mut |n_done| bar.at(n_done as u64, title) };
        runs.push(run(title, &*scorer, &task, &mut control)?);
        bar.finish();
    }
    Ok(NextItemReport::new(set.subject(split), &task.questions, &runs, options.seed)?)
}

/// All models that make sense for a set.
fn every(set: &EvaluationSet) -> Vec<ModelName> {
    let has_texts = set.texts.iter().any(|text| !text.is_empty());
    let mut names = vec![ModelName::PopRec];
    if set.has_repeats() {
        names.push(ModelName::Frequency);
    }
    names.push(ModelName::ItemKnn);
    if has_texts {
        names.extend([ModelName::Titles, ModelName::ItemKnnTitles]);
    }
    names
}

fn title(name: ModelName) -> &'static str {
    match name {
        ModelName::PopRec => "PopRec",
        ModelName::PopRecLeaking => "PopRec, LEAKING (counted with the answers)",
        ModelName::Frequency => "personal frequency",
        ModelName::ItemKnn => "ItemKNN",
        ModelName::Titles => "MiniLM titles",
        ModelName::ItemKnnTitles => "ItemKNN + titles",
    }
}

/// Makes scorers, each part once.
struct Bench<'a> {
    settings: &'a Settings,
    set: &'a EvaluationSet,
    task: &'a Task,
    stop: &'a Stop,
    titles: Option<Arc<TextSimilarity>>,
    item_knn: Option<Arc<ItemKnn>>,
}

impl Bench<'_> {
    fn scorer(&mut self, name: ModelName) -> Result<Arc<dyn Scorer>> {
        let fit = &self.task.fit;
        Ok(match name {
            ModelName::PopRec => Arc::new(PopRec::fit(fit)),
            ModelName::PopRecLeaking => Arc::new(PopRec::fit(&self.set.log)),
            ModelName::Frequency => Arc::new(PersonalFrequency::fit(fit)),
            ModelName::ItemKnn => self.item_knn(),
            ModelName::Titles => self.titles()?,
            ModelName::ItemKnnTitles => Arc::new(WeightedSum {
                parts: vec![(1.0, self.item_knn() as _), (TITLES_WEIGHT, self.titles()? as _)],
            }),
        })
    }

    fn item_knn(&mut self) -> Arc<ItemKnn> {
        let fit = || Arc::new(ItemKnn::fit(&self.task.fit, ItemKnnConfig::default()));
        Arc::clone(self.item_knn.get_or_insert_with(fit))
    }

    fn titles(&mut self) -> Result<Arc<TextSimilarity>> {
        if let Some(titles) = &self.titles {
            return Ok(Arc::clone(titles));
        }
        let vectors = encode(self.settings, &self.set.texts, self.stop)?;
        let recency: Recency = ItemKnnConfig::default().recency;
        let titles = TextSimilarity::new(&vectors, self.set.texts.len(), recency)?;
        Ok(Arc::clone(self.titles.insert(Arc::new(titles))))
    }
}

/// Text vectors, from the cache where they are; zero where there is no text.
fn encode(settings: &Settings, texts: &[String], stop: &Stop) -> Result<Vec<f32>> {
    let encoder = TextEncoder::load(&settings.weights_dir, DeviceKind::Cpu)
        .context("`vitrine fetch` gets the encoder's weights")?;
    let folder = settings.data_dir.join("cache");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut cache = VectorCache::open(&folder.join("vectors.bin"))?;
    let present: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let mut bar = Progress::start("encoding", present.len() as u64);
    let encoded = encode_cached(
        &encoder,
        &mut cache,
        &present,
        &mut |progress| bar.at(progress.n_done as u64, ""),
        stop,
    )?;
    bar.finish();
    let mut rows = encoded.vectors.chunks_exact(TEXT_DIM);
    let mut vectors = vec![0.0; texts.len() * TEXT_DIM];
    for (vector, text) in vectors.chunks_exact_mut(TEXT_DIM).zip(texts) {
        if let Some(row) = (!text.is_empty()).then(|| rows.next()).flatten() {
            vector.copy_from_slice(row);
        }
    }
    Ok(vectors)
}
