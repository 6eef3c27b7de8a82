//! Counts over a shop's log, a linear model of them, and the baselines to beat.
//!
//! [`PurchaseLog`] (the shop's log by shopper) → [`Components`] (co-occurrence,
//! text neighbours, popularity) → [`features`] of every card for one shopper →
//! [`FeatureModel`] (a linear model with learned weights, one part of the teacher). [`related`] and
//! [`mod@alternatives`] make the published lists, [`baselines`] the yardsticks.
//!
//! All of it runs on the server over the shop's own log; no shopper's device is
//! asked, and nothing here is published but what these lists and
//! [`Popularity::published`] let through.
//!
//! ```
//! use vitrine_domain::ItemId;
//! use vitrine_ranking::{PurchaseLog, related_lists};
//!
//! // Six shoppers, whose purchases are indices of cards, oldest first.
//! let log = PurchaseLog::of_sequences(3, &vec![vec![0, 1, 0]; 6])?;
//! assert_eq!((log.n_shoppers(), log.of(0).len()), (6, 3));
//!
//! // No two cards were in one basket, so nothing is published as related.
//! let ids = [1, 2, 3].map(ItemId);
//! let related = related_lists(&log, &ids);
//! assert!(related.iter().all(|(_, list)| list.is_empty()));
//! # Ok::<(), vitrine_ranking::RankingError>(())
//! ```
#![deny(missing_docs)]

pub mod alternatives;
pub mod baselines;
pub mod components;
pub mod cooccurrence;
mod error;
pub mod feature_model;
pub mod features;
pub mod latent;
pub mod log;
pub mod neighbours;
pub mod personal;
pub mod popularity;
pub mod related;
pub mod text;

pub use alternatives::alternatives;
pub use baselines::Baseline;
pub use components::{Components, ComponentsConfig};
pub use error::RankingError;
pub use feature_model::{FeatureModel, FeatureWeights, LinearWeights};
pub use features::{FEATURES, Feature, FeatureRows};
pub use latent::Latent;
pub use log::{PastPurchase, PurchaseLog};
pub use neighbours::Neighbours;
pub use popularity::Popularity;
pub use related::{neighbour_lists, related_lists};
