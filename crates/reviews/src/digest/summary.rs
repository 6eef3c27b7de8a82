//! Sentences that say what many reviews say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::counts::AspectCount;
use crate::aspects::{Aspect, AspectMention, Polarity};
use crate::record::ReviewRecord;
use crate::text::{sentences, tokens};

/// Most sentences of a summary.
pub const SUMMARY_QUOTES_MAX: usize = 4;
/// Most characters of a summary.
pub const SUMMARY_CHARS_MAX: usize = 480;
/// Characters of a sentence that can be quoted.
pub const QUOTE_CHARS_MIN: usize = 12;
/// See [`QUOTE_CHARS_MIN`].
pub const QUOTE_CHARS_MAX: usize = 180;
/// Share of what is said from which a side has a sentence in any summary of two.
const SIDE_SHARE_MIN: f64 = 0.15;

/// A whole sentence of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedSentence {
    /// Which of the product's reviews, from 0.
    pub review: u32,
    /// Where it begins in the text of the review, in bytes.
    pub start: u32,
    /// The sentence, as it was written.
    pub text: String,
    /// Whether it praises; else it blames.
    pub is_praise: bool,
    /// Reviews that say about its first aspect what it says.
    pub n_reviews: u32,
}

/// A sentence that could be quoted.
pub(crate) struct Quotable<'a> {
    /// Of which review of the product.
    pub review: usize,
    start: usize,
    pub text: &'a str,
    pub is_praise: bool,
    pub aspects: BTreeSet<&'a Aspect>,
}

/// Chooses sentences one by one: each time the one whose aspects, as far as they are not quoted yet, most
/// reviews praise or blame as it does. Both sides get sentences in proportion; no author and no review
/// is quoted twice.
pub(super) fn summary(
    reviews: &[ReviewRecord<'_>],
    mentions: &[Vec<AspectMention>],
    counts: &[AspectCount],
) -> Vec<QuotedSentence> {
    let agreeing: BTreeMap<(&Aspect, bool), u32> = counts
        .iter()
        .flat_map(|count| {
            let praised = count.n_positive + count.n_mixed;
            let blamed = count.n_negative + count.n_mixed;
            [((&count.aspect, true), praised), ((&count.aspect, false), blamed)]
        })
        .collect();
    let quotable = quotable(reviews, mentions);
    let mut left = sides(&agreeing, &quotable);
    let mut is_quoted: BTreeSet<(&Aspect, bool)> = BTreeSet::new();
    let mut taken: Vec<&Quotable<'_>> = Vec::new();
    let mut n_chars = 0;
    loop {
        let worth = |one: &Quotable<'_>| -> u32 {
            let fresh =
                one.aspects.iter().filter(|aspect| !is_quoted.contains(&(**aspect, one.is_praise)));
            fresh.filter_map(|aspect| agreeing.get(&(*aspect, one.is_praise))).sum()
        };
        let fits = |one: &&Quotable<'_>| {
            left[usize::from(one.is_praise)] > 0
                && n_chars + one.text.chars().count() <= SUMMARY_CHARS_MAX
                && taken.iter().all(|other| are_of_two(reviews, other, one))
        };
        let best =
            quotable.iter().filter(fits).map(|one| (worth(one), one)).max_by(|(a, x), (b, y)| {
                let helpful = |one: &Quotable<'_>| reviews[one.review].n_helpful;
                let by_worth = a.cmp(b).then_with(|| helpful(x).cmp(&helpful(y)));
                by_worth.then_with(|| (y.review, y.start).cmp(&(x.review, x.start)))
            });
        let Some((worth, best)) = best else { break };
        if worth == 0 {
            // Nothing new is said on this side.
            left[usize::from(best.is_praise)] = 0;
            continue;
        }
        left[usize::from(best.is_praise)] -= 1;
        n_chars += best.text.chars().count();
        is_quoted.extend(best.aspects.iter().map(|aspect| (*aspect, best.is_praise)));
        taken.push(best);
    }
    taken.into_iter().map(|one| quoted(one, &agreeing)).collect()
}

fn quoted(one: &Quotable<'_>, agreeing: &BTreeMap<(&Aspect, bool), u32>) -> QuotedSentence {
    let n_reviews = |aspect: &&Aspect| agreeing.get(&(*aspect, one.is_praise)).copied();
    QuotedSentence {
        review: one.review as u32,
        start: one.start as u32,
        text: one.text.to_owned(),
        is_praise: one.is_praise,
        n_reviews: one.aspects.iter().filter_map(n_reviews).max().unwrap_or(1),
    }
}

/// Whether two sentences are of two reviews and authors, and in other words.
pub(crate) fn are_of_two(reviews: &[ReviewRecord<'_>], a: &Quotable<'_>, b: &Quotable<'_>) -> bool {
    let [one, other] = [a, b].map(|quotable| reviews[quotable.review].known_author());
    let words = |one: &Quotable<'_>| -> Vec<String> {
        tokens(one.text)
            .into_iter()
            .filter(|token| token.is_word())
            .map(|token| token.text)
            .collect()
    };
    a.review != b.review && (one.is_none() || one != other) && words(a) != words(b)
}

/// How many sentences blame and praise: as many as is said of each, and at least one of each side
/// that has a share worth a mention.
fn sides(agreeing: &BTreeMap<(&Aspect, bool), u32>, quotable: &[Quotable<'_>]) -> [usize; 2] {
    let sum = |side: bool| -> f64 {
        agreeing
            .iter()
            .filter(|((_, is_praise), _)| *is_praise == side)
            .map(|(_, n)| f64::from(*n))
            .sum()
    };
    let has = |side: bool| quotable.iter().any(|one| one.is_praise == side);
    let (blame, praise) = (sum(false), sum(true));
    let share = blame / (blame + praise).max(1.0);
    let mut n_blame = (share * SUMMARY_QUOTES_MAX as f64).round() as usize;
    if share >= SIDE_SHARE_MIN {
        n_blame = n_blame.max(1);
    }
    if 1.0 - share >= SIDE_SHARE_MIN {
        n_blame = n_blame.min(SUMMARY_QUOTES_MAX - 1);
    }
    if !has(false) {
        n_blame = 0;
    }
    [n_blame, if has(true) { SUMMARY_QUOTES_MAX - n_blame } else { 0 }]
}

/// Whole sentences that praise or blame something, and not both.
pub(crate) fn quotable<'a>(
    reviews: &'a [ReviewRecord<'_>],
    mentions: &'a [Vec<AspectMention>],
) -> Vec<Quotable<'a>> {
    let mut found = Vec::new();
    for (review, (record, mentions)) in reviews.iter().zip(mentions).enumerate() {
        let text = record.words.text;
        for (sentence, range) in (0..).zip(sentences(text)) {
            let start = range.start;
            let said = &text[range];
            let of_it: Vec<&AspectMention> =
                mentions.iter().filter(|mention| mention.sentence == sentence).collect();
            let Some(first) = of_it.first() else { continue };
            let is_one_sided = first.polarity != Polarity::Mixed
                && of_it.iter().all(|mention| mention.polarity == first.polarity);
            let n_chars = said.chars().count();
            let is_short = (QUOTE_CHARS_MIN..=QUOTE_CHARS_MAX).contains(&n_chars);
            // A text may have been cut off where it came from.
            let is_whole =
                said.chars().next_back().is_some_and(|last| !last.is_alphanumeric() && last != ',');
            if is_one_sided && is_short && is_whole {
                let aspects = of_it.iter().map(|mention| &mention.aspect).collect();
                let is_praise = first.polarity == Polarity::Positive;
                found.push(Quotable { review, start, text: said, is_praise, aspects });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{RatingPrior, ReviewDigest, StarCounts};
    use super::*;
    use crate::aspects::{AspectReader, KnownAspect};
    use crate::features::ReviewText;

    const PRIOR: RatingPrior = RatingPrior { mean: 4.0, weight: 5.0 };

    fn digest(texts: &'static [(&str, &str, u8)]) -> ReviewDigest {
        let record = |(author, text, stars): &(&'static str, &'static str, u8)| ReviewRecord {
            product: 1,
            author,
            words: ReviewText { title: "", text },
            stars: *stars,
            n_helpful: 0,
            is_verified: true,
            seconds: None,
            day: None,
        };
        let records: Vec<ReviewRecord<'_>> = texts.iter().map(record).collect();
        let reader = AspectReader::default();
        let mentions: Vec<_> = texts.iter().map(|(_, text, _)| reader.read(text, None)).collect();
        ReviewDigest::new(&records, &mentions, &PRIOR)
    }

    static SAID: [(&str, &str, u8); 7] = [
        ("ann", "The fabric is so soft. It runs small.", 4),
        ("bea", "Very soft fabric! Bought two.", 5),
        ("ann", "I adore how soft the fabric is.", 5),
        ("cat", "The color is beautiful. Soft too.", 5),
        ("dan", "Sadly it runs small.", 2),
        ("eve", "Way too small for me, and it is itchy.", 1),
        ("fay", "Soft, lovely, and the fabric is soft but then it is cut o", 4),
    ];

    #[test]
    fn what_most_say_is_quoted_on_both_sides_in_proportion() {
        let digest = digest(&SAID);
        assert_eq!(digest.stars, StarCounts([1, 1, 0, 2, 3]));
        let first = &digest.aspects[0];
        assert_eq!(first.aspect, Aspect::Known(KnownAspect::Material));
        assert_eq!((first.n_positive, first.n_negative), (5, 0));
        let fit = &digest.aspects[1];
        assert_eq!((fit.aspect.name(), fit.n_negative), ("fit", 3));
        assert!(digest.summary.iter().any(|quote| !quote.is_praise && quote.n_reviews == 3));
        assert!(digest.summary.iter().any(|quote| quote.is_praise && quote.n_reviews == 5));
        for quote in &digest.summary {
            let text = SAID[quote.review as usize].1;
            assert!(text[quote.start as usize..].starts_with(&quote.text), "as it was written");
            assert!(!quote.text.ends_with("cut o"));
        }
        let authors: BTreeSet<&str> =
            digest.summary.iter().map(|quote| SAID[quote.review as usize].0).collect();
        assert_eq!(authors.len(), digest.summary.len());
    }

    #[test]
    fn few_reviews_have_a_rating_alone() {
        let digest = digest(&SAID[..4]);
        assert!(digest.aspects.is_empty() && digest.summary.is_empty());
        assert!((digest.rating - (19.0 + 20.0) / 9.0).abs() < 1e-12);
    }
}
