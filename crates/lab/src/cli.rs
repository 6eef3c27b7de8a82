//! The command line of the laboratory.

mod compare;
mod plant;
mod search;

use clap::{Args, Parser, Subcommand};
use vitrine_server::cli::SettingsArgs;

pub use compare::*;
pub use plant::*;
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
#[command(name = "vitrine-lab", version, about, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub settings: SettingsArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Command {
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
    /// Measure how long searches and suggestions take, and what they need
    Speed(SpeedArgs),
    /// Measure what goes with a card and what stands for it, in the imported shop
    Related(ReportArgs),
    /// Measure the quality checks: plant faults in clean rows and count which are found
    Plant(PlantArgs),
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
