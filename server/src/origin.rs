//! Origins, as settings name them.

use std::fmt;

use serde::Deserialize;
use url::Url;

/// Scheme, host and perhaps port of http(s) addresses, as browsers write them
/// ("https://shop.example").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicOrigin(String);

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No address of a page.
    #[error(
        "{0:?} is no origin: write scheme, host and port if it has one, as in \
         \"https://www.shop.example\" or \"http://localhost:5173\""
    )]
    NotAnOrigin(String),
    /// More than an origin.
    #[error("{given:?} says more than an origin: write {origin:?}")]
    NotOnlyAnOrigin {
        /// As it was written.
        given: String,
        /// The origin of it.
        origin: String,
    },
}

impl PublicOrigin {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PublicOrigin {
    type Error = OriginError;

    fn try_from(given: String) -> Result<Self, OriginError> {
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
            false => Ok(Self(origin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &str) -> Result<PublicOrigin, OriginError> {
        given.to_owned().try_into()
    }

    #[test]
    fn an_origin_is_what_browsers_send() {
        for (given, sent) in [
            ("https://Shop.example:443", "https://shop.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(read(given).expect("an origin").as_str(), sent);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_what_to_write() {
        for given in [
            "shop.example",
            "https://",
            "null",
            "",
            "ftp://shop.example",
            "file:///a",
            "https://shop.example\"><script>",
        ] {
            assert_eq!(read(given), Err(OriginError::NotAnOrigin(given.to_owned())), "{given}");
        }
        for given in [
            "https://shop.example/",
            "https://shop.example/a",
            "https://shop.example?x",
            "https://u@shop.example",
        ] {
            let message = read(given).expect_err("more than an origin").to_string();
            assert!(message.contains("write \"https://shop.example\""), "{message}");
        }
    }
}
