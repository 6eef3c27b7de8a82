//! A delta put over rows that were merged before.

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by_key;

use crate::layers::override_rows;
use crate::merge::{CodeRow, NamedCard, coded, named};
use crate::shard::{CODE_DIM, NAMES_MAX};
use crate::{
    Card, CatalogueRows, DetailRow, OfferRow, PriceListRow, PriceRow, RelatedRow, ReviewRow, Shard,
    WireError,
};

impl CatalogueRows {
    /// Puts a delta over the rows; the same as merging its shard with the others, at the
    /// cost of what it changes. Pictures and student come with a version and not by this
    /// way: their shards change nothing.
    ///
    /// # Errors
    /// [`WireError::TableFull`]; [`WireError::Index`] for a card shard that was not
    /// validated. Then the rows are as they were.
    pub fn override_with(&mut self, shard: Shard) -> Result<(), WireError> {
        match shard {
            Shard::Cards(mut shard) => {
                let removed = std::mem::take(&mut shard.removed);
                self.override_cards(named(shard)?, &removed)?;
            }
            Shard::Prices(shard) => {
                override_rows(&mut self.prices, shard.rows, &shard.removed, |row: &PriceRow| {
                    row.id
                });
            }
            Shard::Codes(shard) => {
                let codes = self.codes.as_chunks::<CODE_DIM>().0.iter().copied();
                let mut rows: Vec<CodeRow> = self.code_ids.iter().copied().zip(codes).collect();
                override_rows(&mut rows, coded(&shard), &shard.removed, |row| row.0);
                self.code_ids = rows.iter().map(|row| row.0).collect();
                self.codes = rows.iter().flat_map(|row| row.1).collect();
            }
            Shard::Offers(shard) => {
                override_rows(&mut self.offers, shard.rows, &shard.removed, |row: &OfferRow| {
                    row.id
                });
            }
            Shard::Details(shard) => {
                override_rows(&mut self.details, shard.rows, &shard.removed, |row: &DetailRow| {
                    row.id
                });
            }
            Shard::PriceLists(shard) => {
                let (rows, removed) = (shard.rows, shard.removed);
                override_rows(&mut self.price_lists, rows, &removed, |row: &PriceListRow| row.id);
            }
            Shard::Reviews(shard) => {
                let (rows, removed) = (shard.rows, shard.removed);
                override_rows(&mut self.reviews, rows, &removed, |row: &ReviewRow| row.id);
            }
            Shard::Related(shard) => related(&mut self.related, shard.rows, &shard.removed),
            Shard::Alternatives(shard) => {
                related(&mut self.alternatives, shard.rows, &shard.removed);
            }
            Shard::Neighbours(shard) => {
                related(&mut self.neighbours, shard.rows, &shard.removed);
            }
            Shard::TextCodes(mut shard) => {
                let removed = std::mem::take(&mut shard.removed);
                override_rows(&mut self.text_codes, shard.into_rows(), &removed, |row| row.id);
            }
            Shard::PictureCodes(mut shard) => {
                let removed = std::mem::take(&mut shard.removed);
                override_rows(&mut self.picture_codes, shard.into_rows(), &removed, |row| row.id);
            }
            Shard::Rules(mut rules) => {
                sort_by_key(&mut rules.rules, |rule| rule.id);
                self.rules = rules;
            }
            Shard::Pictures(_)
            | Shard::Thumbnails(_)
            | Shard::Photos(_)
            | Shard::Student(_)
            | Shard::QueryTable(_)
            | Shard::PictureNetwork(_) => {}
        }
        Ok(())
    }

    fn override_cards(
        &mut self,
        changed: Vec<NamedCard>,
        removed: &[ItemId],
    ) -> Result<(), WireError> {
        let names = |name: fn(&NamedCard) -> &String| changed.iter().map(name);
        let departments = grown("departments", &self.departments, names(|row| &row.department))?;
        let categories = grown("categories", &self.categories, names(|row| &row.category))?;
        let cards = changed.into_iter().map(|mut row| {
            row.card.department = position(&departments, &row.department);
            row.card.category = position(&categories, &row.category);
            row.card
        });
        let cards: Vec<Card> = cards.collect();
        if departments.len() > self.departments.len() || categories.len() > self.categories.len() {
            for card in &mut self.cards {
                let department = &self.departments[usize::from(card.department)];
                card.department = position(&departments, department);
                card.category = position(&categories, &self.categories[usize::from(card.category)]);
            }
        }
        (self.departments, self.categories) = (departments, categories);
        override_rows(&mut self.cards, cards, removed, |card| card.id);
        Ok(())
    }
}

fn related(rows: &mut Vec<RelatedRow>, changed: Vec<RelatedRow>, removed: &[ItemId]) {
    override_rows(rows, changed, removed, |row| row.id);
}

/// A sorted table with the names that it lacks.
fn grown<'a>(
    field: &'static str,
    table: &'a [String],
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>, WireError> {
    let missing = names.filter(|name| table.binary_search(name).is_err());
    let mut grown: Vec<String> = table.iter().chain(missing).cloned().collect();
    grown.sort_unstable();
    grown.dedup();
    if grown.len() > NAMES_MAX {
        return Err(WireError::TableFull { field, n_max: NAMES_MAX });
    }
    Ok(grown)
}

fn position(table: &[String], name: &String) -> u16 {
    table.binary_search(name).expect("the table was made of these names") as u16
}
