//! Searches and suggestions as a page has them.

use serde::Serialize;
use vitrine_domain::limits::PAGE_LIMIT_MAX;
use vitrine_domain::{Facet, Facets, Page, PriceRange, Query};
use vitrine_session::{PhotoSize, SearchResults, SuggestionKind, Tile, doubt};

use crate::cards::{HostCard, number};
use crate::engine::{Engine, HostAnswer};
use crate::{EngineError, HostFilters};

/// Results of a page, unless the page says how many.
const RESULTS_DEFAULT: u32 = 24;
/// Suggestions, unless the page says how many.
const SUGGESTIONS_DEFAULT: usize = 8;
/// Most suggestions.
const SUGGESTIONS_MAX: usize = 20;

/// A page of results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostResults {
    /// Best first.
    pub cards: Vec<HostCard>,
    /// How many match in all.
    pub total: u32,
    /// What filters would leave; counted with the first page.
    pub facets: HostFacets,
    /// What could not be met, and which words were taken for others.
    pub notes: Vec<String>,
    /// Whether the device has answered, because the server did not.
    pub offline: bool,
}

/// How many results each choice would leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostFacets {
    /// Departments, most products first.
    pub departments: Vec<HostFacet>,
    /// Categories, likewise.
    pub categories: Vec<HostFacet>,
    /// Brands, likewise.
    pub brands: Vec<HostFacet>,
    /// Ranges of prices, cheapest first.
    pub prices: Vec<HostPriceRange>,
    /// Products that can be bought now.
    pub available: u32,
}

/// A value to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostFacet {
    /// As the filters want it.
    pub name: String,
    /// Products that have it.
    pub count: u32,
}

/// A range of prices to filter by, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostPriceRange {
    /// At least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Products in it.
    pub count: u32,
}

/// One way to go on with what is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostSuggestion {
    /// "recent", "query", "category", "department" or "product".
    pub kind: &'static str,
    /// What it says.
    pub text: String,
    /// Products that it stands for; none are counted of an earlier search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Number of the card of a product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Address of a product's picture, which is on the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl Engine {
    pub(crate) async fn search(
        &self,
        query: Query,
        is_first_page: bool,
    ) -> Result<HostAnswer, EngineError> {
        self.session.take_up_pending();
        if is_first_page {
            self.session.note_search(&query.text).await;
        }
        // What this tab has been answered is not asked again: it would tell of the way back.
        let results = match self.session.search_again(&query) {
            Some(results) => results,
            None => self.session.search(query).await?,
        };
        Ok(HostAnswer::Results(self.results(results)))
    }

    fn results(&self, results: SearchResults) -> HostResults {
        let writer = self.writer();
        let card = |tile: &Tile| {
            let unconfirmed = tile.found.as_ref().map_or(&[][..], |found| &found.unconfirmed);
            let doubt = doubt(unconfirmed);
            let doubts = (!doubt.is_empty()).then_some(doubt);
            self.hand_out(&writer, &tile.card, doubts.into_iter().collect())
        };
        HostResults {
            cards: results.tiles.iter().map(card).collect(),
            total: results.n_total,
            notes: results.notes().into_iter().map(|note| note.words).collect(),
            offline: results.offline,
            facets: results.facets.map(HostFacets::from).unwrap_or_default(),
        }
    }

    pub(crate) fn suggestions(&self, text: &str, limit: Option<usize>) -> Vec<HostSuggestion> {
        let limit = limit.unwrap_or(SUGGESTIONS_DEFAULT).min(SUGGESTIONS_MAX);
        let recent = self
            .session
            .recent_searches(text)
            .into_iter()
            .take(limit / 2)
            .map(|text| HostSuggestion { kind: "recent", text, ..HostSuggestion::default() });
        let writer = self.writer();
        let mut all: Vec<HostSuggestion> = recent.collect();
        for suggestion in self.session.suggest(text, limit) {
            let is_said = all.iter().any(|said| said.text == suggestion.text);
            let kind = match suggestion.kind {
                SuggestionKind::Query if is_said => continue,
                SuggestionKind::Query => "query",
                SuggestionKind::Category => "category",
                SuggestionKind::Department => "department",
                SuggestionKind::Product => "product",
            };
            let card = suggestion.item.and_then(|item| self.session.item(item));
            all.push(HostSuggestion {
                kind,
                text: suggestion.text,
                count: Some(suggestion.n_items),
                id: suggestion.item.map(number),
                picture: card.and_then(|card| writer.picture(&card, PhotoSize::Small)),
            });
        }
        all.truncate(limit);
        all
    }
}

/// The session's query for a page of results, and whether it is the first page.
pub(crate) fn query(
    text: String,
    filters: HostFilters,
    (page, limit): (Option<u32>, Option<u32>),
) -> (Query, bool) {
    let limit = limit.unwrap_or(RESULTS_DEFAULT).clamp(1, PAGE_LIMIT_MAX);
    let before = page.unwrap_or(1).saturating_sub(1);
    let offset = before.saturating_mul(limit);
    let is_first = before == 0;
    let filters = filters.into();
    let page = Page { offset, limit };
    (Query { text, filters, page, facets: is_first, ..Query::default() }, is_first)
}

impl From<Facets> for HostFacets {
    fn from(facets: Facets) -> Self {
        let named = |facets: Vec<Facet>| {
            let facets = facets.into_iter();
            facets.map(|facet| HostFacet { name: facet.name, count: facet.n_items }).collect()
        };
        let range = |range: PriceRange| HostPriceRange {
            min: range.price_minor_min,
            max: range.price_minor_max,
            count: range.n_items,
        };
        Self {
            departments: named(facets.departments),
            categories: named(facets.categories),
            brands: named(facets.brands),
            prices: facets.prices.into_iter().map(range).collect(),
            available: facets.n_available,
        }
    }
}
