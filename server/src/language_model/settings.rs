//! Where a shop's language model is, as settings say it.

use std::io;
use std::path::PathBuf;

use serde::Deserialize;
use url::Host;
use vitrine_fetch::{RefusedUrl, Url, parse_url};

/// Longest name of a model, in characters.
const MODEL_NAME_CHARS_MAX: usize = 200;

/// The language model of a shop; off without a url. A key is never among the settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LanguageModelSettings {
    /// Address of its endpoint for chat completions.
    pub url: Option<ModelUrl>,
    /// Its name, as the endpoint knows it.
    pub model: String,
    /// File with the key that the endpoint wants, if it wants one.
    pub key_file: Option<PathBuf>,
}

/// The address of an endpoint: https, or http to a host of the own network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ModelUrl(Url);

/// Why a language model cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum LanguageModelError {
    /// The url is none.
    #[error("url of [language_model]: {0}")]
    Url(#[from] RefusedUrl),
    /// Plain http to a host that may be anywhere.
    #[error(
        "url of [language_model] is plain http to a host that may be anywhere, and would send \
         shoppers' questions in clear text: use https"
    )]
    ClearText,
    /// A url and no model.
    #[error(
        "[language_model] has a url and no model: name the model as its endpoint does, in at most \
         {MODEL_NAME_CHARS_MAX} characters"
    )]
    NoModel,
    /// No url.
    #[error("[language_model] has no url: add the address for chat completions, or take it out")]
    NoUrl,
    /// The key file cannot be read.
    #[error(
        "the key_file of [language_model], {}, can't be read: see that it is there and that the \
         server's user may read it", .path.display()
    )]
    KeyFile {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key file holds no key.
    #[error(
        "the key_file of [language_model], {}, holds no key: it is one line of visible ASCII \
         characters", .path.display()
    )]
    Key {
        /// Where it is.
        path: PathBuf,
    },
}

impl LanguageModelSettings {
    /// Whether questions may be put to a language model.
    pub fn is_offered(&self) -> bool {
        self.url.is_some()
    }

    /// Whether all of it fits together.
    ///
    /// # Errors
    /// [`LanguageModelError::NoModel`], [`LanguageModelError::NoUrl`].
    pub fn check(&self) -> Result<(), LanguageModelError> {
        let has_name = (1..=MODEL_NAME_CHARS_MAX).contains(&self.model.trim().chars().count());
        match &self.url {
            Some(_) if !has_name => Err(LanguageModelError::NoModel),
            None if !self.model.is_empty() || self.key_file.is_some() => {
                Err(LanguageModelError::NoUrl)
            }
            _ => Ok(()),
        }
    }
}

impl ModelUrl {
    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl TryFrom<String> for ModelUrl {
    type Error = LanguageModelError;

    fn try_from(given: String) -> Result<Self, LanguageModelError> {
        let url = parse_url(given.trim())?;
        match url.scheme() == "https" || is_near(&url) {
            true => Ok(Self(url)),
            false => Err(LanguageModelError::ClearText),
        }
    }
}

/// Whether a host is this machine, or in its own network by the look of it.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
        Some(Host::Domain(name)) => !name.contains('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<ModelUrl, LanguageModelError> {
        url.to_owned().try_into()
    }

    #[test]
    fn https_is_taken_anywhere_and_http_in_the_own_network() {
        for url in [
            "https://model.example/v1/chat/completions",
            "https://model.example/openai?api-version=1",
            "http://localhost:11434/v1/chat/completions",
            "http://127.0.0.1:8000/v1",
            "http://[::1]:8000/v1",
            "http://10.1.2.3/v1",
            "http://ollama:11434/v1/chat/completions",
        ] {
            assert!(read(url).is_ok(), "{url}");
        }
        for url in ["http://model.example/v1", "http://8.8.8.8/v1"] {
            assert!(matches!(read(url), Err(LanguageModelError::ClearText)), "{url}");
        }
        for url in ["", "model.example", "file:///etc/passwd", "https://me:secret@model.example/"] {
            let error = read(url).unwrap_err();
            assert!(matches!(error, LanguageModelError::Url(_)), "{url}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_url_needs_a_model_and_a_model_a_url() {
        let url = || read("https://model.example/v1").ok();
        let check = |url, model: &str, key: Option<&str>| {
            let key_file = key.map(PathBuf::from);
            LanguageModelSettings { url, model: model.to_owned(), key_file }.check()
        };
        assert!(check(None, "", None).is_ok());
        assert!(check(url(), "m", Some("key")).is_ok());
        let long = "m".repeat(MODEL_NAME_CHARS_MAX + 1);
        for model in ["", " ", &long] {
            assert!(matches!(check(url(), model, None), Err(LanguageModelError::NoModel)));
        }
        assert!(matches!(check(None, "m", None), Err(LanguageModelError::NoUrl)));
        assert!(matches!(check(None, "", Some("key")), Err(LanguageModelError::NoUrl)));
    }
}
