//! Arguments of what measures the assistant.

use std::path::PathBuf;

use clap::Args;

use super::ReportArgs;

/// Arguments of `vitrine-lab questions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Questions are made by templates, with --seed, of attributes (chorus), descriptions
(retail-demo-store) and reviews (clothing-reviews); a third ask for what other
products have and of which nothing written of this one speaks. Each is answered from
all of the product's texts. Reported, with 95 % intervals: how many answers are exact (the
right text quoted, yes or no as it says), of all answerable questions and of those
whose answer is in what is read, and how often the others get \"the shop doesn't say\".

Examples:
  vitrine-lab questions --folder ../shared/data
  vitrine-lab questions --folder ../shared/data --write made.jsonl
  vitrine-lab questions --folder ../shared/data --questions reworded.jsonl")]
pub struct QuestionsArgs {
    /// Folder with the data sets
    #[arg(long, value_name = "DIR")]
    pub folder: PathBuf,
    /// Data sets
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "chorus,retail-demo-store,clothing-reviews"
    )]
    pub sets: Vec<String>,
    /// Questions of each data set
    #[arg(long, value_name = "N", default_value_t = 400, conflicts_with = "questions")]
    pub n_questions: usize,
    /// Write the questions to a file, a JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "questions")]
    pub write: Option<PathBuf>,
    /// Answer the questions of such a file instead
    #[arg(long, value_name = "FILE")]
    pub questions: Option<PathBuf>,
    /// Also list what was answered wrongly
    #[arg(long)]
    pub wrong: bool,
    #[command(flatten)]
    pub report: ReportArgs,
}
