//! Pages of other origins that may embed the shop.

use serde::Deserialize;
use url::Url;

/// Most origins that a server allows: a shop has a few pages, not a directory of them.
pub const ORIGINS_MAX: usize = 100;

/// Settings for pages of other origins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbedSettings {
    /// Origins whose pages may read manifest, shards, pictures and searches.
    pub origins: Origins,
}

/// A list of origins, as browsers write them ("https://shop.example"), without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Origins(Vec<String>);

/// Why something cannot be an origin that is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Every page of the web.
    #[error(
        "origins of [embed] cannot be \"*\": any page could then search in its visitors' name; \
         list the shop's own origins, as in [\"https://www.shop.example\"]"
    )]
    Everyone,
    /// No address of a page.
    #[error(
        "{0:?} in origins of [embed] is no origin: write scheme, host and port if it has one, as \
         in \"https://www.shop.example\" or \"http://localhost:5173\""
    )]
    NotAnOrigin(String),
    /// More than an origin.
    #[error("{given:?} in origins of [embed] says more than an origin: write {origin:?}")]
    NotOnlyAnOrigin {
        /// As it was written.
        given: String,
        /// The origin of it.
        origin: String,
    },
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
        self.0.iter().any(|allowed| allowed == origin)
    }
}

impl TryFrom<Vec<String>> for Origins {
    type Error = OriginError;

    fn try_from(given: Vec<String>) -> Result<Self, OriginError> {
        if given.len() > ORIGINS_MAX {
            return Err(OriginError::TooMany(given.len()));
        }
        let mut origins: Vec<String> = given.into_iter().map(origin).collect::<Result<_, _>>()?;
        origins.sort();
        origins.dedup();
        Ok(Self(origins))
    }
}

/// An origin that was written by hand, in the form that browsers send.
fn origin(given: String) -> Result<String, OriginError> {
    if given.contains('*') {
        return Err(OriginError::Everyone);
    }
    let url = Url::parse(&given).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else { return Err(OriginError::NotAnOrigin(given)) };
    let origin = url.origin().ascii_serialization();
    // "https://Shop.example" and "https://shop.example:443" are the same, and no mistake.
    let says_more = !url.username().is_empty()
        || url.password().is_some()
        || url.path() != "/"
        || given.ends_with('/')
        || url.query().is_some()
        || url.fragment().is_some();
    match says_more {
        true => Err(OriginError::NotOnlyAnOrigin { given, origin }),
        false => Ok(origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[&str]) -> Result<Origins, OriginError> {
        given.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        let origins = read(&[
            "https://Shop.example:443",
            "http://localhost:5173",
            "https://shop.example",
            "https://bücher.example",
        ])
        .expect("origins");
        for allowed in
            ["https://shop.example", "http://localhost:5173", "https://xn--bcher-kva.example"]
        {
            assert!(origins.allow(allowed), "{allowed}");
        }
        for refused in
            ["http://shop.example", "https://a.shop.example", "https://shop.example.evil", "null"]
        {
            assert!(!origins.allow(refused), "{refused}");
        }
        assert!(read(&[]).expect("none").is_empty());
    }

    #[test]
    fn what_is_no_origin_is_refused_with_what_to_write() {
        assert_eq!(read(&["*"]), Err(OriginError::Everyone));
        assert_eq!(read(&["https://*.shop.example"]), Err(OriginError::Everyone));
        for given in ["shop.example", "null", "", "ftp://shop.example", "file:///a"] {
            assert_eq!(read(&[given]), Err(OriginError::NotAnOrigin(given.to_owned())), "{given}");
        }
        for given in ["https://shop.example/", "https://shop.example/a", "https://u@shop.example"] {
            let message = read(&[given]).expect_err("more than an origin").to_string();
            assert!(message.contains("write \"https://shop.example\""), "{message}");
        }
        let many = vec!["https://shop.example"; ORIGINS_MAX + 1];
        assert_eq!(read(&many), Err(OriginError::TooMany(ORIGINS_MAX + 1)));
    }
}
