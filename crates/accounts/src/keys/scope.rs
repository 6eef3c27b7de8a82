//! What a key may be for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::AccountsError;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ApiScope {
    /// Ask what is written of published products.
    #[serde(rename = "catalogue:ask")]
    CatalogueAsk,
    /// Read what is known of products, unlisted ones included.
    #[serde(rename = "catalogue:read")]
    CatalogueRead,
    /// Push changes of products.
    #[serde(rename = "catalogue:write")]
    CatalogueWrite,
    /// Push order lines.
    #[serde(rename = "orders:write")]
    OrdersWrite,
    /// Push reviews.
    #[serde(rename = "reviews:write")]
    ReviewsWrite,
}

impl ApiScope {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 5] = [
        Self::CatalogueAsk,
        Self::CatalogueRead,
        Self::CatalogueWrite,
        Self::OrdersWrite,
        Self::ReviewsWrite,
    ];

    /// As commands and files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CatalogueAsk => "catalogue:ask",
            Self::CatalogueRead => "catalogue:read",
            Self::CatalogueWrite => "catalogue:write",
            Self::OrdersWrite => "orders:write",
            Self::ReviewsWrite => "reviews:write",
        }
    }
}

impl fmt::Display for ApiScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ApiScope {
    type Err = AccountsError;

    fn from_str(text: &str) -> Result<Self, AccountsError> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| AccountsError::UnknownScope { given: text.to_owned() })
    }
}

/// As the database has them: names with spaces between, each once.
pub(super) fn joined(scopes: &[ApiScope]) -> String {
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.into_iter().map(ApiScope::name).collect::<Vec<_>>().join(" ")
}

/// Reads what [`joined`] wrote.
pub(super) fn split(text: &str) -> Result<Vec<ApiScope>, AccountsError> {
    text.split_whitespace().map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in ApiScope::ALL {
            assert_eq!(scope.name().parse::<ApiScope>().unwrap(), scope);
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
        assert!(ApiScope::ALL.is_sorted_by_key(|scope| scope.name()));
        let twice = [ApiScope::OrdersWrite, ApiScope::CatalogueAsk, ApiScope::OrdersWrite];
        assert_eq!(joined(&twice), "catalogue:ask orders:write");
        assert_eq!(
            split(&joined(&twice)).unwrap(),
            [ApiScope::CatalogueAsk, ApiScope::OrdersWrite]
        );
        let unknown = split("catalogue:ask all").unwrap_err();
        assert!(matches!(unknown, AccountsError::UnknownScope { given } if given == "all"));
    }
}
