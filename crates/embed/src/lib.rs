//! The engine of `@vitrine/core`: the session of the shop, for the worker of a page that is
//! somebody else's.
//!
//! A page asks with a [`HostCall`] and is answered with a [`HostAnswer`], both as JSON; what
//! cannot be done is an [`EngineError`] with a stable code. `web/packages/core` has the
//! JavaScript on either side of the worker, and the types as a page sees them. The engine
//! sends nothing that the session does not send.
#![deny(missing_docs)]

mod calls;
mod cards;
mod engine;
mod error;
#[cfg(target_arch = "wasm32")]
mod exports;
mod searching;
#[cfg(test)]
mod tests;

pub use calls::{HostCall, HostEvent, HostEventKind, HostFilters};
pub use cards::{HostCard, HostVariant};
pub use engine::{Engine, HostAnswer, HostFeed, HostProfile, Platform, SentRequest};
pub use error::EngineError;
pub use searching::{HostFacet, HostFacets, HostPriceRange, HostResults, HostSuggestion};
