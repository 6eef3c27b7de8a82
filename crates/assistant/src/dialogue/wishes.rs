//! What a shopper wants of products, wish by wish.

use vitrine_domain::Filters;

use crate::lexicon::{PropertyId, Term};
use crate::quantities::Quantity;

use super::splitting::SplitFacet;

/// Wishes that are kept; beyond them the oldest goes.
pub(super) const WISHES_MAX: usize = 24;

/// What a wish is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WishKind {
    /// Words to look for.
    Words,
    /// Bounds of the price.
    Price,
    /// A brand that is left out, or something that products must be free of.
    LeftOut,
    /// A value: a colour, a material.
    Value,
    /// Something that products must not have or be.
    Without,
    /// A measure.
    Measure,
    /// A choice among the answers to a question.
    Choice,
}

/// How a wish is tested.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WishTest {
    /// What is looked for.
    Words(Vec<Term>),
    /// Price, brands, substances, as a search reads them.
    Filters(Filters),
    /// One of several values of a property.
    Has(PropertyId, Vec<String>),
    /// A term that products must not have.
    Lacks(Term),
    /// A measure of a property, or of any.
    Measure(Option<PropertyId>, Quantity),
    /// The value of a facet.
    Choice(SplitFacet, String),
}

/// One thing that a shopper wants.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    /// As it was typed, or the label that was chosen.
    pub typed: String,
    /// The words of it that a search looks for, as they were typed; empty where none is.
    pub words: String,
    pub test: WishTest,
}

impl Wish {
    pub fn kind(&self) -> WishKind {
        match &self.test {
            WishTest::Words(_) => WishKind::Words,
            WishTest::Filters(filters) => match is_price(filters) {
                true => WishKind::Price,
                false => WishKind::LeftOut,
            },
            WishTest::Has(..) => WishKind::Value,
            WishTest::Lacks(_) => WishKind::Without,
            WishTest::Measure(..) => WishKind::Measure,
            WishTest::Choice(..) => WishKind::Choice,
        }
    }

    /// Whether this wish, said later, takes the place of another.
    pub fn replaces(&self, older: &Self) -> bool {
        match (&self.test, &older.test) {
            (WishTest::Filters(new), WishTest::Filters(old)) => {
                is_price(new) && is_price(old) && !can_both_hold(new, old) || new == old
            }
            (WishTest::Has(new, _), WishTest::Has(old, _)) => new == old,
            (WishTest::Measure(new, a), WishTest::Measure(old, b)) => {
                new == old && a.dimension == b.dimension
            }
            (WishTest::Choice(new, _), WishTest::Choice(old, _)) => new == old,
            (WishTest::Lacks(new), WishTest::Lacks(old)) => new == old,
            (WishTest::Lacks(new), WishTest::Has(_, values)) => {
                matches!(new, Term::Word(word) if values.contains(word))
            }
            (WishTest::Has(_, values), WishTest::Lacks(old)) => {
                matches!(old, Term::Word(word) if values.contains(word))
            }
            (WishTest::Lacks(new), WishTest::Words(terms)) => terms == std::slice::from_ref(new),
            _ => false,
        }
    }
}

fn is_price(filters: &Filters) -> bool {
    filters.price_minor_min.is_some() || filters.price_minor_max.is_some()
}

/// Whether two conditions on the price bound different ends, and leave something between.
fn can_both_hold(new: &Filters, old: &Filters) -> bool {
    let bound_other_ends = match (new.price_minor_min, new.price_minor_max) {
        (Some(_), None) => old.price_minor_min.is_none(),
        (None, Some(_)) => old.price_minor_max.is_none(),
        _ => false,
    };
    bound_other_ends && new.and(old).inverted_prices().is_none()
}
