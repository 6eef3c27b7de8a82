//! Planted faults: pictures of items of other categories, and pictures that are there twice.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;
use vitrine_encoder::image::{
    ImageEncoder, NEAR_DUPLICATE_COSINE, PICTURE_DIM, RgbView, WRONG_PICTURE_MARGIN,
    near_duplicate_pictures, picture_fits,
};
use vitrine_optim::shuffled;
use vitrine_pictures::Thumbnails;

use super::sets::PictureSet;

/// Shares of items that get a picture of another category.
const SHARES: [f64; 3] = [0.02, 0.05, 0.10];
/// Pictures that get a changed copy.
const N_COPIES: usize = 100;
/// Cosines at which pairs are called near-duplicates.
const COSINES: [f32; 5] = [0.98, 0.94, NEAR_DUPLICATE_COSINE, 0.90, 0.86];
const PRECISION_WANTED: f64 = 0.9;

/// Wrong pictures found.
#[derive(Serialize)]
pub struct WrongLine {
    pub share: f64,
    pub n_planted: usize,
    /// Of what is above [`WRONG_PICTURE_MARGIN`].
    pub precision: f64,
    pub recall: f64,
    /// Precision of the shortest list that has half of the planted.
    pub precision_at_half: f64,
    /// Largest recall of a list with nine of ten right.
    pub recall_at_nine_tenths: f64,
    pub average_precision: f64,
}

/// Near-duplicates found.
#[derive(Serialize)]
pub struct TwiceLine {
    pub cosine_min: f32,
    /// Share of the changed copies that are found with their original.
    pub recall: f64,
    /// Pairs that are neither planted nor of equal files.
    pub n_others: usize,
}

/// Plants wrong pictures and looks for them.
pub fn wrong(set: &PictureSet, seed: u64, stop: &AtomicBool) -> Result<Vec<WrongLine>> {
    let labels = set.labels();
    SHARES.iter().map(|share| wrong_of(set, &labels, *share, seed, stop)).collect()
}

fn wrong_of(
    set: &PictureSet,
    labels: &[u32],
    share: f64,
    seed: u64,
    stop: &AtomicBool,
) -> Result<WrongLine> {
    let n = labels.len();
    let mut rng = SmallRng::seed_from_u64(seed);
    let n_planted = (n as f64 * share).round() as usize;
    let mut planted = shuffled(n, &mut rng);
    planted.truncate(n_planted);
    let mut vectors = set.vectors.clone();
    for &at in &planted {
        let other = loop {
            let other = rng.random_range(0..n);
            if labels[other] != labels[at] {
                break other;
            }
        };
        vectors[at * PICTURE_DIM..][..PICTURE_DIM].copy_from_slice(set.vector(other));
    }
    let planted: BTreeSet<usize> = planted.into_iter().collect();
    let fits = picture_fits(&vectors, labels, seed, stop)?;
    let (mut hits, mut best, mut at_half, mut sum) = (0usize, 0.0f64, 0.0f64, 0.0);
    let (mut above, mut above_hits) = (0usize, 0usize);
    for (place, fit) in (1..).zip(&fits) {
        let is_hit = planted.contains(&(fit.item as usize));
        hits += usize::from(is_hit);
        let (precision, recall) = (hits as f64 / f64::from(place), hits as f64 / n_planted as f64);
        sum += if is_hit { precision } else { 0.0 };
        if precision >= PRECISION_WANTED {
            best = best.max(recall);
        }
        if recall >= 0.5 && at_half == 0.0 {
            at_half = precision;
        }
        if fit.margin >= WRONG_PICTURE_MARGIN {
            above += 1;
            above_hits = hits;
        }
    }
    Ok(WrongLine {
        share,
        n_planted,
        precision: above_hits as f64 / above.max(1) as f64,
        recall: above_hits as f64 / n_planted as f64,
        precision_at_half: at_half,
        recall_at_nine_tenths: best,
        average_precision: sum / n_planted as f64,
    })
}

/// Plants copies of pictures as shops have them twice, small and compressed anew, and looks
/// for them.
pub fn twice(
    set: &PictureSet,
    encoder: &ImageEncoder,
    seed: u64,
    stop: &AtomicBool,
) -> Result<(Vec<TwiceLine>, f64)> {
    let mut chosen = shuffled(set.items.len(), &mut SmallRng::seed_from_u64(seed));
    chosen.truncate(N_COPIES);
    let mut vectors = set.vectors.clone();
    let mut nearness = 0.0;
    for at in &chosen {
        let bytes = std::fs::read(&set.items[*at].path)?;
        let small = vitrine_pictures::PicturePixels::decode(&Thumbnails::make(&bytes)?.large)?;
        let view = RgbView::new(small.width, small.height, &small.rgb)?;
        let copy = encoder.encode(&[view], &mut |_| (), stop)?;
        nearness += copy.iter().zip(set.vector(*at)).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        vectors.extend(copy);
    }
    let n = set.items.len();
    let line = |cosine_min: f32| {
        let pairs = near_duplicate_pictures(&vectors, cosine_min, stop)?;
        let is_planted = |a: u32, b: u32| b as usize >= n && chosen[b as usize - n] == a as usize;
        let n_found = pairs.iter().filter(|pair| is_planted(pair.first, pair.second)).count();
        let n_others = pairs
            .iter()
            .filter(|pair| (pair.second as usize) < n && pair.cosine < 1.0 - 1e-5)
            .count();
        let recall = n_found as f64 / chosen.len() as f64;
        Ok(TwiceLine { cosine_min, recall, n_others })
    };
    let lines = COSINES.into_iter().map(line).collect::<Result<_>>()?;
    Ok((lines, nearness / chosen.len() as f64))
}
