//! What tools are called with, and its limits. An error says what to write instead.

use serde::Deserialize;
use vitrine_domain::{Filters, ItemId, Page, Query, Sort};

use crate::http::ask::AskRequest;
use crate::http::published::ProductName;

/// Most results of one search.
pub const RESULTS_MAX: u32 = 20;
/// Results of a search that names no limit.
const RESULTS_DEFAULT: u32 = 10;
/// Fewest products that are compared.
pub const COMPARED_MIN: usize = 2;

/// Of `search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchArguments {
    /// What is looked for; may be empty where filters say it.
    #[serde(default)]
    text: String,
    /// As `/v1/search` has them.
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    sort: Sort,
    #[serde(default = "results_default")]
    limit: u32,
}

/// Of `product`: one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductArguments {
    id: Option<ItemId>,
    sku: Option<String>,
}

/// Of `compare`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareArguments {
    ids: Vec<ItemId>,
}

/// Of `ask`: one of the two lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskArguments {
    question: String,
    #[serde(default)]
    ids: Vec<ItemId>,
    #[serde(default)]
    skus: Vec<String>,
}

fn results_default() -> u32 {
    RESULTS_DEFAULT
}

impl TryFrom<SearchArguments> for Query {
    type Error = String;

    fn try_from(asked: SearchArguments) -> Result<Self, String> {
        let SearchArguments { text, filters, sort, limit } = asked;
        match limit {
            1..=RESULTS_MAX => {
                let page = Page { offset: 0, limit };
                Ok(Self { text, filters, sort, page, ..Self::default() })
            }
            _ => Err(format!("limit is 1 to {RESULTS_MAX}; search for less instead of {limit}")),
        }
    }
}

impl ProductArguments {
    /// The product.
    ///
    /// # Errors
    /// What to write instead.
    pub fn name(self) -> Result<ProductName, String> {
        match (self.id, self.sku) {
            (Some(id), None) => Ok(ProductName::Item(id)),
            (None, Some(sku)) => Ok(ProductName::Sku(sku)),
            _ => Err("name the product by id or by sku, one of them".to_owned()),
        }
    }
}

impl CompareArguments {
    /// The products, each once.
    ///
    /// # Errors
    /// What to write instead.
    pub fn ids(self) -> Result<Vec<ItemId>, String> {
        let n = self.ids.len();
        let is_again = |place: usize| self.ids[..place].contains(&self.ids[place]);
        if (0..n).any(is_again) {
            return Err("name each product once".to_owned());
        }
        if !(COMPARED_MIN..=vitrine_assistant::COMPARED_MAX).contains(&n) {
            let max = vitrine_assistant::COMPARED_MAX;
            return Err(format!("ids are those of {COMPARED_MIN} to {max} products, not of {n}"));
        }
        Ok(self.ids)
    }
}

impl From<AskArguments> for AskRequest {
    fn from(asked: AskArguments) -> Self {
        let AskArguments { question, ids, skus } = asked;
        Self { question, items: ids, skus }
    }
}
