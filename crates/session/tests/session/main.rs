//! The session against a server in memory that serves real encoded shards.

mod basket;
mod buying;
mod consent;
mod device;
mod feed;
mod home;
mod hosted;
mod interference;
mod learning;
mod offline;
mod pace;
mod photos;
mod price_lists;
mod privacy;
mod private;
mod profile;
mod recent;
mod robustness;
mod search;
mod server;
mod shop;
mod starters;
mod sync;
mod tabs;
mod transfer;
mod wishes;
