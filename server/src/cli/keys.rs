//! Arguments about API keys.

use clap::{Args, Subcommand};

use super::DataArgs;
use crate::keys::{KeyScope, REQUESTS_PER_SECOND};

/// Arguments of `vitrine keys`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine keys add erp --scopes catalogue:write,orders:write
  vitrine keys list
  vitrine keys revoke erp

A key is shown once, when it is made; only its hash is kept. A running server takes up what
is added or revoked within a second.")]
pub struct KeysArgs {
    #[command(subcommand)]
    pub what: KeysWhat,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum KeysWhat {
    /// Make a key for one of the shop's systems and show it
    Add(KeysAddArgs),
    /// Show the names of the keys and what they may do
    List(KeysListArgs),
    /// Refuse a key from now on
    Revoke(KeysRevokeArgs),
}

/// Arguments of `vitrine keys add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine keys add erp --scopes catalogue:write,orders:write
  vitrine keys add till-3 --scopes orders:write --requests-per-second 5")]
pub struct KeysAddArgs {
    /// What to call it: letters, digits, - _ or .
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it may do
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', required = true)]
    pub scopes: Vec<KeyScope>,
    /// Requests a second in the long run; five seconds of it may come at once
    #[arg(long, value_name = "N", default_value_t = REQUESTS_PER_SECOND,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_second: u32,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine keys list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine keys list
  vitrine keys list --json")]
pub struct KeysListArgs {
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine keys revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine keys revoke erp")]
pub struct KeysRevokeArgs {
    /// Its name, as `vitrine keys list` shows it
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub data: DataArgs,
}

impl KeysWhat {
    /// Where the keys are.
    pub fn data_args(&self) -> &DataArgs {
        match self {
            Self::Add(args) => &args.data,
            Self::List(args) => &args.data,
            Self::Revoke(args) => &args.data,
        }
    }
}
