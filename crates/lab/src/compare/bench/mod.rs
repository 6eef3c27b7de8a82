//! Makes the scorers of an evaluation, each once a split.

mod fused;
mod trained;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use vitrine_encoder::TEXT_DIM;
use vitrine_ranking::{FeatureWeights, Neighbours, PurchaseLog};
use vitrine_training::codec::TextBasis;
use vitrine_training::next::graph::{GraphConfig, GraphModel, Propagation};
use vitrine_training::next::sequence::{Epoch, SequenceModel};
use vitrine_training::next::{PopRec, RepeatConfig, Scorer, Split, TargetRule, Task, WeightedSum};
use vitrine_training::teacher::parts::{PartConfig, PartKind, PartMaker, PartModel};
use vitrine_training::{PreparedData, TrainingData, fit_features};

use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use super::config::{self, ModelConfig};
use super::sets::EvaluationSet;
use crate::cli::ModelName;

/// Weight of titles beside ItemKNN, as in the figures to be reproduced.
const TITLES_WEIGHT: f32 = 0.1;

/// Makes scorers.
pub struct Bench<'a> {
    settings: &'a ServerSettings,
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
    /// Nearest texts of each item, and weights of the linear features, once they are needed.
    by_text: Arc<Neighbours>,
    features: Option<FeatureWeights>,
    /// The same for earlier windows, once they are needed.
    past: Vec<Self>,
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
        settings: &'a ServerSettings,
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
            by_text: Arc::default(),
            features: None,
            past: Vec::new(),
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

    /// A scorer fitted on what comes before a split.
    pub fn scorer(&mut self, name: ModelName, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_refitted = self.is_refitted(split);
        if let Some(made) = self.made.get(&(name, is_refitted)) {
            return Ok(Arc::clone(made));
        }
        let fit = if is_refitted { self.set.task(split)?.fit } else { self.validation.fit.clone() };
        if let Some(kind) = config::kind(name) {
            // Linear transitions are made of the matrix that becomes EASE.
            let both =
                [(ModelName::Ease, PartKind::Ease), (ModelName::Transition, PartKind::Transition)];
            let is_linear = both.iter().any(|(linear, _)| *linear == name);
            let asked = if is_linear { both.to_vec() } else { vec![(name, kind)] };
            let kinds: Vec<PartKind> = asked.iter().map(|(_, kind)| *kind).collect();
            for ((name, _), (_, part)) in asked.iter().zip(self.fit_parts(&kinds, &fit)?) {
                self.made.insert((*name, is_refitted), Arc::new(part));
            }
            return self.scorer(name, split);
        }
        let scorer: Arc<dyn Scorer> = match name {
            ModelName::PopRecLeaking => Arc::new(PopRec::fit(&self.set.log)),
            ModelName::ItemKnnTitles => {
                let knn = self.scorer(ModelName::ItemKnn, split)?;
                let titles = self.scorer(ModelName::Titles, split)?;
                Arc::new(WeightedSum { parts: vec![(1.0, knn), (TITLES_WEIGHT, titles)] })
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
            _ => bail!("made of the other models"),
        };
        self.made.insert((name, is_refitted), Arc::clone(&scorer));
        Ok(scorer)
    }

    /// Parts as `vitrine train` fits them, on a log of what came before.
    fn fit_parts(
        &mut self,
        kinds: &[PartKind],
        past: &PurchaseLog,
    ) -> Result<Vec<(PartKind, PartModel)>> {
        let timed = [PartKind::RecentPop, PartKind::Repeat];
        let (window_seconds, rule) = match self.set.window() {
            Some(window) => window,
            None if kinds.iter().any(|kind| timed.contains(kind)) => {
                bail!("{} needs a log with times", kinds[0].title())
            }
            None => (1, TargetRule::NextBasket),
        };
        let config = &self.config;
        let seed = config.sequence.seed;
        let config = PartConfig {
            item_knn: config.item_knn,
            shopper_knn: config.shopper_knn,
            tifu_knn: config.tifu_knn,
            linear: config.linear,
            repeat: RepeatConfig { seed, window_seconds, rule, ..config.repeat },
        };
        let wants_texts = [PartKind::Titles, PartKind::Ease, PartKind::Transition];
        let wants_texts = kinds.iter().any(|kind| wants_texts.contains(kind));
        let vectors = match self.set.has_texts() && wants_texts {
            true => Some(self.vectors()?),
            false => None,
        };
        if kinds.contains(&PartKind::Features) {
            self.learn_features()?;
        }
        let maker = PartMaker {
            items: &self.set.items,
            vectors: vectors.as_ref().map(|vectors| vectors.as_slice()),
            repeat: None,
            by_text: &self.by_text,
            features: self.features.as_ref(),
            config: &config,
            stop: self.stop,
        };
        let at_seconds = past.last_seconds().map_or(0, |last| last + 1);
        Ok(maker.fit(kinds, past, at_seconds)?)
    }

    /// Learns the weights of the linear features on what came before validation, once for
    /// all windows.
    fn learn_features(&mut self) -> Result<()> {
        if self.features.is_some() {
            return Ok(());
        }
        let n_items = self.set.items.len();
        let vectors = match self.set.has_texts() {
            true => self.vectors()?,
            false => Arc::new(vec![0.0; n_items * TEXT_DIM]),
        };
        let data = TrainingData { items: &self.set.items, vectors: &vectors, interactions: &[] };
        let data = PreparedData { log: self.validation.fit.clone(), ..PreparedData::new(data)? };
        let (until, seed) = (self.validation.now_seconds(), self.config.sequence.seed);
        self.features = Some(fit_features(&data, until, seed)?.weights);
        self.by_text = Arc::new(data.by_text);
        Ok(())
    }

    fn text_basis(&mut self) -> Result<Option<TextBasis>> {
        if !self.set.has_texts() {
            return Ok(None);
        }
        Ok(Some(TextBasis::new(&self.vectors()?, self.set.texts.len())?))
    }

    fn vectors(&mut self) -> Result<Arc<Vec<f32>>> {
        if let Some(vectors) = &self.vectors {
            return Ok(Arc::clone(vectors));
        }
        let vectors = encode(self.settings, &self.set.texts, self.stop)?;
        Ok(Arc::clone(self.vectors.insert(Arc::new(vectors))))
    }
}

/// Text vectors; zero where there is no text.
fn encode(settings: &ServerSettings, texts: &[String], stop: &Stop) -> Result<Vec<f32>> {
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
