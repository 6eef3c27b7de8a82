//! The linear parts of a model.

use std::sync::atomic::AtomicBool;

use vitrine_optim::{LinearMargin, MarginConfig, SparseRows};

use super::example::SentimentConfig;
use crate::features::{GramRow, Scaling, bayes_ratios, scaled};

const N_PASSES_MAX: usize = 60;
const TOLERANCE: f32 = 0.1;
/// Passes over dense vectors, which converge slowly and gain nothing from it.
const N_VECTOR_PASSES_MAX: usize = 30;
const DEVIATION_MIN: f32 = 1e-6;

/// n-grams with the scale that each label gives them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BayesPart {
    /// \[n_columns\]
    pub ratios: Vec<f32>,
    pub linear: LinearMargin,
}

/// Examples of a label, by their rows.
pub(crate) struct LabelledRows<'a> {
    pub rows: Vec<&'a GramRow>,
    pub labels: Vec<bool>,
}

impl BayesPart {
    pub fn fit(
        examples: &LabelledRows<'_>,
        keys: &[u32],
        config: &SentimentConfig,
        cancel: &AtomicBool,
    ) -> Option<Self> {
        let LabelledRows { rows, labels } = examples;
        let ratios = bayes_ratios(rows.iter().copied().zip(labels.iter().copied()), keys);
        let mut values = SparseRows::new();
        rows.iter().for_each(|row| values.push(scaled(row, keys, &ratios, Scaling::Presence)));
        let margin = margin_config(config.bayes_cost, config.seed);
        let linear = LinearMargin::fit(&values, labels, keys.len(), margin, cancel)?;
        Some(Self { ratios, linear })
    }

    pub fn score(&self, row: &[(u32, u16)], keys: &[u32]) -> f32 {
        self.linear.margin(scaled(row, keys, &self.ratios, Scaling::Presence))
    }
}

/// n-grams with scales of their rarity, which all labels share.
pub(crate) fn fit_frequencies(
    examples: &LabelledRows<'_>,
    keys: &[u32],
    scales: &[f32],
    config: &SentimentConfig,
    cancel: &AtomicBool,
) -> Option<LinearMargin> {
    let mut values = SparseRows::new();
    for row in &examples.rows {
        values.push(scaled(row, keys, scales, Scaling::LogCount));
    }
    let margin = margin_config(config.frequency_cost, config.seed);
    LinearMargin::fit(&values, &examples.labels, keys.len(), margin, cancel)
}

fn margin_config(cost: f32, seed: u64) -> MarginConfig {
    MarginConfig { cost, n_passes_max: N_PASSES_MAX, tolerance: TOLERANCE, seed }
}

/// Means and deviations of the numbers of vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standard {
    pub means: Vec<f32>,
    /// What a number is multiplied with.
    pub scales: Vec<f32>,
}

impl Standard {
    /// # Shapes
    /// `rows` `[n][dim]`. A standardised row has norm 1 on average.
    pub fn of(rows: &[&[f32]]) -> Self {
        let dim = rows.first().map_or(0, |row| row.len());
        let n = rows.len().max(1) as f64;
        let (mut sums, mut squares) = (vec![0.0_f64; dim], vec![0.0_f64; dim]);
        for row in rows {
            for ((sum, square), x) in sums.iter_mut().zip(&mut squares).zip(*row) {
                *sum += f64::from(*x);
                *square += f64::from(*x) * f64::from(*x);
            }
        }
        let scale = |(sum, square): (&f64, &f64)| {
            let deviation = (square / n - (sum / n).powi(2)).max(0.0).sqrt() as f32;
            if deviation < DEVIATION_MIN { 0.0 } else { 1.0 / (deviation * (dim as f32).sqrt()) }
        };
        let scales = sums.iter().zip(&squares).map(scale).collect();
        Self { means: sums.iter().map(|sum| (sum / n) as f32).collect(), scales }
    }

    pub fn row(&self, row: &[f32]) -> impl Iterator<Item = (u32, f32)> {
        let scaled = row.iter().zip(&self.means).zip(&self.scales);
        (0..).zip(scaled.map(|((x, mean), scale)| (x - mean) * scale))
    }
}

pub(crate) fn fit_vectors(
    rows: &[&[f32]],
    labels: &[bool],
    standard: &Standard,
    config: &SentimentConfig,
    cancel: &AtomicBool,
) -> Option<LinearMargin> {
    let mut values = SparseRows::new();
    rows.iter().for_each(|row| values.push(standard.row(row)));
    let margin = MarginConfig {
        n_passes_max: N_VECTOR_PASSES_MAX,
        ..margin_config(config.vector_cost, config.seed)
    };
    LinearMargin::fit(&values, labels, standard.means.len(), margin, cancel)
}
