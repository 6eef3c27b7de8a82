//! `vitrine-lab speed`: time and memory of searches and suggestions.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;
use vitrine_domain::{Item, ItemId, Page, Query, Variant};
use vitrine_encoder::{TEXT_DIM, TextEncoder};
use vitrine_recall::{Deadline, EmbeddedRecall, Language, Searcher, Understanding};
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::language::EncoderLanguage;
use vitrine_server::live;
use vitrine_server::settings::ServerSettings;
use vitrine_server::texts::load_encoder;
use vitrine_suggest::{SuggestCard, Suggester};

use super::load::{Ask, Load, load, milliseconds, percentiles};
use super::over_http;
use crate::cli::SpeedArgs;

/// Results of a page, as the Shop asks for.
pub const PAGE_LIMIT: u32 = 60;
/// Words of a query at most.
const QUERY_WORDS_MAX: usize = 4;
/// Size of the noise that tells vectors of one card apart.
const NOISE: f32 = 0.02;
/// Queries asked before anything is timed.
const N_WARM: usize = 50;

/// What is measured with one number of items.
#[derive(Serialize)]
struct Measured {
    n_items: usize,
    /// Indexes and what is read from titles.
    build_seconds: f64,
    /// The suggestions' vocabulary.
    suggester_seconds: f64,
    /// Of the process, once all is built; `None` where the system does not say.
    resident_mb: Option<f64>,
    stages: Vec<Stage>,
    clients: Vec<Load>,
    /// The same queries to the server itself, over loopback.
    clients_over_http: Vec<Load>,
}

/// Milliseconds of one part of a search, with one client.
#[derive(Serialize)]
struct Stage {
    name: &'static str,
    p50_ms: f64,
    p99_ms: f64,
}

/// What is asked.
struct Bench {
    engine: EmbeddedRecall,
    understanding: Understanding,
    suggester: Suggester,
    encoder: TextEncoder,
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &SpeedArgs) -> Result<ExitCode> {
    ensure!(args.n_queries > 0 && !args.clients.contains(&0), "nothing to measure");
    let (feed, vectors) = ShopFeed::published(settings, None)?;
    let mut measured = Vec::new();
    if args.http {
        measured.push(measure_http(settings, &feed, vectors, args, args.report.seed)?);
    } else {
        for &n_items in &args.items {
            tracing::info!(n_items, "building");
            let mut random = SmallRng::seed_from_u64(args.report.seed);
            let made = products(&feed, &vectors, n_items, &mut random);
            measured.push(measure(settings, &feed, made, args, &mut random)?);
        }
    }
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&measured)?,
        false => measured.iter().map(table).collect::<Vec<_>>().join("\n"),
    });
    Ok(ExitCode::SUCCESS)
}

/// The published cards as they are, in the process and over HTTP.
fn measure_http(
    settings: &ServerSettings,
    feed: &ShopFeed,
    vectors: Vec<f32>,
    args: &SpeedArgs,
    seed: u64,
) -> Result<Measured> {
    let cards = (feed.items.clone(), vectors, feed.popularity.clone());
    let measured = measure(settings, feed, cards, args, &mut SmallRng::seed_from_u64(seed))?;
    let n_queries = args.n_queries * (args.clients.len() + 1);
    let queries = queries(&feed.items, n_queries, &mut SmallRng::seed_from_u64(seed));
    let clients_over_http = over_http::measure(settings, &queries, N_WARM, &args.clients)?;
    Ok(Measured { clients_over_http, ..measured })
}

fn queries(items: &[Item], n_queries: usize, random: &mut SmallRng) -> Vec<String> {
    let title = |random: &mut SmallRng| &items[random.random_range(0..items.len())].title;
    (0..n_queries).map(|_| query(title(random), random)).collect()
}

fn measure(
    settings: &ServerSettings,
    feed: &ShopFeed,
    (items, vectors, popularity): (Vec<Item>, Vec<f32>, Vec<u32>),
    args: &SpeedArgs,
    random: &mut SmallRng,
) -> Result<Measured> {
    let n_items = items.len();
    let queries = queries(&items, args.n_queries, random);
    let started = Instant::now();
    let understanding = Understanding::new(&items, &feed.currency, live::synonyms(settings)?);
    let made = ShopFeed {
        items,
        currency: feed.currency.clone(),
        popularity,
        query_mean: feed.query_mean.clone(),
    };
    let engine = made.engine(settings, vectors)?;
    let ShopFeed { items, popularity, .. } = made;
    let build_seconds = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let cards = items.iter().zip(&popularity).map(|(item, n_buyers)| SuggestCard {
        id: item.id,
        title: &item.title,
        department: &item.department,
        category: &item.category,
        n_buyers: *n_buyers,
    });
    let suggester = Suggester::new(cards);
    let suggester_seconds = started.elapsed().as_secs_f64();
    drop(items);
    let encoder = load_encoder(settings, vitrine_server::adapters::of_published(settings)?)?;
    let bench = Bench { engine, understanding, suggester, encoder };
    for text in queries.iter().cycle().take(N_WARM) {
        bench.search(text, false)?;
    }
    let resident_mb = resident_mb();
    Ok(Measured {
        n_items,
        build_seconds,
        suggester_seconds,
        resident_mb,
        stages: bench.stages(&queries)?,
        clients_over_http: Vec::new(),
        clients: args.clients.iter().map(|n| bench.load(&queries, *n)).collect::<Result<_>>()?,
    })
}

/// Adds up how long encoding takes.
struct Timed<'a> {
    language: EncoderLanguage<&'a TextEncoder>,
    encoding_ms: Cell<f64>,
}

impl Language for Timed<'_> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>> {
        let started = Instant::now();
        let vector = self.language.encode(text, deadline);
        self.encoding_ms.set(self.encoding_ms.get() + milliseconds(started));
        vector
    }

    fn is_word(&self, word: &str) -> bool {
        self.language.is_word(word)
    }
}

impl Bench {
    /// One search as the server makes it; milliseconds in all and of the encoder.
    fn search(&self, text: &str, facets: bool) -> Result<(f64, f64)> {
        let page = Page { offset: 0, limit: PAGE_LIMIT };
        let query = Query { text: text.to_owned(), page, facets, ..Query::default() };
        let language = EncoderLanguage { encoder: &self.encoder };
        let language = Timed { language, encoding_ms: Cell::new(0.0) };
        let Self { engine, understanding, .. } = self;
        let searcher = Searcher { engine, understanding, language: &language };
        let started = Instant::now();
        searcher.search(&query, Deadline::NONE)?;
        Ok((milliseconds(started), language.encoding_ms.get()))
    }

    fn stages(&self, queries: &[String]) -> Result<Vec<Stage>> {
        let mut parts: [Vec<f64>; 6] = Default::default();
        let [read, encode, recall, all, facets, typeahead] = &mut parts;
        for text in queries {
            let started = Instant::now();
            self.understanding.read(text);
            read.push(milliseconds(started));
            let (total, encoding) = self.search(text, false)?;
            encode.push(encoding);
            recall.push(total - encoding);
            all.push(total);
            let (with_facets, encoding) = self.search(text, true)?;
            facets.push(with_facets - encoding);
            // Every state of the field while the query is typed.
            for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
                let started = Instant::now();
                self.suggester.suggest(&text[..end], 8);
                typeahead.push(milliseconds(started));
            }
        }
        let names = [
            "reading the words",
            "encoding",
            "reading and finding",
            "a search",
            "reading and finding, with facets",
            "a suggestion",
        ];
        let stage = |(name, times): (&'static str, Vec<f64>)| {
            let (p50_ms, p99_ms) = percentiles(times);
            Stage { name, p50_ms, p99_ms }
        };
        Ok(names.into_iter().zip(parts).map(stage).collect())
    }

    fn load(&self, queries: &[String], n_clients: usize) -> Result<Load> {
        let connect = || -> Ask<'_> { Box::new(|text| self.search(text, false).map(|_| ())) };
        load(queries, n_clients, &connect)
    }
}

/// Products of the cards, each size an item of its own, in the order of their
/// ids; drawn again where more are asked for than there are.
fn products(
    feed: &ShopFeed,
    card_vectors: &[f32],
    n_items: usize,
    random: &mut SmallRng,
) -> (Vec<Item>, Vec<f32>, Vec<u32>) {
    let all: Vec<(usize, &Variant)> = feed
        .items
        .iter()
        .enumerate()
        .flat_map(|(card, item)| item.variants.iter().map(move |variant| (card, variant)))
        .collect();
    let mut items = Vec::with_capacity(n_items);
    let mut vectors = Vec::with_capacity(n_items * TEXT_DIM);
    let mut popularity = Vec::with_capacity(n_items);
    for i in 0..n_items {
        let place = if i < all.len() { i } else { random.random_range(0..all.len()) };
        let (card, variant) = all[place];
        let of = &feed.items[card];
        items.push(Item {
            id: ItemId(i as u64),
            title: format!("{} {}", of.title, variant.size).trim_end().to_owned(),
            price_minor: variant.price_minor,
            variants: vec![variant.clone()],
            ..of.clone()
        });
        let own = card_vectors[card * TEXT_DIM..][..TEXT_DIM].iter();
        let noisy: Vec<f32> = own.map(|x| x + random.random_range(-NOISE..NOISE)).collect();
        let norm = noisy.iter().map(|x| x * x).sum::<f32>().sqrt();
        vectors.extend(noisy.iter().map(|x| x / norm));
        popularity.push(feed.popularity[card]);
    }
    (items, vectors, popularity)
}

/// Some of the words of a title, in a row.
pub(super) fn query(title: &str, random: &mut SmallRng) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    let n_words = random.random_range(1..=QUERY_WORDS_MAX.min(words.len().max(1)));
    let first = random.random_range(0..=words.len().saturating_sub(n_words));
    words.iter().skip(first).take(n_words).copied().collect::<Vec<_>>().join(" ")
}

/// Memory of this process as Linux tells it.
fn resident_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kb: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kb / 1e3)
}

fn table(measured: &Measured) -> String {
    let mut out = String::new();
    let memory = measured.resident_mb.map_or("?".to_owned(), |mb| format!("{mb:.0}"));
    let _ = writeln!(
        out,
        "{} items: built in {:.1} s, suggestions in {:.1} s, {memory} MB resident\n",
        measured.n_items, measured.build_seconds, measured.suggester_seconds
    );
    let _ = writeln!(out, "| one client | p50 ms | p99 ms |\n|---|---|---|");
    for Stage { name, p50_ms, p99_ms } in &measured.stages {
        let _ = writeln!(out, "| {name} | {p50_ms:.3} | {p99_ms:.3} |");
    }
    let _ = writeln!(out, "\n| clients | p50 ms | p99 ms | queries a second |\n|---|---|---|---|");
    for load in &measured.clients {
        let _ = writeln!(out, "{}", load.row(""));
    }
    for load in &measured.clients_over_http {
        let _ = writeln!(out, "{}", load.row(" over HTTP"));
    }
    out
}
