//! Sentiment and stars of reviews of products that were not learned from, beside TF-IDF.

use anyhow::{Result, bail};
use serde::Serialize;
use vitrine_evaluation::{Interval, RankedScores, clustered_interval, weighted_mean};
use vitrine_reviews::{
    ReviewText, Sentiment, SentimentConfig, SentimentError, SentimentExample, SentimentModel,
};
use vitrine_server::progress::WorkProgress;
use vitrine_server::signals::Stop;

use super::baseline::{COSTS, RIDGES, TermCounts};
use super::data::{LabReview, ReviewSet};

const N_RESAMPLES: usize = 1_000;

/// What one model is worth.
#[derive(Serialize)]
pub struct ModelRow {
    pub model: String,
    /// Area under the curve of being recommended, over all folds.
    pub auc: Interval,
    /// Share of right yes and no.
    pub accuracy: Interval,
    /// Mean distance to the stars given.
    pub mae: Option<Interval>,
    /// With whole stars.
    pub mae_rounded: Option<Interval>,
    /// Differences to the first model, products drawn in pairs; of an error, below 0 is better.
    pub against: Option<Differences>,
}

/// A model's figures minus those of TF-IDF.
#[derive(Serialize)]
pub struct Differences {
    pub auc: Interval,
    pub accuracy: Interval,
    pub mae: Option<Interval>,
    pub mae_rounded: Option<Interval>,
}

/// What is reported.
#[derive(Serialize)]
pub struct SentimentReport {
    pub n_reviews: usize,
    pub n_products: usize,
    pub n_folds: usize,
    pub share_positive: f64,
    pub models: Vec<ModelRow>,
}

/// What a model says of each review, told by a fit that has not seen its product.
struct Told {
    model: String,
    scores: Vec<f32>,
    is_positive: Vec<bool>,
    /// Distances to the stars given, and those of whole stars.
    errors: Option<[Vec<f64>; 2]>,
}

/// Fits and asks, fold by fold.
///
/// # Errors
/// A fit that fails, or stopped.
pub fn measure(
    set: &ReviewSet,
    vectors: &[f32],
    n_folds: usize,
    seed: u64,
    stop: &Stop,
) -> Result<SentimentReport> {
    let folds = set.folds(n_folds, seed);
    let reviews = &set.reviews;
    let mut told = baselines(set, &folds, n_folds, stop)?;
    let [mut by_words, mut by_all] = [(); 2].map(|()| vec![None; reviews.len()]);
    for fold in 0..n_folds {
        let (test, train): (Vec<usize>, Vec<usize>) =
            (0..reviews.len()).partition(|i| folds[*i] == fold);
        for (i, words, all) in asked(set, vectors, &train, &test, stop)? {
            by_words[i] = Some(words);
            by_all[i] = all;
        }
    }
    told.extend(of_model("n-grams", reviews, by_words));
    told.extend(of_model("n-grams and vectors", reviews, by_all));
    report(reviews, n_folds, seed, &told)
}

/// What the words of each test review say, and what words and vector say.
fn asked(
    set: &ReviewSet,
    vectors: &[f32],
    train: &[usize],
    test: &[usize],
    stop: &Stop,
) -> Result<Vec<(usize, Sentiment, Option<Sentiment>)>> {
    let dim = vectors.len() / set.reviews.len();
    let vector = |i: usize| &vectors[i * dim..][..dim];
    let examples: Vec<SentimentExample<'_>> =
        train.iter().map(|i| set.reviews[*i].example()).collect();
    let of_train: Vec<f32> = train.iter().flat_map(|i| vector(*i)).copied().collect();
    let bar = std::sync::Mutex::new(WorkProgress::start("linear parts", 0));
    let progress = |at: vitrine_reviews::SentimentProgress| {
        if let Ok(mut bar) = bar.lock() {
            bar.at(at.n_done as u64, &format!("of {}", at.n_total));
        }
    };
    let config = SentimentConfig::default();
    let fitted = SentimentModel::fit(&examples, &of_train, &config, &progress, stop)?;
    let read = |i: &usize| -> Result<_, SentimentError> {
        let words: ReviewText<'_> = set.reviews[*i].words();
        let all = (dim > 0).then(|| fitted.model.read(words, Some(vector(*i)))).transpose()?;
        Ok((*i, fitted.model.read_words(words), all))
    };
    Ok(test.iter().map(read).collect::<Result<_, _>>()?)
}

fn of_model(name: &str, reviews: &[LabReview], told: Vec<Option<Sentiment>>) -> Option<Told> {
    let told: Vec<Sentiment> = told.into_iter().collect::<Option<_>>()?;
    let stars: Option<Vec<(f64, f64)>> = told
        .iter()
        .zip(reviews)
        .map(|(told, review)| Some((f64::from(told.stars?.median()), f64::from(review.stars?))))
        .collect();
    let errors = stars.map(|stars| {
        let errors: Vec<f64> = stars.iter().map(|(told, given)| (told - given).abs()).collect();
        [errors.clone(), errors]
    });
    Some(Told {
        model: name.to_owned(),
        scores: told.iter().map(|told| told.positive).collect(),
        is_positive: told.iter().map(|told| told.positive >= 0.5).collect(),
        errors,
    })
}

/// TF-IDF with the setting that is best on the test folds, for each figure.
fn baselines(set: &ReviewSet, folds: &[usize], n_folds: usize, stop: &Stop) -> Result<Vec<Told>> {
    let reviews = &set.reviews;
    let texts: Vec<String> = reviews.iter().map(|review| review.words().joined()).collect();
    let counts = TermCounts::of(&texts, set.is_chinese());
    let labels: Vec<bool> = reviews.iter().map(|review| review.is_positive).collect();
    let stars: Option<Vec<f64>> =
        reviews.iter().map(|review| review.stars.map(f64::from)).collect();
    let mut logistic = vec![vec![0.0_f32; reviews.len()]; COSTS.len()];
    let mut ridge = vec![vec![0.0_f64; reviews.len()]; RIDGES.len()];
    for fold in 0..n_folds {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            bail!("stopped");
        }
        let (test, train): (Vec<usize>, Vec<usize>) =
            (0..reviews.len()).partition(|i| folds[*i] == fold);
        let told = counts.told(&train, &test, &labels, stars.as_deref());
        for (all, of_fold) in logistic.iter_mut().zip(told.logistic) {
            test.iter().zip(of_fold).for_each(|(i, score)| all[*i] = score as f32);
        }
        for (all, of_fold) in ridge.iter_mut().zip(told.ridge) {
            test.iter().zip(of_fold).for_each(|(i, score)| all[*i] = score.clamp(1.0, 5.0));
        }
    }
    let all = vec![1; reviews.len()];
    let areas = logistic.iter().map(|scores| Ok(RankedScores::new(scores, &labels)?.auc(&all)));
    let areas: Vec<f64> = areas.collect::<Result<_>>()?;
    let best = |worth: &[f64]| {
        (0..worth.len()).max_by(|a, b| worth[*a].total_cmp(&worth[*b])).unwrap_or(0)
    };
    let right = |scores: &Vec<f32>| {
        let hits = scores.iter().zip(&labels).filter(|(score, label)| (**score > 0.0) == **label);
        hits.count() as f64
    };
    let rights: Vec<f64> = logistic.iter().map(right).collect();
    let errors = stars.map(|stars| {
        let errors = |told: &Vec<f64>, round: bool| -> Vec<f64> {
            let told = told.iter().map(|told| if round { told.round() } else { *told });
            told.zip(&stars).map(|(told, given)| (told - given).abs()).collect()
        };
        [false, true].map(|round| {
            let of_all: Vec<Vec<f64>> = ridge.iter().map(|told| errors(told, round)).collect();
            let worth: Vec<f64> = of_all.iter().map(|errors| -errors.iter().sum::<f64>()).collect();
            of_all.into_iter().nth(best(&worth)).unwrap_or_default()
        })
    });
    let best_scores = &logistic[best(&areas)];
    let is_positive = logistic[best(&rights)].iter().map(|score| *score > 0.0).collect();
    let model = if set.is_chinese() { "TF-IDF, characters 1–3" } else { "TF-IDF, words 1–2" };
    Ok(vec![Told { model: model.to_owned(), scores: best_scores.clone(), is_positive, errors }])
}

fn report(
    reviews: &[LabReview],
    n_folds: usize,
    seed: u64,
    told: &[Told],
) -> Result<SentimentReport> {
    let products: Vec<u32> = reviews.iter().map(|review| review.product).collect();
    let labels: Vec<bool> = reviews.iter().map(|review| review.is_positive).collect();
    let interval = |statistic: &dyn Fn(&[u32]) -> f64| {
        clustered_interval(&products, seed, N_RESAMPLES, statistic)
    };
    let figures = |told: &Told| -> Result<Figures> {
        let rights = told.is_positive.iter().zip(&labels);
        Ok(Figures {
            ranked: RankedScores::new(&told.scores, &labels)?,
            rights: rights.map(|(told, is)| f64::from(u8::from(told == is))).collect(),
            errors: told.errors.clone(),
        })
    };
    let figures: Vec<Figures> = told.iter().map(figures).collect::<Result<_>>()?;
    let mut models = Vec::with_capacity(told.len());
    for (at, told) in told.iter().enumerate() {
        let (own, first) = (&figures[at], &figures[0]);
        let error = |kind: usize| -> Result<Option<Interval>> {
            let Some(errors) = &own.errors else { return Ok(None) };
            Ok(Some(interval(&|weights| weighted_mean(&errors[kind], weights))?))
        };
        let apart = |kind: usize| -> Result<Option<Interval>> {
            let (Some(own), Some(first)) = (&own.errors, &first.errors) else { return Ok(None) };
            let difference = |weights: &[u32]| {
                weighted_mean(&own[kind], weights) - weighted_mean(&first[kind], weights)
            };
            Ok(Some(interval(&difference)?))
        };
        let right = |figures: &Figures, weights: &[u32]| weighted_mean(&figures.rights, weights);
        let against = Differences {
            auc: interval(&|weights| own.ranked.auc(weights) - first.ranked.auc(weights))?,
            accuracy: interval(&|weights| right(own, weights) - right(first, weights))?,
            mae: apart(0)?,
            mae_rounded: apart(1)?,
        };
        models.push(ModelRow {
            model: told.model.clone(),
            auc: interval(&|weights| own.ranked.auc(weights))?,
            accuracy: interval(&|weights| right(own, weights))?,
            mae: error(0)?,
            mae_rounded: error(1)?,
            against: (at > 0).then_some(against),
        });
    }
    let distinct: std::collections::BTreeSet<u32> = products.iter().copied().collect();
    Ok(SentimentReport {
        n_reviews: reviews.len(),
        n_products: distinct.len(),
        n_folds,
        share_positive: labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64,
        models,
    })
}

struct Figures {
    ranked: RankedScores,
    rights: Vec<f64>,
    errors: Option<[Vec<f64>; 2]>,
}
