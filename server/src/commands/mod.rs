//! One file a subcommand.

pub mod base;
pub mod demo;
pub mod evaluate;
pub mod fetch;
pub mod graph;
pub mod import;
mod offers;
pub mod quality;
pub mod serve;
pub mod source;
pub mod train;
pub mod tune;
