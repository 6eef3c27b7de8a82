//! The Studio: a product team's look at the shop through made-up shoppers.
//!
//! One more user of the session, not a second implementation: a persona is a
//! session of its own in memory, and its feed, search and *Why this?* are the
//! Shop's. Nothing of this browser's own shopper is read or written. What only
//! the server knows (reports, shoppers of the log, the teacher) is asked for
//! with the admin token, by a client that the Shop does not have.

mod composer;
mod events;
mod failure;
mod feed;
mod frame;
mod gate;
mod language;
mod listings;
mod metrics;
mod order;
mod persona;
mod pictures;
mod quality;
mod reports;
mod reviews;
mod route;
mod search;
mod shopper;
mod state;
mod training;

pub(crate) use gate::{StudioEntry, StudioPage};
pub use language::begin as begin_language;
pub(crate) use route::View;
