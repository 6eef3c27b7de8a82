//! What a server answers, and what it says of it.

use std::io::{Read as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use ureq::Body;
use ureq::http::{HeaderMap, HeaderName, header};
use url::Url;

use crate::{FetchFault, VALIDATOR_BYTES_MAX};

/// Bytes that are read between two looks at the cancel flag.
const BLOCK_BYTES: usize = 1 << 16;

/// What a server gave to ask "has it changed?" with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// `ETag`, as it was sent.
    pub etag: Option<String>,
    /// `Last-Modified`, as it was sent.
    pub last_modified: Option<String>,
}

impl Validator {
    /// Whether there is nothing to ask with.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A response with a body, or that what is known still stands.
#[derive(Debug)]
pub enum FetchResponse {
    /// Status 200.
    Body(ResponseBody),
    /// Status 304, to a request with a [`Validator`].
    NotModified,
}

/// A body that is not read yet.
#[derive(Debug)]
pub struct ResponseBody {
    /// What to ask with the next time.
    pub validator: Validator,
    /// Where it came from, after all redirects.
    pub url: Url,
    headers: HeaderMap,
    body: Body,
}

impl ResponseBody {
    pub(crate) fn new(url: Url, headers: HeaderMap, body: Body) -> Self {
        let validator = Validator {
            etag: text(&headers, header::ETAG, VALIDATOR_BYTES_MAX),
            last_modified: text(&headers, header::LAST_MODIFIED, VALIDATOR_BYTES_MAX),
        };
        Self { validator, url, headers, body }
    }

    /// All values of a header, which may have been sent several times, in their order. One
    /// that is no text is left out.
    pub fn header_values<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// Copies the body, at most `bytes_max` bytes of it, in bounded memory; how many there
    /// were. Soon after `cancel` is set it gives up.
    ///
    /// # Errors
    /// [`FetchFault::TooLarge`], by the stated length before anything is read;
    /// [`FetchFault::Cancelled`], [`FetchFault::Write`], or the connection fails.
    pub fn copy_to(
        mut self,
        to: &mut dyn Write,
        bytes_max: u64,
        cancel: &AtomicBool,
    ) -> Result<u64, FetchFault> {
        if self.body.content_length().is_some_and(|stated| stated > bytes_max) {
            return Err(FetchFault::TooLarge { bytes_max });
        }
        let mut from = self.body.as_reader();
        let mut block = vec![0; BLOCK_BYTES];
        let mut n_bytes = 0;
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Err(FetchFault::Cancelled);
            }
            let n = from.read(&mut block).map_err(ureq::Error::from)?;
            if n == 0 {
                return Ok(n_bytes);
            }
            n_bytes += n as u64;
            if n_bytes > bytes_max {
                return Err(FetchFault::TooLarge { bytes_max });
            }
            to.write_all(&block[..n]).map_err(FetchFault::Write)?;
        }
    }
}

/// A header as text, if it has at most `bytes_max` bytes.
pub(crate) fn text(headers: &HeaderMap, name: HeaderName, bytes_max: usize) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= bytes_max).then(|| text.to_owned())
}

/// What `Retry-After` asks for, in seconds or until a date. A date counts from the
/// server's own `Date`, so that a wrong clock on either side does no harm.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let now = httpdate::parse_http_date(text(header::DATE)?).ok()?;
    Some(until.saturating_sub(now.duration_since(UNIX_EPOCH).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(headers: HeaderMap, text: &'static str) -> ResponseBody {
        let url = Url::parse("https://shop.example/").unwrap();
        ResponseBody::new(url, headers, Body::builder().data(text))
    }

    fn headers(retry_after: &'static str, date: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        headers.insert(header::DATE, date.parse().unwrap());
        headers
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        const DATE: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
        let read = |text| retry_after(&headers(text, DATE));
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn a_validator_that_is_too_long_is_not_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, "\"a\"".parse().unwrap());
        let long = "x".repeat(VALIDATOR_BYTES_MAX + 1);
        headers.insert(header::LAST_MODIFIED, long.parse().unwrap());
        let validator = body(headers, "").validator;
        assert_eq!(validator, Validator { etag: Some("\"a\"".into()), last_modified: None });
        assert!(!validator.is_empty() && Validator::default().is_empty());
    }

    #[test]
    fn a_header_that_was_sent_twice_has_both_values() {
        let mut headers = HeaderMap::new();
        headers.append("content-security-policy", "img-src *".parse().unwrap());
        headers.append("content-security-policy", "img-src data:".parse().unwrap());
        let body = body(headers, "");
        let values: Vec<_> = body.header_values("Content-Security-Policy").collect();
        assert_eq!(values, ["img-src *", "img-src data:"]);
        assert_eq!(body.header_values("etag").count(), 0);
    }

    #[test]
    fn a_body_is_copied_up_to_its_limit_and_until_it_is_cancelled() {
        let copy = |bytes_max, cancelled| {
            let mut to = Vec::new();
            let body = body(HeaderMap::new(), "0123456789");
            let copied = body.copy_to(&mut to, bytes_max, &AtomicBool::new(cancelled));
            copied.map(|n| (n, to))
        };
        assert_eq!(copy(10, false).unwrap(), (10, b"0123456789".to_vec()));
        assert!(matches!(copy(9, false), Err(FetchFault::TooLarge { bytes_max: 9 })));
        assert!(matches!(copy(10, true), Err(FetchFault::Cancelled)));
    }
}
