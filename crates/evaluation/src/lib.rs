//! Ranking metrics, protocols, paired bootstrap intervals and reports: the one
//! that the gate reads ([`report`]), and the comparison of models on a data set
//! ([`sequences`] → [`next_item`] → [`comparison`]).
//!
//! Everything here counts; nothing here ranks. Ties are counted against the
//! model, so that a model that scores everything alike scores nothing.
#![deny(missing_docs)]

pub mod bootstrap;
pub mod classification;
pub mod comparison;
pub mod curve;
mod error;
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

pub use bootstrap::{Interval, difference_interval, mean_interval, ratio_interval};
pub use classification::{Guess, accuracy, expected_calibration_error, macro_f1};
pub use comparison::{NextItemReport, Subject};
pub use curve::Curve;
pub use error::EvaluationError;
pub use metrics::{Coverage, TargetRanks, top_k};
pub use next_item::{NextItemRun, NextItemTask};
pub use protocol::{Segment, Targets, Window, Windows};
pub use report::{
    Gate, GateCheck, GateNames, ModelReport, ModelRun, Report, SegmentReport, ShopperOutcome,
};
pub use sequences::SequenceSet;
