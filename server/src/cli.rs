//! The command line. Every setting can also come from a file or the
//! environment; see [`crate::settings`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  vitrine demo                              a supermarket, from nothing to a page
  vitrine import --products feed.csv --interactions orders.parquet --mapping shop.toml
  vitrine quality --products feed.csv --mapping shop.toml --html report.html
  vitrine train                             fit, distil, and publish if the gate is passed
  vitrine evaluate --json                   the report of the published model
  vitrine evaluate beauty                   models compared on a public data set
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
    /// Measure the published model, models on a data set, or the search
    Evaluate(EvaluateArgs),
    /// Show what the catalogue knows of an item, and how two items hang together
    Graph(GraphArgs),
    /// Search for the sizes and rates with which a model is best on validation
    Tune(TuneArgs),
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

/// What is imported: the files of a shop, or a folder of sequences.
#[derive(Debug, Default, Args)]
pub struct SourceArgs {
    /// Product feed
    #[arg(long, value_name = "FILE", required_unless_present = "data")]
    pub products: Option<PathBuf>,
    /// Order log
    #[arg(long, value_name = "FILE", required_unless_present = "data")]
    pub interactions: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", required_unless_present = "data")]
    pub mapping: Option<String>,
    /// A folder with sequences.txt and perhaps items.jsonl, in place of the three
    #[arg(long, value_name = "DIR", conflicts_with_all = ["products", "interactions", "mapping"])]
    pub data: Option<PathBuf>,
}

/// Arguments of `vitrine import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Formats go by extension: .csv .tsv .jsonl .parquet. A mapping is a TOML file that
names the column of each field; `journey` is built in. Rejected rows are written to
quarantine.jsonl with line, reason and original; the summary's counts add up.

Sequences without times (`user item item …`, with texts if there are any) are imported
with --data; docs/evaluate.md says what is in the folder.

Examples:
  vitrine import --products feed.csv --interactions orders.csv --mapping shop.toml
  vitrine import --data my-set --shop \"My set\"

Limits: texts of at most 2000 characters, 4000000 cards, lines of at most 1 MiB.")]
pub struct ImportArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// Which product is on offer in which campaign
    #[arg(long, value_name = "FILE", requires = "campaigns")]
    pub offers: Option<PathBuf>,
    /// When each campaign runs
    #[arg(long, value_name = "FILE", requires = "offers")]
    pub campaigns: Option<PathBuf>,
    /// Take the log's last day for today, so that what ran then runs now: for old data
    #[arg(long)]
    pub offers_of_last_day: bool,
    /// Name of the shop, shown on the page
    #[arg(long, default_value = "Vitrine")]
    pub shop: String,
    /// Picture set: an Iconify icons.json; without it cards get no picture
    #[arg(long, value_name = "FILE")]
    pub pictures: Option<PathBuf>,
    /// Take only the first N shoppers of the log, for a quick try
    #[arg(long, value_name = "N")]
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
}

/// Arguments of `vitrine quality`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine quality --products feed.csv --interactions orders.csv --mapping shop.toml
  vitrine quality --products feed.csv --mapping shop.toml --html report.html
  vitrine quality --print-checks > checks.toml      a start for checks of your own

The exit code is 1 when a check of severity error is beyond its threshold.")]
pub struct QualityArgs {
    /// Product feed
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Order log; without one only products are checked
    #[arg(long, value_name = "FILE")]
    pub interactions: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
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
    #[arg(long)]
    pub print_checks: bool,
    /// Measure the checks on these files: plant faults in this share of the rows that have
    /// none, and print precision and recall of each check
    #[arg(long, value_name = "SHARE")]
    pub plant: Option<f64>,
    /// Measure with these faults only, by the names of their checks [default: all]
    #[arg(long, requires = "plant", value_delimiter = ',', value_name = "NAMES")]
    pub faults: Vec<String>,
    /// Instead of measuring, write those rows without and with the faults to this folder,
    /// to be imported and compared; the log's last 28 days stay clean
    #[arg(long, value_name = "DIR", requires = "plant")]
    pub write: Option<PathBuf>,
    /// Seed of the planted faults
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Arguments of `vitrine train` and `vitrine demo`.
#[derive(Clone, Debug, Args)]
pub struct TrainArgs {
    /// Start from what was learned on other shops: a file that `vitrine base` wrote, or
    /// `none` [default: the base that comes with Vitrine]
    #[arg(long, value_name = "FILE|none")]
    pub base: Option<PathBuf>,
    /// Sizes and rates of the run, as JSON: `{"n_steps": 3000, "n_entries": 4000000}`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Seed: the same seed on the same data gives the same model
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Forget an interrupted run instead of resuming it
    #[arg(long)]
    pub restart: bool,
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
}

/// Arguments of `vitrine base`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vitrine --data-dir shop-a import …
  vitrine --data-dir shop-b import …
  vitrine base --shop shop-a --shop shop-b --out base.safetensors
  vitrine --data-dir new-shop train --base base.safetensors

The last four weeks of each log are left out, as in training.")]
pub struct BaseArgs {
    /// Data folder of an imported shop; may be repeated
    #[arg(long = "shop", value_name = "DIR", required = true)]
    pub shops: Vec<PathBuf>,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Sizes and rates of the run, as JSON, as in `vitrine train`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Seed: the same seed on the same data gives the same base
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Arguments of `vitrine evaluate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine evaluate                             the report of the published model
  vitrine evaluate beauty                      all models on a public data set
  vitrine evaluate beauty --models item-knn,ease --split validation
  vitrine evaluate beauty --models teacher,student
  vitrine evaluate journey --json              the imported shop, by time
  vitrine evaluate journey --prequential       what learning on the device adds
  vitrine evaluate search --help               the search, on judged queries
  vitrine evaluate typos                       the search, with misspelt queries
  vitrine evaluate speed --items 10000,100000  searches a second, memory
  vitrine evaluate --protocol leave-one-out --data my-set --out report

A data set of sequences is a folder with sequences.txt[.gz], a line a user:
`user item item …`, oldest first; and, optionally, items.jsonl[.gz] with id, title,
description, brand, categories. Named sets are looked for in the folder that
VITRINE_EVAL_DATA names, else in ../shared/data.

Models are fitted anew on the training part of the set; all items are ranked for every
case, and ties count against the model.")]
pub struct EvaluateArgs {
    #[command(subcommand)]
    pub set: Option<EvaluateSet>,
    /// How to split the data set in --data
    #[arg(long, requires = "data", value_enum)]
    pub protocol: Option<Protocol>,
    /// Folder of a data set
    #[arg(long, requires = "protocol", value_name = "DIR")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub options: EvaluateOptions,
}

/// What to measure: models on a data set, or the search.
#[derive(Debug, Subcommand)]
pub enum EvaluateSet {
    /// Amazon Beauty 2014, 5-core: leave-one-out
    Beauty,
    /// UCI Online Retail: the last month tests, the month before validates
    OnlineRetail,
    /// The imported shop: the last four weeks test, the four before validate
    Journey,
    /// The search, on a product feed and a file of judged queries
    Search(EvaluateSearchArgs),
    /// What queries are after: categories of unseen products, and kinds of queries
    Intent(EvaluateIntentArgs),
    /// What goes with a card and what stands for it, in the imported shop
    Related,
    /// The search, when words of titles are misspelt
    Typos(EvaluateTyposArgs),
    /// How long searches and suggestions take, and what they need
    Speed(EvaluateSpeedArgs),
}

/// Arguments of `vitrine tune`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine tune beauty --model item-knn --trials 40
  vitrine tune --data my-set --model sequence --trials 12
  vitrine tune online-retail --model ease --space my-space.json

The first trial is the defaults. A trial that is worse than most at the same pass is given
up. Each is written down when it is done: run the same command to go on, or with more
--trials to look further. The test split is not looked at.")]
pub struct TuneArgs {
    /// The data set
    #[arg(value_enum, required_unless_present = "data")]
    pub set: Option<TuneSet>,
    /// Folder of a data set, split leave-one-out
    #[arg(long, value_name = "DIR", conflicts_with = "set")]
    pub data: Option<PathBuf>,
    /// The model: item-knn, shopper-knn, ease, transition, graph, repeat or sequence
    #[arg(long, value_enum)]
    pub model: ModelName,
    /// Configurations to try
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub trials: usize,
    /// What to try, a JSON file by setting: {\"linear.ridge\": {\"log_from\": 1, \"log_to\": 500}}
    #[arg(long, value_name = "FILE")]
    pub space: Option<PathBuf>,
    /// Seed of the search and of the models
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Forget earlier trials
    #[arg(long)]
    pub restart: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A data set to search on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TuneSet {
    /// Amazon Beauty 2014, 5-core
    Beauty,
    /// UCI Online Retail
    OnlineRetail,
    /// The imported shop
    Journey,
}

/// How a data set is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// The last item of each sequence tests, the last but one validates
    LeaveOneOut,
}

/// What models are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// For choosing
    Validation,
    /// For reporting
    Test,
}

/// What made-up sessions are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FillerName {
    /// Any items, each as likely
    Random,
    /// Items as they sell
    Bandwagon,
}

/// A model to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ModelName {
    /// What was taken most often
    PopRec,
    /// PopRec counted over everything, the answers too: a leak, here only because the
    /// published figure of PopRec has it
    PopRecLeaking,
    /// What this shopper took most often
    Frequency,
    /// The same, newer baskets more
    FadedFrequency,
    /// What the shoppers with the most similar history took
    ShopperKnn,
    /// How likely each item of a history is bought again, by frequency, recency, regularity
    Repeat,
    /// Co-occurrence with what was taken, faded
    ItemKnn,
    /// Nearest text vectors
    Titles,
    /// ItemKNN + 0.1 × titles
    ItemKnnTitles,
    /// Linear autoencoder in closed form, with texts as side information
    Ease,
    /// What follows what, by the same closed form
    Transition,
    /// Rows learned and smoothed over shoppers and names (LightGCN), near what was taken
    Graph,
    /// Text vectors, smoothed over shoppers and names; nothing is learned
    Smoothed,
    /// Texts under a projection learned from what was taken next
    Projection,
    /// Sequence transformer over texts and learned residuals
    Sequence,
    /// Fusion of all of these, weighed on validation
    Teacher,
    /// The teacher distilled into what a browser runs, over the path a browser takes;
    /// leave-one-out only
    Student,
}

/// Options of every evaluation.
#[derive(Debug, Args)]
pub struct EvaluateOptions {
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// Seed of the bootstrap intervals, and of what is learned for a data set
    #[arg(long, default_value_t = 1, global = true)]
    pub seed: u64,
    /// Models to compare on a data set [default: all but the student]
    #[arg(long, global = true, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub models: Vec<ModelName>,
    /// Which held-out part of a data set to ask for
    #[arg(long, global = true, value_enum, default_value = "test")]
    pub split: SplitName,
    /// Sizes, weights and rates that differ from the default:
    /// '{"sequence": {"width": 64}, "linear": {"ridge": 50}, "student": {"buyers_min": 1}}'
    #[arg(long, global = true, value_name = "JSON")]
    pub configure: Option<String>,
    /// Parts that the teacher goes without
    #[arg(long, global = true, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub without: Vec<ModelName>,
    /// Fit every model a second time with so many made-up sessions that push ten items, as
    /// a part of the real ones (0.05), and report what that changes
    #[arg(long, global = true, value_name = "SHARE")]
    pub poison: Option<f64>,
    /// What made-up sessions are filled with
    #[arg(long, global = true, value_enum, default_value = "random")]
    pub attack: FillerName,
    /// Also fuse without each part of the teacher in turn, or without some: --ablate=graph
    #[arg(
        long,
        global = true,
        value_enum,
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    pub ablate: Option<Vec<ModelName>>,
    /// Replay the imported shop event by event (predict, then learn): what the personal
    /// layer of the device adds to the frozen student
    #[arg(long, global = true)]
    pub prequential: bool,
    /// Also draw cold-start curves: NDCG@10 when 0 to 20 events of a shopper are known
    #[arg(long, global = true)]
    pub curves: bool,
    /// Also write report.json and report.md of a data set to this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `vitrine evaluate intent`.
#[derive(Debug, Args)]
#[command(after_help = "\
A fifth of the makers (of the brands, where the feed has no makers) is held out with all
their products; the head learns from the texts of the others.

Example:
  vitrine evaluate intent --products products.parquet --mapping journey")]
pub struct EvaluateIntentArgs {
    /// Product feed with categories
    #[arg(long, value_name = "FILE")]
    pub products: PathBuf,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    pub mapping: String,
}

/// Arguments of `vitrine evaluate search`.
#[derive(Debug, Args)]
#[command(after_help = "\
The judgments are a CSV file with a header line and the columns query, product id and
grade (0 = irrelevant, higher is better, at most 10), in this order. A card's grade is
the best of its products'. Reported: NDCG@10 with unjudged products as irrelevant, NDCG@10
of the judged products alone, and the share of the first ten that is judged, each with its
95 % bootstrap interval over queries, and the paired difference to the plain hybrid.

Without judgments, --made draws products as often as they are bought and searches for each
with words of its title that at least five cards share: only the drawn product is relevant.

Examples:
  vitrine evaluate search --products products.jsonl --mapping chorus.toml \\
      --judgments judgments.csv --fit
  vitrine evaluate search --made 1000 --fit     the published catalogue")]
pub struct EvaluateSearchArgs {
    /// Product feed [default: the published catalogue]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub products: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", requires = "products")]
    pub mapping: Option<String>,
    /// Judged queries: query, product id, grade
    #[arg(long, value_name = "FILE", required_unless_present = "made")]
    pub judgments: Option<PathBuf>,
    /// Instead, make so many queries for what is bought
    #[arg(long, value_name = "N", conflicts_with = "judgments")]
    pub made: Option<usize>,
    /// Make them for products of a fifth of the makers, from whose texts the guess of what
    /// a query is after has not learned
    #[arg(long, requires = "made")]
    pub unseen_makers: bool,
    /// Repair and keep out what these checks and the built-in ones find, as an import does
    #[arg(long, value_name = "FILE")]
    pub checks: Option<PathBuf>,
    /// Also learn the weights of the signals on these judgments, 5-fold by query
    #[arg(long)]
    pub fit: bool,
    /// Search without synonyms, to see what they are worth
    #[arg(long)]
    pub without_synonyms: bool,
}

/// Arguments of `vitrine evaluate typos`.
#[derive(Debug, Args)]
#[command(after_help = "\
Queries are the first words of titles, drawn with --seed; one or two edits are planted in
their words of at least four letters: a letter more, less, another (half of the time a
neighbour on the keyboard), or two swapped. Reported: how often the product is among the
first ten, and that as a share of the clean queries'.

Example:
  vitrine evaluate typos                        the published catalogue
  vitrine evaluate typos --products products.jsonl --mapping chorus.toml")]
pub struct EvaluateTyposArgs {
    /// Product feed [default: the published catalogue]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub products: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", requires = "products")]
    pub mapping: Option<String>,
    /// Queries
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub n_queries: usize,
    /// Instead, list what would be corrected in the queries of a file, one a line
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
}

/// Arguments of `vitrine evaluate speed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Items are the products (cards with each of their sizes) of the published catalogue, drawn
with --seed where more are asked for than it has; vectors are those of the cards with a
little noise. Queries are words of titles. Everything runs in this process, without HTTP:
reading the text, encoding it (no cache), searching. Clients are threads that ask one
query after another.")]
pub struct EvaluateSpeedArgs {
    /// Numbers of items to measure with
    #[arg(long, value_delimiter = ',', default_value = "92331", value_name = "N,…")]
    pub items: Vec<usize>,
    /// Numbers of clients
    #[arg(long, value_delimiter = ',', default_value = "1,8,64", value_name = "N,…")]
    pub clients: Vec<usize>,
    /// Measure the published cards instead, also over HTTP: the server on loopback, asked
    /// by clients that keep their connections
    #[arg(long, conflicts_with = "items")]
    pub http: bool,
    /// Queries for each number of clients
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub n_queries: usize,
}
