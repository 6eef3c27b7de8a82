//! HTTP GET of addresses that somebody else wrote: bounded, conditional, and never from a
//! private network; and POST to one address of the operator's own.
//!
//! A feed, or a picture that a feed names, may be anywhere; the server that fetches it may
//! stand beside systems that nobody outside may ask. So [`PublicClient`] resolves each name
//! once, connects to public addresses alone (except for hosts that the operator names), and
//! checks every redirect as it checks the first address. A response is a [`FetchResponse`]: a
//! body to be copied up to a stated size, or "not changed" to who asked with a
//! [`Validator`]. It repeats nothing: when to ask again is the caller's business, and
//! [`FetchFault`] says what the server asked for.
//!
//! An [`EndpointClient`] is made of the one address that it ever asks, which the operator has
//! named, so that it may be anywhere. It follows no redirect.
//!
//! ```
//! use vitrine_fetch::{FetchFault, FetchOptions, PublicClient, RefusedUrl, parse_url};
//!
//! let client = PublicClient::new(&FetchOptions::new("example/1.0"));
//! let fault = client.get(&parse_url("http://127.0.0.1/feed.csv")?, None).err();
//! assert!(matches!(fault, Some(FetchFault::Refused(RefusedUrl::PrivateNetwork))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod client;
mod endpoint;
mod fault;
mod guard;
mod options;
mod response;
mod tls;

pub use client::{PublicClient, parse_url};
pub use endpoint::{EndpointClient, EndpointOptions};
pub use fault::{FetchFault, RefusedUrl};
pub use options::FetchOptions;
pub use response::{FetchResponse, ResponseBody, Validator};
pub use url::Url;

/// Most bytes of a URL, also of one that a redirect names.
pub const URL_BYTES_MAX: usize = 2_048;
/// Most bytes of an `ETag` or `Last-Modified`; a longer one is not kept.
pub const VALIDATOR_BYTES_MAX: usize = 512;
