//! The command line. Every setting can also come from a file or the
//! environment; see [`crate::settings`].

mod evaluate;
mod shop;
mod training;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use evaluate::*;
pub use shop::*;
pub use training::*;

const EXAMPLES: &str = "\
Examples:
  vitrine demo                              a supermarket, from nothing to a page
  vitrine import --products feed.csv --interactions orders.parquet --mapping shop.toml
  vitrine quality --products feed.csv --mapping shop.toml --html report.html
  vitrine train                             fit, distil, and publish if the gate is passed
  vitrine evaluate --json                   the report of the published model
  vitrine serve --listen 0.0.0.0:8080       serve the published versions

Settings are taken from flags, else from VITRINE_… variables (VITRINE_LISTEN,
VITRINE_LIMITS__SEARCHES_IN_FLIGHT_MAX, …), else from vitrine.toml, else the default.";

/// Search and recommendation for online shops, private by construction.
#[derive(Debug, Parser)]
#[command(name = "vitrine", version, about, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub settings: SettingsArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a product feed and an order log, check, encode and publish them
    Import(ImportArgs),
    /// Check a product feed and an order log; publish nothing
    Quality(QualityArgs),
    /// Fit the teacher, distil the student, and publish it if it passes the gate
    Train(TrainArgs),
    /// Train a base on imported shops that new shops start from
    Base(BaseArgs),
    /// Measure the published model, or the search on judged queries
    Evaluate(EvaluateArgs),
    /// Show what the catalogue knows of an item, and how two items hang together
    Graph(GraphArgs),
    /// Serve the page, the shards and the search
    Serve,
    /// Download the encoder's weights, the demo shop's data and its pictures
    Fetch,
    /// Fetch the demo shop (a real supermarket year), import, serve and train it
    Demo(TrainArgs),
}

/// Flags that override the settings file and the environment.
#[derive(Debug, Default, Args)]
pub struct SettingsArgs {
    /// Settings file [default: vitrine.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where everything is kept [default: var]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Folder with the encoder's model.safetensors, tokenizer.json and config.json
    /// [default: weights/all-MiniLM-L6-v2 in the user's cache folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub weights_dir: Option<PathBuf>,
    /// Address to serve on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Token that opens /studio; without one the Studio is closed
    #[arg(long, global = true, value_name = "TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,
    /// Synonyms of the shop's own, a TOML file of groups such as same = [["tv", "television"]]
    #[arg(long, global = true, value_name = "FILE")]
    pub synonyms_file: Option<PathBuf>,
    /// Logs as JSON lines instead of text
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Limits of the server.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Largest request body, in bytes; larger ones get 413 [default: 65536]
    #[arg(long, global = true, value_name = "BYTES")]
    pub request_bytes_max: Option<u64>,
    /// Longest time for one request, in milliseconds; then 503 [default: 10000]
    #[arg(long, global = true, value_name = "MS")]
    pub request_ms_max: Option<u64>,
    /// Requests handled at once; more get 503 with Retry-After [default: 512]
    #[arg(long, global = true, value_name = "N")]
    pub requests_in_flight_max: Option<u64>,
    /// Searches handled at once; more get 429 with Retry-After [default: 64]
    #[arg(long, global = true, value_name = "N")]
    pub searches_in_flight_max: Option<u64>,
    /// How long open requests may finish after Ctrl-C, in milliseconds [default: 5000]
    #[arg(long, global = true, value_name = "MS")]
    pub shutdown_ms_max: Option<u64>,
}
