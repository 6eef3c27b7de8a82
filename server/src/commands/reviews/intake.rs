//! Rows of a feed and pushed reviews, one by one: what is kept, and what goes to the quarantine.

use std::cmp::Reverse;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use vitrine_catalogue::{LoggedReview, ReviewContent, ReviewTime};
use vitrine_ingest::{Mapping, ORIGINAL_CHARS_MAX, RawReview, open_reviews};
use vitrine_quality::{
    Intake, KeptReview, Quarantine, Rejection, ReviewLine, ReviewPass, SourceSummary, Summary,
};
use vitrine_reviews::{CheckedReviews, ReviewFinding, ReviewReason};

use super::stored::StoredReview;
use crate::commands::import::{check_in, file_name, unreadable};
use crate::progress::WorkProgress;
use crate::signals::Stop;

/// What quarantine and summary call reviews that were pushed.
pub(crate) const PUSHED_REVIEWS: &str = "pushed reviews";
/// And those of a feed that was read by an import before.
const EARLIER_REVIEWS: &str = "reviews of the import";
/// Most reviews of an import or a compaction. A file with more is refused; of those of a file and pushed
/// ones together the newest are read.
pub(super) const REVIEWS_MAX: usize = 2_000_000;

/// Where a shop's reviews are, besides those that were pushed.
pub(in crate::commands) enum ReviewFeed<'a> {
    /// Nowhere.
    None,
    /// In a file.
    File(&'a Path, &'a Mapping),
    /// As an import kept them.
    Stored(Vec<StoredReview>),
}

/// Which of the two a review came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReviewOrigin {
    Feed,
    Pushed,
}

/// A review with its place: the line of the file, or which of the pushed ones it is.
pub(super) struct PlacedReview {
    pub origin: ReviewOrigin,
    pub line: u64,
    pub review: KeptReview,
}

/// Reviews that were read, with what is known of them row by row.
pub(super) struct TakenReviews {
    /// Those of one card together, those of the feed before pushed ones, each in their order.
    pub reviews: Vec<PlacedReview>,
    /// Rows of each origin, of which those that are in `reviews` have no answer yet.
    sources: [Option<SourceSummary>; 2],
}

impl TakenReviews {
    /// Reads both.
    ///
    /// # Errors
    /// A file cannot be read or has too many, or the process was asked to stop.
    pub fn read(
        (feed, pushed): (ReviewFeed<'_>, &[LoggedReview]),
        pass: &ReviewPass<'_>,
        quarantine: &mut Quarantine,
        stop: &Stop,
    ) -> Result<Self> {
        let mut progress = WorkProgress::start("reviews", 0);
        let mut taken = Self { reviews: Vec::new(), sources: [None, None] };
        match feed {
            ReviewFeed::None => {}
            ReviewFeed::File(path, mapping) => {
                let intake = Intake::new(quarantine, file_name(path));
                let rows = open_reviews(path, mapping)?;
                taken
                    .rows(rows, pass, intake, (&mut progress, stop))
                    .with_context(|| format!("reading the reviews of {}", path.display()))?;
            }
            ReviewFeed::Stored(stored) => {
                let lines = stored.into_iter().map(StoredReview::line);
                let lines = (1..).zip(lines);
                let intake = Intake::new(quarantine, EARLIER_REVIEWS);
                let origin = ReviewOrigin::Feed;
                taken.lines((origin, lines), pass, intake, (&mut progress, stop))?;
            }
        }
        if !pushed.is_empty() {
            // What was taken away is no row.
            let lines = (1..)
                .zip(pushed)
                .filter_map(|(line, review)| Some((line, pushed_line(review.content.as_ref()?))));
            let intake = Intake::new(quarantine, PUSHED_REVIEWS);
            let origin = ReviewOrigin::Pushed;
            taken.lines((origin, lines), pass, intake, (&mut progress, stop))?;
        }
        progress.finish();
        let n_left_out = taken.leave_out_oldest(REVIEWS_MAX);
        if n_left_out > 0 {
            tracing::warn!(
                n_left_out,
                "more than {REVIEWS_MAX} reviews: the oldest are left out, and counted nowhere"
            );
        }
        taken.reviews.sort_by_key(|placed| (placed.review.item, placed.origin, placed.line));
        Ok(taken)
    }

    fn rows(
        &mut self,
        mut rows: vitrine_ingest::Reviews,
        pass: &ReviewPass<'_>,
        mut intake: Intake<'_>,
        (progress, stop): (&mut WorkProgress, &Stop),
    ) -> Result<()> {
        let mut n = 0;
        while let Some(row) = rows.next() {
            let row = row?;
            intake.read();
            match pass.push(row.record.map_err(unreadable).map(raw_line)) {
                Ok(review) => {
                    ensure!(
                        self.reviews.len() < REVIEWS_MAX,
                        "there are more than {REVIEWS_MAX}, and no more are read: leave out the oldest"
                    );
                    self.take(ReviewOrigin::Feed, row.line, review);
                }
                Err(rejection) => {
                    intake.answer::<()>(row.line, Err(rejection), || rows.original())?;
                }
            }
            n += 1;
            check_in(n, progress, stop)?;
        }
        self.sources[ReviewOrigin::Feed as usize] = Some(intake.suspend());
        Ok(())
    }

    fn lines(
        &mut self,
        (origin, lines): (ReviewOrigin, impl Iterator<Item = (u64, ReviewLine)>),
        pass: &ReviewPass<'_>,
        mut intake: Intake<'_>,
        (progress, stop): (&mut WorkProgress, &Stop),
    ) -> Result<()> {
        for (n, (number, line)) in (1..).zip(lines) {
            intake.read();
            let (sku, rating) = (line.sku.clone(), line.rating);
            match pass.push(Ok(line)) {
                Ok(review) => self.take(origin, number, review),
                Err(rejection) => {
                    let original = || json!({ "sku": sku, "rating": rating });
                    intake.answer::<()>(number, Err(rejection), original)?;
                }
            }
            check_in(n, progress, stop)?;
        }
        self.sources[origin as usize] = Some(intake.suspend());
        Ok(())
    }

    fn take(&mut self, origin: ReviewOrigin, line: u64, review: KeptReview) {
        self.reviews.push(PlacedReview { origin, line, review });
    }

    /// Leaves out the oldest beyond so many, those without a day first, as if they had not been read;
    /// how many these are.
    fn leave_out_oldest(&mut self, n_max: usize) -> usize {
        let n_over = self.reviews.len().saturating_sub(n_max);
        if n_over == 0 {
            return 0;
        }
        self.reviews.sort_by_key(|placed| {
            let written = (placed.review.written_day, placed.review.written_seconds);
            Reverse((written, placed.origin, placed.line))
        });
        for placed in self.reviews.drain(n_max..) {
            if let Some(source) = &mut self.sources[placed.origin as usize] {
                source.read -= 1;
            }
        }
        n_over
    }

    /// Answers for all that were read, by what the checks of all together found; whether each is kept.
    ///
    /// # Errors
    /// The quarantine cannot be written.
    pub fn answer(
        &mut self,
        checked: &CheckedReviews,
        (quarantine, summary): (&mut Quarantine, &mut Summary),
    ) -> Result<Vec<bool>> {
        let mut rejected: Vec<Option<Rejection>> = vec![None; self.reviews.len()];
        // Stars without words are a rating like any other.
        let says_nothing = |finding: &&ReviewFinding| finding.reasons == [ReviewReason::Empty];
        for finding in checked.apart.iter().filter(|finding| !says_nothing(finding)) {
            rejected[finding.review] = Some(self.rejection(&finding.reasons));
        }
        let is_kept = rejected.iter().map(Option::is_none).collect();
        for origin in [ReviewOrigin::Feed, ReviewOrigin::Pushed] {
            let Some(source) = self.sources[origin as usize].take() else { continue };
            let mut intake = Intake::resume(quarantine, source);
            for (placed, rejection) in self.reviews.iter().zip(&mut rejected) {
                if placed.origin == origin {
                    let answer = rejection.take().map_or(Ok(()), Err);
                    intake.answer(placed.line, answer, || original(&placed.review))?;
                }
            }
            intake.finish(summary).context("counting reviews")?;
        }
        Ok(is_kept)
    }

    /// Why a review is kept apart, in words.
    fn rejection(&self, reasons: &[ReviewReason]) -> Rejection {
        let words: Vec<String> = reasons.iter().map(|reason| self.reason_words(reason)).collect();
        let code = reasons.first().map_or("review", ReviewReason::code);
        Rejection::of_check(&format!("review-{code}"), &words.join("; "))
    }

    fn reason_words(&self, reason: &ReviewReason) -> String {
        let place = |review: &usize| {
            let PlacedReview { origin, line, .. } = &self.reviews[*review];
            match origin {
                ReviewOrigin::Feed => format!("line {line}"),
                ReviewOrigin::Pushed => format!("pushed review {line}"),
            }
        };
        match reason {
            ReviewReason::Copy { of } => format!("has the words of {}", place(of)),
            ReviewReason::NearCopy { of } => format!("has nearly the words of {}", place(of)),
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
}

fn raw_line(raw: RawReview) -> ReviewLine {
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

/// A pushed review as a line of a feed. Nobody knows who wrote it.
fn pushed_line(content: &ReviewContent) -> ReviewLine {
    let moment = |time: &ReviewTime| match time {
        ReviewTime::Moment(seconds) => Some(*seconds),
        ReviewTime::Day(_) => None,
    };
    ReviewLine {
        sku: content.sku.clone(),
        rating: Some(content.stars),
        title: content.title.clone(),
        text: content.text.clone(),
        helpful: Some(f64::from(content.helpful)),
        written_seconds: content.time.as_ref().and_then(moment),
        written_day: content.time.map(ReviewTime::day),
        is_verified: content.verified,
        author: String::new(),
    }
}

/// A review as the quarantine has it: all but who wrote it.
fn original(review: &KeptReview) -> Value {
    let beginning = |text: &str| text.chars().take(ORIGINAL_CHARS_MAX).collect::<String>();
    json!({
        "sku": review.sku,
        "rating": review.stars,
        "title": beginning(&review.title),
        "text": beginning(&review.text),
        "helpful": review.n_helpful,
        "written": review.written_seconds,
        "day": review.written_day,
        "verified": review.is_verified,
    })
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ItemId;

    use super::*;

    #[test]
    fn of_too_many_the_newest_stay_and_the_others_are_not_counted() {
        let placed = |origin, line, written_day| {
            let review = KeptReview {
                item: ItemId(1),
                sku: "1".to_owned(),
                stars: 5,
                title: String::new(),
                text: String::new(),
                n_helpful: 0,
                written_seconds: None,
                written_day,
                is_verified: false,
                author: String::new(),
            };
            PlacedReview { origin, line, review }
        };
        let source = |read| Some(SourceSummary { read, ..SourceSummary::default() });
        let mut taken = TakenReviews {
            reviews: vec![
                placed(ReviewOrigin::Feed, 2, Some(20_000)),
                placed(ReviewOrigin::Feed, 3, None),
                placed(ReviewOrigin::Feed, 4, Some(20_003)),
                placed(ReviewOrigin::Pushed, 1, Some(20_001)),
                placed(ReviewOrigin::Pushed, 2, Some(20_002)),
            ],
            sources: [source(4), source(2)],
        };
        assert_eq!(taken.leave_out_oldest(5), 0);
        assert_eq!(taken.leave_out_oldest(3), 2);
        let mut left: Vec<(ReviewOrigin, u64)> =
            taken.reviews.iter().map(|placed| (placed.origin, placed.line)).collect();
        left.sort_unstable();
        let (feed, pushed) = (ReviewOrigin::Feed, ReviewOrigin::Pushed);
        assert_eq!(left, [(feed, 4), (pushed, 1), (pushed, 2)]);
        let read = taken.sources.map(|source| source.map(|source| source.read));
        assert_eq!(read, [Some(2), Some(2)]);
    }
}
