//! What a page asks for.

use serde::Deserialize;
use vitrine_domain::{EventKind, Filters, Sort};

/// One call, as the page's side of `@vitrine/core` writes it: `{"method": …, "params": …}`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    tag = "method",
    content = "params",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum HostCall {
    /// Something was done.
    Record(HostEvent),
    /// The feed, best first.
    Feed {
        /// Most cards.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// A search.
    Search {
        /// What was typed.
        query: String,
        /// Conditions.
        #[serde(default)]
        filters: HostFilters,
        /// Which page, from 1.
        #[serde(default)]
        page: Option<u32>,
        /// Results of a page.
        #[serde(default)]
        limit: Option<u32>,
        /// What the results are ordered by.
        #[serde(default)]
        order: Option<Sort>,
    },
    /// What an unfinished search may become.
    Suggest {
        /// What is typed so far.
        text: String,
        /// Most suggestions.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// What goes with a card or stands for it. The card is named as in [`HostEvent`].
    Related {
        /// Number of the card.
        #[serde(default)]
        id: Option<u64>,
        /// The shop's own identifier of a variant.
        #[serde(default)]
        sku: Option<String>,
        /// Most cards.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// Why a card stands where it does. It is named likewise.
    Why {
        /// Number of the card.
        #[serde(default)]
        id: Option<u64>,
        /// The shop's own identifier of a variant.
        #[serde(default)]
        sku: Option<String>,
    },
    /// What this device has of the shopper.
    Profile {},
    /// The shopper's answer to being asked.
    SetConsent {
        /// Whether they agreed.
        granted: bool,
    },
    /// What the shopper has answered.
    Consent {},
    /// Everything about the shopper, for them to keep.
    Export {},
    /// Forgets the shopper.
    Erase {},
}

/// What a shopper can have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostEventKind {
    /// A product page was opened.
    ViewItem,
    /// Put into the basket.
    AddToCart,
    /// Taken out of the basket.
    RemoveFromCart,
    /// Bought.
    Purchase,
    /// Not to be shown unasked any more.
    NotInterested,
}

impl HostEventKind {
    /// The kind of event of the log; `None` for an opinion.
    pub fn logged(self) -> Option<EventKind> {
        match self {
            Self::ViewItem => Some(EventKind::ViewItem),
            Self::AddToCart => Some(EventKind::AddToCart),
            Self::RemoveFromCart => Some(EventKind::RemoveFromCart),
            Self::Purchase => Some(EventKind::Purchase),
            Self::NotInterested => None,
        }
    }
}

/// Something that a shopper did with a product, which is named by number, by sku, or by both:
/// then the sku says which variant it was.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostEvent {
    /// What was done.
    #[serde(rename = "type")]
    pub kind: HostEventKind,
    /// Number of the card.
    #[serde(default)]
    pub id: Option<u64>,
    /// The shop's own identifier of a variant.
    #[serde(default)]
    pub sku: Option<String>,
    /// Pieces.
    #[serde(default)]
    pub quantity: Option<u32>,
}

/// Conditions of a search. Prices are standard prices in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HostFilters {
    /// Any of these departments.
    pub departments: Vec<String>,
    /// Any of these categories.
    pub categories: Vec<String>,
    /// Any of these brands.
    pub brands: Vec<String>,
    /// None of these brands.
    pub brands_excluded: Vec<String>,
    /// At least this price.
    pub price_min: Option<u32>,
    /// At most this price.
    pub price_max: Option<u32>,
    /// Leave out what cannot be bought now.
    pub available_only: bool,
    /// Leave out what has fewer stars on average, 1 to 5.
    pub stars_min: Option<u8>,
    /// Leave out what says that it has one of these.
    pub free_of: Vec<String>,
}

impl From<HostFilters> for Filters {
    fn from(filters: HostFilters) -> Self {
        Self {
            departments: filters.departments,
            categories: filters.categories,
            brands: filters.brands,
            brands_excluded: filters.brands_excluded,
            price_minor_min: filters.price_min,
            price_minor_max: filters.price_max,
            available_only: filters.available_only,
            stars_min: filters.stars_min,
            free_of: filters.free_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<HostCall, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn calls_are_read_as_the_page_writes_them() {
        let event = r#"{"type": "add_to_cart", "sku": "a-1", "quantity": 2}"#;
        let call = read(&format!(r#"{{"method": "record", "params": {event}}}"#)).expect("a call");
        let kind = HostEventKind::AddToCart;
        let event = HostEvent { kind, id: None, sku: Some("a-1".to_owned()), quantity: Some(2) };
        assert_eq!(call, HostCall::Record(event));
        let params = r#"{"query": "tea", "filters": {"priceMax": 500}, "order": "popularity"}"#;
        let call = read(&format!(r#"{{"method": "search", "params": {params}}}"#)).expect("a call");
        let HostCall::Search { query, filters, page, limit, order } = call else {
            panic!("search")
        };
        assert_eq!((query.as_str(), page, limit), ("tea", None, None));
        assert_eq!((filters.price_max, order), (Some(500), Some(Sort::Popularity)));
        assert_eq!(
            read(r#"{"method": "profile", "params": {}}"#).expect("a call"),
            HostCall::Profile {}
        );
    }

    #[test]
    fn what_a_call_does_not_take_is_refused() {
        for call in [
            r#"{"method": "record", "params": {"type": "look", "id": 1}}"#,
            r#"{"method": "record", "params": {"type": "purchase", "id": 1, "price": 5}}"#,
            r#"{"method": "record", "params": {"type": "purchase", "id": 1, "quantity": -1}}"#,
            r#"{"method": "feed", "params": {"limit": "all"}}"#,
            r#"{"method": "search", "params": {"query": "tea", "filters": {"price": 5}}}"#,
            r#"{"method": "send", "params": {}}"#,
        ] {
            assert!(read(call).is_err(), "{call}");
        }
    }
}
