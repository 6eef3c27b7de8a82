//! Fits a teacher on a shop's log.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use vitrine_evaluation::protocol::{WINDOW_SECONDS, Window};
use vitrine_ranking::{FeatureWeights, PurchaseLog};

use super::parts::{PartConfig, PartKind, PartMaker, PartModel, combined};
use super::shape::Shape;
use super::store::ROW_WEIGHTS;
use super::{Teacher, shared, windows};
use crate::next::{ItemKnnConfig, RepeatConfig, RepeatModel, TargetRule, Task, blend};
use crate::{PreparedData, TrainingError, fit_features};

/// Neighbours by co-occurrence of an item, at most.
const NEIGHBOURS_MAX: usize = 1_000;

/// What a teacher is fitted with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeacherConfig {
    /// Of everything that is drawn.
    pub seed: u64,
    /// Sizes of the parts.
    pub parts: PartConfig,
}

impl TeacherConfig {
    /// Sizes with which a shop is trained in minutes.
    pub fn new(seed: u64) -> Self {
        let repeat = RepeatConfig {
            seed,
            window_seconds: WINDOW_SECONDS,
            rule: TargetRule::WholeWindow,
            n_windows: 4,
            n_passes: 3,
            ..RepeatConfig::default()
        };
        let item_knn = ItemKnnConfig { n_neighbours: NEIGHBOURS_MAX, ..ItemKnnConfig::default() };
        Self { seed, parts: PartConfig { repeat, item_knn, ..PartConfig::default() } }
    }
}

impl Teacher {
    /// Fits a teacher on what happened before `until_seconds`: its weights on the last
    /// windows of four weeks of that, each with parts that know only what came before it;
    /// then the parts once more on all of it.
    ///
    /// # Errors
    /// [`TrainingError::TooLittleData`] when too few shoppers bought before and in those
    /// windows; [`TrainingError::Stopped`]; when a tensor operation fails.
    pub fn fit(
        data: &PreparedData<'_>,
        until_seconds: i64,
        config: &TeacherConfig,
        stop: &AtomicBool,
    ) -> Result<Self, TrainingError> {
        let past = data.log.truncated(until_seconds);
        let features = fit_features(data, until_seconds, config.seed)?.weights;
        let shape = Shape::of(&past, data.vectors);
        let kinds = PartKind::of_shop(shape);
        let maker = maker(data, shape, &features, config, stop);
        let tasks = tasks(&past, until_seconds);
        // What is bought again is learned once, on the past of the newest window. It has seen
        // what was bought in the windows before that, which therefore do not ask it.
        let mut repeat = None;
        let make = |window: usize, task: &Task| {
            let is_asked = |kind: &PartKind| window == 0 || *kind != PartKind::Repeat;
            let kinds: Vec<PartKind> = kinds.iter().copied().filter(is_asked).collect();
            let parts = maker.fit(&kinds, &task.fit, task.now_seconds())?;
            if window == 0 {
                repeat = self::repeat(parts.iter().map(|(_, model)| model)).cloned();
            }
            Ok::<_, TrainingError>(combined(&shared(parts)))
        };
        let learned = blend::learn(&tasks, (config.seed, stop), make, |_, _| true)?;
        drop(tasks);
        let maker = PartMaker { repeat: repeat.as_ref(), ..maker };
        let parts = shared(maker.fit(&kinds, &past, until_seconds)?);
        let blend = learned.over(combined(&parts), &past);
        let teacher = Self { items: Arc::from(data.ids.as_slice()), parts, blend, features };
        // As it is saved, so that what is measured now is what is read later; and whole
        // matrices would stay in memory until the student is trained.
        teacher.thinned(ROW_WEIGHTS)
    }

    /// A teacher of an earlier moment: its counts and lists know only what happened before,
    /// its weights (those of what is bought again, too) are this one's.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn at(
        &self,
        data: &PreparedData<'_>,
        at_seconds: i64,
        config: &TeacherConfig,
        stop: &AtomicBool,
    ) -> Result<Self, TrainingError> {
        let past = data.log.truncated(at_seconds);
        let kinds = self.kinds();
        let has_texts = kinds.contains(&PartKind::Titles);
        let shape = Shape { has_texts, ..Shape::of(&past, data.vectors) };
        let maker = maker(data, shape, &self.features, config, stop);
        let repeat = repeat(self.parts.iter().map(|(_, model)| &**model));
        let parts = PartMaker { repeat, ..maker };
        Ok(self.over(parts.fit(&kinds, &past, at_seconds)?, &past))
    }
}

fn maker<'a>(
    data: &'a PreparedData<'_>,
    shape: Shape,
    features: &'a FeatureWeights,
    config: &'a TeacherConfig,
    stop: &'a AtomicBool,
) -> PartMaker<'a> {
    PartMaker {
        items: data.items,
        vectors: shape.has_texts.then_some(data.vectors),
        by_text: &data.by_text,
        repeat: None,
        features: Some(features),
        config: &config.parts,
        stop,
    }
}

/// The model of repeated purchases among some parts.
fn repeat<'a>(parts: impl IntoIterator<Item = &'a PartModel>) -> Option<&'a RepeatModel> {
    parts.into_iter().find_map(|model| match model {
        PartModel::Repeat(model) => Some(model),
        _ => None,
    })
}

/// What was bought in the newest window before a moment and in those before it.
fn tasks(past: &PurchaseLog, until_seconds: i64) -> Vec<Task> {
    let newest =
        Window { start_seconds: until_seconds - WINDOW_SECONDS, end_seconds: until_seconds };
    let all = std::iter::once(newest).chain(windows::earlier(past, newest));
    all.map(|window| Task::time_split(past, window, TargetRule::WholeWindow)).collect()
}
