//! What is looked for, as a search reads it.

use vitrine_domain::Filters;

use super::splitting::SplitFacet;
use super::wishes::{Wish, WishTest};

/// What candidates are looked for by: it holds what a search box and its filters could hold, and
/// nothing else of a dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToSearch {
    /// The words that say what is wanted, as they were typed, and no others: of "something warm
    /// for hiking under 80, not wool" it is "warm hiking". Measures and alternatives ("red or
    /// blue") are not in it, because a text need not have their words; the dialogue holds them
    /// against what is found. It may be empty.
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
        texts.retain(|text| !text.is_empty());
        out.text = texts.join(" ");
        out
    }

    /// The same words without conditions; `None` where there are none to leave out.
    pub(super) fn without_filters(&self) -> Option<Self> {
        let has_filters = self.filters != Filters::default();
        has_filters.then(|| Self { text: self.text.clone(), filters: Filters::default() })
    }
}
