//! The files of an import, row by row: what is kept, repaired, rejected.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Result, ensure};
use serde_json::json;
use vitrine_catalogue::{OrderLine, ProductState};
use vitrine_domain::EventKind;
use vitrine_ingest::{Mapping, RowError, open_interactions, open_products};
use vitrine_quality::checks::Plan;
use vitrine_quality::{
    Cards, Intake, InteractionPass, InteractionRow, LogSales, LogWriter, ProductPass, ProductRow,
    Pseudonyms, Quarantine, Rejection, Repairs, Summary, Unreadable, line_record,
};

use vitrine_wire::ReviewRow;

use super::file_name;
use crate::catalogue;
use crate::cli::ImportArgs;
use crate::clock::now_seconds;
use crate::commands::offers;
use crate::commands::quality::{interaction_row, line_problem, product_row};
use crate::commands::reviews::{self, ReviewFeed, ReviewReading};
use crate::commands::source::Source;
use crate::progress::WorkProgress;
use crate::pushed::PushedSoFar;
use crate::pushed::product::row_of;
use crate::signals::Stop;

/// What quarantine and summary call what was pushed.
const PUSHED: &str = "pushed";
/// Rows between two looks at the stop flag.
const ROWS_BETWEEN_CHECKS: u64 = 4_096;

/// What was read of a shop.
pub(super) struct ReadRows {
    pub cards: Cards,
    pub offers: offers::ProductOffers,
    pub reviews: Vec<ReviewRow>,
    pub summary: Summary,
    /// Lines of the log that are of the feed.
    pub n_lines_of_feed: u64,
}

/// Both files, row by row; rejected rows and the kept log go to `staging`.
pub(super) fn read(
    (reading, args): (&ReviewReading<'_>, &ImportArgs),
    source: &Source,
    plan: &Plan,
    pushed: &PushedSoFar,
    pseudonyms: &Pseudonyms,
) -> Result<ReadRows> {
    let ReviewReading { staging, stop, .. } = *reading;
    let mut repairs = Repairs::create(&staging.join("repairs.jsonl"))?;
    let mut quarantine = Quarantine::create(&staging.join("quarantine.jsonl"))?;
    let mut summary = Summary::default();
    let Source { products, interactions, mapping } = source;
    let source = file_name(products);
    let mut mend = |line: u64, row: ProductRow| match plan.products.get(&line) {
        Some(planned) => Ok(repairs.product(&source, line, row, planned)?),
        None => Ok(Ok(row)),
    };
    let rows = ProductRows { path: products, mapping, mend: &mut mend, pushed: &pushed.products };
    let products = read_products(rows, &mut quarantine, &mut summary, stop)?;

    let mut log = LogWriter::create(&catalogue::interactions_file(staging))?;
    let mut read = ReadOrders::default();
    if interactions.is_some() || !pushed.orders.is_empty() {
        let orders = Orders {
            path: interactions.as_deref(),
            pushed: &pushed.orders,
            mapping,
            plan,
            shoppers_max: args.shoppers_max,
            pseudonyms,
        };
        let kept = (&mut quarantine, &mut repairs, &mut log);
        read = read_orders(orders, &products, kept, &mut summary, stop)?;
    }
    log.finish()?;
    let files = (&mut quarantine, &mut summary);
    let offers = offers::read(args, mapping, &products, read.last_seconds, files, stop)?;
    let files = (&mut quarantine, &mut summary);
    let feed = args.reviews.as_deref();
    let feed = feed.map_or(ReviewFeed::None, |path| ReviewFeed::File(path, mapping));
    let reviews = reviews::read(reading, (feed, &pushed.reviews), &products, files)?;
    quarantine.finish()?;
    tracing::info!(repairs = repairs.finish()?, "repaired");
    let cards = products.finish(&read.sales);
    Ok(ReadRows { cards, offers, reviews, summary, n_lines_of_feed: read.n_lines_of_feed })
}

/// An order log, and what becomes of its lines.
struct Orders<'a> {
    path: Option<&'a Path>,
    /// What was pushed; it counts from the newest line of the file on.
    pushed: &'a [OrderLine],
    mapping: &'a Mapping,
    plan: &'a Plan,
    shoppers_max: Option<u32>,
    pseudonyms: &'a Pseudonyms,
}

/// What an order log says of sales.
#[derive(Default)]
struct ReadOrders {
    sales: LogSales,
    /// Time of its newest line.
    last_seconds: Option<i64>,
    n_lines_of_feed: u64,
}

/// The order log, row by row.
fn read_orders(
    orders: Orders<'_>,
    products: &vitrine_quality::Catalogue,
    (quarantine, repairs, log): (&mut Quarantine, &mut Repairs, &mut LogWriter),
    summary: &mut Summary,
    stop: &Stop,
) -> Result<ReadOrders> {
    let Orders { path, pushed, mapping, plan, shoppers_max, pseudonyms } = orders;
    let mut pass = InteractionPass::new(products, now_seconds());
    let source = path.map_or_else(|| PUSHED.to_owned(), file_name);
    let mut progress = WorkProgress::start("orders", 0);
    let shoppers_max = shoppers_max.unwrap_or(u32::MAX);
    let mut n = 0;
    let (mut last_seconds, mut n_lines_of_feed) = (None, 0);
    let mut intake = Intake::new(quarantine, source.clone());
    for row in path.map(|path| open_interactions(path, mapping)).transpose()?.into_iter().flatten()
    {
        let row = row?;
        intake.read();
        let record = row.record.map_err(|error| Unreadable(line_problem(&error, mapping)));
        let record = record.map(interaction_row);
        let shopper = record.as_ref().map(|row| row.shopper.clone()).unwrap_or_default();
        // The log of pushed orders has customers under pseudonyms alone.
        let record = record.map(|row| match pushed {
            [] => row,
            _ => InteractionRow { shopper: pseudonyms.of(&row.shopper), ..row },
        });
        let answer = match (record, plan.interactions.get(&row.line)) {
            (Ok(record), Some(planned)) => repairs
                .line(&source, row.line, record, planned)?
                .and_then(|record| pass.push(Ok(record))),
            (record, _) => pass.push(record),
        };
        let who = || line_record(&shopper, pseudonyms);
        if let Some(line) = intake.answer(row.line, answer, who)?
            && line.shopper.0 < shoppers_max
        {
            last_seconds = last_seconds.max(Some(line.at_seconds));
            log.push(&line)?;
            n_lines_of_feed += 1;
        }
        n += 1;
        check_in(n, &mut progress, stop)?;
    }
    intake.finish(summary)?;
    if !pushed.is_empty() {
        let known_until = last_seconds;
        let mut intake = Intake::new(quarantine, PUSHED);
        for (line, order) in (1..).zip(pushed) {
            if known_until.is_some_and(|until| order.time <= until) {
                continue;
            }
            intake.read();
            let answer = pass.push(Ok(pushed_row(order)));
            if let Some(line) = intake.answer(line, answer, || json!({ "sku": order.sku }))?
                && line.shopper.0 < shoppers_max
            {
                last_seconds = last_seconds.max(Some(line.at_seconds));
                log.push(&line)?;
            }
            n += 1;
            check_in(n, &mut progress, stop)?;
        }
        intake.finish(summary)?;
    }
    progress.finish();
    Ok(ReadOrders { sales: pass.into_sales(), last_seconds, n_lines_of_feed })
}

/// A pushed order line as a line of a log. Who bought without a name bought once.
fn pushed_row(line: &OrderLine) -> InteractionRow {
    InteractionRow {
        shopper: line.shopper.clone().unwrap_or_else(|| line.order.clone()),
        sku: line.sku.clone(),
        basket: line.order.clone(),
        kind: EventKind::Purchase,
        at_seconds: line.time,
        quantity: i64::from(line.quantity),
        price_minor: line.price.map(|price| i64::from(price.minor)),
    }
}

/// A product feed, and what is done to a row before it is judged.
pub(crate) struct ProductRows<'a> {
    pub path: &'a Path,
    pub mapping: &'a Mapping,
    /// Products that were pushed: those that the feed does not name are listed after it.
    pub pushed: &'a [Arc<ProductState>],
    /// Given line and row: the row as it goes on, or why it does not.
    pub mend: &'a mut dyn FnMut(u64, ProductRow) -> Result<Result<ProductRow, Rejection>>,
}

/// The product feed, row by row: cards without sales.
pub(crate) fn read_products(
    feed: ProductRows<'_>,
    quarantine: &mut Quarantine,
    summary: &mut Summary,
    stop: &Stop,
) -> Result<vitrine_quality::Catalogue> {
    let mut pass = ProductPass::new();
    let mut rows = open_products(feed.path, feed.mapping)?;
    let mut intake = Intake::new(quarantine, file_name(feed.path));
    let mut progress = WorkProgress::start("products", 0);
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
    let pushed = feed.pushed.iter().filter_map(|state| Some((state, state.facts.value.as_ref()?)));
    let mut of_log = Intake::new(quarantine, PUSHED);
    let terms = feed.mapping.price_terms();
    for (line, (state, facts)) in (1..).zip(pushed) {
        if !pass.has_seen(&state.sku) {
            of_log.read();
            let answer = pass.push(Ok(row_of(state, facts, &terms)));
            of_log.answer(line, answer, || json!({ "sku": state.sku }))?;
        }
    }
    if !feed.pushed.is_empty() {
        of_log.finish(summary)?;
    }
    progress.finish();
    Ok(pass.finish()?)
}

pub(crate) fn check_in(n: u64, progress: &mut WorkProgress, stop: &Stop) -> Result<()> {
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

pub(crate) fn unreadable(error: RowError) -> Unreadable {
    Unreadable(error.to_string())
}
