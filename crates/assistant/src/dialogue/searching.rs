//! What is looked for, as a search reads it.

use vitrine_domain::Filters;
use vitrine_domain::limits::QUERY_CHARS_MAX;

use super::splitting::SplitFacet;
use super::wishes::{Wish, WishTest};

/// What candidates are looked for by: it holds what a search box and its filters could hold, and
/// nothing else of a dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToSearch {
    /// The words that say what is wanted, as they were typed, and no others: of "something warm
    /// for hiking under 80, not wool" it is "warm hiking". Measures and alternatives ("red or
    /// blue") are not in it, because a text need not have their words; the dialogue holds them
    /// against what is found. It may be empty, and has at most [`QUERY_CHARS_MAX`] characters, as
    /// every search: of more, the newest words.
    pub text: String,
    /// Conditions.
    pub filters: Filters,
}

impl ToSearch {
    /// A search for some wishes.
    pub(super) fn of(wishes: &[Wish]) -> Self {
        let mut out = Self::default();
        let mut texts: Vec<&str> = Vec::new();
        for wish in wishes {
            match &wish.test {
                WishTest::Words(_) => texts.push(&wish.words),
                WishTest::Has(_, values) if values.len() == 1 => texts.push(&wish.words),
                WishTest::Filters(filters) => out.filters = filters.and(&out.filters),
                WishTest::Choice(facet, value) => {
                    let values = match facet {
                        SplitFacet::Department => &mut out.filters.departments,
                        SplitFacet::Category => &mut out.filters.categories,
                        SplitFacet::Brand => &mut out.filters.brands,
                        SplitFacet::Attribute(_) | SplitFacet::Price => {
                            texts.push(value);
                            continue;
                        }
                    };
                    values.push(value.clone());
                }
                // A search cannot leave a word out: the dialogue does.
                WishTest::Lacks(_) | WishTest::Has(..) | WishTest::Measure(..) => {}
            }
        }
        out.text = newest_words(&texts, QUERY_CHARS_MAX);
        out
    }

    /// The same words without conditions; `None` where there are none to leave out.
    pub(super) fn without_filters(&self) -> Option<Self> {
        let has_filters = self.filters != Filters::default();
        has_filters.then(|| Self { text: self.text.clone(), filters: Filters::default() })
    }
}

/// The last words of some texts, each whole and in their order, as many as have `n_chars_max`
/// characters with the spaces between them.
fn newest_words(texts: &[&str], n_chars_max: usize) -> String {
    let words: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    // The first word has no space before it.
    let mut n_left = n_chars_max + 1;
    let fits = |word: &&&str| {
        let n_chars = word.chars().count() + 1;
        let fits = n_chars <= n_left;
        n_left = n_left.saturating_sub(n_chars);
        fits
    };
    let n_kept = words.iter().rev().take_while(fits).count();
    words[words.len() - n_kept..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_words_the_newest_are_looked_for() {
        let texts = ["warm  hiking", "", "rain jacket"];
        for (n_chars_max, left) in [
            (500, "warm hiking rain jacket"),
            (23, "warm hiking rain jacket"),
            (22, "hiking rain jacket"),
            (11, "rain jacket"),
            (10, "jacket"),
            (5, ""),
        ] {
            assert_eq!(newest_words(&texts, n_chars_max), left, "{n_chars_max}");
        }
        assert_eq!(newest_words(&["防水 外套"], 2), "外套", "characters count, not bytes");
        assert_eq!(
            newest_words(&["a", "防水外套"], 3),
            "",
            "and words behind one that is too long"
        );
    }
}
