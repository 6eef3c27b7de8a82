//! Makes the scorers of an evaluation, each once a split.

mod fused;
mod trained;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use vitrine_encoder::TEXT_DIM;
use vitrine_training::codec::TextBasis;
use vitrine_training::next::graph::{GraphConfig, GraphModel, Propagation};
use vitrine_training::next::linear::{self, Precision};
use vitrine_training::next::sequence::{Epoch, SequenceModel};
use vitrine_training::next::{
    ItemKnn, ItemKnnConfig, PersonalFrequency, PopRec, PureSvd, Recency, RecentPop, RepeatConfig,
    RepeatModel, Scorer, ShopperKnn, Split, Task, TextSimilarity, WeightedSum,
};

use vitrine_server::settings::Settings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use super::config::ModelConfig;
use super::sets::EvaluationSet;
use crate::cli::ModelName;

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
        let scorer: Arc<dyn Scorer> = match name {
            ModelName::PopRec => Arc::new(PopRec::fit(&fit)),
            ModelName::PopRecLeaking => Arc::new(PopRec::fit(&self.set.log)),
            ModelName::RecentPop => {
                let (seconds, _) =
                    self.set.window().context("recent-pop needs a log with times")?;
                Arc::new(RecentPop::fit(&fit, seconds))
            }
            ModelName::PureSvd => Arc::new(PureSvd::fit(&fit)),
            ModelName::Frequency => Arc::new(PersonalFrequency::fit(&fit, Recency::NONE)),
            ModelName::FadedFrequency => Arc::new(PersonalFrequency::fit(&fit, FADING)),
            ModelName::ShopperKnn => Arc::new(ShopperKnn::fit(&fit, self.config.shopper_knn)),
            ModelName::Repeat => {
                let (window_seconds, rule) =
                    self.set.window().context("repeat needs a log with times")?;
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
