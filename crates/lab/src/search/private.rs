//! `vitrine-lab private`: searches that a device answers by itself, beside the server's.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use pollster::block_on;
use serde::Serialize;
use vitrine_domain::{ContentHash, ItemId, Page, Query, ShardKind};
use vitrine_evaluation::graded::{Grade, ndcg};
use vitrine_evaluation::{Interval, difference_interval, mean_interval};
use vitrine_publish::{Encoding, Store};
use vitrine_recall::{Deadline, EmbeddedRecall, Searcher, Understanding};
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::commands::evaluate::search::{self, Judgments};
use vitrine_server::language::EncoderLanguage;
use vitrine_server::live;
use vitrine_server::settings::ServerSettings;
use vitrine_server::texts::TextVectors;
use vitrine_session::{
    Adapters, FixedClock, LoneTab, MemoryStorage, Response, Session, Settings, Transport,
    TransportError,
};

use super::made;
use crate::cli::PrivateArgs;

/// Places of the server that are looked for.
const SERVED: u32 = 10;
/// Places of the device that they are looked for among.
const FOUND: u32 = 100;
const N_RESAMPLES: usize = 2_000;

/// Serves the published version from its store, and nothing else.
struct StoreTransport {
    store: Store,
    manifest: Vec<u8>,
    n_searches: Rc<Cell<u32>>,
}

#[async_trait(?Send)]
impl Transport for StoreTransport {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        let unknown = |reason: String| TransportError { path: path.to_owned(), reason };
        let body = match path.strip_prefix("/v1/shards/") {
            None => self.manifest.clone(),
            Some(hash) => {
                let hash: ContentHash = hash.parse().map_err(|_| unknown("no hash".to_owned()))?;
                let bytes = self.store.shard(hash, Encoding::Raw);
                bytes.map_err(|error| unknown(error.to_string()))?
            }
        };
        Ok(Response { status: 200, body, bytes_on_wire: None })
    }

    async fn post_json(&self, path: &str, _: &str) -> Result<Response, TransportError> {
        self.n_searches.set(self.n_searches.get() + 1);
        Err(TransportError { path: path.to_owned(), reason: "nothing is to be asked".to_owned() })
    }
}

/// What is reported.
#[derive(Serialize)]
struct PrivateReport {
    n_items: usize,
    n_queries: usize,
    /// Share of the server's first ten that are among the device's first hundred.
    contained: Interval,
    ndcg_server: Interval,
    ndcg_device: Interval,
    /// The device's minus the server's, paired by query.
    ndcg_difference: Interval,
    /// Milliseconds of a search on the device, in this process.
    device_ms_median: f64,
    device_ms_p99: f64,
    /// Milliseconds until the index is made, at the first search.
    index_ms: f64,
    /// Brotli bytes that private search adds to what a device fetches.
    table_bytes: u64,
    code_bytes: u64,
}

/// Runs the command.
///
/// # Errors
/// Nothing is published, or without what private search takes; a query cannot be encoded.
pub fn run(settings: &ServerSettings, args: &PrivateArgs) -> Result<ExitCode> {
    let texts = TextVectors::open(settings)?;
    let (feed, vectors) = ShopFeed::published(settings, Some(&texts.encoder.stamp()))?;
    let judgments = match &args.judgments {
        Some(path) => search::read_judgments(path, &feed.items)?.grades,
        None => made::judgments(&feed, args.made, args.report.seed)?,
    };
    let judgments: Judgments =
        judgments.into_iter().filter(|(_, rows)| rows.values().any(|grade| *grade > 0)).collect();
    ensure!(!judgments.is_empty(), "no query has a relevant product in this catalogue");
    let engine = feed.engine(settings, vectors)?.with_relevance(live::relevance(settings)?);
    let report = measure(settings, &feed, &engine, &texts, &judgments, args.report.seed)?;
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

fn measure(
    settings: &ServerSettings,
    feed: &ShopFeed,
    engine: &EmbeddedRecall,
    texts: &TextVectors,
    judgments: &Judgments,
    seed: u64,
) -> Result<PrivateReport> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let number = store.current_number()?.context("nothing is published")?;
    let manifest = store.manifest(number)?;
    let bytes_of = |kind: ShardKind| -> u64 {
        let shards = manifest.shards.iter().filter(|shard| shard.kind == kind);
        shards.map(|shard| u64::from(shard.bytes_compressed)).sum()
    };
    let (table_bytes, code_bytes) =
        (bytes_of(ShardKind::QueryTable), bytes_of(ShardKind::TextCodes));
    ensure!(table_bytes > 0, "the catalogue is published without private search: import it again");
    let n_searches = Rc::new(Cell::new(0));
    let manifest = store.manifest_bytes(number)?;
    let transport = StoreTransport { store, manifest, n_searches: Rc::clone(&n_searches) };
    let session = block_on(session(transport))?;

    let understanding = Understanding::new(&feed.items, &feed.currency, live::synonyms(settings)?);
    let language = EncoderLanguage { encoder: &*texts.encoder };
    let searcher = Searcher { engine, understanding: &understanding, language: &language };
    let started = Instant::now();
    block_on(session.search(Query::default()))?;
    let index_ms = started.elapsed().as_secs_f64() * 1e3;

    let (mut contained, mut times) = (Vec::new(), Vec::new());
    let (mut server, mut device) = (Vec::new(), Vec::new());
    for (text, judged) in judgments {
        let query = |limit| Query {
            text: text.clone(),
            page: Page { offset: 0, limit },
            ..Query::default()
        };
        let hits = searcher.search(&query(SERVED), Deadline::NONE)?.reply.hits;
        let served: Vec<ItemId> = hits.into_iter().map(|hit| hit.item).collect();
        let started = Instant::now();
        let results = block_on(session.search(query(FOUND)))?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        let found: Vec<ItemId> = results.tiles.iter().map(|tile| tile.card.id).collect();
        if !served.is_empty() {
            let n_found = served.iter().filter(|id| found.contains(id)).count();
            contained.push(n_found as f64 / served.len() as f64);
        }
        server.push(score(feed, &served, judged));
        device.push(score(feed, &found, judged));
    }
    ensure!(n_searches.get() == 0, "{} searches were sent", n_searches.get());
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let mean = |values: &[f64]| mean_interval(values, seed, N_RESAMPLES);
    Ok(PrivateReport {
        n_items: feed.items.len(),
        n_queries: judgments.len(),
        contained: mean(&contained)?,
        ndcg_server: mean(&server)?,
        ndcg_device: mean(&device)?,
        ndcg_difference: difference_interval(&device, &server, seed, N_RESAMPLES)?,
        device_ms_median: at(0.5),
        device_ms_p99: at(0.99),
        index_ms,
        table_bytes,
        code_bytes,
    })
}

/// A device that has all that is published.
async fn session(transport: StoreTransport) -> Result<Session> {
    let adapters = Adapters {
        transport: Rc::new(transport),
        storage: Rc::new(MemoryStorage::new("a measurement")),
        clock: Rc::new(FixedClock::new(1_700_000_000_000)),
        tab: Rc::new(LoneTab::default()),
    };
    let session = Session::open(adapters, Settings::default()).await?;
    session.set_private(true).await;
    session.sync_head().await?;
    session.sync_rest(|_| {}).await?;
    Ok(session)
}

fn score(feed: &ShopFeed, ranking: &[ItemId], judged: &BTreeMap<usize, u8>) -> f64 {
    let row = |id: &ItemId| feed.items.binary_search_by_key(id, |item| item.id).ok();
    let grade = |id: &ItemId| row(id).and_then(|row| judged.get(&row).copied());
    let grades: Vec<Grade> = ranking.iter().map(grade).collect();
    let known: Vec<u8> = judged.values().copied().collect();
    ndcg(&grades, &known, SERVED as usize).unwrap_or(0.0)
}

fn table(report: &PrivateReport) -> String {
    let mean = |i: &Interval| format!("{:.3} [{:.3}, {:.3}]", i.mean, i.lower, i.upper);
    let (megabytes, kilobytes) =
        (|bytes: u64| bytes as f64 / 1e6, |bytes: u64, n: usize| bytes as f64 / n.max(1) as f64);
    format!(
        "{} cards, {} queries\n\n\
         | | |\n|---|---|\n\
         | server's first {SERVED} among the device's first {FOUND} | {} |\n\
         | NDCG@10, server | {} |\n\
         | NDCG@10, device | {} |\n\
         | device − server | {:+.3} [{:+.3}, {:+.3}] |\n\
         | device ÷ server | {:.3} |\n\
         | a search on the device, this process, ms: median, p99 | {:.2}, {:.2} |\n\
         | its index, ms | {:.0} |\n\
         | table of words, MB | {:.2} |\n\
         | codes of texts, MB (bytes a card) | {:.2} ({:.0}) |\n",
        report.n_items,
        report.n_queries,
        mean(&report.contained),
        mean(&report.ndcg_server),
        mean(&report.ndcg_device),
        report.ndcg_difference.mean,
        report.ndcg_difference.lower,
        report.ndcg_difference.upper,
        report.ndcg_device.mean / report.ndcg_server.mean.max(f64::MIN_POSITIVE),
        report.device_ms_median,
        report.device_ms_p99,
        report.index_ms,
        megabytes(report.table_bytes),
        megabytes(report.code_bytes),
        kilobytes(report.code_bytes, report.n_items),
    )
}
