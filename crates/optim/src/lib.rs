//! Optimisers: what every fit of this workspace steps with.
//!
//! [`Adam`] for many weights and noisy gradients, [`newton()`] for few weights of a convex
//! function, [`LinearMargin`] for many sparse inputs, [`Schedule`] for learning rates, [`Epochs`] for mini-batches of shuffled
//! examples. Plain slices in, plain slices out; the same bits for the same seed.
#![deny(missing_docs)]

pub mod adam;
pub mod margin;
pub mod newton;
pub mod passes;
pub mod schedule;

pub use adam::{Adam, Moments, Update};
pub use margin::{LinearMargin, MarginConfig, SparseRows};
pub use newton::{Derivatives, NewtonConfig, NotPositiveDefinite, newton};
pub use passes::{Epochs, MiniBatch, pass_seed, shuffled};
pub use schedule::{Fall, Schedule};
