//! The student through its public interface.
#![allow(clippy::unwrap_used, reason = "tests")]

mod candidates;
mod encoder;
mod explain;
mod features;
mod golden;
mod kernels;
mod packed;
mod scan;
mod score;
mod shop;
