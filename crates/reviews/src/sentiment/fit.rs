//! Fits the parts of a model, and what they weigh by examples that they have not seen.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::error::SentimentError;
use super::example::{
    EXAMPLES_MIN, RARE_MIN, SentimentConfig, SentimentExample, SentimentProgress, VECTOR_DIM_MAX,
};
use super::folds::balanced_folds;
use super::model::{FittedSentiment, Head, Parts, SentimentModel};
use super::stack::Stack;
use super::words::{BayesPart, LabelledRows, Standard, fit_frequencies, fit_vectors};
use crate::features::{GramRow, Vocabulary, document_frequencies, grams, inverse_frequencies};

/// Stars that thresholds ask for.
const THRESHOLDS: [u8; 4] = [2, 3, 4, 5];
/// Target of a head that tells positive reviews.
pub(super) const POSITIVE: u8 = 0;
const FOLDS_MIN: usize = 2;

/// What a head learns to tell.
struct Target {
    /// [`POSITIVE`], or the stars that a review has at least.
    name: u8,
    /// One an example, where it is known.
    labels: Vec<Option<bool>>,
}

/// The examples as numbers.
struct Prepared<'a> {
    vocabulary: Vocabulary,
    rows: Vec<GramRow>,
    /// \[n, dim\]
    vectors: &'a [f32],
    dim: usize,
}

/// Which examples a part learns from, with what they share.
struct Division {
    learned: Vec<usize>,
    held_out: Vec<usize>,
    inverse: Vec<f32>,
    standard: Standard,
}

/// Who learns from what.
struct Divisions {
    /// One an inner fold.
    inner: Vec<Division>,
    /// The one that learns from everything.
    everything: Division,
}

impl Divisions {
    fn len(&self) -> usize {
        self.inner.len() + 1
    }

    /// The last one is of everything.
    fn get(&self, i: usize) -> &Division {
        self.inner.get(i).unwrap_or(&self.everything)
    }
}

impl SentimentModel {
    /// Learns from a shop's reviews: for being positive and for each number of stars a linear
    /// classifier of n-grams weighed by label, one of n-grams weighed by frequency and, where there
    /// are vectors, one of these; then a logistic regression over what all of them say of examples
    /// that they have not learned from.
    ///
    /// # Shapes
    /// `vectors` `[n, dim]`, a row for each example, any `dim` up to 4,096; empty for none. A model
    /// that has learned from vectors can be asked without.
    ///
    /// # Errors
    /// Too few reviews, or too few of the rarer kind; vectors that do not fit; stopped.
    ///
    /// # Source
    /// Wang and Manning (ACL 2012) for the first part; Wolpert, "Stacked generalization" (1992).
    pub fn fit(
        examples: &[SentimentExample<'_>],
        vectors: &[f32],
        config: &SentimentConfig,
        progress: &(dyn Fn(SentimentProgress) + Sync),
        cancel: &AtomicBool,
    ) -> Result<FittedSentiment, SentimentError> {
        let dim = checked_dim(examples, vectors)?;
        let (targets, shares) = targets(examples)?;
        let grams: Vec<_> = examples.par_iter().map(|example| grams(example.words)).collect();
        let vocabulary = Vocabulary::of(&grams);
        let rows = grams.par_iter().map(|grams| vocabulary.row(grams)).collect();
        let data = Prepared { vocabulary, rows, vectors, dim };
        let divisions = divisions(&data, examples, config);
        let jobs: Vec<(usize, usize)> = (0..divisions.len())
            .flat_map(|division| (0..targets.len()).map(move |target| (division, target)))
            .collect();
        let n_done = AtomicUsize::new(0);
        let fitted: Option<Vec<Fitted>> = jobs
            .par_iter()
            .map(|(division, target)| {
                let fitted =
                    fit_one(&data, divisions.get(*division), &targets[*target], config, cancel)?;
                let n_done = n_done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(SentimentProgress { n_done, n_total: jobs.len() });
                Some(fitted)
            })
            .collect();
        let fitted = fitted.ok_or(SentimentError::Cancelled)?;
        stacked(data, divisions, targets, shares, fitted, config)
    }
}

/// What one part of one division says of the examples that it has not seen.
struct Fitted {
    parts: Parts,
    /// Of each held-out example: by n-grams by label and by frequency, and by vectors.
    scores: Vec<[f32; 3]>,
}

fn checked_dim(
    examples: &[SentimentExample<'_>],
    vectors: &[f32],
) -> Result<usize, SentimentError> {
    let n = examples.len();
    for (row, stars) in examples.iter().enumerate().filter_map(|(i, one)| Some((i, one.stars?))) {
        if !(1..=5).contains(&stars) {
            return Err(SentimentError::Stars { row, stars });
        }
    }
    let dim = vectors.len() / n.max(1);
    if dim * n != vectors.len() || dim > VECTOR_DIM_MAX {
        return Err(SentimentError::Shape { n_numbers: vectors.len(), n_reviews: n });
    }
    match vectors.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(SentimentError::NotFinite { row: at / dim }),
        None => Ok(dim),
    }
}

/// What can be learned, and the shares of at least two to five stars where there are stars.
fn targets(
    examples: &[SentimentExample<'_>],
) -> Result<(Vec<Target>, Option<[f32; 4]>), SentimentError> {
    let positive: Vec<Option<bool>> = examples.iter().map(SentimentExample::positive).collect();
    let [n_no, n_yes] = counts(&positive);
    let (n, n_rare) = (n_no + n_yes, n_no.min(n_yes));
    if n < EXAMPLES_MIN {
        return Err(SentimentError::TooFew { n });
    }
    if n_rare < RARE_MIN {
        return Err(SentimentError::OneSided { n_rare, n, n_needed: RARE_MIN });
    }
    let mut targets = vec![Target { name: POSITIVE, labels: positive }];
    let n_starred = examples.iter().filter(|example| example.stars.is_some()).count();
    if n_starred < EXAMPLES_MIN {
        return Ok((targets, None));
    }
    let mut shares = [0.0; 4];
    for (share, name) in shares.iter_mut().zip(THRESHOLDS) {
        let labels: Vec<Option<bool>> =
            examples.iter().map(|example| Some(example.stars? >= name)).collect();
        let [n_no, n_yes] = counts(&labels);
        *share = n_yes as f32 / n_starred as f32;
        if n_no.min(n_yes) >= RARE_MIN {
            targets.push(Target { name, labels });
        }
    }
    Ok((targets, Some(shares)))
}

fn counts(labels: &[Option<bool>]) -> [usize; 2] {
    [false, true].map(|kind| labels.iter().filter(|label| **label == Some(kind)).count())
}

/// A division for each inner fold, and one of everything.
fn divisions(
    data: &Prepared<'_>,
    examples: &[SentimentExample<'_>],
    config: &SentimentConfig,
) -> Divisions {
    let products: Vec<u32> = examples.iter().map(|example| example.product).collect();
    let n_folds = config.n_inner_folds.max(FOLDS_MIN);
    let folds = balanced_folds(&products, n_folds, config.seed);
    let division = |fold: usize| {
        let (held_out, learned): (Vec<usize>, Vec<usize>) =
            (0..folds.len()).partition(|i| folds[*i] == fold);
        let rows = || learned.iter().map(|i| &data.rows[*i]);
        let frequencies = document_frequencies(rows(), data.vocabulary.len());
        let inverse = inverse_frequencies(&frequencies, learned.len());
        let vectors: Vec<&[f32]> = learned.iter().map(|i| data.vector(*i)).collect();
        Division { standard: Standard::of(&vectors), inverse, learned, held_out }
    };
    Divisions { inner: (0..n_folds).map(division).collect(), everything: division(n_folds) }
}

impl Prepared<'_> {
    fn vector(&self, i: usize) -> &[f32] {
        &self.vectors[i * self.dim..][..self.dim]
    }
}

fn fit_one(
    data: &Prepared<'_>,
    division: &Division,
    target: &Target,
    config: &SentimentConfig,
    cancel: &AtomicBool,
) -> Option<Fitted> {
    let keys = data.vocabulary.keys();
    let known = division.learned.iter().filter_map(|i| Some((*i, target.labels[*i]?)));
    let (learned, labels): (Vec<usize>, Vec<bool>) = known.unzip();
    let rows = learned.iter().map(|i| &data.rows[*i]).collect();
    let examples = LabelledRows { rows, labels };
    let bayes = BayesPart::fit(&examples, keys, config, cancel)?;
    let frequency = fit_frequencies(&examples, keys, &division.inverse, config, cancel)?;
    let vector = match data.dim {
        0 => None,
        _ => {
            let rows: Vec<&[f32]> = learned.iter().map(|i| data.vector(*i)).collect();
            Some(fit_vectors(&rows, &examples.labels, &division.standard, config, cancel)?)
        }
    };
    let parts = Parts { bayes, frequency, vector };
    let score = |i: &usize| {
        let [bayes, frequency] = parts.text_scores(&data.rows[*i], keys, &division.inverse);
        let vector = parts.vector_score(data.vector(*i), &division.standard);
        [bayes, frequency, vector.unwrap_or(0.0)]
    };
    let scores = division.held_out.iter().map(score).collect();
    Some(Fitted { parts, scores })
}

/// The model, from the parts of all divisions.
fn stacked(
    data: Prepared<'_>,
    divisions: Divisions,
    targets: Vec<Target>,
    shares: Option<[f32; 4]>,
    fitted: Vec<Fitted>,
    config: &SentimentConfig,
) -> Result<FittedSentiment, SentimentError> {
    let n_targets = targets.len();
    let width = if data.dim == 0 { 2 * n_targets } else { 3 * n_targets };
    let mut scores = vec![vec![0.0_f32; width]; data.rows.len()];
    for (job, fitted) in fitted.iter().enumerate() {
        let (division, target) = (divisions.get(job / n_targets), job % n_targets);
        for (i, [bayes, frequency, vector]) in division.held_out.iter().zip(&fitted.scores) {
            scores[*i][2 * target] = *bayes;
            scores[*i][2 * target + 1] = *frequency;
            if let Some(score) = scores[*i].get_mut(2 * n_targets + target) {
                *score = *vector;
            }
        }
    }
    let n_before = fitted.len() - n_targets;
    let of_everything = fitted.into_iter().skip(n_before).zip(targets);
    let mut heads = Vec::with_capacity(n_targets);
    for (fitted, target) in of_everything {
        let known = || (0..scores.len()).filter(|i| target.labels[*i].is_some());
        let labels: Vec<bool> = known().filter_map(|i| target.labels[i]).collect();
        let stack = |width: usize| {
            let rows: Vec<&[f32]> = known().map(|i| &scores[i][..width]).collect();
            Stack::fit(&rows, &labels, config.stack_ridge)
        };
        heads.push(Head {
            target: target.name,
            parts: fitted.parts,
            by_text: stack(2 * n_targets)?,
            by_all: if data.dim == 0 { None } else { Some(stack(width)?) },
        });
    }
    let everything = divisions.everything;
    let model = SentimentModel {
        vocabulary: data.vocabulary,
        inverse: everything.inverse,
        standard: everything.standard,
        heads,
        shares,
    };
    let held_out = scores.iter().map(|scores| model.told(scores)).collect();
    Ok(FittedSentiment { model, held_out })
}
