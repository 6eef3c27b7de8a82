//! Fits the teacher, distils the student, quantises it.
//!
//! [`data`] indexes the log → [`fit`] learns the teacher's weights →
//! [`snapshots`] counts the catalogue as it was at earlier moments →
//! [`sequences`] and [`samples`] draw what devices would have had to rank →
//! [`distil`] makes gradient steps ([`batch`], [`forward`], [`leaves`], [`ops`],
//! [`params`], [`checkpoint`], and the optimisers of `vitrine_optim`) → [`last_layer`]
//! weighs what was learned beside what counting says → [`model`] is what ships.
//! [`mod@train`] runs it all.
//!
//! [`next`] has the models that are compared on public data sets.
//!
//! Nothing at or after the horizon of a run is looked at, and no sample's input
//! is made from anything at or after its own moment.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use vitrine_domain::{EventKind, Interaction, Item, ItemId, ShopperId};
//! use vitrine_training::{Config, Control, Outcome, TrainingData, train};
//!
//! # // 160 cards in eight categories; forty shoppers, four cards a week for twenty weeks.
//! # let items: Vec<Item> = (0..160)
//! #     .map(|i| Item {
//! #         id: ItemId(i),
//! #         title: format!("Card {i}"),
//! #         category: format!("Category {}", i % 8),
//! #         price_minor: 100 + i as u32,
//! #         ..Item::default()
//! #     })
//! #     .collect();
//! # let mut vectors = vec![0.0; items.len() * 384];
//! # for (i, vector) in vectors.chunks_exact_mut(384).enumerate() {
//! #     (vector[i % 8], vector[8 + i]) = (0.8, 0.6);
//! # }
//! # let line = |shopper: u32, week: u32, n: u32| Interaction {
//! #     shopper: ShopperId(shopper),
//! #     item: items[((shopper * 7 + week * n * 13 + n * n) % 160) as usize].id,
//! #     kind: EventKind::Purchase,
//! #     at_seconds: i64::from(week) * 7 * 86_400 + i64::from(shopper),
//! #     basket: shopper * 100 + week,
//! #     quantity: 1,
//! #     price_minor: 100,
//! # };
//! # let weeks = (0..40).flat_map(|shopper| (0..20).map(move |week| (shopper, week)));
//! # let interactions: Vec<Interaction> =
//! #     weeks.flat_map(|(shopper, week)| (0..4).map(move |n| line(shopper, week, n))).collect();
//! let data = TrainingData { items: &items, vectors: &vectors, interactions: &interactions };
//! // A tiny run, from random weights; `Base::pretrained` is what shops start from.
//! let config = Config { n_sequences: 20, n_entries: 0, n_steps: 2, ..Config::default() };
//! let (stop, mut progress) = (AtomicBool::new(false), |_| {});
//! let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
//! let outcome = train(data, &config, None, &mut control)?;
//!
//! let Outcome::Finished(trained) = outcome else { panic!("nobody stopped it") };
//! let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
//! assert_eq!(trained.model.codes_for(&ids, &vectors).len(), ids.len() * 64);
//! # Ok::<(), vitrine_training::TrainingError>(())
//! ```

mod as_new;
pub mod base;
pub mod batch;
mod block;
mod candidates;
pub mod checkpoint;
pub mod codec;
pub mod config;
pub mod control;
pub mod data;
pub mod distil;
mod error;
pub mod fit;
pub mod forward;
pub mod last_layer;
pub mod leaves;
mod logit;
pub mod model;
pub mod next;
pub mod non_purchases;
pub mod ops;
pub mod outputs;
pub mod params;
pub mod pretrain;
mod ranking_moments;
pub mod samples;
pub mod scorer;
pub mod sequences;
pub mod snapshots;
mod targets;
pub mod teacher;
pub mod train;

pub use config::Config;
pub use control::{Control, Stage, TrainingProgress};
pub use data::{PreparedData, TrainingData};
pub use error::TrainingError;
pub use fit::fit_features;
pub use model::TrainedModel;
pub use train::{Outcome, Trained, train};
