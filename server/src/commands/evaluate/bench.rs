//! Makes the scorers of an evaluation, each once a split.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use vitrine_encoder::TEXT_DIM;
use vitrine_ranking::PurchaseLog;
use vitrine_training::codec::TextBasis;
use vitrine_training::next::fusion::{Fusion, Learned, Part};
use vitrine_training::next::graph::{self, GraphConfig, GraphModel, Propagation};
use vitrine_training::next::linear::{self, Precision};
use vitrine_training::next::sequence::{self, Epoch, FitControl, SequenceModel};
use vitrine_training::next::student::{Distillation, Student, StudentConfig};
use vitrine_training::next::{
    ItemKnn, ItemKnnConfig, Mixture, PersonalFrequency, PopRec, Recency, RepeatConfig, RepeatModel,
    Scorer, ShopperKnn, Split, Task, TextSimilarity, WeightedSum,
};

use super::config::ModelConfig;
use super::models::part;
use super::sets::EvaluationSet;
use crate::cli::ModelName;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// Weight of titles beside ItemKNN, as in the figures to be reproduced.
const TITLES_WEIGHT: f32 = 0.1;

/// How what a shopper took fades.
const FADING: Recency = Recency { decay: 0.9, baskets_max: 100 };

/// Makes scorers.
pub struct Bench<'a> {
    settings: &'a Settings,
    set: &'a EvaluationSet,
    config: ModelConfig,
    stop: &'a Stop,
    validation: Task,
    vectors: Option<Arc<Vec<f32>>>,
    made: BTreeMap<(ModelName, bool), Arc<dyn Scorer>>,
    /// Fusions with their parts.
    fused: Vec<(Vec<ModelName>, Split, Arc<dyn Scorer>)>,
    /// The transformer of the validation split.
    transformer: Option<Arc<SequenceModel>>,
    /// Passes after which the transformer was best on validation.
    n_epochs: usize,
    /// Where interrupted runs go on from.
    checkpoints: PathBuf,
    /// Told of each pass.
    watch: Option<Watch<'a>>,
}

/// Who is told of each pass of the transformer, and a flag with which they end it.
pub type Watch<'a> = (&'a mut dyn FnMut(&Epoch), &'a Stop);

impl<'a> Bench<'a> {
    /// A bench of what comes before a split.
    ///
    /// # Errors
    /// As [`EvaluationSet::task`].
    pub fn new(
        settings: &'a Settings,
        set: &'a EvaluationSet,
        config: ModelConfig,
        stop: &'a Stop,
    ) -> Result<Self> {
        config.check()?;
        let validation = set.task(Split::Validation)?;
        let made = BTreeMap::new();
        let (vectors, fused, transformer, n_epochs) = (None, Vec::new(), None, 0);
        Ok(Self {
            settings,
            set,
            config,
            stop,
            validation,
            vectors,
            made,
            fused,
            transformer,
            n_epochs,
            checkpoints: settings.data_dir.join("evaluations"),
            watch: None,
        })
    }

    /// Keeps the state of long runs in another folder.
    pub fn keep_checkpoints_in(&mut self, folder: &Path) {
        folder.clone_into(&mut self.checkpoints);
    }

    /// Tells of each pass of the transformer.
    pub fn watch(&mut self, watch: Watch<'a>) {
        self.watch = Some(watch);
    }

    /// Whether models are fitted anew for the test split: not for leave-one-out,
    /// where both splits leave out the same.
    fn is_refitted(&self, split: Split) -> bool {
        split == Split::Test && self.set.is_by_time()
    }

    /// Whether a case of a split taught the fusion, so that it cannot judge it: when
    /// validation is judged, every other case of it.
    pub fn is_learned_from(case: usize, split: Split) -> bool {
        split == Split::Validation && case.is_multiple_of(2)
    }

    /// Fusion of some parts: weighed on validation, with parts that were fitted on
    /// what came before it; then over parts fitted on all before the split.
    pub fn fusion(&mut self, names: Vec<ModelName>, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_same = |(of, at, _): &&(Vec<ModelName>, Split, _)| *of == names && *at == split;
        if let Some((.., fusion)) = self.fused.iter().find(is_same) {
            return Ok(Arc::clone(fusion));
        }
        let is_used = |case: usize| split == Split::Test || Self::is_learned_from(case, split);
        let has_repeat = names.contains(&ModelName::Repeat);
        let names_fused: Vec<ModelName> =
            names.iter().copied().filter(|name| *name != ModelName::Repeat).collect();
        let parts = |bench: &mut Self, split| -> Result<Vec<Part>> {
            names_fused.iter().map(|name| Ok(part(*name, bench.scorer(*name, split)?))).collect()
        };
        let before = parts(self, Split::Validation)?;
        let seed = self.config.sequence.seed;
        let learned = if has_repeat { Learned::New } else { Learned::Both };
        let fusion = Fusion::fit_on(before, &self.validation, seed, learned, is_used)?;
        tracing::debug!(weights = ?fusion.part_weights(), "fused");
        let later = if self.is_refitted(split) {
            Some((parts(self, split)?, self.set.task(split)?.fit))
        } else {
            None
        };
        let over = |fusion: Fusion| match later {
            Some((parts, log)) => fusion.over(parts, &log),
            None => fusion,
        };
        let fused: Arc<dyn Scorer> = if has_repeat {
            let repeat = self.scorer(ModelName::Repeat, Split::Validation)?;
            let mixture = Mixture::fit_on(repeat, fusion, &self.validation, is_used)?;
            tracing::debug!(weights = ?mixture.weights(), "bought again and new");
            Arc::new(mixture.over(self.scorer(ModelName::Repeat, split)?, over))
        } else {
            Arc::new(over(fusion))
        };
        self.fused.push((names, split, Arc::clone(&fused)));
        Ok(fused)
    }

    /// A scorer fitted on what comes before a split.
    pub fn scorer(&mut self, name: ModelName, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_refitted = self.is_refitted(split);
        if let Some(made) = self.made.get(&(name, is_refitted)) {
            return Ok(Arc::clone(made));
        }
        let fit = if is_refitted { self.set.task(split)?.fit } else { self.validation.fit.clone() };
        let scorer: Arc<dyn Scorer> = match name {
            ModelName::PopRec => Arc::new(PopRec::fit(&fit)),
            ModelName::PopRecLeaking => Arc::new(PopRec::fit(&self.set.log)),
            ModelName::Frequency => Arc::new(PersonalFrequency::fit(&fit, Recency::NONE)),
            ModelName::FadedFrequency => Arc::new(PersonalFrequency::fit(&fit, FADING)),
            ModelName::ShopperKnn => Arc::new(ShopperKnn::fit(&fit, self.config.shopper_knn)),
            ModelName::Repeat => {
                let (window_seconds, rule) =
                    self.set.window().context("only a log with times knows what is due")?;
                let seed = self.config.sequence.seed;
                let config = RepeatConfig { seed, window_seconds, rule, ..self.config.repeat };
                Arc::new(RepeatModel::fit(&fit, &config, self.stop)?)
            }
            ModelName::ItemKnn => Arc::new(ItemKnn::fit(&fit, self.config.item_knn)),
            ModelName::Titles => {
                let (vectors, recency) = (self.vectors()?, ItemKnnConfig::default().recency);
                Arc::new(TextSimilarity::new(&vectors, self.set.texts.len(), recency)?)
            }
            ModelName::ItemKnnTitles => {
                let knn = self.scorer(ModelName::ItemKnn, split)?;
                let titles = self.scorer(ModelName::Titles, split)?;
                Arc::new(WeightedSum { parts: vec![(1.0, knn), (TITLES_WEIGHT, titles)] })
            }
            ModelName::Ease | ModelName::Transition => {
                tracing::info!(items = fit.n_items(), "inverting the item matrix");
                let vectors = self.set.has_texts().then(|| self.vectors()).transpose()?;
                let vectors = vectors.as_ref().map(|vectors| vectors.as_slice());
                let config = &self.config.linear;
                let precision = Precision::fit(&fit, vectors, config)?;
                let transition = Arc::new(linear::transition(&precision, &fit, config));
                self.made.insert((ModelName::Transition, is_refitted), transition);
                let ease = Arc::new(linear::ease(precision, config));
                self.made.insert((ModelName::Ease, is_refitted), ease);
                return self.scorer(name, split);
            }
            ModelName::Graph => self.graph(self.config.graph, &fit)?,
            ModelName::Smoothed => {
                let GraphConfig { name_share, n_layers, recency, .. } = self.config.graph;
                let propagation = Propagation::new(&fit, &self.set.graph, name_share);
                let vectors = self.vectors()?.to_vec();
                let smoothed = propagation.smooth(vectors, TEXT_DIM, n_layers);
                Arc::new(GraphModel::new(smoothed, TEXT_DIM, recency)?)
            }
            ModelName::Projection => self.graph(self.config.projection.into(), &fit)?,
            ModelName::Sequence => self.sequence(split)?,
            ModelName::Teacher | ModelName::Student => bail!("made of the other models"),
        };
        self.made.insert((name, is_refitted), Arc::clone(&scorer));
        Ok(scorer)
    }

    /// Fits a graph embedding, or goes on where an interrupted run stopped.
    fn graph(&mut self, config: GraphConfig, log: &PurchaseLog) -> Result<Arc<dyn Scorer>> {
        let config = GraphConfig { seed: self.config.sequence.seed, ..config };
        let text = self.text_basis()?;
        let propagation = Propagation::new(log, &self.set.graph, config.name_share);
        let name = format!("{} {config:?}", log.entries().len());
        let checkpoint = self.checkpoint("graph", &name)?;
        let mut bar = Progress::start("graph", config.n_passes as u64);
        let mut progress = |epoch: Epoch| show(&mut bar, epoch);
        let (stop, checkpoint) = (self.stop, Some(checkpoint.as_path()));
        let mut control = FitControl { stop, progress: &mut progress, checkpoint };
        let model = graph::fit(log, &propagation, text.as_ref(), config, &mut control)?;
        bar.finish();
        Ok(Arc::new(model))
    }

    /// Trains the transformer, or goes on where an interrupted run stopped.
    fn sequence(&mut self, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_refitted = self.is_refitted(split);
        if is_refitted {
            self.scorer(ModelName::Sequence, Split::Validation)?;
        }
        let (config, text) = (self.config.sequence, self.text_basis()?);
        let checkpoint = self.checkpoint("sequence", &format!("{is_refitted} {config:?}"))?;
        let mut bar = Progress::start("sequence", config.n_epochs as u64);
        let (mut tell, stop) = match self.watch.take() {
            Some((tell, end)) => (Some(tell), end),
            None => (None, self.stop),
        };
        let mut progress = |epoch: Epoch| {
            show(&mut bar, epoch);
            tell.iter_mut().for_each(|tell| tell(&epoch));
        };
        let checkpoint = Some(checkpoint.as_path());
        let mut control = FitControl { stop, progress: &mut progress, checkpoint };
        let text = text.as_ref();
        let model = if is_refitted {
            let log = self.set.task(split)?.fit;
            Arc::new(sequence::fit_for(self.n_epochs, &log, text, config, &mut control)?)
        } else {
            let (model, n_epochs) = sequence::fit(&self.validation, text, config, &mut control)?;
            self.n_epochs = n_epochs;
            Arc::clone(self.transformer.insert(Arc::new(model)))
        };
        bar.finish();
        Ok(model)
    }

    /// Distils the teacher of these parts; with the same cases as its fusion.
    pub fn student(&mut self, parts: Vec<ModelName>, split: Split) -> Result<Arc<dyn Scorer>> {
        ensure!(
            !self.set.is_by_time(),
            "the student of a shop with times is what `vitrine train` makes and \
             `vitrine evaluate` without a data set measures"
        );
        // The encoder learns from the fusion that half of the validation cases may judge,
        // for both splits: the longest part of the work is then done once.
        let lists_of = self.fusion(parts.clone(), Split::Validation)?;
        let teacher = self.fusion(parts, split)?;
        let (config, text) = (self.config.student, self.text_basis()?);
        let name = format!(
            "{:?} {:?}",
            self.config.sequence,
            StudentConfig {
                // The scorer is learned anew each time.
                encoder: config.encoder,
                buyers_min: config.buyers_min,
                list_weight: config.list_weight,
                starts_from_teacher: config.starts_from_teacher,
                ..StudentConfig::default()
            }
        );
        let checkpoint = self.checkpoint("student", &name)?;
        let mut bar = Progress::start("student", config.encoder.n_epochs as u64);
        let mut progress = |epoch: Epoch| show(&mut bar, epoch);
        let (stop, checkpoint) = (self.stop, Some(checkpoint.as_path()));
        let mut control = FitControl { stop, progress: &mut progress, checkpoint };
        let from = Distillation {
            task: &self.validation,
            shelf: &self.set.shelf,
            text: text.as_ref(),
            lists_of: &*lists_of,
            teacher: &*teacher,
            transformer: self.transformer.as_deref(),
        };
        let is_used = |case: usize| split == Split::Test || Self::is_learned_from(case, split);
        let student = Student::fit(from, &config, is_used, &mut control)?;
        bar.finish();
        Ok(Arc::new(student))
    }

    fn text_basis(&mut self) -> Result<Option<TextBasis>> {
        if !self.set.has_texts() {
            return Ok(None);
        }
        Ok(Some(TextBasis::new(&self.vectors()?, self.set.texts.len())?))
    }

    /// Where a run keeps its state; the run checks that it is its own.
    fn checkpoint(&self, kind: &str, name: &str) -> Result<PathBuf> {
        let folder = &self.checkpoints;
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let name = match self.set.poison {
            None => format!("{} {name}", self.set.name()),
            Some(attack) => format!("{} {attack:?} {name}", self.set.name()),
        };
        let name = &blake3::hash(name.as_bytes()).to_hex()[..16];
        Ok(folder.join(format!("{kind}-{name}.safetensors")))
    }

    fn vectors(&mut self) -> Result<Arc<Vec<f32>>> {
        if let Some(vectors) = &self.vectors {
            return Ok(Arc::clone(vectors));
        }
        let vectors = encode(self.settings, &self.set.texts, self.stop)?;
        Ok(Arc::clone(self.vectors.insert(Arc::new(vectors))))
    }
}

/// Shows how a pass went.
fn show(bar: &mut Progress, epoch: Epoch) {
    let validation = epoch.validation_ndcg.map_or_else(String::new, |ndcg| {
        format!(", validation NDCG@10 {ndcg:.4} (best {:.4})", epoch.best_ndcg)
    });
    let Epoch { loss, seconds, .. } = epoch;
    bar.at(epoch.epoch as u64, &format!("loss {loss:.4}{validation}, {seconds:.0} s a pass"));
}

/// Text vectors; zero where there is no text.
fn encode(settings: &Settings, texts: &[String], stop: &Stop) -> Result<Vec<f32>> {
    let present: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let encoded = TextVectors::open(settings)?.encode(&present, stop)?;
    let mut rows = encoded.chunks_exact(TEXT_DIM);
    let mut vectors = vec![0.0; texts.len() * TEXT_DIM];
    for (vector, text) in vectors.chunks_exact_mut(TEXT_DIM).zip(texts) {
        if let Some(row) = (!text.is_empty()).then(|| rows.next()).flatten() {
            vector.copy_from_slice(row);
        }
    }
    Ok(vectors)
}
