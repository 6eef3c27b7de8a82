//! Arguments about feeds before they are imported: what a file is, what is wrong with it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `vitrine mapping`.
#[derive(Debug, Args)]
pub struct MappingArgs {
    #[command(subcommand)]
    pub what: MappingWhat,
}

/// What is done with a mapping.
#[derive(Debug, Subcommand)]
pub enum MappingWhat {
    /// Look at a feed, say what it is, and write a mapping for it
    Init(MappingInitArgs),
}

/// Arguments of `vitrine mapping init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Google Merchant (XML, TSV), schema.org (JSON-LD, pages), Shopify and WooCommerce product
CSVs, Algolia and Meilisearch exports, and Google Analytics 4 events are known by their
content. Of any other CSV, TSV, JSON or Parquet file, columns are proposed by their names
and values.

The mapping goes to standard output, or to --out; what to look at, and ten rows as they
would be read, to standard error.

Examples:
  vitrine mapping init feed.xml > shop.toml
  vitrine mapping init products_export.csv --out shop.toml
  vitrine mapping init products.csv --interactions orders.csv --out shop.toml
  vitrine import --products feed.xml --mapping shop.toml")]
pub struct MappingInitArgs {
    /// The product feed
    #[arg(value_name = "FEED")]
    pub feed: PathBuf,
    /// An order log, or a log of clicks
    #[arg(long, value_name = "FILE")]
    pub interactions: Option<PathBuf>,
    /// Name of the mapping [default: that of the feed]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where the mapping is written, instead of standard output; no file is overwritten
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `vitrine doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(subcommand)]
    pub what: DoctorWhat,
}

/// What is examined.
#[derive(Debug, Subcommand)]
pub enum DoctorWhat {
    /// Say everything that is wrong with a product feed, and what it costs in the shop
    Feed(DoctorFeedArgs),
    /// Say everything that a page with Vitrine's elements lacks, and what to do about it
    Embed(DoctorEmbedArgs),
}

/// Arguments of `vitrine doctor feed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine doctor feed feed.xml
  vitrine doctor feed products.csv --mapping shop.toml
  vitrine doctor feed products.csv --mapping shop.toml --json

Without --mapping the one that `vitrine mapping init` would write is taken.

Exit status: 0 an import would succeed, whatever is told; 1 it would fail.")]
pub struct DoctorFeedArgs {
    /// The product feed
    #[arg(value_name = "FILE")]
    pub feed: PathBuf,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    pub mapping: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `vitrine doctor embed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine doctor embed https://shop.example/
  vitrine doctor embed https://shop.example/ --server https://vitrine.shop.example
  vitrine doctor embed http://localhost:5173/ --private-host localhost

The page and the scripts that it names are fetched and read; none of them is run. So what
a script makes later cannot be told, and is said to be so.

Exit status: 0 nothing is missing; 1 something is.")]
pub struct DoctorEmbedArgs {
    /// Address of a page that embeds Vitrine
    #[arg(value_name = "URL")]
    pub page: String,
    /// The Vitrine server that it asks [default: the one that page or scripts name]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Host in a private network that may be asked; may be repeated
    #[arg(long, value_name = "HOST")]
    pub private_host: Vec<String>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
