//! Price lists of a mapping, and what the manifest says of them.

use std::collections::HashSet;

use vitrine_domain::currency::minor_digits;
use vitrine_domain::price_list::{PRICE_LIST_NAME_CHARS_MAX, PRICE_LISTS_MAX};
use vitrine_domain::{PriceListInfo, PriceTerms, is_price_list_key};

use super::keys::Keys;
use super::read::{currency, price};
use super::{Mapping, PriceColumn};
use crate::error::KeyProblem;

/// A price list of the shop, and where the product feed has its prices.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceListColumns {
    /// Key, name, currency and tax, as they are published.
    pub info: PriceListInfo,
    /// Digits after the point of its currency.
    pub currency_decimals: u32,
    /// Price of one piece.
    pub price: PriceColumn,
    /// Price of one piece during the product's sale.
    pub sale_price: Option<PriceColumn>,
}

impl Mapping {
    /// What the manifest says of prices.
    pub fn price_terms(&self) -> PriceTerms {
        let lists = self.price_lists.iter().map(|list| list.info.clone()).collect();
        PriceTerms { tax_included: self.tax_included, lists }
    }

    /// Gives lists in the shop's own currency the decimals that the mapping says it has.
    pub(super) fn with_own_decimals(mut self) -> Self {
        let lists = self.price_lists.iter_mut();
        for list in lists.filter(|list| list.info.currency == self.currency) {
            list.currency_decimals = self.currency_decimals;
        }
        self
    }
}

/// The tables `[[price_lists]]`.
pub(super) fn price_lists(keys: &mut Keys<'_, '_>) -> Vec<PriceListColumns> {
    let at = keys.place("price_lists");
    let lists = keys.tables("price_lists", price_list);
    if lists.len() > PRICE_LISTS_MAX {
        keys.refuse("price_lists", at.clone(), KeyProblem::TooManyPriceLists { n: lists.len() });
    }
    let mut seen = HashSet::new();
    if let Some(twice) = lists.iter().find(|list| !seen.insert(list.info.key.as_str())) {
        let key = twice.info.key.clone();
        keys.refuse("price_lists", at, KeyProblem::PriceListTwice { key });
    }
    lists
}

fn price_list(keys: &mut Keys<'_, '_>) -> PriceListColumns {
    let (key_at, name_at) = (keys.place("key"), keys.place("name"));
    let n_before = keys.n_problems();
    let key: String = keys.required("key");
    if keys.n_problems() == n_before && !is_price_list_key(&key) {
        keys.refuse("key", key_at, KeyProblem::PriceListKey { key: key.clone() });
    }
    let n_before = keys.n_problems();
    let name: String = keys.required("name");
    let n_chars = name.chars().count();
    if keys.n_problems() == n_before && !(1..=PRICE_LIST_NAME_CHARS_MAX).contains(&n_chars) {
        keys.refuse("name", name_at, KeyProblem::PriceListName { n_chars });
    }
    let currency = currency(keys);
    PriceListColumns {
        currency_decimals: minor_digits(&currency),
        info: PriceListInfo { key, name, currency, tax_included: keys.optional("tax_included") },
        price: keys.required_table("price", price).unwrap_or_default(),
        sale_price: keys.table("sale_price", price),
    }
}
