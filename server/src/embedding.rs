//! Pages of other origins that may embed the shop.

use serde::Deserialize;

use crate::origin::{OriginError, PublicOrigin};

/// Most origins that a server allows: a shop has a few pages, not a directory of them.
pub const ORIGINS_MAX: usize = 100;

/// Settings for pages of other origins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbedSettings {
    /// Origins whose pages may read manifest, shards, pictures and searches.
    pub origins: Origins,
}

/// A list of origins without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Origins(Vec<PublicOrigin>);

/// Why a list of origins cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginListError {
    /// Every page of the web.
    #[error(
        "origins of [embed] cannot be \"*\": any page could then search in its visitors' name; \
         list the shop's own origins, as in [\"https://www.shop.example\"]"
    )]
    Everyone,
    /// One of them is none.
    #[error("in origins of [embed], {0}")]
    NotAnOrigin(#[from] OriginError),
    /// More than [`ORIGINS_MAX`].
    #[error("origins of [embed] are {0}, more than {ORIGINS_MAX}")]
    TooMany(usize),
}

impl Origins {
    /// Whether no page but the server's own is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether pages of an origin, as a browser's `Origin` header has it, are allowed.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.as_str() == origin)
    }
}

impl TryFrom<Vec<String>> for Origins {
    type Error = OriginListError;

    fn try_from(given: Vec<String>) -> Result<Self, OriginListError> {
        if given.len() > ORIGINS_MAX {
            return Err(OriginListError::TooMany(given.len()));
        }
        if given.iter().any(|origin| origin.contains('*')) {
            return Err(OriginListError::Everyone);
        }
        let origins = given.into_iter().map(PublicOrigin::try_from);
        let mut origins: Vec<PublicOrigin> = origins.collect::<Result<_, _>>()?;
        origins.sort();
        origins.dedup();
        Ok(Self(origins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[&str]) -> Result<Origins, OriginListError> {
        given.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn pages_of_the_listed_origins_are_allowed_and_no_others() {
        let origins = read(&["https://Shop.example:443", "https://shop.example"]).expect("origins");
        assert!(origins.allow("https://shop.example"));
        for refused in
            ["http://shop.example", "https://a.shop.example", "https://shop.example.evil", "null"]
        {
            assert!(!origins.allow(refused), "{refused}");
        }
        assert!(read(&[]).expect("none").is_empty());
    }

    #[test]
    fn what_lets_in_everyone_or_is_no_origin_is_refused() {
        assert_eq!(read(&["*"]), Err(OriginListError::Everyone));
        assert_eq!(read(&["https://*.shop.example"]), Err(OriginListError::Everyone));
        let message = read(&["shop.example"]).expect_err("no origin").to_string();
        assert!(message.contains("[embed], \"shop.example\" is no origin"), "{message}");
        let many = vec!["https://shop.example"; ORIGINS_MAX + 1];
        assert_eq!(read(&many), Err(OriginListError::TooMany(ORIGINS_MAX + 1)));
    }
}
