//! Prices in price lists as a change names them.

use std::collections::BTreeMap;

use vitrine_domain::is_price_list_key;
use vitrine_domain::price_list::PRICE_LISTS_MAX;

use crate::error::ChangeError;
use crate::price::Price;

/// Prices in price lists by their keys; `None` says that the list does not price it.
pub type NamedPrices = BTreeMap<String, Option<Price>>;

/// Checks keys and their number.
pub(crate) fn validate(prices: &NamedPrices) -> Result<(), ChangeError> {
    let max = PRICE_LISTS_MAX;
    if prices.len() > max {
        return Err(ChangeError::TooLong { field: "prices", max });
    }
    match prices.keys().find(|key| !is_price_list_key(key)) {
        Some(key) => Err(ChangeError::PriceListKey { key: key.clone() }),
        None => Ok(()),
    }
}
