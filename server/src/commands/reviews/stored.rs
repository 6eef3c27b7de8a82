//! The reviews that an import kept of its feed, in a file of the catalogue's folder, so that
//! `vitrine compact` can read them again together with those that were pushed since. Who wrote
//! them is not in it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use vitrine_quality::{KeptReview, ReviewLine};

/// Its file in a catalogue's folder.
pub(crate) const FEED_REVIEWS_FILE: &str = "feed_reviews.bin";
/// Largest such file, in bytes: some million reviews. Of more, `vitrine compact` reads none anew.
const BYTES_MAX: u64 = 1 << 30;
/// Bytes of a review besides its texts, at most.
const BESIDE_TEXT_BYTES: usize = 64;

/// A review of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commands) struct StoredReview {
    sku: String,
    stars: u8,
    title: String,
    text: String,
    n_helpful: u32,
    written_seconds: Option<i64>,
    written_day: Option<i64>,
    is_verified: bool,
}

impl StoredReview {
    fn of(review: &KeptReview) -> Self {
        Self {
            sku: review.sku.clone(),
            stars: review.stars,
            title: review.title.clone(),
            text: review.text.clone(),
            n_helpful: review.n_helpful,
            written_seconds: review.written_seconds,
            written_day: review.written_day,
            is_verified: review.is_verified,
        }
    }

    fn n_bytes_max(review: &KeptReview) -> usize {
        BESIDE_TEXT_BYTES + review.sku.len() + review.title.len() + review.text.len()
    }

    /// As a line that is checked again.
    pub(super) fn line(self) -> ReviewLine {
        ReviewLine {
            sku: self.sku,
            rating: Some(f64::from(self.stars)),
            title: self.title,
            text: self.text,
            helpful: Some(f64::from(self.n_helpful)),
            written_seconds: self.written_seconds,
            written_day: self.written_day,
            is_verified: self.is_verified,
            author: String::new(),
        }
    }
}

/// Writes them into a catalogue's folder; none where they are too many, which the log says.
///
/// # Errors
/// The disk refuses.
pub(super) fn save(dir: &Path, reviews: &[&KeptReview]) -> Result<()> {
    let n_bytes: usize = reviews.iter().map(|review| StoredReview::n_bytes_max(review)).sum();
    if n_bytes as u64 > BYTES_MAX {
        tracing::warn!(
            n_bytes,
            "the feed's reviews are too large to be kept: pushed reviews show with the next import \
             and not with `vitrine compact`"
        );
        return Ok(());
    }
    let stored: Vec<StoredReview> = reviews.iter().map(|review| StoredReview::of(review)).collect();
    let bytes = postcard::to_stdvec(&stored).context("encoding the reviews of the feed")?;
    Ok(vitrine_durable::write(&dir.join(FEED_REVIEWS_FILE), &bytes)?)
}

/// Reads them from a catalogue's folder; `None` where an older Vitrine kept none, or they were too
/// many.
///
/// # Errors
/// The file is damaged.
pub(in crate::commands) fn load(dir: &Path) -> Result<Option<Vec<StoredReview>>> {
    let path = dir.join(FEED_REVIEWS_FILE);
    let Ok(metadata) = fs::metadata(&path) else { return Ok(None) };
    let damaged = || format!("{} is damaged: import again", path.display());
    anyhow::ensure!(metadata.len() <= BYTES_MAX, damaged());
    let bytes = vitrine_durable::read(dir, FEED_REVIEWS_FILE).with_context(damaged)?;
    postcard::from_bytes(&bytes).map(Some).with_context(damaged)
}
