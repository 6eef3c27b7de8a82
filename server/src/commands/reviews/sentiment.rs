//! What words stand for, learned from the shop's own reviews.

use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result};
use vitrine_reviews::{
    FittedSentiment, ReviewRecord, ReviewText, Sentiment, SentimentConfig, SentimentError,
    SentimentExample, SentimentModel,
};

use super::ReviewReading;
use crate::texts::TextVectors;

/// A model, and what it tells of each review without having learned from it.
pub(super) type LearnedSentiment = (SentimentModel, Vec<Sentiment>);

/// Most reviews that a model of sentiment is learned from; of more, every second, third and so on.
const LEARNED_MAX: usize = 50_000;
/// Vectors of reviews lie in a cache of their own, which forgets those of reviews that are no longer
/// there.
const CACHE_FILE: &str = "reviews.bin";

/// Removes the vectors of all reviews.
///
/// # Errors
/// The disk refuses.
pub(super) fn forget_all(data_dir: &Path) -> Result<()> {
    match fs::remove_file(data_dir.join("cache").join(CACHE_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).context("removing the vectors of reviews")
        }
        _ => Ok(()),
    }
}

/// What words stand for, learned from the shop's own reviews that have any and their vectors; `None`
/// where there are too few.
pub(super) fn sentiment(
    reading: &ReviewReading<'_>,
    records: &[ReviewRecord<'_>],
) -> Result<Option<LearnedSentiment>> {
    let worded: Vec<usize> = (0..records.len()).filter(|i| records[*i].has_words()).collect();
    let every = worded.len().div_ceil(LEARNED_MAX).max(1);
    let learned: Vec<usize> = worded.into_iter().step_by(every).collect();
    let examples: Vec<SentimentExample<'_>> = learned
        .iter()
        .map(|i| &records[*i])
        .map(|record| SentimentExample {
            words: record.words,
            stars: Some(record.stars),
            recommended: None,
            product: record.product,
        })
        .collect();
    if examples.len() < vitrine_reviews::sentiment::EXAMPLES_MIN {
        forget_all(&reading.settings.data_dir)?;
        return Ok(None);
    }
    let words: Vec<ReviewText<'_>> = examples.iter().map(|example| example.words).collect();
    let mut vectors_of =
        TextVectors::with_cache(reading.settings, reading.model.clone(), CACHE_FILE)?;
    vectors_of.forget_other_reviews(records.iter().map(|record| record.words))?;
    let vectors = vectors_of.encode_reviews(&words, reading.stop)?;
    let config = SentimentConfig::default();
    match SentimentModel::fit(&examples, &vectors, &config, &|_| {}, reading.stop) {
        Ok(FittedSentiment { model, held_out }) => {
            let mut told: Vec<Option<Sentiment>> = vec![None; records.len()];
            learned.iter().zip(held_out).for_each(|(i, said)| told[*i] = Some(said));
            let of_words = |(told, record): (Option<Sentiment>, &ReviewRecord<'_>)| {
                told.unwrap_or_else(|| model.read_words(record.words))
            };
            let told = told.into_iter().zip(records).map(of_words).collect();
            Ok(Some((model, told)))
        }
        Err(error @ (SentimentError::TooFew { .. } | SentimentError::OneSided { .. })) => {
            tracing::info!("what reviews' words stand for is not learned: {error}");
            Ok(None)
        }
        Err(error) => Err(error).context("learning what reviews' words stand for"),
    }
}
