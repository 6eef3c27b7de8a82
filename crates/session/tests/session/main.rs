//! The session against a server in memory that serves real encoded shards.

mod device;
mod feed;
mod learning;
mod privacy;
mod robustness;
mod search;
mod shop;
mod sync;
