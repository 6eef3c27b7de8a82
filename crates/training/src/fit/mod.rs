//! Learns the weights of the linear features: a conditional logit over what each shopper
//! bought in four weeks, by Newton's method. Each card that was bought is compared with
//! those that were not: positives do not compete with each other. The fit covers several
//! windows, so that one season does not decide, and in each window also logs that are cut
//! to their newest entries, so that the weights hold for newcomers, too.

mod choices;

use std::collections::HashSet;

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::features::N_SHARED;
use vitrine_ranking::{Components, ComponentsConfig, FEATURES, FeatureModel, FeatureWeights};

use self::choices::{choices, choosers};
use crate::logit::{self, ChoiceSet, Pull, Sizes};
use crate::{PreparedData, TrainingError};

/// Pull of the weights towards zero, per choice.
const RIDGE: f64 = 2e-4;
/// Windows to learn from, at most, the newest first.
const WINDOWS_MAX: i64 = 4;
/// Part of the log that comes before every window.
const WARM_UP_SHARE: f64 = 0.4;
/// Fewer choices than this say nothing about the weights.
const SHOPPERS_MIN: usize = 30;

/// Fits the linear model of features on what happened before `until_seconds`: its weights on the last
/// windows of four weeks of that, each with components of what came before it; then the
/// components are counted again up to `until_seconds`.
///
/// # Errors
/// [`TrainingError::TooLittleData`].
///
/// # Source
/// McFadden, Conditional logit analysis of qualitative choice behavior (1974).
pub fn fit_features(
    data: &PreparedData<'_>,
    until_seconds: i64,
    seed: u64,
) -> Result<FeatureModel, TrainingError> {
    let mut all: Vec<ChoiceSet> = Vec::new();
    let mut shoppers = HashSet::new();
    for cut in cuts(data, until_seconds) {
        let components = components_until(data, cut)?;
        let chosen = choosers(data, cut, seed);
        all.extend(choices(data, &components, &chosen, cut, seed ^ cut as u64));
        shoppers.extend(chosen);
    }
    if shoppers.len() < SHOPPERS_MIN {
        let (n_shoppers, n_shoppers_min) = (shoppers.len(), SHOPPERS_MIN);
        return Err(TrainingError::TooLittleData { n_shoppers, n_shoppers_min });
    }
    let components = components_until(data, until_seconds)?;
    Ok(FeatureModel { components, weights: weights(&all)? })
}

fn weights(choices: &[ChoiceSet]) -> Result<FeatureWeights, TrainingError> {
    let sizes = Sizes { n_features: FEATURES.len(), by_group: &[N_SHARED, FEATURES.len()] };
    let centre = vec![0.0; 2 * sizes.n_linear()];
    let pull = Pull { centre: &centre, strength: RIDGE * choices.len() as f64 };
    let values = logit::fit(choices, sizes, &pull, |_| true)?;
    let mut learned = FeatureWeights::zeros();
    let parts = learned.long.iter_mut().chain(learned.short.iter_mut());
    parts.zip(&values).for_each(|(weight, value)| *weight = *value as f32);
    Ok(learned)
}

/// First moments of the windows to learn from, the newest first: always one, and others
/// as far as enough of the log comes before them.
fn cuts(data: &PreparedData<'_>, until_seconds: i64) -> Vec<i64> {
    let newest = until_seconds - WINDOW_SECONDS;
    let first = data.log.entries().iter().map(|entry| entry.at_seconds).min();
    let first = first.unwrap_or(newest).min(newest);
    let earliest = first + ((newest - first) as f64 * WARM_UP_SHARE) as i64;
    let cut = |n: i64| newest - n * WINDOW_SECONDS;
    (0..WINDOWS_MAX).map(cut).take_while(|cut| *cut == newest || *cut >= earliest).collect()
}

/// Components of what happened before a moment.
///
/// # Errors
/// When parts of the data do not fit together.
pub fn components_until(
    data: &PreparedData<'_>,
    until_seconds: i64,
) -> Result<Components, TrainingError> {
    let config = ComponentsConfig::default();
    let by_text = data.by_text.clone();
    Ok(Components::build(data.items, by_text, &data.log, until_seconds, &config)?)
}
