//! Arguments of what learns: `train`, `base`.

use std::path::PathBuf;

use clap::Args;
use vitrine_domain::limits::EXPLORE_EVERY_MIN;

use super::{DataArgs, EncoderArgs, RelevanceArgs, ServerArgs, SynonymsArgs};

/// Arguments of `vitrine train`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine train                                from the base that comes with Vitrine
  vitrine train --base none                    from random weights
  vitrine train --configure '{\"n_steps\": 2000}'
  vitrine train --explore-every 10             more room for new products

The same command goes on with a run that was interrupted. The exit code is 3 when the gate
refused the model; the one before it stays.")]
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
    /// Of so many places of a feed, one goes to the product that suits best among those that
    /// hardly anyone has bought yet: 5 or more; 0 keeps none
    #[arg(long, value_name = "PLACES", default_value_t = 20, value_parser = explore_every)]
    pub explore_every: u16,
    /// Forget an interrupted run instead of resuming it
    #[arg(long)]
    pub restart: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

fn explore_every(text: &str) -> Result<u16, String> {
    let every: u16 = text.parse().map_err(|_| "not a number of places".to_owned())?;
    match every {
        1..EXPLORE_EVERY_MIN => Err(format!("0, or at least {EXPLORE_EVERY_MIN} places")),
        every => Ok(every),
    }
}

/// Arguments of `vitrine adapt`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine adapt --judgments judged.csv         from the catalogue, its orders and judged searches
  vitrine adapt --keep-anyway                  without judged searches, and so unproven
  vitrine adapt --configure '{\"fit\": {\"rank\": 16}, \"typos\": 0.3}'
  vitrine import … && vitrine train            with the adapter

Judged searches that are held out decide: an adapter that does not find them better, or that
nobody can judge, is not kept, and the exit code is 3. docs/encoders.md says what is learned from,
and how much it is worth.")]
pub struct AdaptArgs {
    /// Judged searches to learn from: CSV lines of query, product id, grade. Only give what at
    /// least five people searched for
    #[arg(long, value_name = "FILE")]
    pub judgments: Option<PathBuf>,
    /// Sizes, rates and shares, as JSON: `{"fit": {"rank": 16, "n_layers": 3}}`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Keep the adapter though nothing shows that it finds better
    #[arg(long)]
    pub keep_anyway: bool,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}

/// Arguments of `vitrine base`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
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

/// Arguments of `vitrine demo`: those of the training and of the server.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine demo                                 a supermarket, from nothing to a page
  vitrine demo --feed products.csv --data-dir mine     a shop of your own, without orders
  vitrine demo --listen 0.0.0.0:8080           for other machines, too

Ctrl-C stops it; the same command goes on where it was.")]
pub struct DemoArgs {
    /// Product feed to open instead of the supermarket; its mapping is proposed as by
    /// `vitrine mapping init`. Give a --data-dir of its own
    #[arg(long, value_name = "FILE")]
    pub feed: Option<PathBuf>,
    #[command(flatten)]
    pub train: TrainArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
    #[command(flatten)]
    pub relevance: RelevanceArgs,
    #[command(flatten)]
    pub server: ServerArgs,
}
