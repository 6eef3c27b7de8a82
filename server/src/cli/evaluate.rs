//! Arguments of `vitrine evaluate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// What was taken most often in the last window
    RecentPop,
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
    /// What shoppers of the same taste took: factors of who took what
    PureSvd,
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
    /// Fusion of those that make sense for the set, weighed on validation (and, where time
    /// splits, on up to three windows before it)
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
    #[arg(long, global = true, value_name = "SHARE", value_parser = share)]
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

/// A part of a whole: above 0, at most 1.
fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err("above 0 and at most 1".to_owned()) }
}
