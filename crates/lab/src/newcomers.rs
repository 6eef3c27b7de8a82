//! `vitrine-lab newcomers`: what the choice of tiles that the shop offers to newcomers is worth,
//! over the path that ships. Nobody's taps were recorded, so they follow from earlier purchases
//! that the device is not told: a shopper taps the tiles whose category they bought from.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;
use vitrine_domain::limits::STARTER_CARDS;
use vitrine_domain::{Event, EventKind, Item};
use vitrine_evaluation::{Interval, ModelRun, Segment, difference_interval, mean_interval};
use vitrine_publish::{ServedPath, ServedShopper, Snapshot, Store};
use vitrine_server::catalogue::with_interactions;
use vitrine_server::measure::{MeasuredShopper, ServedCases, served_cases};
use vitrine_server::settings::ServerSettings;
use vitrine_student::candidates;
use vitrine_training::{PreparedData, TrainingData};

use crate::cli::NewcomersArgs;

const N_RESAMPLES: usize = 1_000;
/// What a tap may be taken for.
const LOGGED_AS: [(EventKind, &str); 3] = [
    (EventKind::ViewItem, "a look"),
    (EventKind::AddToCart, "put into the basket"),
    (EventKind::Purchase, "a purchase"),
];
/// Between two taps.
const TAP_MS: i64 = 1_000;

#[derive(Serialize)]
struct Report {
    tiles: Vec<String>,
    /// Everyone who bought something in the window, and who of them taps at least one tile.
    n_shoppers: usize,
    n_choosing: usize,
    /// Mean number of tiles that those tap.
    n_taps: f64,
    rows: Vec<Row>,
}

/// NDCG@10 of the first feed.
#[derive(Serialize)]
struct Row {
    segment: &'static str,
    logged_as: &'static str,
    n_shoppers: usize,
    without: Interval,
    with: Interval,
    difference: Interval,
}

/// Runs the command.
///
/// # Errors
/// No model is published, its files cannot be read, or nothing was bought in the window.
pub fn run(settings: &ServerSettings, args: &NewcomersArgs) -> Result<ExitCode> {
    let snapshot = Snapshot::load(&Store::open(settings.data_dir.join("store"))?)?;
    let (catalogue, interactions) = with_interactions(settings)?;
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    let cases = served_cases(&data, snapshot).context("run `vitrine train` first")?;
    let seed = args.report.seed;
    let report = measure(&cases, &data, &catalogue.items, seed)?;
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

fn measure(
    ServedCases { served, cases, now_seconds }: &ServedCases<'_>,
    data: &PreparedData<'_>,
    items: &[Item],
    seed: u64,
) -> Result<Report> {
    let tiles = tiles(served);
    let taps_as = |kind: EventKind| -> Vec<Vec<Event>> {
        cases.iter().map(|case| taps(served, data, case, (&tiles, kind), *now_seconds)).collect()
    };
    let looks = taps_as(EventKind::ViewItem);
    let n_choosing = looks.iter().filter(|taps| !taps.is_empty()).count();
    let n_taps = looks.iter().map(Vec::len).sum::<usize>() as f64 / n_choosing.max(1) as f64;
    let run = |name: &str, taps: &[Vec<Event>], knows: bool| {
        let choosing = taps.iter().zip(cases).filter(|(taps, _)| !taps.is_empty());
        let shoppers: Vec<ServedShopper<'_>> = choosing
            .map(|(taps, case)| ServedShopper {
                events: if knows { taps } else { &[] },
                now_ms: now_seconds * 1_000,
                n_history: 0,
                targets: &case.targets,
            })
            .collect();
        served.run(name, &data.ids, &shoppers)
    };
    let without = run("without", &looks, false);
    let mut rows = Vec::new();
    for (kind, name) in LOGGED_AS {
        let with = run(name, &taps_as(kind), true);
        for (segment, of) in [(Segment::All, "all"), (Segment::New, "new")] {
            rows.push(row((name, of), (&without, &with), segment, seed)?);
        }
    }
    let name = |row: &u32| {
        let id = served.table().ids()[*row as usize];
        items.iter().find(|item| item.id == id).map_or_else(String::new, |item| item.title.clone())
    };
    Ok(Report {
        tiles: tiles.iter().map(name).collect(),
        n_shoppers: cases.len(),
        n_choosing,
        n_taps,
        rows,
    })
}

/// Rows of the cards that a newcomer is offered, as the session chooses them.
fn tiles(served: &ServedPath) -> Vec<u32> {
    let table = served.table();
    let popular = candidates::popularity_order(table).into_iter();
    let popular = popular.filter(|row| table.n_buyers()[*row as usize] > 0);
    let department = |row: &u32| table.departments()[*row as usize];
    candidates::first_of_departments(popular, department).take(*STARTER_CARDS.end()).collect()
}

/// What somebody taps, as the device would write it down.
fn taps(
    served: &ServedPath,
    data: &PreparedData<'_>,
    case: &MeasuredShopper<'_>,
    (tiles, kind): (&[u32], EventKind),
    now_seconds: i64,
) -> Vec<Event> {
    let table = served.table();
    let bought = case.history.iter().filter_map(|past| {
        let row = table.index_of(data.ids[past.item_idx as usize])?;
        Some(table.categories()[row as usize])
    });
    let bought: HashSet<u16> = bought.collect();
    let tapped = tiles.iter().filter(|row| bought.contains(&table.categories()[**row as usize]));
    let tapped: Vec<u32> = tapped.copied().collect();
    let first_ms = now_seconds * 1_000 - TAP_MS * tapped.len() as i64;
    let look = |(n, row): (i64, u32)| Event {
        kind,
        item: table.ids()[row as usize],
        at_ms: first_ms + n * TAP_MS,
    };
    (0..).zip(tapped).map(look).collect()
}

fn row(
    (logged_as, name): (&'static str, &'static str),
    (without, with): (&ModelRun, &ModelRun),
    segment: Segment,
    seed: u64,
) -> Result<Row> {
    let (without, with) = (without.ndcg(segment), with.ndcg(segment));
    Ok(Row {
        segment: name,
        logged_as,
        n_shoppers: with.len(),
        without: mean_interval(&without, seed, N_RESAMPLES)?,
        with: mean_interval(&with, seed, N_RESAMPLES)?,
        difference: difference_interval(&with, &without, seed, N_RESAMPLES)?,
    })
}

fn table(report: &Report) -> String {
    let Report { tiles, n_shoppers, n_choosing, n_taps, rows } = report;
    let mut out = format!(
        "Tiles: {}\n\n{n_choosing} of {n_shoppers} shoppers tap {n_taps:.1} of them, each one \
         whose category they bought from.\nNDCG@10 of the first feed, on what is bought in the \
         four weeks after it.\n\n",
        tiles.join(", ")
    );
    let _ = writeln!(
        out,
        "| a tap is | purchases | shoppers | without | with the choice | difference |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    let interval = |Interval { mean, lower, upper }: &Interval, sign: &str| match sign {
        "+" => format!("{mean:+.3} [{lower:+.3}, {upper:+.3}]"),
        _ => format!("{mean:.3} [{lower:.3}, {upper:.3}]"),
    };
    for row in rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            row.logged_as,
            row.segment,
            row.n_shoppers,
            interval(&row.without, ""),
            interval(&row.with, ""),
            interval(&row.difference, "+"),
        );
    }
    out
}
