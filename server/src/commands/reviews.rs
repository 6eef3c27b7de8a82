//! Reviews of an import: rows of a file, and what was pushed → what is published of each card.

mod intake;
mod rated;
mod report;
mod sentiment;
mod stored;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use vitrine_catalogue::LoggedReview;
use vitrine_domain::ItemId;
use vitrine_encoder::ModelFiles;
use vitrine_quality::{KeptReview, Quarantine, ReviewPass, ReviewedProducts, Summary};
use vitrine_reviews::{
    AspectReader, CheckLimits, LearnedAspects, RatingPrior, ReviewDigest, ReviewRecord, ReviewText,
    SentimentModel, StarCounts, SurveyedProduct, check_reviews, digest,
};
use vitrine_wire::reviews::{ASPECT_CHARS_MAX, ASPECTS_MAX, QUOTE_CHARS_MAX, QUOTES_MAX};
use vitrine_wire::{AspectRow, QuoteRow, ReviewRow};

pub(crate) use intake::PUSHED_REVIEWS;
pub(super) use intake::ReviewFeed;
pub(crate) use rated::RATED_FILE;
pub(super) use rated::{rate, unrate};
pub(crate) use stored::FEED_REVIEWS_FILE;
pub(super) use stored::load as load_of_feed;

use intake::{PlacedReview, ReviewOrigin, TakenReviews};
use report::ReviewReporter;
use sentiment::sentiment;

use super::import::check_in;
use crate::clock::now_seconds;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// What reviews are read by.
pub(super) struct ReviewReading<'a> {
    pub settings: &'a ServerSettings,
    /// The encoder whose vectors the model of sentiment learns from.
    pub model: &'a ModelFiles,
    /// Where the catalogue's files are written.
    pub staging: &'a Path,
    pub stop: &'a Stop,
}

// What the summary of a product has fits what is published.
const _: () =
    assert!(digest::SUMMARY_QUOTES_MAX <= QUOTES_MAX && digest::QUOTE_CHARS_MAX <= QUOTE_CHARS_MAX);

/// What is published of each card that was reviewed, sorted by card; none where there are no reviews.
/// What cannot be read, names no product or is no honest review goes to the quarantine, without
/// its author. What the feed's reviews say, and the report of all, are written into the catalogue's
/// folder.
///
/// # Errors
/// A file cannot be read, the disk refuses, or the process was asked to stop.
pub(super) fn read(
    reading: &ReviewReading<'_>,
    (feed, pushed): (ReviewFeed<'_>, &[LoggedReview]),
    products: &dyn ReviewedProducts,
    (quarantine, summary): (&mut Quarantine, &mut Summary),
) -> Result<Vec<ReviewRow>> {
    if matches!(feed, ReviewFeed::None) && pushed.is_empty() {
        sentiment::forget_all(&reading.settings.data_dir)?;
        return Ok(Vec::new());
    }
    let is_stored = matches!(feed, ReviewFeed::Stored(_));
    let pass = ReviewPass::new(products, now_seconds());
    let mut taken = TakenReviews::read((feed, pushed), &pass, quarantine, reading.stop)?;
    let records = records(&taken.reviews);
    let learned = sentiment(reading, &records)?;
    let told = learned.as_ref().map_or(&[][..], |(_, told)| told);
    let checked = check_reviews(&records, told, &CheckLimits::default());
    drop(records);
    let is_kept = taken.answer(&checked, (quarantine, summary))?;
    let kept: Vec<&PlacedReview> = taken
        .reviews
        .iter()
        .zip(&is_kept)
        .filter_map(|(placed, is_kept)| is_kept.then_some(placed))
        .collect();
    if !is_stored {
        let of_feed = kept.iter().filter(|placed| placed.origin == ReviewOrigin::Feed);
        let of_feed: Vec<&KeptReview> = of_feed.map(|placed| &placed.review).collect();
        stored::save(reading.staging, &of_feed)?;
    }
    let records = records_of(kept.iter().map(|placed| &placed.review));
    let items = card_ids(kept.iter().map(|placed| &placed.review));
    let last_day = records.iter().filter_map(|record| record.day).max();
    let mut reporter = ReviewReporter::new(products, &items, last_day);
    let model = learned.as_ref().map(|(model, _)| model);
    let rows = digests((&records, &items), model, &mut reporter, reading.stop)?;
    reporter.save(reading.staging)?;
    Ok(rows)
}

fn records(reviews: &[PlacedReview]) -> Vec<ReviewRecord<'_>> {
    records_of(reviews.iter().map(|placed| &placed.review))
}

/// Reviews that lie together by card, with cards numbered in their order.
fn records_of<'a>(reviews: impl Iterator<Item = &'a KeptReview>) -> Vec<ReviewRecord<'a>> {
    let (mut product, mut before) = (0, None);
    let record = |review: &'a KeptReview| {
        if before.is_some_and(|before| before != review.item) {
            product += 1;
        }
        before = Some(review.item);
        ReviewRecord {
            product,
            author: &review.author,
            words: ReviewText { title: &review.title, text: &review.text },
            stars: review.stars,
            n_helpful: review.n_helpful,
            is_verified: review.is_verified,
            seconds: review.written_seconds,
            day: review.written_day,
        }
    };
    reviews.map(record).collect()
}

/// The cards by the number that [`records_of`] gives them.
fn card_ids<'a>(reviews: impl Iterator<Item = &'a KeptReview>) -> Vec<ItemId> {
    let mut items: Vec<ItemId> = reviews.map(|review| review.item).collect();
    items.dedup();
    items
}

fn digests(
    (kept, items): (&[ReviewRecord<'_>], &[ItemId]),
    model: Option<&SentimentModel>,
    reporter: &mut ReviewReporter<'_>,
    stop: &Stop,
) -> Result<Vec<ReviewRow>> {
    let texts: Vec<&str> = kept.iter().map(|record| record.words.text).collect();
    let learned = LearnedAspects::learn(&texts, stop)
        .context("stopped; nothing was published, run it again")?;
    let reader = AspectReader::new(&learned);
    let mut of_products: BTreeMap<u32, Vec<ReviewRecord<'_>>> = BTreeMap::new();
    for record in kept {
        of_products.entry(record.product).or_default().push(*record);
    }
    let counts: Vec<StarCounts> =
        of_products.values().map(|of| StarCounts::of(of.iter().map(|one| one.stars))).collect();
    let prior = RatingPrior::of_products(&counts);
    let mut progress = WorkProgress::start("what reviews say", of_products.len() as u64);
    let mut rows = Vec::with_capacity(of_products.len());
    for (number, of) in of_products {
        let mentions: Vec<_> =
            of.iter().map(|record| reader.read(record.words.text, model)).collect();
        let category = reporter.category(number);
        reporter.add(&SurveyedProduct {
            product: number,
            category,
            reviews: &of,
            mentions: &mentions,
        });
        let said = ReviewDigest::new(&of, &mentions, &prior);
        rows.push(row(items[number as usize], said, &of));
        check_in(rows.len() as u64, &mut progress, stop)?;
    }
    progress.finish();
    rows.sort_by_key(|row| row.id);
    tracing::info!(reviews = kept.len(), cards = rows.len(), "reviews read");
    Ok(rows)
}

fn row(id: ItemId, digest: ReviewDigest, of: &[ReviewRecord<'_>]) -> ReviewRow {
    let aspects = digest.aspects.into_iter().map(|count| AspectRow {
        name: count.aspect.name().chars().take(ASPECT_CHARS_MAX).collect(),
        n_good: count.n_positive + count.n_mixed,
        n_bad: count.n_negative + count.n_mixed,
    });
    let quotes = digest.summary.into_iter().map(|quote| {
        let review = of[quote.review as usize];
        QuoteRow {
            text: quote.text,
            stars: review.stars,
            day: review.day.and_then(|day| u16::try_from(day).ok()),
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

#[cfg(test)]
mod tests;
