//! A client that connects to public addresses alone.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{HeaderName, StatusCode, header};
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

use crate::guard::GuardedResolver;
use crate::response::{self, FetchResponse, ResponseBody, Validator};
use crate::{FetchFault, FetchOptions, RefusedUrl, URL_BYTES_MAX, tls};

/// Status "Not Modified".
const NOT_MODIFIED: u16 = 304;

/// A client that connects to public addresses, and to private ones of named hosts. A clone
/// shares its connections.
#[derive(Clone, Debug)]
pub struct PublicClient {
    agent: Agent,
    total_timeout: Duration,
    redirects_max: usize,
}

impl PublicClient {
    /// A client with the certificates that this system trusts. It uses no proxy: a proxy
    /// would resolve names itself, behind the guard's back.
    pub fn new(options: &FetchOptions) -> Self {
        // All on the agent: settings of a request would have TLS set up anew for each.
        let config = Agent::config_builder()
            .tls_config(tls::config())
            .proxy(None)
            // Each redirect is checked here.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(options.connect_timeout)
            .timeout_per_read(options.silence_timeout)
            .timeout_global(Some(options.total_timeout))
            .max_idle_connections_per_host(options.idle_connections_max)
            .user_agent(&options.user_agent)
            .accept(&options.accept)
            .build();
        let resolver = GuardedResolver::new(&options.private_hosts);
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            total_timeout: options.total_timeout,
            redirects_max: options.redirects_max,
        }
    }

    /// One request and its redirects. With what an earlier response said of itself it asks
    /// only for what changed since.
    ///
    /// # Errors
    /// All of [`FetchFault`] but those of copying a body.
    pub fn get(&self, url: &Url, known: Option<&Validator>) -> Result<FetchResponse, FetchFault> {
        let etag = known.and_then(|known| known.etag.as_deref());
        let date = known.and_then(|known| known.last_modified.as_deref());
        let named = [(header::IF_NONE_MATCH, etag), (header::IF_MODIFIED_SINCE, date)];
        let headers: Vec<_> =
            named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        match self.ask(url, &headers) {
            // Whoever asked on no condition has nothing that could still stand.
            Err(FetchFault::Status { status: NOT_MODIFIED, .. }) if !headers.is_empty() => {
                Ok(FetchResponse::NotModified)
            }
            answer => answer.map(FetchResponse::Body),
        }
    }

    /// One request and its redirects, as a script of a page of `origin` sends it: with that
    /// `Origin`, so that the answer says whether the page may read it.
    ///
    /// # Errors
    /// All of [`FetchFault`] but those of copying a body.
    pub fn get_from(&self, url: &Url, origin: &str) -> Result<ResponseBody, FetchFault> {
        self.ask(url, &[(header::ORIGIN, origin)])
    }

    fn ask(&self, url: &Url, headers: &[(HeaderName, &str)]) -> Result<ResponseBody, FetchFault> {
        let start = Instant::now();
        let redirects = || FetchFault::Redirects { redirects_max: self.redirects_max };
        let mut url = url.clone();
        for _ in 0..=self.redirects_max {
            if start.elapsed() > self.total_timeout {
                return Err(FetchFault::TimedOut);
            }
            check_url(&url)?;
            let mut request = self.agent.get(url.as_str());
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            let (parts, body) = request.call()?.into_parts();
            match parts.status {
                StatusCode::OK => {
                    return Ok(ResponseBody::new(url, parts.headers, body));
                }
                status if status.is_redirection() && status.as_u16() != NOT_MODIFIED => {
                    let to = response::text(&parts.headers, header::LOCATION, URL_BYTES_MAX);
                    url = to.and_then(|to| url.join(&to).ok()).ok_or_else(redirects)?;
                }
                status => {
                    return Err(FetchFault::Status {
                        status: status.as_u16(),
                        retry_after: response::retry_after(&parts.headers),
                    });
                }
            }
        }
        Err(redirects())
    }
}

/// Reads a URL that somebody wrote.
///
/// # Errors
/// All of [`RefusedUrl`] but [`RefusedUrl::PrivateNetwork`].
pub fn parse_url(text: &str) -> Result<Url, RefusedUrl> {
    if text.len() > URL_BYTES_MAX {
        return Err(RefusedUrl::TooLong);
    }
    let url = Url::parse(text).map_err(|_| RefusedUrl::NotAUrl)?;
    check_url(&url)?;
    Ok(url)
}

/// What every URL must be, also one that a redirect names. Its host is looked at when it is
/// connected to.
///
/// # Errors
/// [`RefusedUrl::Scheme`], [`RefusedUrl::Credentials`], [`RefusedUrl::NotAUrl`].
fn check_url(url: &Url) -> Result<(), RefusedUrl> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(RefusedUrl::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RefusedUrl::Credentials);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(RefusedUrl::NotAUrl);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_without_credentials_are_asked() {
        for (text, refused) in [
            ("file:///etc/passwd", RefusedUrl::Scheme),
            ("ftp://shop.example/feed.csv", RefusedUrl::Scheme),
            ("https://me:secret@shop.example/", RefusedUrl::Credentials),
            ("https://me@shop.example/", RefusedUrl::Credentials),
            ("http://", RefusedUrl::NotAUrl),
            ("feed.csv", RefusedUrl::NotAUrl),
        ] {
            assert_eq!(parse_url(text), Err(refused), "{text}");
        }
        let long = format!("https://shop.example/{}", "a".repeat(URL_BYTES_MAX));
        assert_eq!(parse_url(&long), Err(RefusedUrl::TooLong));
        let url = parse_url("https://shop.example/feed?key=1").map(String::from);
        assert_eq!(url.as_deref(), Ok("https://shop.example/feed?key=1"));
    }
}
