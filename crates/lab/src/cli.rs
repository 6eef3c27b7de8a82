//! The command line of the laboratory.

mod changes;
mod compare;
mod pictures;
mod plant;
mod questions;
mod reviews;
mod search;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use vitrine_server::cli::{CommonArgs, DataArgs, EncoderArgs, Overrides, named_numbers};

pub use changes::*;
pub use compare::*;
pub use pictures::*;
pub use plant::*;
pub use questions::*;
pub use reviews::*;
pub use search::*;

const EXAMPLES: &str = "\
Examples:
  vitrine-lab compare beauty                     all models on a public data set
  vitrine-lab compare --data my-set --out report models on sequences of your own
  vitrine-lab tune beauty --model ease           search the settings of a model
  vitrine-lab prequential                        what learning on the device adds
  vitrine-lab typos                              the search, with misspelt queries
  vitrine-lab speed --items 10000,100000         searches a second, memory
  vitrine-lab plant --products feed.csv --mapping shop.toml --share 0.02";

/// Measurements of Vitrine's models, searches and checks.
#[derive(Debug, Parser)]
#[command(name = "vitrine-lab", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare models on a data set
    Compare(CompareArgs),
    /// Search for the sizes and rates with which a model is best on validation
    Tune(TuneArgs),
    /// Replay the imported shop basket by basket (predict, then learn): what the personal
    /// layer of the device adds to the frozen student
    Prequential(PrequentialArgs),
    /// Measure the search on queries made of what is bought
    Search(SearchArgs),
    /// Measure what queries are after: categories of unseen products, and kinds of queries
    Intent(IntentArgs),
    /// Measure the search when words of titles are misspelt
    Typos(TyposArgs),
    /// Measure the search with an adapter of the encoder beside none, on judged searches
    Adapters(AdaptersArgs),
    /// Measure how relevant titles are told to be to searches, from 0 to 2
    Graded(GradedArgs),
    /// Measure how the assistant answers questions about products, and when it says that the shop
    /// doesn't say
    Questions(QuestionsArgs),
    /// Hold searches that a device answers by itself against the server's
    Private(PrivateArgs),
    /// Measure how long searches and suggestions take, and what they need
    Speed(SpeedArgs),
    /// Measure what goes with a card and what stands for it, in the imported shop
    Related(RelatedArgs),
    /// Judge outputs of the published student on simulated views, and replay clicks
    Outputs(OutputsArgs),
    /// Judge what a newcomer's choice of tiles is worth to the published student
    Newcomers(NewcomersArgs),
    /// Train the imported shop with few of its shoppers, several times, and hold what is
    /// published against counting
    Cuts(CutsArgs),
    /// Measure how soon a running server shows what is pushed to it
    Changes(ChangesArgs),
    /// Measure what vectors of pictures are worth: alone, on a device, fused with texts, and to
    /// find wrong pictures
    Pictures(PicturesArgs),
    /// Measure what words of reviews tell: stars, aspects, planted faults
    Reviews(ReviewsArgs),
    /// Measure the quality checks: plant faults in clean rows and count which are found
    Plant(PlantArgs),
}

impl Cli {
    /// Reads the words of this process's command line; ends it with help, version or what
    /// is wrong with them.
    pub fn of_process() -> Self {
        Self::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// Reads the words of a command line, the first of which is the program.
    ///
    /// # Errors
    /// Help or version that was asked for, or what is wrong with the words.
    pub fn read(
        words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let mut command = Self::definition();
        Self::from_arg_matches(&command.try_get_matches_from_mut(words)?)
    }

    /// All commands with their flags.
    pub fn definition() -> clap::Command {
        named_numbers(Self::command())
    }

    /// The settings that this command line gives.
    pub fn overrides(&self) -> Overrides {
        let all = Overrides::of(&self.common);
        match &self.command {
            Command::Compare(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Tune(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Prequential(args) => all.data(&args.data),
            Command::Search(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Intent(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Typos(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Speed(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Private(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Adapters(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Graded(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Questions(_) => all,
            Command::Related(args) => all.data(&args.data),
            Command::Outputs(args) => all.data(&args.data),
            Command::Newcomers(args) => all.data(&args.data),
            Command::Cuts(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Changes(args) => all.data(&args.data),
            Command::Pictures(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Reviews(args) => all.data(&args.data_dir).encoder(&args.encoder),
            Command::Plant(args) => all.data(&args.data).encoder(&args.encoder),
        }
    }
}

/// Arguments of `vitrine-lab related`.
#[derive(Debug, Args)]
#[command(after_help = "\
Lists are made from the log before its last 56 days, and judged by these.

Example:
  vitrine-lab related")]
pub struct RelatedArgs {
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine-lab outputs`.
#[derive(Debug, Args)]
#[command(after_help = "\
Views, clicks and cart events are simulated, by shoppers with known propensities;
purchases are those of the log's last four weeks.

Example:
  vitrine-lab outputs")]
pub struct OutputsArgs {
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine-lab newcomers`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each shopper of the last four weeks comes to a device that knows nothing of them. They tap the
tiles whose category they bought from before, which the device is not told otherwise.

Example:
  vitrine-lab newcomers")]
pub struct NewcomersArgs {
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine-lab cuts`.
#[derive(Debug, Args)]
#[command(after_help = "\
The shop is imported and not trained. Each cut is trained in a folder of its own below the
data folder, which is removed again.

Examples:
  vitrine-lab cuts
  vitrine-lab cuts --shoppers 50,150 --draws 2 --configure '{\"n_entries\": 0, \"n_steps\": 0}'")]
pub struct CutsArgs {
    /// Sizes of the cuts, in shoppers
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "50,150,500")]
    pub shoppers: Vec<usize>,
    /// Draws of each size
    #[arg(long, default_value_t = 5)]
    pub draws: u64,
    /// What training starts from: as of `vitrine train`
    #[arg(long, value_name = "FILE|none")]
    pub base: Option<PathBuf>,
    /// Sizes and rates of each training, as JSON: as of `vitrine train`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// How a measurement is drawn and printed.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Seed of all that is drawn, the bootstrap intervals included
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
