//! What a device has of pictures: the network in eight bits, and codes in shards.

use std::path::Path;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde::Serialize;
use vitrine_encoder::image::{PICTURE_DIM, RgbView, fit_projection, quantised_network};
use vitrine_evaluation::{Interval, difference_interval, mean_interval};
use vitrine_vision::{CODE_BYTES, PictureProjection, QuantisedNetwork, VisionNetwork};

use super::retrieval::{Asking, Rows};
use super::sets::PictureSet;

const N_RESAMPLES: usize = 2_000;
const K: usize = 10;

/// How near eight bits are, and what codes lose.
#[derive(Serialize)]
pub struct DeviceReport {
    pub file_bytes: usize,
    pub n_pictures: usize,
    /// Of the vectors of eight bits to those of 32.
    pub cosine_mean: f64,
    pub cosine_min: f64,
    pub code_bytes: usize,
    pub projection_bytes: usize,
    /// P@10 of the vectors, of those made in eight bits, and of codes.
    pub vectors: Interval,
    pub quantised: Interval,
    pub codes: Interval,
    pub codes_minus_vectors: Interval,
}

/// Measures on the pictures that ask.
pub fn measure(set: &PictureSet, weights: &Path, seed: u64) -> Result<DeviceReport> {
    let bytes = quantised_network(weights)?.to_bytes();
    let network = VisionNetwork::new(&QuantisedNetwork::from_bytes(&bytes)?);
    let (queries, candidates) = (set.numbers(true), set.numbers(false));
    let labels = set.labels();
    let on_device: Vec<Vec<f32>> = queries
        .par_iter()
        .map(|at| {
            let pixels = set.pixels(*at)?;
            Ok(network.encode(&RgbView::new(pixels.width, pixels.height, &pixels.rgb)?))
        })
        .collect::<Result<_>>()?;
    let nearness = |(at, vector): (&usize, &Vec<f32>)| -> f64 {
        vector.iter().zip(set.vector(*at)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let cosines: Vec<f64> = queries.iter().zip(&on_device).map(nearness).collect();
    let mut asked = set.vectors.clone();
    for (at, vector) in queries.iter().zip(&on_device) {
        asked[at * PICTURE_DIM..][..PICTURE_DIM].copy_from_slice(vector);
    }
    let asking = Asking { queries: &queries, candidates: &candidates, labels: &labels };
    let by = |values: &[f32]| asking.precision(K, asking.by(Rows { values, dim: PICTURE_DIM }));
    // The catalogue's pictures alone are known when codes are fitted.
    let known: Vec<f32> = candidates.iter().flat_map(|at| set.vector(*at)).copied().collect();
    let projection = fit_projection(&known)?;
    let codes: Vec<_> = (0..set.items.len()).map(|at| projection.code(set.vector(at))).collect();
    let likeness = |query: usize| {
        let of = |at: &usize| PictureProjection::likeness(&codes[query], &codes[*at]);
        Some(candidates.iter().map(of).collect())
    };
    let (vectors, coded) = (by(&set.vectors), asking.precision(K, likeness));
    let interval = |values: &[f64]| mean_interval(values, seed, N_RESAMPLES);
    Ok(DeviceReport {
        file_bytes: bytes.len(),
        n_pictures: cosines.len(),
        cosine_mean: cosines.iter().sum::<f64>() / cosines.len() as f64,
        cosine_min: cosines.iter().copied().reduce(f64::min).context("no picture asks")?,
        code_bytes: CODE_BYTES,
        projection_bytes: projection.to_bytes().len(),
        vectors: interval(&vectors)?,
        quantised: interval(&by(&asked))?,
        codes: interval(&coded)?,
        codes_minus_vectors: difference_interval(&coded, &vectors, seed, N_RESAMPLES)?,
    })
}
