//! `vitrine-lab search`: how good the search is on queries made of what is bought.

use std::process::ExitCode;

use anyhow::Result;
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::commands::evaluate::search::{self, Asked};
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use super::made;
use crate::cli::SearchArgs;

/// Makes queries and measures the product's search on them.
///
/// # Errors
/// The feed cannot be read, texts cannot be encoded, or nothing can be made of them.
pub fn run(settings: &ServerSettings, args: &SearchArgs, stop: &Stop) -> Result<ExitCode> {
    let mut texts = TextVectors::open(settings)?;
    let files = (args.products.as_deref(), args.mapping.as_deref());
    let (feed, vectors) = ShopFeed::of(settings, files, args.checks.as_deref(), &mut texts, stop)?;
    let asked = Asked {
        judgments: made::judgments(&feed, args.made, args.report.seed)?,
        n_unknown: 0,
        without_synonyms: args.without_synonyms,
        fit: args.fit,
        seed: args.report.seed,
    };
    let (report, _) = search::measure(settings, &feed, vectors, &texts, asked)?;
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => search::table(&report),
    });
    Ok(ExitCode::SUCCESS)
}
