//! Checks reviews of all products together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bursts::bursts;
use super::copies::{Shared, Wording, shared};
use super::reason::{CheckLimits, ReviewFinding, ReviewReason};
use super::spam::spam;
use crate::record::ReviewRecord;
use crate::sentiment::Sentiment;

const DAY_SECONDS: i64 = 86_400;

/// Every review is in one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckedReviews {
    /// Numbers of the reviews that are as they should be, in order.
    pub kept: Vec<usize>,
    /// The others, in order, with all that was found of each.
    pub apart: Vec<ReviewFinding>,
}

/// Checks reviews. Of copies the earliest is kept; of words that stand under several products none.
///
/// # Shapes
/// `told` \[n\], what the words of each review say by parts of a model that have not learned from
/// it ([`crate::FittedSentiment::held_out`]); empty where there is no model, and stars are then held against
/// nothing.
///
/// # Panics
/// When `told` is neither empty nor of all reviews.
pub fn check_reviews(
    reviews: &[ReviewRecord<'_>],
    told: &[Sentiment],
    limits: &CheckLimits,
) -> CheckedReviews {
    assert!(told.is_empty() || told.len() == reviews.len(), "what is told of each review");
    let mut reasons = bursts(reviews, limits);
    for (i, review) in reviews.iter().enumerate() {
        reasons[i].extend(by_itself(review, limits));
        let told = told.get(i).filter(|_| review.has_words());
        reasons[i].extend(told.and_then(|told| contradiction(review.stars, told, limits)));
    }
    note_copies(reviews, limits, &mut reasons);
    let mut checked = CheckedReviews::default();
    for (review, reasons) in reasons.into_iter().enumerate() {
        match reasons.is_empty() {
            true => checked.kept.push(review),
            false => checked.apart.push(ReviewFinding { review, reasons }),
        }
    }
    checked
}

fn by_itself(review: &ReviewRecord<'_>, limits: &CheckLimits) -> Vec<ReviewReason> {
    let mut reasons = Vec::new();
    let (title, text) = (review.words.title, review.words.text);
    if !review.has_words() {
        reasons.push(ReviewReason::Empty);
    }
    if !(1..=5).contains(&review.stars) {
        reasons.push(ReviewReason::StarsOutOfRange { stars: review.stars });
    }
    let n_chars = title.chars().count() + text.chars().count();
    if n_chars > limits.n_chars_max {
        reasons.push(ReviewReason::TooLong { n_chars });
        return reasons;
    }
    let mut found = spam(title);
    found.extend(
        spam(text).into_iter().filter(|reason| !found.contains(reason)).collect::<Vec<_>>(),
    );
    reasons.extend(found);
    reasons
}

/// Whether stars at one end of the scale have words of the other.
fn contradiction(stars: u8, told: &Sentiment, limits: &CheckLimits) -> Option<ReviewReason> {
    let distribution = told.stars?;
    let other_end = match stars {
        1 | 2 => 1.0 - distribution.at_most(3),
        4 | 5 => distribution.at_most(2),
        _ => return None,
    };
    let told = distribution.median();
    (other_end >= limits.contradiction_min).then_some(ReviewReason::Contradiction { told })
}

fn note_copies(
    reviews: &[ReviewRecord<'_>],
    limits: &CheckLimits,
    reasons: &mut [Vec<ReviewReason>],
) {
    let wording = |review: &ReviewRecord<'_>| {
        let is_short = review.words.text.len() <= 4 * limits.n_chars_max;
        let text = if is_short { review.words.text } else { "" };
        Wording::of(review.words.title, text)
    };
    let wordings: Vec<Wording> = reviews.iter().map(wording).collect();
    let mut order: Vec<usize> = (0..reviews.len()).collect();
    // Of one day, those whose hour is not known come first: nothing says that they are later.
    order.sort_by_key(|i| {
        let review = &reviews[*i];
        let day = review.day.or(review.seconds.map(|seconds| seconds.div_euclid(DAY_SECONDS)));
        (day.unwrap_or(i64::MAX), review.seconds.unwrap_or(i64::MIN), *i)
    });
    let found = shared(&wordings, &order, limits.copy_words_min, limits.near_copy_share_min);
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut first_of: Vec<usize> = (0..reviews.len()).collect();
    for &i in &order {
        if let Some(Shared::All(of) | Shared::Most(of)) = found[i] {
            first_of[i] = first_of[of];
            clusters.entry(first_of[i]).or_default().push(i);
        }
    }
    for (i, found) in found.iter().enumerate() {
        reasons[i].extend(found.map(|found| match found {
            Shared::All(of) => ReviewReason::Copy { of },
            Shared::Most(of) => ReviewReason::NearCopy { of },
        }));
    }
    for (first, others) in clusters {
        let all = || others.iter().copied().chain([first]);
        let products: BTreeSet<u32> = all().map(|i| reviews[i].product).collect();
        let n_products = products.len();
        if n_products >= limits.n_products_min {
            all().for_each(|i| reasons[i].push(ReviewReason::ManyProducts { n_products }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ReviewText;

    #[test]
    fn of_copies_the_earliest_day_is_kept_where_no_hours_are_known() {
        let text = "It is the nicest bag that I have ever carried to work.";
        let written = |(seconds, day): (Option<i64>, Option<i64>)| ReviewRecord {
            product: 1,
            author: "",
            words: ReviewText { title: "", text },
            stars: 5,
            n_helpful: 0,
            is_verified: false,
            seconds,
            day,
        };
        let late = Some(20_001 * DAY_SECONDS + 60);
        let reviews =
            [(None, None), (late, Some(20_001)), (None, Some(20_001)), (None, Some(20_000))]
                .map(written);
        let checked = check_reviews(&reviews, &[], &CheckLimits::default());
        assert_eq!(checked.kept, [3]);
        assert!(checked.apart.iter().all(|one| one.reasons == [ReviewReason::Copy { of: 3 }]));
    }
}
