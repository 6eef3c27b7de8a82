//! The command line. Every setting can also come from a file or the
//! environment; see [`crate::settings`]. A command lists the flags that it uses, and
//! refuses others.

mod evaluate;
mod feeds;
mod keys;
mod reference;
mod settings;
mod shop;
#[cfg(test)]
mod tests;
mod training;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use evaluate::*;
pub use feeds::*;
pub use keys::*;
pub use reference::{check_reference, reference};
pub use settings::*;
pub use shop::*;
pub use training::*;

const EXAMPLES: &str = "\
Examples:
  vitrine demo                              a supermarket, from nothing to a page
  vitrine mapping init feed.xml --out shop.toml   which column is what, for any feed
  vitrine doctor feed feed.xml              what is wrong with it, and what that costs
  vitrine import --products feed.csv --interactions orders.parquet --mapping shop.toml
  vitrine quality --products feed.csv --mapping shop.toml --html report.html
  vitrine train                             fit, distil, and publish if the gate is passed
  vitrine evaluate --json                   the report of the published model
  vitrine serve --listen 0.0.0.0:8080       serve the published versions

Settings are taken from flags, else from VITRINE_… variables (VITRINE_LISTEN,
VITRINE_LIMITS__SEARCHES_IN_FLIGHT_MAX, …), else from vitrine.toml, else the default.";

/// Search and recommendation for online shops, private by construction.
#[derive(Debug, Parser)]
#[command(name = "vitrine", version, after_help = EXAMPLES)]
pub struct Cli {
    /// Where everything is kept, for a command that keeps something [default: var]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a product feed and an order log, check, encode and publish them
    Import(ImportArgs),
    /// Make a new catalogue of the last one and what was pushed since
    Compact(CompactArgs),
    /// Write a mapping for a feed: which column is what
    Mapping(MappingArgs),
    /// Examine a feed or a page with Vitrine's elements, and say what each fault costs
    Doctor(DoctorArgs),
    /// Check a product feed and an order log; publish nothing
    Quality(QualityArgs),
    /// Fit the teacher, distil the student, and publish it if it passes the gate
    Train(TrainArgs),
    /// Fit the encoder to the imported shop: an adapter, kept if judged searches are found better
    Adapt(AdaptArgs),
    /// Train a base on imported shops that new shops start from
    Base(BaseArgs),
    /// Measure the published model, or the search on judged queries
    Evaluate(EvaluateArgs),
    /// Show what the catalogue knows of an item, and how two items hang together
    Graph(GraphArgs),
    /// Serve the page, the shards and the search
    Serve(ServeArgs),
    /// Check every file of every kept version against its checksum
    Verify(VerifyArgs),
    /// Publish an older version again
    Rollback(RollbackArgs),
    /// Make, list and revoke API keys of the shop's own systems
    Keys(KeysArgs),
    /// Download the encoder's weights, the demo shop's data and its pictures
    Fetch(FetchArgs),
    /// Fetch the demo shop (a real supermarket year), import, serve and train it
    Demo(DemoArgs),
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
        let cli = Self::from_arg_matches(&command.try_get_matches_from_mut(words)?)?;
        if cli.data_dir.is_some() && cli.command.data_args().is_none() {
            let message = "--data-dir: this command does not use it";
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        Ok(cli)
    }

    /// All commands with their flags.
    pub fn definition() -> clap::Command {
        named_numbers(Self::command())
    }

    /// The settings that this command line gives.
    pub fn overrides(&self) -> Overrides {
        let all = Overrides::of(&self.common);
        let mut overrides = match &self.command {
            Command::Import(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Compact(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Quality(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Train(args) => all.data(&args.data).encoder(&args.encoder),
            Command::Adapt(args) => {
                all.data(&args.data).encoder(&args.encoder).synonyms(&args.synonyms)
            }
            Command::Base(_) | Command::Mapping(_) | Command::Doctor(_) => all,
            Command::Evaluate(args) => match &args.what {
                Some(EvaluateWhat::Search(args)) => all
                    .data(&args.data)
                    .encoder(&args.encoder)
                    .synonyms(&args.synonyms)
                    .relevance(&args.relevance),
                None => all.data(&args.data),
            },
            Command::Graph(args) => all.data(&args.data),
            Command::Serve(args) => {
                let all = all.data(&args.data).encoder(&args.encoder);
                all.synonyms(&args.synonyms).relevance(&args.relevance).server(&args.server)
            }
            Command::Verify(args) => all.data(&args.data),
            Command::Rollback(args) => all.data(&args.data),
            Command::Keys(args) => all.data(args.what.data_args()),
            Command::Fetch(args) => all.weights(&args.encoder),
            Command::Demo(args) => {
                let all = all.data(&args.train.data).encoder(&args.train.encoder);
                all.synonyms(&args.synonyms).relevance(&args.relevance).server(&args.server)
            }
        };
        // The flag may also stand before the command.
        overrides.data_dir = overrides.data_dir.or_else(|| self.data_dir.clone());
        overrides
    }
}

impl Command {
    /// Where the command keeps something; `None` if it keeps nothing.
    fn data_args(&self) -> Option<&DataArgs> {
        match self {
            Self::Import(args) => Some(&args.data),
            Self::Compact(args) => Some(&args.data),
            Self::Quality(args) => Some(&args.data),
            Self::Train(args) => Some(&args.data),
            Self::Adapt(args) => Some(&args.data),
            Self::Evaluate(args) => match &args.what {
                Some(EvaluateWhat::Search(args)) => Some(&args.data),
                None => Some(&args.data),
            },
            Self::Graph(args) => Some(&args.data),
            Self::Serve(args) => Some(&args.data),
            Self::Verify(args) => Some(&args.data),
            Self::Rollback(args) => Some(&args.data),
            Self::Keys(args) => Some(args.what.data_args()),
            Self::Demo(args) => Some(&args.train.data),
            Self::Base(_) | Self::Fetch(_) | Self::Mapping(_) | Self::Doctor(_) => None,
        }
    }
}

/// Has a negative number refused as the value of the flag before it, by that flag's name,
/// instead of as an unknown flag.
pub fn named_numbers(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let takes_value = arg.get_action().takes_values();
        arg.allow_negative_numbers(takes_value)
    });
    command.mut_subcommands(named_numbers)
}
