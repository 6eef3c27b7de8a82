//! How much an attribute or a sentence tells.

use std::collections::BTreeSet;

use crate::lexicon::{Lexicon, Meaning, PropertyId, Role, Term};
use crate::text::tokens;

use super::TextOrigin;

/// What an attribute without a known property is worth beside those with one, 0 to 9.
const UNKNOWN_WANTED: f64 = 3.0;
/// What a measure adds to a sentence.
const QUANTITY_GAIN: f64 = 4.0;
/// What "good for …" adds.
const USE_GAIN: f64 = 4.0;
/// What a negation adds: what a product is not is seldom written elsewhere.
const NEGATION_GAIN: f64 = 1.5;
/// What a slogan's word takes away.
const SLOGAN_LOSS: f64 = 1.0;
/// What is left of a property that another text has told already: of the same origin, of another.
const TOLD_SHARE: f64 = 0.25;
const TOLD_ELSEWHERE_SHARE: f64 = 0.6;

/// A text that may become part of a digest.
pub(super) struct Weighed {
    properties: BTreeSet<PropertyId>,
    /// Gain besides its properties'.
    gain: f64,
    origin: TextOrigin,
}

/// What a digest says so far.
#[derive(Default)]
pub(super) struct Told(BTreeSet<(PropertyId, TextOrigin)>);

impl Told {
    pub fn add(&mut self, text: &Weighed) {
        self.0.extend(text.properties.iter().map(|id| (*id, text.origin)));
    }

    fn share(&self, id: PropertyId, origin: TextOrigin) -> f64 {
        if self.0.contains(&(id, origin)) {
            return TOLD_SHARE;
        }
        let origins = [TextOrigin::Attribute, TextOrigin::Description, TextOrigin::Review];
        match origins.into_iter().any(|other| self.0.contains(&(id, other))) {
            true => TOLD_ELSEWHERE_SHARE,
            false => 1.0,
        }
    }
}

impl Weighed {
    /// Weighs an attribute; `None` for what no shopper asks for.
    pub fn attribute(lexicon: &Lexicon, name: &str, value: &str) -> Option<Self> {
        let terms = lexicon.terms(&tokens(name));
        let properties: BTreeSet<PropertyId> = terms.iter().filter_map(property_of).collect();
        let wanted = |id: &PropertyId| lexicon.property(*id).wanted;
        if value.trim().is_empty() || properties.iter().any(|id| wanted(id) == 0) {
            return None;
        }
        // "Package weight" is wanted as little as packages are.
        let least = properties.iter().map(wanted).min();
        let is_known = terms.iter().all(|placed| matches!(placed.term, Term::Property(_)));
        let gain = match least {
            Some(least) if is_known => f64::from(least),
            Some(least) => f64::from(least) / 2.0,
            None => UNKNOWN_WANTED,
        };
        // Properties are counted here: two attributes never tell the same.
        Some(
            Self { properties: BTreeSet::new(), gain: gain + 1.0, origin: TextOrigin::Attribute }
                .with(properties),
        )
    }

    fn with(mut self, properties: BTreeSet<PropertyId>) -> Self {
        if properties.len() == 1 {
            self.properties = properties;
        }
        self
    }

    /// Weighs a sentence.
    pub fn sentence(lexicon: &Lexicon, text: &str, origin: TextOrigin) -> Self {
        let tokens = tokens(text);
        let mut properties = BTreeSet::new();
        let (mut gain, mut n_slogans) = (0.0, 0.0);
        for placed in lexicon.terms(&tokens) {
            // What colours a buyer's other things have says nothing.
            let value = placed.value_of.filter(|_| origin == TextOrigin::Description);
            properties.extend(property_of(&placed).or(value));
        }
        for at in 0..tokens.len() {
            if let Some((_, Meaning::Speaks(id))) =
                lexicon.at(&tokens, at, &|meaning| matches!(meaning, Meaning::Speaks(_)))
            {
                properties.insert(id);
            }
            let has = |role| lexicon.role_at(&tokens, at, role).is_some();
            gain += if has(Role::Use) { USE_GAIN } else { 0.0 };
            gain += if has(Role::Negation) { NEGATION_GAIN } else { 0.0 };
            n_slogans += if has(Role::Slogan) { 1.0 } else { 0.0 };
        }
        let quantities = lexicon.quantities(&tokens);
        let n_measures = quantities.iter().filter(|q| q.quantity.dimension.is_some()).count();
        // Sizes of a buyer ("I am 5 feet") are no measures of the product.
        let per_measure = if origin == TextOrigin::Review { 1.0 } else { QUANTITY_GAIN };
        gain += per_measure * n_measures as f64 - SLOGAN_LOSS * n_slogans;
        Self { properties, gain, origin }
    }

    /// What it adds to what is told.
    pub fn gain(&self, lexicon: &Lexicon, told: &Told) -> f64 {
        if self.origin == TextOrigin::Attribute {
            return self.gain;
        }
        let of = |id: &PropertyId| {
            f64::from(lexicon.property(*id).wanted) * told.share(*id, self.origin)
        };
        self.gain + self.properties.iter().map(of).sum::<f64>()
    }
}

fn property_of(placed: &crate::lexicon::PlacedTerm) -> Option<PropertyId> {
    match placed.term {
        Term::Property(id) => Some(id),
        Term::Word(_) => None,
    }
}
