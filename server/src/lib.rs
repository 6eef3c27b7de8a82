//! Everything that the `vitrine` binary does: settings and command line, the commands,
//! what is kept on disk, HTTP. The binary calls [`run`]; tests and the laboratory call
//! the parts.

pub mod adapter_choice;
pub mod adapters;
pub mod adapting;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod configure;
pub mod console;
mod curve;
pub mod directory;
pub mod embedding;
#[cfg(test)]
mod failing_disk;
pub mod feeds;
mod fetch;
pub mod http;
pub mod intent;
pub mod keys;
pub mod language;
pub mod language_model;
mod likely;
mod listed_row;
mod listings;
pub mod live;
mod looks;
pub mod measure;
pub mod model;
#[cfg(test)]
mod one_table;
pub mod origin;
mod picture_cache;
mod pictures;
mod private_search;
pub mod progress;
mod publishing;
pub mod pushed;
mod query_encoder;
mod retention;
mod revising;
mod revision_shards;
mod rules;
mod selection;
pub mod settings;
pub mod signals;
pub mod speech;
pub mod texts;

pub use commands::run;
pub use console::print;
