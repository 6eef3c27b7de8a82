//! Price lists that a shop publishes beside its standard prices: for a store, a group of
//! customers, another currency.

use serde::{Deserialize, Serialize};

use crate::Sale;

/// Most price lists of one shop.
pub const PRICE_LISTS_MAX: usize = 8;
/// Longest key of a price list, in bytes.
pub const PRICE_LIST_KEY_BYTES_MAX: usize = 32;
/// Longest name of a price list, in characters.
pub const PRICE_LIST_NAME_CHARS_MAX: usize = 60;

/// What the manifest says of prices: of the standard ones, and which lists there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTerms {
    /// Whether the standard prices include tax; absent where the shop does not say.
    #[serde(default)]
    pub tax_included: Option<bool>,
    /// The lists, at most [`PRICE_LISTS_MAX`]; [`ListPrice::list`] is a place among them.
    #[serde(default)]
    pub lists: Vec<PriceListInfo>,
}

/// A published price list. All devices have all of them, and each picks one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceListInfo {
    /// What programs call it; see [`is_price_list_key`].
    pub key: String,
    /// What people read: 1 to [`PRICE_LIST_NAME_CHARS_MAX`] characters.
    pub name: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// Whether its prices include tax; absent where the shop does not say.
    #[serde(default)]
    pub tax_included: Option<bool>,
}

/// Price of one variant in one list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPrice {
    /// Place of the list in [`PriceTerms::lists`].
    pub list: u8,
    /// In minor units of the list's currency, above 0.
    pub price_minor: u32,
    /// A lower price for a time.
    pub sale: Option<Sale>,
}

impl PriceTerms {
    /// Whether nothing is said: one currency, one price.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The place of a list among the lists, by its key.
    pub fn place(&self, key: &str) -> Option<u8> {
        let place = self.lists.iter().position(|list| list.key == key)?;
        u8::try_from(place).ok()
    }
}

/// Whether a text can be the key of a price list: 1 to [`PRICE_LIST_KEY_BYTES_MAX`] letters
/// and digits of ASCII, hyphens and underscores.
pub fn is_price_list_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=PRICE_LIST_KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_plain_and_find_their_list() {
        for key in ["trade", "hamburg-2", "EUR_net"] {
            assert!(is_price_list_key(key), "{key}");
        }
        for key in ["", "two words", "größe", "a.b", &"x".repeat(33)] {
            assert!(!is_price_list_key(key), "{key}");
        }
        let list = |key: &str| PriceListInfo { key: key.to_owned(), ..PriceListInfo::default() };
        let terms = PriceTerms { tax_included: None, lists: vec![list("a"), list("b")] };
        assert_eq!((terms.place("b"), terms.place("c")), (Some(1), None));
        assert!(!terms.is_empty() && PriceTerms::default().is_empty());
    }
}
