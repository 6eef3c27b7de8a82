//! Products side by side.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by;

use crate::lexicon::{Lexicon, PropertyId, Role, Term};
use crate::quantities::{Quantity, QuantityBound};
use crate::question::ComparedBy;
use crate::text::tokens;

use super::measuring::{best_of, measure_of};
use super::shelf::ShelfCard;

/// Most products of a comparison; those behind them are left out.
pub const COMPARED_MAX: usize = 4;
/// What an attribute without a known property is wanted, 0 to 9.
const UNKNOWN_WANTED: u8 = 3;

/// What a row compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparisonAspect {
    /// The price.
    Price,
    /// The brand.
    Brand,
    /// The sizes that can be bought.
    Size,
    /// An attribute, named as the first product that has it names it.
    Attribute(String),
}

/// What a product says of an aspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparisonCell {
    /// The shop doesn't say.
    Unsaid,
    /// A price in minor units.
    Price(u32),
    /// The text as it was written.
    Said {
        /// The name of the attribute at this product, as it was written; empty where the card has
        /// a field of its own.
        name: String,
        /// Its value.
        text: String,
    },
}

/// An aspect of several products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRow {
    /// What is compared.
    pub aspect: ComparisonAspect,
    /// A cell for each product.
    pub cells: Vec<ComparisonCell>,
    /// Whether two products say different things.
    pub differs: bool,
    /// The place of the product that is better in this: only where nobody would argue which way is
    /// better (the lower price, the longer warranty; not the lower weight), and where every
    /// product has one measure that can be compared with the others'.
    pub better: Option<usize>,
}

/// Products side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonTable {
    /// The products.
    pub ids: Vec<ItemId>,
    /// What at least one product says: rows that differ first; among them price, brand, sizes,
    /// then the attributes that most products have, those that are most asked for, by name.
    pub rows: Vec<ComparisonRow>,
    /// The product that has most or least of what was asked for; `None` where nothing was, where
    /// the shop doesn't say it of each, or measures can't be compared.
    pub best: Option<ItemId>,
}

/// Compares two to [`COMPARED_MAX`] products; give them with all that is written of them
/// ([`whole_texts`](crate::whole_texts)). Attributes that mean the same share a row, whatever they
/// are called ("Weight", "Net weight").
pub fn compare(products: &[ShelfCard], lexicon: &Lexicon) -> ComparisonTable {
    compare_by(products, lexicon, None)
}

/// Compares products, and says which has most or least of something.
pub(super) fn compare_by(
    products: &[ShelfCard],
    lexicon: &Lexicon,
    by: Option<&ComparedBy>,
) -> ComparisonTable {
    let products = &products[..products.len().min(COMPARED_MAX)];
    ComparisonTable {
        ids: products.iter().map(|card| card.id).collect(),
        rows: rows(lexicon, products),
        best: by.and_then(|by| best_of(lexicon, products, by)),
    }
}

/// What makes attributes of several products one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RowKey {
    /// What their names speak of.
    Speaks(BTreeSet<Term>),
    /// The name itself, for what nothing is known of, or what a product says a second time.
    Named(String),
}

/// A row that is being put together.
struct OpenRow {
    aspect: ComparisonAspect,
    /// The property that it is about, and nothing else.
    property: Option<PropertyId>,
    cells: Vec<ComparisonCell>,
}

fn rows(lexicon: &Lexicon, products: &[ShelfCard]) -> Vec<ComparisonRow> {
    let mut open: BTreeMap<RowKey, usize> = BTreeMap::new();
    let mut rows: Vec<OpenRow> = fields(lexicon, products);
    for (place, row) in rows.iter().enumerate() {
        open.extend(row.property.map(|id| (RowKey::Speaks([Term::Property(id)].into()), place)));
    }
    for (column, card) in products.iter().enumerate() {
        for (name, value) in card.texts.attributes() {
            let terms = terms_of(lexicon, name);
            let property = match terms.iter().collect::<Vec<_>>().as_slice() {
                [Term::Property(id)] => Some(*id),
                _ => None,
            };
            let named = RowKey::Named(name.to_lowercase());
            let key = if terms.is_empty() { named.clone() } else { RowKey::Speaks(terms) };
            let cell = ComparisonCell::Said { name: name.clone(), text: value.clone() };
            let is_taken = open.get(&key).is_some_and(|place| {
                let own = &rows[*place].cells[column];
                *own != ComparisonCell::Unsaid && !says_same(own, &cell)
            });
            let key = if is_taken { named } else { key };
            let place = *open.entry(key).or_insert_with(|| {
                let aspect = ComparisonAspect::Attribute(name.clone());
                let cells = vec![ComparisonCell::Unsaid; products.len()];
                rows.push(OpenRow { aspect, property: property.filter(|_| !is_taken), cells });
                rows.len() - 1
            });
            let own = &mut rows[place].cells[column];
            if *own == ComparisonCell::Unsaid {
                *own = cell;
            }
        }
    }
    rows.retain(|row| row.cells.iter().any(|cell| *cell != ComparisonCell::Unsaid));
    sorted(lexicon, rows)
}

/// Rows of what a card has a field for.
fn fields(lexicon: &Lexicon, products: &[ShelfCard]) -> Vec<OpenRow> {
    let said = |text: &str| match text.trim() {
        "" => ComparisonCell::Unsaid,
        text => ComparisonCell::Said { name: String::new(), text: text.to_owned() },
    };
    let price = |card: &ShelfCard| match card.price_minor {
        0 => ComparisonCell::Unsaid,
        price => ComparisonCell::Price(price),
    };
    let row = |aspect, property, cells| OpenRow {
        aspect,
        property: lexicon.property_named(property),
        cells,
    };
    let cells = |of: &dyn Fn(&ShelfCard) -> ComparisonCell| products.iter().map(of).collect();
    vec![
        row(ComparisonAspect::Price, "price", cells(&price)),
        row(ComparisonAspect::Brand, "brand", cells(&|card| said(&card.brand))),
        row(ComparisonAspect::Size, "size", cells(&|card| said(&card.sizes))),
    ]
}

/// What the name of an attribute speaks of, without words such as "net" and "type".
fn terms_of(lexicon: &Lexicon, name: &str) -> BTreeSet<Term> {
    let tokens = tokens(name);
    let all = lexicon.terms(&tokens);
    let telling: BTreeSet<Term> = all
        .iter()
        .filter(|placed| lexicon.role_at(&tokens, placed.start, Role::Filler).is_none())
        .map(|placed| placed.term.clone())
        .collect();
    match telling.is_empty() {
        true => all.into_iter().map(|placed| placed.term).collect(),
        false => telling,
    }
}

fn says_same(a: &ComparisonCell, b: &ComparisonCell) -> bool {
    match (a, b) {
        (ComparisonCell::Said { text: a, .. }, ComparisonCell::Said { text: b, .. }) => {
            a.to_lowercase() == b.to_lowercase()
        }
        _ => a == b,
    }
}

fn sorted(lexicon: &Lexicon, rows: Vec<OpenRow>) -> Vec<ComparisonRow> {
    let rank = |aspect: &ComparisonAspect| match aspect {
        ComparisonAspect::Price => 0,
        ComparisonAspect::Brand => 1,
        ComparisonAspect::Size => 2,
        ComparisonAspect::Attribute(_) => 3,
    };
    let name = |aspect: &ComparisonAspect| match aspect {
        ComparisonAspect::Attribute(name) => name.clone(),
        _ => String::new(),
    };
    let n_said = |row: &ComparisonRow| {
        row.cells.iter().filter(|cell| **cell != ComparisonCell::Unsaid).count()
    };
    let closed = rows.into_iter().map(|row| {
        let wanted = wanted(lexicon, &name(&row.aspect));
        (wanted, closed(lexicon, row))
    });
    let mut rows: Vec<(u8, ComparisonRow)> = closed.collect();
    sort_by(&mut rows, |(wanted_a, a), (wanted_b, b)| {
        b.differs
            .cmp(&a.differs)
            .then(rank(&a.aspect).cmp(&rank(&b.aspect)))
            .then(n_said(b).cmp(&n_said(a)))
            .then(wanted_b.cmp(wanted_a))
            .then_with(|| name(&a.aspect).cmp(&name(&b.aspect)))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// How much an attribute is asked for.
fn wanted(lexicon: &Lexicon, name: &str) -> u8 {
    let of = |term: &Term| match term {
        Term::Property(id) => lexicon.property(*id).wanted,
        Term::Word(_) => UNKNOWN_WANTED,
    };
    terms_of(lexicon, name).iter().map(of).min().unwrap_or(0)
}

/// A row with what differs and who is better.
fn closed(lexicon: &Lexicon, row: OpenRow) -> ComparisonRow {
    let measures: Vec<Option<Quantity>> =
        row.cells.iter().map(|cell| measure_of(lexicon, cell)).collect();
    let said: Vec<usize> =
        (0..row.cells.len()).filter(|place| row.cells[*place] != ComparisonCell::Unsaid).collect();
    let is_same = |a: usize, b: usize| {
        let are_equal = match (&measures[a], &measures[b]) {
            (Some(a), Some(b)) => a.dimension.is_some() && a.is_equal(b),
            _ => false,
        };
        are_equal || says_same(&row.cells[a], &row.cells[b])
    };
    let differs = said.iter().any(|place| !is_same(said[0], *place));
    let better = row.property.and_then(|id| better(lexicon, id, &measures));
    ComparisonRow { aspect: row.aspect, cells: row.cells, differs, better }
}

/// The one product whose measure is better; `None` where people differ on which way that is.
fn better(lexicon: &Lexicon, id: PropertyId, measures: &[Option<Quantity>]) -> Option<usize> {
    let is_more_better = lexicon.property(id).is_more_better?;
    let measures: Option<Vec<Quantity>> = measures.iter().copied().collect();
    let measures = measures.filter(|measures| measures.len() > 1)?;
    let first = measures[0];
    let is_plain = |quantity: &Quantity| {
        quantity.bound == QuantityBound::Exactly
            && quantity.value == quantity.value_max
            && quantity.dimension == first.dimension
    };
    if !measures.iter().all(is_plain) {
        return None;
    }
    let beats = |a: f64, b: f64| if is_more_better { a > b } else { a < b };
    (0..measures.len()).find(|&place| {
        let own = measures[place];
        let mut others = (0..measures.len()).filter(|other| *other != place);
        others
            .all(|other| beats(own.value, measures[other].value) && !own.is_equal(&measures[other]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{DigestInput, whole_texts};

    fn card(id: u64, price_minor: u32, attributes: &[(&str, &str)]) -> ShelfCard {
        let attributes: Vec<(String, String)> =
            attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let input = DigestInput { attributes: &attributes, description: "", reviews: &[] };
        let brand = format!("Brand {id}");
        let texts = whole_texts(&input);
        ShelfCard { id: ItemId(id), brand, price_minor, texts, ..ShelfCard::default() }
    }

    /// Rows as "name differs better: cells".
    fn said(products: &[ShelfCard]) -> Vec<String> {
        let cell = |cell: &ComparisonCell| match cell {
            ComparisonCell::Unsaid => "-".to_owned(),
            ComparisonCell::Price(price) => price.to_string(),
            ComparisonCell::Said { text, .. } => text.clone(),
        };
        let row = |row: &ComparisonRow| {
            let name = match &row.aspect {
                ComparisonAspect::Attribute(name) => name.clone(),
                other => format!("{other:?}"),
            };
            let cells: Vec<String> = row.cells.iter().map(cell).collect();
            let mark = if row.differs { "≠" } else { "=" };
            format!("{name} {mark} {:?}: {}", row.better, cells.join(" | "))
        };
        compare(products, &Lexicon::new()).rows.iter().map(row).collect()
    }

    #[test]
    fn attributes_of_one_meaning_share_a_row_and_keep_their_texts() {
        let products = [
            card(1, 900, &[("Weight", "1 kg"), ("Länge Kabel", "2 m"), ("Brand", "Other")]),
            card(2, 1_200, &[("weight net", "1000 g"), ("Cable length", "3 m"), ("Colour", "Red")]),
        ];
        assert_eq!(
            said(&products),
            [
                "Price ≠ Some(0): 900 | 1200",
                "Brand ≠ None: Brand 1 | Brand 2",
                "Länge Kabel ≠ None: 2 m | 3 m",
                "Weight = None: 1 kg | 1000 g",
                "Colour = None: - | Red",
                "Brand = None: Other | -",
            ]
        );
    }

    #[test]
    fn better_is_said_only_where_nobody_would_argue() {
        let products = [
            card(1, 900, &[("Weight", "1 kg"), ("Warranty", "2 years"), ("Battery life", "30 h")]),
            card(
                2,
                900,
                &[("Weight", "2 kg"), ("Warranty", "36 months"), ("Battery life", "up to 40 h")],
            ),
            card(3, 1_100, &[("Weight", "3 kg"), ("Warranty", "1 year"), ("Battery life", "10 h")]),
        ];
        let better: Vec<(ComparisonAspect, Option<usize>)> = compare(&products, &Lexicon::new())
            .rows
            .into_iter()
            .map(|r| (r.aspect, r.better))
            .collect();
        let named = |name: &str| ComparisonAspect::Attribute(name.to_owned());
        for (aspect, expected) in [
            // Two cost the same.
            (ComparisonAspect::Price, None),
            (named("Weight"), None),
            (named("Warranty"), Some(1)),
            // "Up to" is no measure.
            (named("Battery life"), None),
        ] {
            assert!(better.contains(&(aspect.clone(), expected)), "{aspect:?}: {better:?}");
        }
    }

    #[test]
    fn what_one_product_does_not_say_makes_no_other_better() {
        let products =
            [card(1, 900, &[("Warranty", "2 years")]), card(2, 0, &[("Weight", "2 kg")])];
        assert!(compare(&products, &Lexicon::new()).rows.iter().all(|row| row.better.is_none()));
        assert_eq!(compare(&[], &Lexicon::new()).rows, []);
    }

    #[test]
    fn no_more_than_the_most_are_compared() {
        let products: Vec<ShelfCard> = (1..=9).map(|id| card(id, 100, &[])).collect();
        assert_eq!(compare(&products, &Lexicon::new()).ids.len(), COMPARED_MAX);
    }
}
