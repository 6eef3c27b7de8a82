//! What a set's categories are worth on its pictures' vectors.

use std::sync::atomic::AtomicBool;

use anyhow::Result;
use serde::Serialize;
use vitrine_encoder::image::{PICTURE_DIM, PictureCategories};
use vitrine_evaluation::{Interval, mean_interval};

use super::retrieval::{Asking, Rows};
use super::sets::PictureSet;

const N_RESAMPLES: usize = 2_000;
const K: usize = 10;

/// How pictures are told and found.
#[derive(Serialize)]
pub struct LinearReport {
    pub n_train: usize,
    pub n_asked: usize,
    pub n_categories: usize,
    /// Share of the pictures that logistic regression puts into their category.
    pub top_1: Interval,
    pub precision_at_10: Interval,
}

/// Learns on the items that do not ask and tells those that do.
pub fn linear(set: &PictureSet, seed: u64, stop: &AtomicBool) -> Result<LinearReport> {
    let (queries, candidates) = (set.numbers(true), set.numbers(false));
    let labels = set.labels();
    let taught = PictureCategories::fit(&set.vectors, &labels, &candidates, seed, stop)?;
    let is_right = |at: &usize| {
        let told = taught.log_probabilities(set.vector(*at));
        let best = (0..told.len()).max_by(|a, b| told[*a].total_cmp(&told[*b]));
        f64::from(u8::from(best == Some(labels[*at] as usize)))
    };
    let right: Vec<f64> = queries.iter().map(is_right).collect();
    let asking = Asking { queries: &queries, candidates: &candidates, labels: &labels };
    let rows = Rows { values: &set.vectors, dim: PICTURE_DIM };
    Ok(LinearReport {
        n_train: candidates.len(),
        n_asked: queries.len(),
        n_categories: set.categories.len(),
        top_1: mean_interval(&right, seed, N_RESAMPLES)?,
        precision_at_10: mean_interval(&asking.precision(K, asking.by(rows)), seed, N_RESAMPLES)?,
    })
}

/// How the only set without a part that is learned from does: places of the first picture of
/// the category among all others.
#[derive(Serialize)]
pub struct NearestReport {
    pub n_items: usize,
    pub n_asked: usize,
    pub n_categories: usize,
    pub reciprocal_rank: Interval,
}

/// Finds each item that has another of its category among all others.
pub fn nearest(set: &PictureSet, seed: u64) -> Result<NearestReport> {
    let (all, labels) = (set.numbers(true), set.labels());
    let has_twin = |at: &usize| labels.iter().filter(|of| **of == labels[*at]).count() > 1;
    let queries: Vec<usize> = all.iter().copied().filter(has_twin).collect();
    let asking = Asking { queries: &queries, candidates: &all, labels: &labels };
    let rows = Rows { values: &set.vectors, dim: PICTURE_DIM };
    let ranks = asking.reciprocal_rank(asking.by(rows));
    Ok(NearestReport {
        n_items: all.len(),
        n_asked: queries.len(),
        n_categories: set.categories.len(),
        reciprocal_rank: mean_interval(&ranks, seed, N_RESAMPLES)?,
    })
}
