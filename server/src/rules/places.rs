//! Places on pages that no device arranges: the first tiles, and pages at addresses of their own.

use vitrine_domain::ItemId;
use vitrine_rules::{ListContext, ListToArrange, RankedCard, Surface, arrange};
use vitrine_wire::CatalogueRows;

use super::cards::ServedCards;
use super::served::ServedRules;

/// The rules for everyone, with what is drawn.
#[derive(Clone, Copy)]
pub struct PageRules<'a> {
    /// The rules.
    pub rules: &'a ServedRules,
    /// The catalogue.
    pub rows: &'a CatalogueRows,
    /// The language of the catalogue's texts (BCP 47 tag).
    pub locale: &'a str,
    /// Now, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
}

/// A list of a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageList<'a> {
    /// Which list it is.
    pub surface: Surface<'a>,
    /// The department that the page is of; empty without one.
    pub department: &'a str,
    /// The category, likewise.
    pub category: &'a str,
    /// How many places a page has.
    pub page_places: usize,
}

impl PageRules<'_> {
    /// Products in the order that the rules for everyone give them, less what these leave out.
    /// Nothing comes that was not there. Sponsored places are left to the device, which says
    /// who paid.
    pub fn arranged(&self, items: Vec<ItemId>, list: PageList<'_>) -> Vec<ItemId> {
        if self.rules.is_empty() {
            return items;
        }
        let cards = ServedCards::new(self.rows, self.now_seconds);
        let indexes = items.iter().filter_map(|item| cards.index_of(*item));
        let ranked: Vec<RankedCard> = indexes
            .enumerate()
            .map(|(place, index)| RankedCard { index, score: -(place as f32) })
            .collect();
        let context = ListContext {
            surface: list.surface,
            department: list.department,
            category: list.category,
            locale: self.locale,
            now_seconds: self.now_seconds,
            page_places: list.page_places,
            sponsored_left: 0,
            ..ListContext::default()
        };
        let list = ListToArrange { ranked: &ranked, extras: &[], cards: &cards };
        let arranged = arrange(list, &context, &self.rules.compiled);
        arranged.order.iter().map(|index| self.rows.cards[*index as usize].id).collect()
    }
}
