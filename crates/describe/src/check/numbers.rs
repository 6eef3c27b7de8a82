//! Which source has a number.

use vitrine_assistant::{Dimension, QuantityBound};

use super::evidence::Evidence;
use crate::scan::{NumberMention, NumberUnit};
use crate::sources::FactSource;
use crate::vocabulary::{ConceptId, VOCABULARY};

/// How far two writings of one measure may lie apart, as a share of the larger.
const SAME_MEASURE_SHARE: f64 = 1e-4;
/// How far a measure may be rounded when it is converted to a unit of another system.
const ROUNDED_MEASURE_SHARE: f64 = 0.03;

impl Evidence {
    /// The first source with the number, of the same thing.
    pub(super) fn supports_number(&self, claim: &NumberMention) -> Option<&FactSource> {
        let same = self.numbers().filter(|(_, own)| supports(own, claim));
        // Where a text says what a number is of, that counts more than one that says nothing.
        let has_contexts = same.clone().any(|(_, own)| !own.contexts.is_empty());
        let is_measure = matches!(claim.unit, NumberUnit::Measure(_) | NumberUnit::Fahrenheit);
        let mut fitting =
            same.filter(|(_, own)| !is_measure || are_of_one(own, claim, !has_contexts));
        let found = fitting.next().map(|(source, _)| source);
        let is_plain = claim.unit == NumberUnit::Plain && claim.bound == QuantityBound::Exactly;
        found.or_else(|| self.supports_code(&claim.joined).filter(|_| is_plain))
    }

    /// The first source with a code such as "X200", or with "18 V" for "18V".
    pub(super) fn supports_code(&self, code: &str) -> Option<&FactSource> {
        let texts = self.texts.iter().filter(|text| !text.is_picture);
        let has_letter = code.chars().any(char::is_alphabetic);
        let mut has = texts.filter(|text| {
            text.scan.codes.iter().any(|(_, own)| own == code)
                || has_letter && text.scan.numbers.iter().any(|own| own.joined == code)
        });
        has.next().map(|text| &text.source)
    }

    fn numbers(&self) -> impl Iterator<Item = (&FactSource, &NumberMention)> + Clone {
        let texts = self.texts.iter().filter(|text| !text.is_picture);
        texts.flat_map(|text| text.scan.numbers.iter().map(|own| (&text.source, own)))
    }
}

fn supports(own: &NumberMention, claim: &NumberMention) -> bool {
    own.unit == claim.unit
        && is_same_value(own, claim)
        && bound_follows(own, claim)
        && match claim.unit {
            NumberUnit::Measure(_) | NumberUnit::Fahrenheit => true,
            NumberUnit::Percent => is_same_share(own, claim),
            NumberUnit::Money => true,
            NumberUnit::Plain => is_same_count(own, claim),
        }
}

fn is_same_value(own: &NumberMention, claim: &NumberMention) -> bool {
    let (apart, larger) = ((own.value - claim.value).abs(), own.value.abs().max(claim.value.abs()));
    if apart <= SAME_MEASURE_SHARE * larger {
        return true;
    }
    let tens = (own.factor / claim.factor).abs().log10();
    let is_converted = tens.is_finite() && (tens - tens.round()).abs() > 1e-9;
    is_converted
        && apart <= 0.5 * claim.step * (1.0 + 1e-9)
        && apart <= ROUNDED_MEASURE_SHARE * larger
}

/// Whether a claim promises no more than the source: of "up to 10 hours" follows no "10 hours".
fn bound_follows(own: &NumberMention, claim: &NumberMention) -> bool {
    use QuantityBound::{Above, AtLeast, AtMost, Below, Exactly};
    match (own.bound, claim.bound) {
        (own, claim) if own == claim => true,
        (Exactly, AtMost | AtLeast) | (Below, AtMost) | (Above, AtLeast) => true,
        (AtLeast, Exactly) => true,
        (AtMost, Exactly) => own.unit != NumberUnit::Measure(Dimension::Time),
        _ => false,
    }
}

/// Whether two measures are of one thing, as far as their texts say of what.
fn are_of_one(own: &NumberMention, claim: &NumberMention, may_be_unsaid: bool) -> bool {
    claim.contexts.is_empty()
        || own.contexts.is_empty() && may_be_unsaid
        || share_one(&own.contexts, &claim.contexts)
}

fn share_one(own: &[ConceptId], claimed: &[ConceptId]) -> bool {
    own.iter().any(|own| {
        claimed
            .iter()
            .any(|claimed| VOCABULARY.implies(*own, *claimed) || VOCABULARY.implies(*claimed, *own))
    })
}

/// Whether two shares are of the same material: of "60 % cotton" follows no "60 % wool".
fn is_same_share(own: &NumberMention, claim: &NumberMention) -> bool {
    claim.materials.is_empty() && own.materials.is_empty()
        || claim
            .materials
            .iter()
            .any(|claimed| own.materials.iter().any(|own| VOCABULARY.implies(*own, *claimed)))
        || claim.materials.is_empty()
}

/// Whether two plain numbers count the same.
fn is_same_count(own: &NumberMention, claim: &NumberMention) -> bool {
    let pieces = [VOCABULARY.concept("pieces"), VOCABULARY.concept("pack")];
    let are_pieces = !claim.contexts.is_empty()
        && claim.contexts.iter().all(|context| pieces.contains(&Some(*context)));
    let is_any = own.contexts.is_empty() && are_pieces;
    let is_bare = claim.contexts.is_empty() && claim.neighbours.is_empty();
    let has_neighbour = claim
        .neighbours
        .iter()
        .any(|word| own.neighbours.iter().any(|own| is_same_word(own, word)));
    let has_concept = claim.beside.iter().any(|concept| own.beside.contains(concept));
    share_one(&own.contexts, &claim.contexts) || is_any || is_bare || has_neighbour || has_concept
}

/// Whether two words are forms of one.
fn is_same_word(a: &str, b: &str) -> bool {
    use crate::vocabulary::forms;
    a == b || forms(a).any(|a| forms(b).any(|b| a == b))
}
