//! `vitrine-lab newcomers`: what the choice of tiles that the shop offers to newcomers is worth,
//! over the path that ships. Nobody's taps were recorded, so they follow from earlier purchases
//! that the device is not told: a shopper taps the tiles whose category they bought from.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;
use vitrine_domain::limits::STARTER_CARDS;
use vitrine_evaluation::{Interval, Segment, Window, difference_interval, mean_interval};
use vitrine_publish::{ServedPath, ServedShopper, Snapshot, Store, in_this_order};
use vitrine_server::catalogue::with_interactions;
use vitrine_server::measure::{MeasuredShopper, ServedCases, served_cases, windows};
use vitrine_server::settings::ServerSettings;
use vitrine_student::candidates;
use vitrine_training::{PreparedData, TrainingData};

use crate::cli::NewcomersArgs;

const N_RESAMPLES: usize = 1_000;
/// By how much of its buyers a card of a chosen category may count for more.
const BONUSES: [f64; 6] = [0.1, 0.2, 0.3, 0.4, 0.5, 1.0];
/// How many tiles somebody taps: all whose category they bought from, or those they bought most of.
const TAPS_MAX: [(usize, &str); 3] =
    [(*STARTER_CARDS.end(), "all"), (3, "at most 3"), (1, "at most 1")];

#[derive(Serialize)]
struct Report {
    tiles: Vec<String>,
    /// Four weeks in which the bonus is chosen.
    validation: Vec<Row>,
    /// The four weeks after them, with the bonus that ships.
    test: Vec<Row>,
}

/// NDCG@10 of the first feed.
#[derive(Serialize)]
struct Row {
    bonus: f64,
    /// Which of the tiles whose category they bought from are tapped.
    taps: &'static str,
    segment: &'static str,
    /// Everyone who bought something in the window, and who of them taps at least one tile.
    n_shoppers: usize,
    n_choosing: usize,
    /// Mean number of tiles that those tap.
    n_taps: f64,
    without: Interval,
    with: Interval,
    difference: Interval,
}

/// Runs the command.
///
/// # Errors
/// No model is published, its files cannot be read, or nothing was bought in a window.
pub fn run(settings: &ServerSettings, args: &NewcomersArgs) -> Result<ExitCode> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let (catalogue, interactions) = with_interactions(settings)?;
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    let cases = |window: Window| {
        served_cases(&data, Snapshot::load(&store)?, window).context("run `vitrine train` first")
    };
    let seed = args.report.seed;
    let windows = windows(&data)?;
    let validation = measure(&cases(windows.validation)?, &data, &BONUSES, seed)?;
    let cases = cases(windows.test)?;
    let test = measure(&cases, &data, &[candidates::CHOICE_BONUS], seed)?;
    let name = |row: &u32| {
        let id = cases.served.table().ids()[*row as usize];
        let card = catalogue.items.iter().find(|item| item.id == id);
        card.map_or_else(String::new, |item| item.title.clone())
    };
    let tiles = tiles(&cases.served).iter().map(name).collect();
    let report = Report { tiles, validation, test };
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => text(&report),
    });
    Ok(ExitCode::SUCCESS)
}

fn measure(
    ServedCases { served, cases, now_seconds }: &ServedCases<'_>,
    data: &PreparedData<'_>,
    bonuses: &[f64],
    seed: u64,
) -> Result<Vec<Row>> {
    let tiles = tiles(served);
    let mut rows = Vec::new();
    for (n_taps_max, taps) in TAPS_MAX {
        let choices: Vec<Vec<u16>> =
            cases.iter().map(|case| tapped(served, data, case, &tiles, n_taps_max)).collect();
        let choosing = || choices.iter().zip(cases).filter(|(choice, _)| !choice.is_empty());
        let choices: Vec<&Vec<u16>> = choosing().map(|(choice, _)| choice).collect();
        let shoppers: Vec<ServedShopper<'_>> = choosing()
            .map(|(_, case)| ServedShopper {
                events: &[],
                now_ms: now_seconds * 1_000,
                n_history: 0,
                targets: &case.targets,
            })
            .collect();
        let run = |name: &str, bonus: f64| {
            served.run_with(name, &data.ids, &shoppers, |place, _| {
                in_this_order(feed(served, choices[place], bonus))
            })
        };
        let without = run("without", 0.0);
        let n_taps = choices.iter().map(|choice| choice.len()).sum::<usize>() as f64;
        for bonus in bonuses {
            let with = run("with", *bonus);
            for (segment, of) in [(Segment::All, "all"), (Segment::New, "new")] {
                let (without, with) = (without.ndcg(segment), with.ndcg(segment));
                rows.push(Row {
                    bonus: *bonus,
                    taps,
                    segment: of,
                    n_shoppers: cases.len(),
                    n_choosing: choices.len(),
                    n_taps: n_taps / choices.len().max(1) as f64,
                    without: mean_interval(&without, seed, N_RESAMPLES)?,
                    with: mean_interval(&with, seed, N_RESAMPLES)?,
                    difference: difference_interval(&with, &without, seed, N_RESAMPLES)?,
                });
            }
        }
    }
    Ok(rows)
}

/// The first feed, as the session orders it.
fn feed(served: &ServedPath, categories: &[u16], bonus: f64) -> Vec<u32> {
    let table = served.table();
    let popular = candidates::popularity_order(table).into_iter();
    let n_buyers = |row: u32| table.n_buyers()[row as usize];
    let is_chosen = |row: u32| categories.contains(&table.categories()[row as usize]);
    let factor = candidates::choice_factor(bonus, categories.len());
    candidates::popular_with_choice(popular, n_buyers, is_chosen, factor)
}

/// Rows of the cards that a newcomer is offered, as the session chooses them.
fn tiles(served: &ServedPath) -> Vec<u32> {
    let table = served.table();
    let popular = candidates::popularity_order(table).into_iter();
    let popular = popular.filter(|row| table.n_buyers()[*row as usize] > 0);
    let department = |row: &u32| table.departments()[*row as usize];
    candidates::first_of_departments(popular, department).take(*STARTER_CARDS.end()).collect()
}

/// Categories of the tiles that somebody taps: at most `n_taps_max`, those that they bought most
/// of.
fn tapped(
    served: &ServedPath,
    data: &PreparedData<'_>,
    case: &MeasuredShopper<'_>,
    tiles: &[u32],
    n_taps_max: usize,
) -> Vec<u16> {
    let table = served.table();
    let mut n_bought: HashMap<u16, usize> = HashMap::new();
    for past in case.history {
        if let Some(row) = table.index_of(data.ids[past.item_idx as usize]) {
            *n_bought.entry(table.categories()[row as usize]).or_default() += 1;
        }
    }
    let categories = tiles.iter().map(|row| table.categories()[*row as usize]);
    let mut tapped: Vec<u16> = categories.filter(|of| n_bought.contains_key(of)).collect();
    tapped.sort_by_key(|category| Reverse(n_bought[category]));
    tapped.truncate(n_taps_max);
    tapped
}

fn text(report: &Report) -> String {
    let mut out = format!(
        "Tiles: {}\n\nSomebody taps those whose category they bought from; NDCG@10 of the first \
         feed, on what they buy in the four weeks after it.\n",
        report.tiles.join(", ")
    );
    for (name, rows) in [("Validation", &report.validation), ("Test", &report.test)] {
        let _ = writeln!(out, "\n{name}\n");
        table(&mut out, rows);
    }
    out
}

fn table(out: &mut String, rows: &[Row]) {
    let _ = writeln!(
        out,
        "| taps | bonus | purchases | shoppers who tap | taps each | without | with the choice | \
         difference |\n|---|---|---|---|---|---|---|---|"
    );
    let interval =
        |Interval { mean, lower, upper }: &Interval| format!("{mean:.3} [{lower:.3}, {upper:.3}]");
    for row in rows {
        let Interval { mean, lower, upper } = row.difference;
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} of {} | {:.1} | {} | {} | {mean:+.3} [{lower:+.3}, {upper:+.3}] |",
            row.taps,
            row.bonus,
            row.segment,
            row.n_choosing,
            row.n_shoppers,
            row.n_taps,
            interval(&row.without),
            interval(&row.with),
        );
    }
}
