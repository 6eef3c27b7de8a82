//! `vitrine-lab related`: whether what goes with a card and what stands for it
//! are told apart, on purchases that the lists have not seen.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::Serialize;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_domain::{Item, ItemId, limits};
use vitrine_evaluation::{Interval, mean_interval};
use vitrine_ranking::alternatives::{Baskets, Pair};
use vitrine_ranking::{PurchaseLog, alternatives, related_lists};
use vitrine_server::catalogue::{StoredCatalogue, with_interactions};
use vitrine_server::settings::ServerSettings;

use crate::cli::RelatedArgs;

/// The last days of the log, which the lists do not see.
const HELD_OUT_DAYS: i64 = 56;
/// Shoppers who buy both in the held-out days, for a pair to say anything.
const SHOPPERS_MIN: u32 = 5;
/// Pairs of each list that are shown.
const SHOWN: usize = 20;
const N_RESAMPLES: usize = 2_000;

#[derive(Serialize)]
struct Report {
    n_cards: usize,
    lists: Vec<Measured>,
}

/// One sort of list.
#[derive(Serialize)]
struct Measured {
    name: &'static str,
    n_cards_with_any: usize,
    n_pairs: usize,
    /// Pairs that enough shoppers buy in the held-out days.
    n_pairs_measured: usize,
    /// Baskets with both, in relation to what chance would put together, per pair.
    lift: Interval,
    same_category: f64,
    examples: Vec<(String, String)>,
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &RelatedArgs) -> Result<ExitCode> {
    let (catalogue, interactions) = with_interactions(settings)?;
    let StoredCatalogue { items, vectors, .. } = catalogue;
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let log = PurchaseLog::new(&ids, &interactions)?;
    let last = log.last_seconds().context("the shop has no purchases")?;
    let cut = last - HELD_OUT_DAYS * DAY_SECONDS;
    let later: Vec<_> = interactions.into_iter().filter(|line| line.at_seconds >= cut).collect();
    let later = Baskets::new(&PurchaseLog::new(&ids, &later)?);
    let log = log.truncated(cut);
    ensure!(!log.entries().is_empty(), "the log is shorter than {HELD_OUT_DAYS} days");

    let index = |id: &ItemId| ids.binary_search(id).ok().map(|at| at as u32);
    let substitutes: Vec<Vec<u32>> = alternatives(&log, &vectors)
        .into_iter()
        .map(|list| list.into_iter().map(|(other, _)| other as u32).collect())
        .collect();
    let together: Vec<Vec<u32>> = related_lists(&log, &ids)
        .iter()
        .map(|(_, list)| list.iter().filter_map(|(other, _)| index(other)).collect())
        .collect();
    let complements: Vec<Vec<u32>> = together
        .iter()
        .zip(&substitutes)
        .map(|(list, out)| list.iter().copied().filter(|other| !out.contains(other)).collect())
        .collect();
    let lists = [("goes with", &complements), ("instead of", &substitutes)];
    let measured =
        lists.map(|(name, lists)| measure(name, lists, &items, &later, args.report.seed));
    let report =
        Report { n_cards: items.len(), lists: measured.into_iter().collect::<Result<_>>()? };
    if args.report.json {
        vitrine_server::print(&serde_json::to_string_pretty(&report)?);
    } else {
        vitrine_server::print(&table(&report));
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(
    name: &'static str,
    lists: &[Vec<u32>],
    items: &[Item],
    later: &Baskets,
    seed: u64,
) -> Result<Measured> {
    let mut lifts = Vec::new();
    let mut pairs = Vec::new();
    for (card, list) in (0_u32..).zip(lists).filter(|(_, list)| !list.is_empty()) {
        let of_card = later.pairs_of(card);
        for &other in list {
            pairs.push((card, other));
            let pair = of_card.get(&other).copied().unwrap_or_default();
            if pair.n_shoppers >= SHOPPERS_MIN {
                lifts.push(f64::from(Pair::lift(&pair)));
            }
        }
    }
    ensure!(!lifts.is_empty(), "no pair of “{name}” is bought often enough to be measured");
    let category = |card: u32| &items[card as usize].category;
    let n_same = pairs.iter().filter(|(a, b)| category(*a) == category(*b)).count();
    let n_pairs = pairs.len();
    pairs.shuffle(&mut SmallRng::seed_from_u64(seed));
    let shown = |card: u32| {
        let item = &items[card as usize];
        format!("{} ({})", item.title, item.category)
    };
    Ok(Measured {
        name,
        n_cards_with_any: lists.iter().filter(|list| !list.is_empty()).count(),
        n_pairs,
        n_pairs_measured: lifts.len(),
        lift: mean_interval(&lifts, seed, N_RESAMPLES)?,
        same_category: n_same as f64 / n_pairs as f64,
        examples: pairs.into_iter().take(SHOWN).map(|(a, b)| (shown(a), shown(b))).collect(),
    })
}

fn table(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} cards; lists from before the last {HELD_OUT_DAYS} days, pairs of at least {} \
         shoppers; lift in those days, over pairs that {SHOPPERS_MIN} shoppers buy then\n",
        report.n_cards,
        limits::BUYERS_MIN,
    );
    let _ = writeln!(out, "| list | cards | pairs | measured | lift | same category |");
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    for list in &report.lists {
        let Interval { mean, lower, upper } = list.lift;
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {mean:.3} [{lower:.3}, {upper:.3}] | {:.2} |",
            list.name,
            list.n_cards_with_any,
            list.n_pairs,
            list.n_pairs_measured,
            list.same_category,
        );
    }
    for list in &report.lists {
        let _ = writeln!(out, "\n{} pairs of “{}”:", list.examples.len(), list.name);
        for (card, other) in &list.examples {
            let _ = writeln!(out, "  {card} → {other}");
        }
    }
    out
}
