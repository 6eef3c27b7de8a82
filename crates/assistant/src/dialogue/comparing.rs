//! Products side by side.

use std::collections::BTreeMap;

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by;

use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, PropertyId, Term};
use crate::quantities::Quantity;
use crate::question::ComparedBy;
use crate::text::tokens;

use super::shelf::ShelfCard;

/// An attribute of several products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRow {
    /// Its name, as the first product that has it writes it.
    pub name: String,
    /// Its value of each product; `None` where the shop doesn't say.
    pub values: Vec<Option<String>>,
    /// Whether two products say different things.
    pub differs: bool,
}

/// Products side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonTable {
    /// The products.
    pub ids: Vec<ItemId>,
    /// Their prices in minor units; 0 = not priced.
    pub prices_minor: Vec<u32>,
    /// Their brands; may be empty.
    pub brands: Vec<String>,
    /// Attributes: those that differ first, then those that most products have, those that are
    /// most asked for, by name.
    pub rows: Vec<ComparisonRow>,
    /// The product that has most or least of what was asked for; `None` where nothing was, where
    /// the shop doesn't say it of each, or measures can't be compared.
    pub best: Option<ItemId>,
}

/// Compares products, each of which is on the shelf.
pub(super) fn compare(
    lexicon: &Lexicon,
    cards: &[&ShelfCard<'_>],
    by: Option<&ComparedBy>,
) -> ComparisonTable {
    ComparisonTable {
        ids: cards.iter().map(|card| card.id).collect(),
        prices_minor: cards.iter().map(|card| card.price_minor).collect(),
        brands: cards.iter().map(|card| card.brand.to_owned()).collect(),
        rows: rows(lexicon, cards),
        best: by.and_then(|by| best(lexicon, cards, by)),
    }
}

fn rows(lexicon: &Lexicon, cards: &[&ShelfCard<'_>]) -> Vec<ComparisonRow> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows: Vec<(u8, ComparisonRow)> = Vec::new();
    for (column, card) in cards.iter().enumerate() {
        for (name, value) in card.digest.attributes() {
            let place = *places.entry(name.to_lowercase()).or_insert_with(|| {
                let values = vec![None; cards.len()];
                let row = ComparisonRow { name: name.clone(), values, differs: false };
                rows.push((wanted(lexicon, name), row));
                rows.len() - 1
            });
            rows[place].1.values[column].get_or_insert_with(|| value.clone());
        }
    }
    for (_, row) in &mut rows {
        let mut said = row.values.iter().flatten();
        let first = said.next().map(|value| value.to_lowercase());
        row.differs = said.any(|value| Some(value.to_lowercase()) != first);
    }
    let n_said = |row: &ComparisonRow| row.values.iter().flatten().count();
    sort_by(&mut rows, |(wanted_a, a), (wanted_b, b)| {
        b.differs
            .cmp(&a.differs)
            .then(n_said(b).cmp(&n_said(a)))
            .then(wanted_b.cmp(wanted_a))
            .then_with(|| a.name.cmp(&b.name))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// How much an attribute is asked for.
fn wanted(lexicon: &Lexicon, name: &str) -> u8 {
    let terms = lexicon.terms(&tokens(name));
    let of = |term: &Term| match term {
        Term::Property(id) => lexicon.property(*id).wanted,
        Term::Word(_) => 3,
    };
    terms.iter().map(|placed| of(&placed.term)).min().unwrap_or(0)
}

/// The product that has most or least of a property, where each says how much of it it has.
fn best(lexicon: &Lexicon, cards: &[&ShelfCard<'_>], by: &ComparedBy) -> Option<ItemId> {
    let id = lexicon.property_named(by.property)?;
    let measures: Option<Vec<(Quantity, Option<&str>)>> = match by.property {
        "price" => {
            let price = |card: &&ShelfCard<'_>| {
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
    card: &ShelfCard<'a>,
    id: PropertyId,
) -> Option<(Quantity, Option<&'a str>)> {
    for (name, value) in card.digest.attributes() {
        let terms = lexicon.terms(&tokens(name));
        if terms.len() == 1 && terms[0].term == Term::Property(id) {
            let found = lexicon.quantities(&tokens(value));
            if let Some(placed) = found.first() {
                return Some((placed.quantity, Some(name.as_str())));
            }
        }
    }
    let dimension = lexicon.property(id).dimension;
    card.digest.sentences().iter().filter(|s| s.origin != TextOrigin::Review).find_map(|sentence| {
        let tokens = tokens(&sentence.text);
        let speaks = lexicon.terms(&tokens).iter().any(|placed| placed.term == Term::Property(id));
        let found = lexicon.quantities(&tokens).into_iter();
        let own = found.map(|placed| placed.quantity).find(|q| q.dimension == dimension)?;
        (speaks && dimension.is_some()).then_some((own, None))
    })
}
