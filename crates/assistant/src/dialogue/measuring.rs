//! Measures of products that are compared.

use vitrine_domain::ItemId;

use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, PropertyId, Term};
use crate::quantities::Quantity;
use crate::question::ComparedBy;
use crate::text::tokens;

use super::comparing::ComparisonCell;
use super::shelf::ShelfCard;

/// The one measure of a cell; `None` where it has none or several.
pub(super) fn measure_of(lexicon: &Lexicon, cell: &ComparisonCell) -> Option<Quantity> {
    match cell {
        ComparisonCell::Unsaid => None,
        ComparisonCell::Price(price) => Some(Quantity::plain(f64::from(*price))),
        ComparisonCell::Said { text, .. } => {
            let found = lexicon.quantities(&tokens(text));
            match found.as_slice() {
                [only] => Some(only.quantity).filter(|quantity| quantity.dimension.is_some()),
                _ => None,
            }
        }
    }
}

/// The product that has most or least of a property, where each says how much of it it has.
pub(super) fn best_of(lexicon: &Lexicon, cards: &[ShelfCard], by: &ComparedBy) -> Option<ItemId> {
    let id = lexicon.property_named(by.property)?;
    let measures: Option<Vec<(Quantity, Option<&str>)>> = match by.property {
        "price" => {
            let price = |card: &ShelfCard| {
                let price = f64::from(card.price_minor);
                (card.price_minor > 0).then_some((Quantity::plain(price), None))
            };
            cards.iter().map(price).collect()
        }
        _ => cards.iter().map(|card| measure(lexicon, card, id)).collect(),
    };
    let measures = measures?;
    let (first, name) = measures.first()?;
    // Numbers without a unit are comparable within one attribute alone.
    let comparable = measures.iter().all(|(quantity, own)| {
        quantity.dimension == first.dimension && (first.dimension.is_some() || own == name)
    });
    let value = |place: usize| measures[place].0.value;
    let places = (0..measures.len()).filter(|_| comparable);
    let best = places.reduce(|a, b| {
        let is_better = if by.wants_most { value(b) > value(a) } else { value(b) < value(a) };
        if is_better { b } else { a }
    })?;
    let is_alone = (0..measures.len()).filter(|&place| value(place) == value(best)).count() == 1;
    is_alone.then(|| cards[best].id)
}

/// What a card says of a property: by an attribute of that name alone, else by a sentence of the
/// shop that names it.
fn measure<'a>(
    lexicon: &Lexicon,
    card: &'a ShelfCard,
    id: PropertyId,
) -> Option<(Quantity, Option<&'a str>)> {
    for (name, value) in card.texts.attributes() {
        let terms = lexicon.terms(&tokens(name));
        if terms.len() == 1 && terms[0].term == Term::Property(id) {
            let found = lexicon.quantities(&tokens(value));
            if let Some(placed) = found.first() {
                return Some((placed.quantity, Some(name.as_str())));
            }
        }
    }
    let dimension = lexicon.property(id).dimension;
    card.texts.sentences().iter().filter(|s| s.origin != TextOrigin::Review).find_map(|sentence| {
        let tokens = tokens(&sentence.text);
        let speaks = lexicon.terms(&tokens).iter().any(|placed| placed.term == Term::Property(id));
        let found = lexicon.quantities(&tokens).into_iter();
        let own = found.map(|placed| placed.quantity).find(|q| q.dimension == dimension)?;
        (speaks && dimension.is_some()).then_some((own, None))
    })
}
