//! Ranking metrics, protocols, paired bootstrap intervals and reports: the one
//! that the gate reads ([`report`]), and the comparison of models on a data set
//! ([`sequences`] → [`next_item`] → [`comparison`]).
//!
//! Everything here counts; nothing here ranks. Ties are counted against the
//! model, so that a model that scores everything alike scores nothing.
//!
//! ```
//! use vitrine_evaluation::{TargetRanks, Windows, ratio_interval};
//!
//! // Cards 0 to 4 by score; card 2 was bought, and is second.
//! let ranks = TargetRanks::of_scores(&[0.1, 0.9, 0.5, 0.2, 0.3], &[2]);
//! assert_eq!((ranks.hit_rate(10), ranks.reciprocal_rank()), (1.0, 0.5));
//! // A model that scores all cards alike finds nothing first.
//! assert_eq!(TargetRanks::of_scores(&[0.0; 5], &[2]).reciprocal_rank(), 0.2);
//!
//! let better = ratio_interval(&[0.6, 0.4, 0.5], &[0.3, 0.2, 0.25], 1, 1_000)?;
//! assert!((better.lower - 2.0).abs() < 1e-9 && (better.upper - 2.0).abs() < 1e-9);
//!
//! let windows = Windows::ending_at(1_000_000_000);
//! assert_eq!(windows.validation.end_seconds, windows.test.start_seconds);
//! # Ok::<(), vitrine_evaluation::EvaluationError>(())
//! ```
#![deny(missing_docs)]

pub mod bootstrap;
pub mod classification;
pub mod clustered;
pub mod comparison;
pub mod curve;
mod error;
pub mod gate;
pub mod graded;
pub mod metrics;
pub mod next_item;
pub mod outputs;
pub mod poison;
pub mod protocol;
pub mod published;
pub mod replay;
pub mod report;
pub mod sequences;
pub mod simulation;

pub use bootstrap::{difference_interval, mean_interval, ratio_interval};
pub use classification::{Guess, accuracy, expected_calibration_error, macro_f1};
pub use clustered::{RankedScores, clustered_interval, weighted_mean};
pub use comparison::{NextItemReport, ReportSubject};
pub use curve::Curve;
pub use error::EvaluationError;
pub use gate::GateNames;
pub use metrics::{Coverage, TargetRanks, top_k};
pub use next_item::{NextItemRun, NextItemTask};
pub use protocol::{Targets, Window, Windows};
pub use report::{Against, EvaluationReport, ModelRun, ShopperOutcome};
pub use sequences::SequenceSet;
pub use vitrine_studio_api::{Gate, GateCheck, Interval, ModelReport, Segment, SegmentReport};
