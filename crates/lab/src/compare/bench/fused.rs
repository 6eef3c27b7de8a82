//! The teacher of a bench: what `vitrine train` fits, over parts that the bench keeps.

use std::sync::Arc;

use anyhow::Result;
use vitrine_training::next::blend::{self, Parts};
use vitrine_training::next::{Scorer, Split, Task};

use super::Bench;
use crate::cli::ModelName;
use crate::compare::models::part;

impl Bench<'_> {
    /// Parts combined: weighed on validation and the windows before it, with parts that were
    /// fitted on what came before each; then over parts fitted on all before the split.
    pub fn fusion(&mut self, names: Vec<ModelName>, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_same = |(of, at, _): &&(Vec<ModelName>, Split, _)| *of == names && *at == split;
        if let Some((.., fusion)) = self.fused.iter().find(is_same) {
            return Ok(Arc::clone(fusion));
        }
        if names.contains(&ModelName::Features) {
            self.learn_features()?;
        }
        self.open_past()?;
        let earlier = self.past.iter().map(|bench| bench.validation.clone());
        let tasks: Vec<Task> = std::iter::once(self.validation.clone()).chain(earlier).collect();
        let how = (self.config.sequence.seed, &**self.stop);
        let make = |n: usize, _: &Task| match n.checked_sub(1) {
            None => self.parts(&names, Split::Validation),
            Some(past) => self.past[past].parts(&names, Split::Validation),
        };
        // What came before validation judges nothing.
        let is_used = |window: usize, case: usize| {
            window > 0 || split == Split::Test || Self::is_learned_from(case, split)
        };
        let mut blend = blend::learn(&tasks, how, make, is_used)?;
        tracing::debug!(weights = ?blend.fusion().part_weights(), "fused");
        if self.is_refitted(split) {
            let parts = self.parts(&names, split)?;
            blend = blend.over(parts, &self.set.task(split)?.fit);
        }
        let blend: Arc<dyn Scorer> = Arc::new(blend);
        self.fused.push((names, split, Arc::clone(&blend)));
        Ok(blend)
    }

    /// What is fused of these names, and what is bought again, if that is among them.
    fn parts(&mut self, names: &[ModelName], split: Split) -> Result<Parts> {
        let is_fused = |name: &&ModelName| **name != ModelName::Repeat;
        let fused = names.iter().filter(is_fused);
        let fused = fused.map(|name| Ok(part(*name, self.scorer(*name, split)?)));
        let fused = fused.collect::<Result<_>>()?;
        let has_repeat = names.contains(&ModelName::Repeat);
        let repeat = has_repeat.then(|| self.scorer(ModelName::Repeat, split)).transpose()?;
        Ok(Parts { fused, repeat })
    }

    /// Benches of the windows before validation, for what learns from several.
    fn open_past(&mut self) -> Result<()> {
        if !self.past.is_empty() || !self.set.is_by_time() {
            return Ok(());
        }
        let vectors = self.set.has_texts().then(|| self.vectors()).transpose()?;
        for task in self.set.earlier_tasks()? {
            self.past.push(Self {
                validation: task,
                vectors: vectors.clone(),
                by_text: self.by_text.clone(),
                features: self.features,
                ..Self::new(self.settings, self.set, self.config, self.stop)?
            });
        }
        Ok(())
    }
}
