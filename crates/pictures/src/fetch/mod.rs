//! Fetches pictures: which hosts are asked, how often, and what their answers mean.

mod hosts;
mod wait;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vitrine_fetch::{FetchFault, FetchOptions, FetchResponse, PublicClient, Url, Validator};

use crate::limits::{ATTEMPTS_MAX, PICTURE_BYTES_MAX, REDIRECTS_MAX, RETRY_AFTER_MAX};
use crate::{PictureFault, PictureOptions};
use hosts::Hosts;

/// Who asks, and why.
const USER_AGENT: &str = concat!(
    "Vitrine/",
    env!("CARGO_PKG_VERSION"),
    " (catalogue import; makes thumbnails of a shop's own product pictures)"
);
const ACCEPT: &str = "image/jpeg, image/png, image/webp, image/gif";

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

#[derive(Debug)]
pub(crate) struct Fetcher {
    client: PublicClient,
    hosts: Hosts,
}

impl Fetcher {
    pub(crate) fn new(options: &PictureOptions) -> Self {
        let client = PublicClient::new(&FetchOptions {
            accept: ACCEPT.to_owned(),
            total_timeout: options.request_timeout,
            redirects_max: REDIRECTS_MAX,
            idle_connections_max: options.fetches_at_once.max(1),
            private_hosts: options.private_hosts.clone(),
            ..FetchOptions::new(USER_AGENT)
        });
        Self { client, hosts: Hosts::default() }
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
            let failure = match self.once(url, known, cancel) {
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
    fn once(
        &self,
        url: &Url,
        known: Option<&Validator>,
        cancel: &AtomicBool,
    ) -> Result<Fetched, Failure> {
        let FetchResponse::Body(body) = self.client.get(url, known).map_err(failure_of)? else {
            return Ok(Fetched::Unchanged);
        };
        let validator = body.validator.clone();
        let mut bytes = Vec::new();
        body.copy_to(&mut bytes, PICTURE_BYTES_MAX as u64, cancel).map_err(failure_of)?;
        Ok(Fetched::New { bytes, validator })
    }
}

fn failure_of(fault: FetchFault) -> Failure {
    let lasting = |fault| Failure { fault, again: None };
    let passing = |fault| Failure { fault, again: Some(None) };
    match fault {
        FetchFault::Status { status: 404 | 410, .. } => lasting(PictureFault::NotFound),
        FetchFault::Status { status: 408, .. } => passing(PictureFault::TimedOut),
        FetchFault::Status { status: 429 | 503, retry_after } => {
            Failure { fault: PictureFault::Busy, again: Some(retry_after) }
        }
        FetchFault::Status { status: status @ 500.., retry_after } => {
            Failure { fault: PictureFault::ServerFailed { status }, again: Some(retry_after) }
        }
        FetchFault::Status { status, .. } => lasting(PictureFault::Status { status }),
        FetchFault::Refused(refused) => lasting(PictureFault::Refused(refused.into())),
        FetchFault::Tls => lasting(PictureFault::Tls),
        FetchFault::Redirects { .. } => lasting(PictureFault::Redirects),
        FetchFault::TooLarge { .. } => {
            lasting(PictureFault::TooLarge { bytes_max: PICTURE_BYTES_MAX })
        }
        FetchFault::TimedOut => passing(PictureFault::TimedOut),
        _ => passing(PictureFault::Unreachable),
    }
}
