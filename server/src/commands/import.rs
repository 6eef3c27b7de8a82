//! `vitrine import`: files → checked rows → cards → vectors → a published catalogue.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use std::process::ExitCode;
use vitrine_domain::{CatalogueVersion, Item, limits};
use vitrine_encoder::TEXT_DIM;
use vitrine_ingest::{Mapping, open_interactions, open_products};
use vitrine_publish::Store;
use vitrine_quality::checks::Plan;
use vitrine_quality::{
    Cards, Intake, InteractionPass, LogWriter, ProductPass, ProductRow, Quarantine, Rejection,
    Repairs, Summary, Unreadable,
};
use vitrine_ranking::PurchaseLog;

use super::offers;
use super::quality::{self, Assessment, Files, interaction_row, product_row};
use super::source::{Source, Tables};
use crate::catalogue::{self, Buyers, Catalogue};
use crate::cli::ImportArgs;
use crate::pictures;
use crate::progress::Progress;
use crate::publishing;
use crate::settings::Settings;
use crate::signals::Stop;
use crate::texts::{LazyTexts, TextVectors};

/// Rows between two looks at the stop flag.
const ROWS_BETWEEN_CHECKS: u64 = 4_096;

/// What the next import is compared with, in a catalogue's folder.
const SNAPSHOT_FILE: &str = "profile.json";

/// Runs the command.
pub fn run(settings: &Settings, args: &ImportArgs, stop: &Stop) -> Result<ExitCode> {
    let version = import(settings, args, stop)?;
    tracing::info!(catalogue = version.0, "published");
    Ok(ExitCode::SUCCESS)
}

/// Imports and publishes; the version that is served from now on.
///
/// # Errors
/// A file cannot be read, no card is left, the disk refuses, or the process was
/// asked to stop; what was served before is served on.
pub fn import(settings: &Settings, args: &ImportArgs, stop: &Stop) -> Result<CatalogueVersion> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let _lock = publishing::lock(&settings.data_dir)?;
    let staging = catalogue::staging(&settings.data_dir);
    if staging.exists() {
        fs::remove_dir_all(&staging).context("removing what an interrupted import left")?;
    }
    fs::create_dir_all(&staging).with_context(|| format!("creating {}", staging.display()))?;

    let source = Source::of(&args.source, &settings.data_dir)?;
    let mapping = &source.mapping;
    let tables = Tables {
        products: Some(&source.products),
        interactions: Some(&source.interactions),
        offers: args.offers.as_deref(),
        campaigns: args.campaigns.as_deref(),
    };
    tables.check(mapping)?;
    let plan = check(settings, args, &source, &store, &staging, stop)?;
    let (cards, until, summary) = read(args, &source, &plan, &staging, stop)?;
    summary.check_balance()?;
    tracing::info!(cards = cards.items.len(), "rows read\n{}", summary.to_table());
    let json = serde_json::to_vec_pretty(&summary).context("encoding the summary")?;
    fs::write(staging.join("summary.json"), json).context("writing the summary")?;

    let mut catalogue = describe(settings, args, mapping, cards.items, &staging, stop)?;
    catalogue.shop.clone_from(&args.shop);
    let label = mapping.offers.as_ref().map_or("", |columns| &columns.label);
    catalogue.offers = offers::of_cards(&catalogue.items, &until, label);
    catalogue.save(&staging)?;
    publishing::publish_catalogue(settings, &store, &catalogue, &staging)
}

/// Runs the checks and writes their report; what is to become of failing rows.
///
/// # Errors
/// A check of severity error is beyond its threshold and was not allowed by name.
fn check(
    settings: &Settings,
    args: &ImportArgs,
    source: &Source,
    store: &Store,
    staging: &Path,
    stop: &Stop,
) -> Result<Plan> {
    let checks = quality::checks(args.checks.as_deref())?;
    for name in &args.allow_check {
        ensure!(checks.has(name), "--allow-check {name}: there is no check of that name");
    }
    let Source { products, interactions, mapping } = source;
    let files = Files { products, interactions: Some(interactions), mapping };
    let before = store.current()?.map(|manifest| {
        catalogue::folder(&settings.data_dir, manifest.catalogue.version).join(SNAPSHOT_FILE)
    });
    // Catalogues of older versions have none: then there is no drift to find.
    let before = before.filter(|path| path.exists());
    let previous = quality::previous(before.as_deref())?;
    let texts = LazyTexts::new(settings, stop);
    let assessed = quality::assess(&Assessment {
        checks: &checks,
        rows: &files,
        previous: previous.as_ref(),
        texts: args.deep_checks.then_some(&texts),
        now_seconds: now_seconds()?,
        remember_lines: false,
        stop,
    })?;
    let report = &assessed.report;
    let page = staging.join("quality.html");
    fs::write(&page, report.to_html()).context("writing the report")?;
    fs::write(staging.join("quality.json"), serde_json::to_vec(report)?)?;
    fs::write(staging.join(SNAPSHOT_FILE), serde_json::to_vec(&assessed.snapshot)?)?;
    let blocking = report.blocking(&args.allow_check);
    if !blocking.is_empty() {
        let shown: Vec<String> = blocking.iter().map(|result| quality::shown(result)).collect();
        let names: Vec<&str> = blocking.iter().map(|result| result.name.as_str()).collect();
        bail!(
            "not published, what was served is served on: {}. See {}; mend the files, or \
             publish anyway with --allow-check {}",
            shown.join("; "),
            page.display(),
            names.join(" --allow-check ")
        );
    }
    tracing::info!("checked\n{}", report.to_table());
    Ok(assessed.plan)
}

/// Both files, row by row; rejected rows and the kept log go to `staging`.
fn read(
    args: &ImportArgs,
    source: &Source,
    plan: &Plan,
    staging: &Path,
    stop: &Stop,
) -> Result<(Cards, offers::Until, Summary)> {
    let mut repairs = Repairs::create(&staging.join("repairs.jsonl"))?;
    let mut quarantine = Quarantine::create(&staging.join("quarantine.jsonl"))?;
    let mut summary = Summary::default();
    let Source { products, interactions, mapping } = source;
    let source = file_name(products);
    let mut mend = |line: u64, row: ProductRow| match plan.products.get(&line) {
        Some(planned) => Ok(repairs.product(&source, line, row, planned)?),
        None => Ok(Ok(row)),
    };
    let rows = ProductRows { path: products, mapping, mend: &mut mend };
    let products = read_products(rows, &mut quarantine, &mut summary, stop)?;

    let mut pass = InteractionPass::new(&products, now_seconds()?);
    let mut log = LogWriter::create(&catalogue::interactions_file(staging))?;
    let mut rows = open_interactions(interactions, mapping)?;
    let source = file_name(interactions);
    let mut intake = Intake::new(&mut quarantine, source.clone());
    let mut progress = Progress::start("orders", 0);
    let shoppers_max = args.shoppers_max.unwrap_or(u32::MAX);
    let mut n = 0;
    let mut last_seconds = None;
    while let Some(row) = rows.next() {
        let row = row?;
        intake.read();
        let record = row.record.map_err(unreadable).map(interaction_row);
        let answer = match (record, plan.interactions.get(&row.line)) {
            (Ok(record), Some(planned)) => repairs
                .line(&source, row.line, record, planned)?
                .and_then(|record| pass.push(Ok(record))),
            (record, _) => pass.push(record),
        };
        if let Some(line) = intake.answer(row.line, answer, || rows.original())?
            && line.shopper.0 < shoppers_max
        {
            last_seconds = last_seconds.max(Some(line.at_seconds));
            log.push(&line)?;
        }
        n += 1;
        check_in(n, &mut progress, stop)?;
    }
    intake.finish(&mut summary)?;
    progress.finish();
    log.finish()?;
    let sales = pass.into_sales();
    let files = (&mut quarantine, &mut summary);
    let until = offers::read(args, mapping, &products, last_seconds, files, stop)?;
    quarantine.finish()?;
    tracing::info!(repairs = repairs.finish()?, "repaired");
    Ok((products.finish(&sales), until, summary))
}

/// A product feed, and what is done to a row before it is judged.
pub struct ProductRows<'a> {
    pub path: &'a Path,
    pub mapping: &'a Mapping,
    /// Given line and row: the row as it goes on, or why it does not.
    pub mend: &'a mut dyn FnMut(u64, ProductRow) -> Result<Result<ProductRow, Rejection>>,
}

/// The product feed, row by row: cards without sales.
pub fn read_products(
    feed: ProductRows<'_>,
    quarantine: &mut Quarantine,
    summary: &mut Summary,
    stop: &Stop,
) -> Result<vitrine_quality::Catalogue> {
    let mut pass = ProductPass::new();
    let mut rows = open_products(feed.path, feed.mapping)?;
    let mut intake = Intake::new(quarantine, file_name(feed.path));
    let mut progress = Progress::start("products", 0);
    let mut n = 0;
    while let Some(row) = rows.next() {
        let row = row?;
        intake.read();
        let record = row.record.map_err(unreadable).map(|raw| product_row(feed.mapping, raw));
        let answer = match record {
            Ok(record) => (feed.mend)(row.line, record)?.and_then(|record| pass.push(Ok(record))),
            unreadable => pass.push(unreadable),
        };
        intake.answer(row.line, answer, || rows.original())?;
        n += 1;
        check_in(n, &mut progress, stop)?;
    }
    intake.finish(summary)?;
    progress.finish();
    Ok(pass.finish()?)
}

pub fn check_in(n: u64, progress: &mut Progress, stop: &Stop) -> Result<()> {
    if n.is_multiple_of(ROWS_BETWEEN_CHECKS) {
        progress.at(n, "");
        stopped(stop)?;
    }
    Ok(())
}

fn stopped(stop: &Stop) -> Result<()> {
    ensure!(!stop.load(Ordering::SeqCst), "stopped; nothing was published, run it again");
    Ok(())
}

pub fn unreadable(error: vitrine_ingest::RowError) -> Unreadable {
    Unreadable(error.to_string())
}

/// Everything that is computed about the cards: vectors, buyers, related lists, pictures.
fn describe(
    settings: &Settings,
    args: &ImportArgs,
    mapping: &Mapping,
    mut items: Vec<Item>,
    staging: &Path,
    stop: &Stop,
) -> Result<Catalogue> {
    ensure!(!items.is_empty(), "no card is left: see {}", quarantine_hint(settings));
    ensure!(items.len() <= limits::ITEMS_MAX, "more than {} cards", limits::ITEMS_MAX);
    items.sort_by_key(|item| item.id);
    let mut vectors_of = TextVectors::open(settings)?;
    let texts: Vec<String> = items.iter().map(Item::passage).collect();
    let vectors = vectors_of.encode(&texts, stop)?;

    let log = catalogue::read_interactions(staging)?;
    let ids: Vec<_> = items.iter().map(|item| item.id).collect();
    let log = PurchaseLog::new(&ids, &log)?;
    let positives = log.positives();
    if !positives.are_purchases() {
        tracing::warn!("almost nobody in the log bought anything: clicks count as purchases");
    }
    let buyers = buyers(&log);
    let related = vitrine_ranking::related_lists(&log, &ids);
    let alternatives = vitrine_ranking::alternatives(&log, &vectors);

    let mut catalogue = Catalogue {
        shop: String::new(),
        currency: mapping.currency.clone(),
        items,
        positives,
        buyers,
        pictures: Vec::new(),
        picture_of: Vec::new(),
        related,
        alternatives,
        offers: Vec::new(),
        vectors,
    };
    if let Some(path) = &args.pictures {
        picture(&mut catalogue, path, &mut vectors_of, stop)?;
    }
    Ok(catalogue)
}

/// Distinct buyers of each card, over the whole log and in its last 28 days.
pub fn buyers(log: &PurchaseLog) -> Vec<Buyers> {
    let popularity =
        vitrine_ranking::Popularity::new(log, log.last_seconds().map_or(0, |last| last + 1));
    let counts = popularity.n_buyers.iter().zip(&popularity.n_buyers_recent);
    counts.map(|(&all, &recent)| Buyers { all, recent }).collect()
}

fn picture(
    catalogue: &mut Catalogue,
    path: &Path,
    vectors_of: &mut TextVectors,
    stop: &Stop,
) -> Result<()> {
    let set = pictures::read(path)?;
    let names: Vec<String> = set.iter().map(|picture| picture.name.clone()).collect();
    let names = vectors_of.encode(&names, stop)?;
    let texts: Vec<String> = catalogue
        .items
        .iter()
        .map(|item| format!("{}, {}", item.title, item.category).to_lowercase())
        .collect();
    let cards = vectors_of.encode(&texts, stop)?;
    // The most popular choose first.
    let mut order: Vec<usize> = (0..catalogue.items.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(catalogue.buyers[i].all));
    let by_popularity: Vec<f32> =
        order.iter().flat_map(|&i| &cards[i * TEXT_DIM..][..TEXT_DIM]).copied().collect();
    let chosen = pictures::assign(&by_popularity, &names, TEXT_DIM);

    let mut used: Vec<u16> = chosen.clone();
    used.sort_unstable();
    used.dedup();
    catalogue.pictures = used
        .iter()
        .map(|&i| (set[usize::from(i)].name.clone(), set[usize::from(i)].body.clone()))
        .collect();
    catalogue.picture_of = vec![0; catalogue.items.len()];
    for (&card, picture) in order.iter().zip(&chosen) {
        let position = used.binary_search(picture).ok().context("a chosen picture is in use")?;
        catalogue.picture_of[card] = u16::try_from(position)?;
    }
    Ok(())
}

fn quarantine_hint(settings: &Settings) -> String {
    catalogue::staging(&settings.data_dir).join("quarantine.jsonl").display().to_string()
}

pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub fn now_seconds() -> Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    i64::try_from(since.as_secs()).context("the clock is far in the future")
}
