//! How pages are sent: compressed, with an entity tag, and kept by shared caches alone.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use vitrine_publish::compress_quickly;
use vitrine_wire::content_hash;

use crate::http::assets::accepts_brotli;

/// A browser keeps nothing: what it asks for again, with or without the tag of what it has, would
/// tell when it was here last.
const BROWSER_CACHE: &str = "no-store";

/// Caches of the shop's own (RFC 9213) may answer for a minute, as long as a page that is open
/// waits until it asks for changes.
const SHARED_CACHE: &str = "public, max-age=60";

/// Hexadecimal digits of an entity tag.
const TAG_CHARS: usize = 32;

/// What a request asks for, as far as pages differ by it.
pub struct PageRequest {
    query: Option<String>,
    takes_brotli: bool,
    /// Entity tags of what the client has.
    known: Vec<String>,
}

/// What is sent.
#[derive(Clone, Copy)]
pub enum MediaType {
    Html,
    Xml,
    Text,
}

impl PageRequest {
    /// Of a request.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let known = headers.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|value| value.to_str().ok()).flat_map(|of| of.split(','));
        Self {
            query: uri.query().map(str::to_owned),
            takes_brotli: accepts_brotli(headers),
            known: known.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect(),
        }
    }

    /// The first value of a parameter of its query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut all = form_urlencoded::parse(self.query.as_deref()?.as_bytes());
        all.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A page.
    pub fn page(&self, status: StatusCode, html: String) -> Response {
        self.answer(status, MediaType::Html, html)
    }

    /// What was asked for, or that the client has it. Its tag is a hash of what is sent, so that
    /// it changes with whatever a revision changes of it.
    pub fn answer(&self, status: StatusCode, media_type: MediaType, text: String) -> Response {
        let coding = if self.takes_brotli { "-br" } else { "" };
        let hash = content_hash(text.as_bytes()).to_string();
        let tag = format!("\"{}{coding}\"", &hash[..TAG_CHARS]);
        let is_found = status.is_success();
        let is_known = is_found && self.known.iter().any(|known| *known == tag || known == "*");
        let mut response = match (is_known, self.takes_brotli) {
            (true, _) => StatusCode::NOT_MODIFIED.into_response(),
            (false, true) => (status, compress_quickly(text.as_bytes())).into_response(),
            (false, false) => (status, Body::from(text)).into_response(),
        };
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_TYPE, media_type.name());
        set(header::VARY, "Accept-Encoding");
        set(header::CACHE_CONTROL, BROWSER_CACHE);
        set(HeaderName::from_static("cdn-cache-control"), SHARED_CACHE);
        if self.takes_brotli && !is_known {
            set(header::CONTENT_ENCODING, "br");
        }
        if let (true, Ok(tag)) = (is_found, HeaderValue::from_str(&tag)) {
            headers.insert(header::ETAG, tag);
        }
        response
    }

    /// The address that this one should have been, with the query that came with it.
    pub fn moved(&self, path: &str) -> Response {
        let query = self.query.as_deref().map_or_else(String::new, |query| format!("?{query}"));
        let headers = [
            (header::LOCATION, format!("{path}{query}")),
            (header::CACHE_CONTROL, BROWSER_CACHE.into()),
        ];
        (StatusCode::MOVED_PERMANENTLY, headers).into_response()
    }
}

impl MediaType {
    fn name(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}
