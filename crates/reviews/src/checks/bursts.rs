//! Reviews that come close after each other.

use std::collections::BTreeMap;

use super::reason::{CheckLimits, ReviewReason};
use crate::record::ReviewRecord;

/// For each review whether it is in a burst, of its author or of its product. Reviews of which no more
/// than the day is known are in none.
pub(super) fn bursts(reviews: &[ReviewRecord<'_>], limits: &CheckLimits) -> Vec<Vec<ReviewReason>> {
    let mut found = vec![Vec::new(); reviews.len()];
    let mut by_author: BTreeMap<&str, Vec<(i64, usize)>> = BTreeMap::new();
    let mut by_stars: BTreeMap<(u32, u8), Vec<(i64, usize)>> = BTreeMap::new();
    // Where nobody is said to have bought anything, it is not known of anybody.
    let is_known = reviews.iter().any(|review| review.is_verified);
    for (i, review) in reviews.iter().enumerate() {
        let Some(seconds) = review.seconds else { continue };
        if let Some(author) = review.known_author() {
            by_author.entry(author).or_default().push((seconds, i));
        }
        if is_known && !review.is_verified {
            by_stars.entry((review.product, review.stars)).or_default().push((seconds, i));
        }
    }
    for times in by_author.into_values() {
        let (seconds, n_min) = (limits.author_burst_seconds, limits.n_author_burst_min);
        note(times, seconds, n_min, &mut found, |n_reviews| ReviewReason::AuthorBurst {
            n_reviews,
        });
    }
    for times in by_stars.into_values() {
        let (seconds, n_min) = (limits.product_burst_seconds, limits.n_product_burst_min);
        note(times, seconds, n_min, &mut found, |n_reviews| ReviewReason::ProductBurst {
            n_reviews,
        });
    }
    found
}

/// Notes each review of a window with enough reviews, with how many it had when the review was first
/// in one.
fn note(
    mut times: Vec<(i64, usize)>,
    seconds: i64,
    n_min: usize,
    found: &mut [Vec<ReviewReason>],
    reason: impl Fn(usize) -> ReviewReason,
) {
    times.sort_unstable();
    let mut most = vec![0; times.len()];
    let mut start = 0;
    let mut noted = 0;
    for end in 0..times.len() {
        while times[end].0.saturating_sub(times[start].0) > seconds {
            start += 1;
        }
        let n = end + 1 - start;
        if n >= n_min {
            for most in &mut most[start.max(noted)..=end] {
                *most = n;
            }
            noted = end + 1;
        }
    }
    for ((_, i), n) in times.iter().zip(most) {
        if n > 0 {
            found[*i].push(reason(n));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ReviewText;

    fn record(author: &'static str, seconds: i64, is_verified: bool) -> ReviewRecord<'static> {
        let words = ReviewText { title: "", text: "fine" };
        let (stars, n_helpful) = (5, 0);
        let (seconds, day) = (Some(seconds), Some(seconds.div_euclid(86_400)));
        ReviewRecord { product: 3, author, words, stars, n_helpful, is_verified, seconds, day }
    }

    #[test]
    fn only_what_comes_close_is_a_burst() {
        let limits =
            CheckLimits { n_author_burst_min: 3, n_product_burst_min: 4, ..CheckLimits::default() };
        let mut reviews: Vec<_> = [0, 10, 20, 90_000].map(|at| record("bot", at, true)).into();
        reviews.extend([0, 1, 2, i64::MAX, i64::MIN].map(|at| record("", at, false)));
        let codes: Vec<Vec<&str>> = bursts(&reviews, &limits)
            .iter()
            .map(|reasons| reasons.iter().map(ReviewReason::code).collect())
            .collect();
        let bot = vec!["author-burst"];
        assert_eq!(codes[..4], [bot.clone(), bot.clone(), bot, vec![]]);
        assert!(codes[4..].iter().all(Vec::is_empty));
        reviews.push(record("", 3, false));
        assert_eq!(bursts(&reviews, &limits)[4], [ReviewReason::ProductBurst { n_reviews: 4 }]);
    }

    #[test]
    fn days_without_hours_are_no_bursts_beside_reviews_with_hours_either() {
        let limits = CheckLimits::default();
        let day_alone =
            |author| ReviewRecord { seconds: None, ..record(author, 1_767_312_000, false) };
        let mut reviews: Vec<_> = (0..40).map(|_| day_alone("ann")).collect();
        reviews.extend((0..3).map(|at| record("", 1_767_312_017 + at, true)));
        assert!(bursts(&reviews, &limits).iter().all(Vec::is_empty));
        // Whole hours are hours: whoever has them as such is held to them.
        let whole: Vec<_> = (0..40).map(|_| record("ann", 1_767_312_000, true)).collect();
        assert!(bursts(&whole, &limits).iter().all(|reasons| reasons.len() == 1));
    }

    #[test]
    fn nobody_is_no_author_and_purchases_that_nobody_tells_are_no_bursts() {
        let limits = CheckLimits::default();
        let nobodys: Vec<_> = (0..40)
            .map(|at| record(["Anonymous", "匿名", "GAST", ""][at as usize % 4], at, true))
            .collect();
        assert!(bursts(&nobodys, &limits).iter().all(Vec::is_empty));
        let unsaid: Vec<_> = (0..40).map(|at| record("", 1_767_312_000 + at, false)).collect();
        assert!(bursts(&unsaid, &limits).iter().all(Vec::is_empty));
    }
}
