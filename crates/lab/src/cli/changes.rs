//! Arguments of what measures pushed changes.

use clap::Args;
use vitrine_server::cli::DataArgs;

/// Arguments of `vitrine-lab changes`.
#[derive(Debug, Args)]
#[command(after_help = "\
Start the server first, and make a key that may write and read:

  vitrine keys add lab --scopes catalogue:write,catalogue:read --requests-per-second 1000
  vitrine serve &
  vitrine-lab changes --key KEY --pid $! --seconds 600

The data folder is that of the server: its products are the ones that change.")]
pub struct ChangesArgs {
    /// Address of the running server
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub url: String,
    /// API key with the scopes catalogue:write and catalogue:read
    #[arg(long, value_name = "KEY")]
    pub key: String,
    /// Prices and stock that change, a second
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub changes_per_second: u32,
    /// New products, a second
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub new_per_second: u32,
    /// How long
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub seconds: u64,
    /// Clients that search meanwhile, one query after another
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub search_clients: usize,
    /// Process of the server, for its memory and descriptors
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Seed; part of the new products' skus
    #[arg(long, default_value_t = 7, value_name = "N")]
    pub seed: u64,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
}
