//! Fusions of a bench.

use std::sync::Arc;

use anyhow::Result;
use vitrine_training::next::fusion::{Fusion, Learned, Lesson, Part};
use vitrine_training::next::{Mixture, Scorer, Split};

use super::Bench;
use crate::cli::ModelName;
use crate::compare::models::part;

/// Parts of a fusion, and what is bought again.
type PartsAndRepeat = (Vec<Part>, Option<Arc<dyn Scorer>>);

impl Bench<'_> {
    /// Fusion of some parts: weighed on validation and the windows before it, with parts
    /// that were fitted on what came before each; then over parts fitted on all before the
    /// split.
    pub fn fusion(&mut self, names: Vec<ModelName>, split: Split) -> Result<Arc<dyn Scorer>> {
        let is_same = |(of, at, _): &&(Vec<ModelName>, Split, _)| *of == names && *at == split;
        if let Some((.., fusion)) = self.fused.iter().find(is_same) {
            return Ok(Arc::clone(fusion));
        }
        let is_learned = |case: usize| split == Split::Test || Self::is_learned_from(case, split);
        let has_repeat = names.contains(&ModelName::Repeat);
        self.open_past()?;
        let own = self.parts(&names, Split::Validation)?;
        let past = self.past.iter_mut().map(|bench| bench.parts(&names, Split::Validation));
        let past: Vec<PartsAndRepeat> = past.collect::<Result<_>>()?;
        let models = std::iter::once(own).chain(past);
        let earlier = self.past.iter().map(|bench| &bench.validation);
        let tasks = std::iter::once(&self.validation).chain(earlier);
        let lessons: Vec<Lesson<'_>> = tasks
            .zip(models)
            .map(|(task, (parts, repeat))| Lesson { task, parts, repeat })
            .collect();
        // What came before validation judges nothing.
        let is_used = |lesson: usize, case: usize| lesson > 0 || is_learned(case);
        let seed = self.config.sequence.seed;
        let learned = if has_repeat { Learned::New } else { Learned::Both };
        let fusion = Fusion::fit(&lessons, seed, learned, is_used)?;
        tracing::debug!(weights = ?fusion.part_weights(), "fused");
        let mixture = has_repeat.then(|| Mixture::fit(&lessons, fusion.clone(), is_used));
        let mixture = mixture.transpose()?;
        drop(lessons);
        let (parts, repeat) = self.parts(&names, split)?;
        let later = match self.is_refitted(split) {
            true => Some((parts, self.set.task(split)?.fit)),
            false => None,
        };
        let over = |fusion: Fusion| match later {
            Some((parts, log)) => fusion.over(parts, &log),
            None => fusion,
        };
        let fused: Arc<dyn Scorer> = match (mixture, repeat) {
            (Some(mixture), Some(repeat)) => {
                tracing::debug!(weights = ?mixture.weights(), "bought again and new");
                Arc::new(mixture.over(repeat, over))
            }
            _ => Arc::new(over(fusion)),
        };
        self.fused.push((names, split, Arc::clone(&fused)));
        Ok(fused)
    }

    /// What is fused of these names, and what is bought again, if that is among them.
    fn parts(&mut self, names: &[ModelName], split: Split) -> Result<PartsAndRepeat> {
        let is_fused = |name: &&ModelName| **name != ModelName::Repeat;
        let fused = names.iter().filter(is_fused);
        let parts = fused.map(|name| Ok(part(*name, self.scorer(*name, split)?)));
        let parts = parts.collect::<Result<_>>()?;
        let has_repeat = names.contains(&ModelName::Repeat);
        let repeat = has_repeat.then(|| self.scorer(ModelName::Repeat, split)).transpose()?;
        Ok((parts, repeat))
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
                ..Self::new(self.settings, self.set, self.config, self.stop)?
            });
        }
        Ok(())
    }
}
