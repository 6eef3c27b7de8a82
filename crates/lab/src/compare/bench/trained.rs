//! What a bench trains by gradient, with checkpoints.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use vitrine_ranking::PurchaseLog;
use vitrine_server::progress::WorkProgress;
use vitrine_training::next::graph::{self, GraphConfig, Propagation};
use vitrine_training::next::sequence::{self, Epoch, FitControl};
use vitrine_training::next::student::{Distillation, Student, StudentConfig};
use vitrine_training::next::{Scorer, Split};

use super::Bench;
use crate::cli::ModelName;

impl Bench<'_> {
    /// Fits a graph embedding, or goes on where an interrupted run stopped.
    pub(super) fn graph(
        &mut self,
        config: GraphConfig,
        log: &PurchaseLog,
    ) -> Result<Arc<dyn Scorer>> {
        let config = GraphConfig { seed: self.config.sequence.seed, ..config };
        let text = self.text_basis()?;
        let propagation = Propagation::new(log, &self.set.graph, config.name_share);
        let name = format!("{} {config:?}", log.entries().len());
        let checkpoint = self.checkpoint("graph", &name)?;
        let mut bar = WorkProgress::start("graph", config.n_passes as u64);
        let mut progress = |epoch: Epoch| show(&mut bar, epoch);
        let (stop, checkpoint) = (self.stop, Some(checkpoint.as_path()));
        let mut control = FitControl { stop, progress: &mut progress, checkpoint };
        let model = graph::fit(log, &propagation, text.as_ref(), config, &mut control)?;
        bar.finish();
        Ok(Arc::new(model))
    }

    /// Trains the transformer, or goes on where an interrupted run stopped.
    pub(super) fn sequence(&mut self, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_refitted = self.is_refitted(split);
        if is_refitted {
            self.scorer(ModelName::Sequence, Split::Validation)?;
        }
        let (config, text) = (self.config.sequence, self.text_basis()?);
        let checkpoint = self.checkpoint("sequence", &format!("{is_refitted} {config:?}"))?;
        let mut bar = WorkProgress::start("sequence", config.n_epochs as u64);
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
        let mut bar = WorkProgress::start("student", config.encoder.n_epochs as u64);
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
}

/// Shows how a pass went.
fn show(bar: &mut WorkProgress, epoch: Epoch) {
    let validation = epoch.validation_ndcg.map_or_else(String::new, |ndcg| {
        format!(", validation NDCG@10 {ndcg:.4} (best {:.4})", epoch.best_ndcg)
    });
    let Epoch { loss, seconds, .. } = epoch;
    bar.at(epoch.epoch as u64, &format!("loss {loss:.4}{validation}, {seconds:.0} s a pass"));
}
