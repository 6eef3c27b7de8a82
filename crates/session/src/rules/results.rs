//! Rules among the results of a search, or the cards of a category's page, which is a search
//! without words. They come last, after the personal order.
//!
//! A page of results is one of a longer list: it has its own pins, of its own cards and of what
//! the reply carries for rules. What leaves open whether it is free of what must be absent stays
//! behind what says so, whatever a rule wants.

use vitrine_domain::sorting::sort_by_key;
use vitrine_domain::{Query, Sort};
use vitrine_rules::{CardFacts, ListContext, ListToArrange, Surface};

use super::by_place;
use super::cards::ResultCards;
use super::sponsored::sponsored_of;
use crate::session::Session;
use crate::{SearchResults, Tile};

/// Cards that rules may bring into a page of results.
pub(crate) enum PageExtras {
    /// None: the page has its own cards alone, and so has every other.
    None,
    /// Those that the reply carries, as every page's does.
    Carried(Vec<Tile>),
}

impl Session {
    /// Applies rules to a page of results, and notes what it shows of sponsored cards.
    pub(crate) fn rule_results(
        &self,
        results: &mut SearchResults,
        query: &Query,
        extras: PageExtras,
    ) {
        let Some(pair) = self.active() else { return };
        let rules = self.shop_rules(&pair);
        if rules.is_empty() {
            return;
        }
        let offset = query.page.offset as usize;
        let n_tiles = results.tiles.len();
        let (pages_have_extras, mut extras) = match extras {
            PageExtras::None => (false, Vec::new()),
            PageExtras::Carried(tiles) => (true, tiles),
        };
        let has_text = !query.text.trim().is_empty();
        let (department, category) = page_of(query, results);
        let surface = if has_text { Surface::Search } else { Surface::CategoryPage };
        let context = ListContext {
            query: &query.text,
            department: &department,
            category: &category,
            page_places: (query.page.limit as usize).max(1),
            first_place: offset,
            n_after: (results.n_total as usize).saturating_sub(offset + n_tiles),
            pages_have_extras,
            is_sorted_by_shopper: query.sort != Sort::Relevance,
            ..rules.context(surface)
        };
        let holding = rules.holding(&context);
        if holding.is_empty() {
            return;
        }
        let wanted = holding.cards_wanted();
        let is_new = |tile: &Tile| results.tiles.iter().all(|own| own.card.id != tile.card.id);
        extras.retain(|tile| wanted.contains(&tile.card.id) && is_new(tile));
        results.banners = rules.banners(&holding);
        let mut tiles = std::mem::take(&mut results.tiles);
        tiles.append(&mut extras);
        let cards = self.standard_cards(&tiles);
        let own: Vec<u32> = (0..n_tiles as u32).collect();
        let brought: Vec<u32> = (n_tiles as u32..tiles.len() as u32).collect();
        let is_for_sale: Vec<u32> =
            brought.into_iter().filter(|index| cards.is_available(*index)).collect();
        let ranked = by_place(&own);
        let list = ListToArrange { ranked: &ranked, extras: &is_for_sale, cards: &cards };
        let arranged = holding.sift(list).arranged();
        for touched in &arranged.touched {
            tiles[touched.index as usize].placed = Some(rules.placed(touched));
        }
        let mut order = arranged.order;
        let n_doubts = |index: &u32| {
            tiles[*index as usize].found.as_ref().map_or(0, |found| found.unconfirmed.len())
        };
        sort_by_key(&mut order, n_doubts);
        results.tiles = order.into_iter().map(|index| tiles[index as usize].clone()).collect();
        for (tile, place) in results.tiles.iter_mut().zip(query.page.offset + 1..) {
            if let Some(found) = &mut tile.found {
                found.place = place;
                // What the search did not find has no other place.
                found.place_found = if found.place_found == 0 { place } else { found.place_found };
            }
        }
        self.note_sponsored(sponsored_of(&results.tiles));
    }

    /// The cards of tiles with standard prices.
    fn standard_cards(&self, tiles: &[Tile]) -> ResultCards {
        let state = self.inner.state.borrow();
        let card = |tile: &Tile| state.item(tile.card.id).unwrap_or_else(|| tile.card.clone());
        let now_ms = self.inner.adapters.clock.now_ms();
        ResultCards { cards: tiles.iter().map(card).collect(), now_ms }
    }
}

/// Department and category of a page: those that it is narrowed to, else the category that the
/// search is most likely after.
fn page_of(query: &Query, results: &SearchResults) -> (String, String) {
    let only = |names: &[String]| match names {
        [name] => name.clone(),
        _ => String::new(),
    };
    let category = only(&query.filters.categories);
    let likely = results.intent.iter().flat_map(|intent| &intent.categories).next();
    let likely = likely.filter(|_| category.is_empty() && query.filters.categories.is_empty());
    let category = likely.map_or(category, |likely| likely.category.clone());
    (only(&query.filters.departments), category)
}
