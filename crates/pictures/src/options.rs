//! How pictures are read.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

use crate::limits::{FETCHES_AT_ONCE, REQUEST_TIMEOUT};

/// How pictures are read.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureOptions {
    /// Most requests under way at the same time; at least one.
    pub fetches_at_once: usize,
    /// Most pictures that are decoded at the same time; at least one.
    pub decodes_at_once: usize,
    /// Most time for a request, from the look-up of the name to the last byte. A
    /// redirect that begins in that time is one more request.
    pub request_timeout: Duration,
    /// Host names, without port, that may lie in a private network. All others are
    /// connected to at public addresses alone.
    pub private_hosts: Vec<String>,
    /// Whether nothing is requested: what the cache has of a URL is taken as it is.
    pub is_offline: bool,
}

impl Default for PictureOptions {
    fn default() -> Self {
        Self {
            fetches_at_once: FETCHES_AT_ONCE,
            decodes_at_once: thread::available_parallelism().map_or(1, NonZero::get),
            request_timeout: REQUEST_TIMEOUT,
            private_hosts: Vec::new(),
            is_offline: false,
        }
    }
}
