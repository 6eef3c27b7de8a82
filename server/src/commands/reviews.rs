//! Reviews of an import: a file → what is published of each card.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use vitrine_domain::{Item, ItemId, Rating};
use vitrine_encoder::ModelFiles;
use vitrine_ingest::{Mapping, ORIGINAL_CHARS_MAX, RawReview, open_reviews};
use vitrine_quality::{
    Catalogue, Intake, KeptReview, Quarantine, Rejection, ReviewLine, ReviewPass, Summary,
};
use vitrine_reviews::{
    AspectReader, CheckLimits, FittedSentiment, LearnedAspects, RatingPrior, ReviewDigest,
    ReviewFinding, ReviewReason, ReviewRecord, ReviewText, Sentiment, SentimentConfig,
    SentimentError, SentimentExample, SentimentModel, StarCounts, check_reviews, digest,
};
use vitrine_wire::reviews::{ASPECT_CHARS_MAX, ASPECTS_MAX, QUOTE_CHARS_MAX, QUOTES_MAX};
use vitrine_wire::{AspectRow, QuoteRow, ReviewRow};

use super::import::{check_in, file_name, unreadable};
use crate::cli::ImportArgs;
use crate::clock::now_seconds;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// What reviews are read by.
pub(super) struct ReviewReading<'a> {
    pub settings: &'a ServerSettings,
    pub args: &'a ImportArgs,
    pub mapping: &'a Mapping,
    /// The encoder whose vectors the model of sentiment learns from.
    pub model: &'a ModelFiles,
    pub stop: &'a Stop,
}

/// A review with its line in the file.
type LinedReview = (u64, KeptReview);
/// A review with the day on which it was written, in days since 1970-01-01.
type DatedReview<'a> = (ReviewRecord<'a>, Option<i64>);
/// A model, and what it tells of each review without having learned from it.
type LearnedSentiment = (SentimentModel, Vec<Sentiment>);

/// Most reviews that a model of sentiment is learned from; of more, every second, third and so on.
const LEARNED_MAX: usize = 50_000;
/// Vectors of reviews lie in a cache of their own, so that those of products stay small.
const CACHE_FILE: &str = "reviews.bin";
// What the summary of a product has fits what is published.
const _: () =
    assert!(digest::SUMMARY_QUOTES_MAX <= QUOTES_MAX && digest::QUOTE_CHARS_MAX <= QUOTE_CHARS_MAX);
/// Most reviews of an import.
const REVIEWS_MAX: usize = 2_000_000;

/// What is published of each card that was reviewed, sorted by card; none where the import has no
/// reviews. What cannot be read, names no product or is no honest review goes to the quarantine,
/// without its author.
///
/// # Errors
/// A file cannot be read, or the process was asked to stop.
pub(super) fn read(
    reading: &ReviewReading<'_>,
    products: &Catalogue,
    (quarantine, summary): (&mut Quarantine, &mut Summary),
) -> Result<Vec<ReviewRow>> {
    let Some(path) = &reading.args.reviews else { return Ok(Vec::new()) };
    let pass = ReviewPass::new(products, now_seconds());
    let mut intake = Intake::new(quarantine, file_name(path));
    let mut rows = open_reviews(path, reading.mapping)?;
    let mut progress = WorkProgress::start("reviews", 0);
    let mut reviews: Vec<LinedReview> = Vec::new();
    let mut n = 0;
    while let Some(row) = rows.next() {
        let row = row?;
        intake.read();
        match pass.push(row.record.map_err(unreadable).map(line_of)) {
            Ok(review) => {
                ensure!(reviews.len() < REVIEWS_MAX, "more than {REVIEWS_MAX} reviews");
                reviews.push((row.line, review));
            }
            Err(rejection) => {
                intake.answer::<()>(row.line, Err(rejection), || rows.original())?;
            }
        }
        n += 1;
        check_in(n, &mut progress, reading.stop)?;
    }
    progress.finish();
    // Reviews of one card lie together from here on, in the order of the file.
    reviews.sort_by_key(|(line, review)| (review.item, *line));
    let records = records(&reviews);
    let learned = sentiment(reading, &records)?;
    let told = learned.as_ref().map_or(&[][..], |(_, told)| told);
    let checked = check_reviews(&records, told, &CheckLimits::default());
    let mut is_kept = vec![true; reviews.len()];
    // Stars without words are a rating like any other.
    let says_nothing = |finding: &&ReviewFinding| finding.reasons == [ReviewReason::Empty];
    for finding in checked.apart.iter().filter(|finding| !says_nothing(finding)) {
        is_kept[finding.review] = false;
        let (line, review) = &reviews[finding.review];
        let rejected = rejection(&finding.reasons, &reviews);
        intake.answer::<()>(*line, Err(rejected), || original(review))?;
    }
    for ((line, _), _) in reviews.iter().zip(&is_kept).filter(|(_, is_kept)| **is_kept) {
        intake.answer(*line, Ok(()), || Value::Null)?;
    }
    intake.finish(summary)?;
    let days = reviews.iter().map(|(_, review)| review.written_day);
    let kept = records.iter().zip(days).zip(&is_kept).filter(|(_, is_kept)| **is_kept);
    let kept: Vec<DatedReview<'_>> = kept.map(|((record, day), _)| (*record, day)).collect();
    let items: Vec<ItemId> = card_numbers(&reviews).1;
    digests(&kept, &items, learned.as_ref().map(|(model, _)| model), reading.stop)
}

/// Gives cards that the feed does not rate the mean of their reviews' stars.
pub(super) fn rate(items: &mut [Item], reviews: &[ReviewRow]) {
    for item in items.iter_mut().filter(|item| item.rating.is_none()) {
        let row = reviews.binary_search_by_key(&item.id, |row| row.id).ok();
        item.rating = row.and_then(|at| Rating::of_stars(reviews[at].stars));
    }
}

fn line_of(raw: RawReview) -> ReviewLine {
    ReviewLine {
        sku: raw.sku,
        rating: raw.rating,
        title: raw.title,
        text: raw.text,
        helpful: raw.helpful,
        written_seconds: raw.written_seconds,
        written_day: raw.written_day,
        is_verified: raw.is_verified,
        author: raw.author,
    }
}

/// Of each review the number of its card, and the cards by number.
fn card_numbers(reviews: &[LinedReview]) -> (Vec<u32>, Vec<ItemId>) {
    let mut items: Vec<ItemId> = Vec::new();
    let numbers = reviews.iter().map(|(_, review)| {
        if items.last() != Some(&review.item) {
            items.push(review.item);
        }
        items.len() as u32 - 1
    });
    (numbers.collect(), items)
}

fn records(reviews: &[LinedReview]) -> Vec<ReviewRecord<'_>> {
    let numbered = reviews.iter().zip(card_numbers(reviews).0);
    let records = numbered.map(|((_, review), product)| ReviewRecord {
        product,
        author: &review.author,
        words: ReviewText { title: &review.title, text: &review.text },
        stars: review.stars,
        n_helpful: review.n_helpful,
        is_verified: review.is_verified,
        seconds: review.written_seconds,
    });
    records.collect()
}

/// What words stand for, learned from the shop's own reviews that have any and their vectors; `None`
/// where there are too few.
fn sentiment(
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
        return Ok(None);
    }
    let words: Vec<ReviewText<'_>> = examples.iter().map(|example| example.words).collect();
    let mut vectors_of =
        TextVectors::with_cache(reading.settings, reading.model.clone(), CACHE_FILE)?;
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

fn digests(
    kept: &[DatedReview<'_>],
    items: &[ItemId],
    model: Option<&SentimentModel>,
    stop: &Stop,
) -> Result<Vec<ReviewRow>> {
    let texts: Vec<&str> = kept.iter().map(|(record, _)| record.words.text).collect();
    let learned = LearnedAspects::learn(&texts, stop)
        .context("stopped; nothing was published, run it again")?;
    let reader = AspectReader::new(&learned);
    let mut of_products: BTreeMap<u32, (Vec<ReviewRecord<'_>>, Vec<Option<i64>>)> = BTreeMap::new();
    for (record, day) in kept {
        let (of, days) = of_products.entry(record.product).or_default();
        of.push(*record);
        days.push(*day);
    }
    let counts: Vec<StarCounts> = of_products
        .values()
        .map(|(of, _)| StarCounts::of(of.iter().map(|one| one.stars)))
        .collect();
    let prior = RatingPrior::of_products(&counts);
    let mut progress = WorkProgress::start("what reviews say", of_products.len() as u64);
    let mut rows = Vec::with_capacity(of_products.len());
    for (number, (of, days)) in of_products {
        let mentions: Vec<_> =
            of.iter().map(|record| reader.read(record.words.text, model)).collect();
        let said = ReviewDigest::new(&of, &mentions, &prior);
        rows.push(row(items[number as usize], said, (&of, &days)));
        check_in(rows.len() as u64, &mut progress, stop)?;
    }
    progress.finish();
    rows.sort_by_key(|row| row.id);
    tracing::info!(reviews = kept.len(), cards = rows.len(), "reviews read");
    Ok(rows)
}

fn row(
    id: ItemId,
    digest: ReviewDigest,
    (of, days): (&[ReviewRecord<'_>], &[Option<i64>]),
) -> ReviewRow {
    let aspects = digest.aspects.into_iter().map(|count| AspectRow {
        name: count.aspect.name().chars().take(ASPECT_CHARS_MAX).collect(),
        n_good: count.n_positive + count.n_mixed,
        n_bad: count.n_negative + count.n_mixed,
    });
    let quotes = digest.summary.into_iter().map(|quote| {
        let (review, day) = (of[quote.review as usize], days[quote.review as usize]);
        QuoteRow {
            text: quote.text,
            stars: review.stars,
            day: day.and_then(|day| u16::try_from(day).ok()),
            is_verified: review.is_verified,
        }
    });
    ReviewRow {
        id,
        stars: digest.stars.0,
        aspects: aspects.take(ASPECTS_MAX).collect(),
        quotes: quotes.collect(),
    }
}

/// Why a review is kept apart, in words.
fn rejection(reasons: &[ReviewReason], reviews: &[LinedReview]) -> Rejection {
    let words: Vec<String> = reasons.iter().map(|reason| reason_words(reason, reviews)).collect();
    let code = reasons.first().map_or("review", ReviewReason::code);
    Rejection::of_check(&format!("review-{code}"), &words.join("; "))
}

fn reason_words(reason: &ReviewReason, reviews: &[LinedReview]) -> String {
    let line = |review: &usize| reviews[*review].0;
    match reason {
        ReviewReason::Copy { of } => format!("has the words of line {}", line(of)),
        ReviewReason::NearCopy { of } => format!("has nearly the words of line {}", line(of)),
        ReviewReason::ManyProducts { n_products } => {
            format!("its words stand under {n_products} products")
        }
        ReviewReason::AuthorBurst { n_reviews } => {
            format!("its author wrote {n_reviews} reviews within an hour")
        }
        ReviewReason::ProductBurst { n_reviews } => {
            format!("the product got {n_reviews} alike within an hour, of no known purchase")
        }
        ReviewReason::Link => "has the address of a page".to_owned(),
        ReviewReason::PhoneNumber => "has a telephone number".to_owned(),
        ReviewReason::Promotion => "advertises".to_owned(),
        ReviewReason::Contradiction { told } => {
            format!("its words read like {told} stars")
        }
        other => format!("is {}", other.code()),
    }
}

/// A review as the quarantine has it: all but who wrote it.
fn original(review: &KeptReview) -> Value {
    let text: String = review.text.chars().take(ORIGINAL_CHARS_MAX).collect();
    json!({
        "sku": review.sku,
        "rating": review.stars,
        "title": review.title,
        "text": text,
        "helpful": review.n_helpful,
        "written": review.written_seconds,
        "verified": review.is_verified,
    })
}

#[cfg(test)]
mod tests;
