//! Fetches pictures over HTTP: bounded, polite, and never from a private network.

mod guard;
mod hosts;
mod wait;

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, StatusCode, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use crate::address::check_url;
use crate::limits::{
    ATTEMPTS_MAX, PICTURE_BYTES_MAX, REDIRECTS_MAX, RETRY_AFTER_MAX, VALIDATOR_BYTES_MAX,
};
use crate::{PictureFault, PictureOptions, RefusedAddress};
use guard::{GuardedResolver, PrivateHost};
use hosts::Hosts;

/// Who asks, and why.
const USER_AGENT: &str = concat!(
    "Vitrine/",
    env!("CARGO_PKG_VERSION"),
    " (catalogue import; makes thumbnails of a shop's own product pictures)"
);
const ACCEPT: &str = "image/jpeg, image/png, image/webp, image/gif";

/// What a server gave to ask "has it changed?" with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validator {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// An answer with a picture, or that it is still the one we have.
#[derive(Debug, PartialEq)]
pub(crate) enum Fetched {
    New { bytes: Vec<u8>, validator: Validator },
    Unchanged,
}

/// A request that gave no picture.
struct Failure {
    fault: PictureFault,
    /// Set when it is worth another attempt: the wait that the server asked for.
    again: Option<Option<Duration>>,
}

impl Failure {
    fn lasting(fault: impl Into<PictureFault>) -> Self {
        Self { fault: fault.into(), again: None }
    }

    fn passing(fault: PictureFault) -> Self {
        Self { fault, again: Some(None) }
    }
}

#[derive(Debug)]
pub(crate) struct Fetcher {
    agent: Agent,
    hosts: Hosts,
    timeout: Duration,
}

impl Fetcher {
    pub(crate) fn new(options: &PictureOptions) -> Self {
        let trusted = rustls_native_certs::load_native_certs().certs;
        let trusted: Vec<_> =
            trusted.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&trusted))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        // All on the agent: settings of a request would have TLS set up anew for each.
        let config = Agent::config_builder()
            .tls_config(tls)
            // A proxy would resolve names itself, behind the guard's back.
            .proxy(None)
            // Each redirect is checked here.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(options.request_timeout))
            .max_idle_connections_per_host(options.fetches_at_once.max(1))
            .user_agent(USER_AGENT)
            .accept(ACCEPT)
            .build();
        let resolver = GuardedResolver::new(&options.private_hosts);
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            hosts: Hosts::default(),
            timeout: options.request_timeout,
        }
    }

    /// Forgets which hosts failed.
    pub(crate) fn start(&self) {
        self.hosts.forget();
    }

    /// Gets a picture, with repetitions after passing failures. Soon after `cancel` is
    /// set it gives up with some fault.
    ///
    /// # Errors
    /// All of [`PictureFault`] that are about servers and addresses.
    pub(crate) fn fetch(
        &self,
        url: &Url,
        known: Option<&Validator>,
        cancel: &AtomicBool,
    ) -> Result<Fetched, PictureFault> {
        let host = url.authority();
        let mut attempt = 1;
        loop {
            if self.hosts.is_given_up(host) {
                return Err(PictureFault::HostGivenUp);
            }
            wait::sleep(self.hosts.wait(host), cancel);
            let failure = match self.once(url, known) {
                Ok(fetched) => {
                    self.hosts.answered(host);
                    return Ok(fetched);
                }
                Err(failure) => failure,
            };
            let Some(asked) = failure.again else {
                self.hosts.answered(host);
                return Err(failure.fault);
            };
            let is_patient = asked.is_none_or(|asked| asked <= RETRY_AFTER_MAX);
            self.hosts.failed(host, asked.filter(|_| is_patient));
            if attempt == ATTEMPTS_MAX || !is_patient || cancel.load(Ordering::Relaxed) {
                return Err(failure.fault);
            }
            wait::sleep(
                wait::before_retry(url.as_str(), attempt).max(asked.unwrap_or_default()),
                cancel,
            );
            attempt += 1;
        }
    }

    /// One request and its redirects.
    fn once(&self, url: &Url, known: Option<&Validator>) -> Result<Fetched, Failure> {
        let start = Instant::now();
        let mut url = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            if start.elapsed() > self.timeout {
                return Err(Failure::passing(PictureFault::TimedOut));
            }
            check_url(&url).map_err(Failure::lasting)?;
            let mut request = self.agent.get(url.as_str());
            if let Some(etag) = known.and_then(|known| known.etag.as_ref()) {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            if let Some(date) = known.and_then(|known| known.last_modified.as_ref()) {
                request = request.header(header::IF_MODIFIED_SINCE, date);
            }
            let response = request.call().map_err(failure_of)?;
            let (parts, body) = response.into_parts();
            match parts.status {
                StatusCode::OK => return read(&parts.headers, body),
                StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Fetched::Unchanged),
                status if status.is_redirection() => {
                    let to = text(&parts.headers, header::LOCATION);
                    let to = to.and_then(|to| url.join(&to).ok());
                    url = to.ok_or(Failure::lasting(PictureFault::Redirects))?;
                }
                status => return Err(failure_of_status(status, &parts.headers)),
            }
        }
        Err(Failure::lasting(PictureFault::Redirects))
    }
}

fn read(headers: &HeaderMap, mut body: Body) -> Result<Fetched, Failure> {
    let too_large = || Failure::lasting(PictureFault::TooLarge { bytes_max: PICTURE_BYTES_MAX });
    if body.content_length().is_some_and(|stated| stated > PICTURE_BYTES_MAX as u64) {
        return Err(too_large());
    }
    // The client refuses what reaches its limit.
    let limited = body.with_config().limit(PICTURE_BYTES_MAX as u64 + 1);
    let bytes = limited.read_to_vec().map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => too_large(),
        other => failure_of(other),
    })?;
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(too_large());
    }
    let validator = Validator {
        etag: text(headers, header::ETAG),
        last_modified: text(headers, header::LAST_MODIFIED),
    };
    Ok(Fetched::New { bytes, validator })
}

/// A header as text, if it is short enough to be kept.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let bytes_max = if name == header::LOCATION {
        crate::limits::ADDRESS_BYTES_MAX
    } else {
        VALIDATOR_BYTES_MAX
    };
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= bytes_max).then(|| text.to_owned())
}

fn failure_of_status(status: StatusCode, headers: &HeaderMap) -> Failure {
    let asked = wait::retry_after(headers);
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::lasting(PictureFault::NotFound),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Failure { fault: PictureFault::Busy, again: Some(asked) }
        }
        StatusCode::REQUEST_TIMEOUT => Failure::passing(PictureFault::TimedOut),
        status if status.is_server_error() => Failure {
            fault: PictureFault::ServerFailed { status: status.as_u16() },
            again: Some(asked),
        },
        status => Failure::lasting(PictureFault::Status { status: status.as_u16() }),
    }
}

fn failure_of(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::passing(PictureFault::TimedOut),
        ureq::Error::Other(other) if other.is::<PrivateHost>() => {
            Failure::lasting(RefusedAddress::PrivateNetwork)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Failure::lasting(RefusedAddress::NotAUrl),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Failure::lasting(PictureFault::Tls),
        ureq::Error::Io(error) => {
            let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
                || error.source().is_some_and(|inner| inner.is::<rustls::Error>());
            match error.kind() {
                _ if is_tls => Failure::lasting(PictureFault::Tls),
                std::io::ErrorKind::TimedOut => Failure::passing(PictureFault::TimedOut),
                _ => Failure::passing(PictureFault::Unreachable),
            }
        }
        _ => Failure::passing(PictureFault::Unreachable),
    }
}
