//! How long changes of an index take against building it anew, and what they cost the
//! searches after: `cargo run -p vitrine-recall --example revise_index -- [ITEMS]`
//!
//! The catalogue is made up: titles and descriptions of words that are as rare as words
//! are, and vectors of some hundred topics.
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::env;
use std::error::Error;
use std::time::Instant;

use vitrine_domain::{Availability, Item, ItemId, Page, Query};
use vitrine_recall::{
    EmbeddedRecall, IndexRevision, ItemTerms, Recall, RecallError, RecallRequest, TEXT_DIM,
};

const N_ITEMS: usize = 92_331;
const N_PRICES: usize = 1_000;
const N_ADDED: usize = 20;
const N_REVISIONS: usize = 200;
const N_SEARCHES: usize = 200;
const N_WORDS: u64 = 30_000;
const N_TOPICS: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let n_items = env::args().nth(1).map_or(Ok(N_ITEMS), |n| n.parse())?;
    let mut random = Random(42);
    let topics: Vec<f32> = (0..N_TOPICS * TEXT_DIM).map(|_| random.uniform()).collect();
    let mut make = |ids: std::ops::Range<usize>| Made::new(ids, &topics, &mut random);
    let Made { items, vectors, popularity } = make(0..n_items);
    let queries: Vec<RecallRequest> = items
        .iter()
        .zip(vectors.chunks_exact(TEXT_DIM))
        .step_by((n_items / N_SEARCHES).max(1))
        .map(|(item, vector)| request(item, vector))
        .collect();
    let started = Instant::now();
    let mut engine = EmbeddedRecall::build(&items, vectors, &popularity)?;
    println!("{n_items} items built in {:.0} ms", milliseconds(started));
    search(&engine, &queries)?;
    println!("{}", of("a search", search(&engine, &queries)?));

    let mut times = Vec::new();
    for revision in 0..N_REVISIONS {
        let terms = |i: usize| ItemTerms {
            item: items[(revision * 31 + i * 89) % n_items].id,
            price_minor: (revision * 7 + i) as u32,
            availability: Availability::InStock,
        };
        let terms: Vec<ItemTerms> = (0..N_PRICES.min(n_items)).map(terms).collect();
        let revision = IndexRevision { terms: &terms, ..IndexRevision::default() };
        engine = timed(&engine, &revision, &mut times)?;
    }
    println!("{}", of(&format!("{N_PRICES} prices"), times));

    let mut times = Vec::new();
    for revision in 0..N_REVISIONS {
        let first = n_items + revision * N_ADDED;
        let made = make(first..first + N_ADDED);
        engine = timed(&engine, &made.revision(&[]), &mut times)?;
    }
    println!("{}", of(&format!("{N_ADDED} items that come"), times));

    let mut times = Vec::new();
    for revision in 0..N_REVISIONS.min(n_items / N_ADDED) {
        let first = revision * N_ADDED;
        let made = make(first..first + N_ADDED);
        let removed: Vec<ItemId> = made.items.iter().map(|item| item.id).collect();
        engine = timed(&engine, &made.revision(&removed), &mut times)?;
    }
    println!("{}", of(&format!("{N_ADDED} items with other texts"), times));
    println!(
        "{}",
        of(&format!("a search of {} parts", engine.n_parts()), search(&engine, &queries)?)
    );
    Ok(())
}

/// Items with all that an index is built from.
struct Made {
    items: Vec<Item>,
    vectors: Vec<f32>,
    popularity: Vec<u32>,
}

impl Made {
    fn new(ids: std::ops::Range<usize>, topics: &[f32], random: &mut Random) -> Self {
        let items: Vec<Item> = ids.clone().map(|id| item(id as u64, random)).collect();
        let vectors = ids.flat_map(|id| {
            let topic = &topics[id % N_TOPICS * TEXT_DIM..][..TEXT_DIM];
            let value = |(d, topic): (usize, &f32)| {
                (topic + 0.7 * random.uniform()) / (1.0 + d as f32 / 40.0)
            };
            let row: Vec<f32> = topic.iter().enumerate().map(value).collect();
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.into_iter().map(move |x| x / norm)
        });
        let vectors = vectors.collect();
        let popularity = items.iter().map(|_| random.below(200) as u32 * 5).collect();
        Self { items, vectors, popularity }
    }

    fn revision<'a>(&'a self, removed: &'a [ItemId]) -> IndexRevision<'a> {
        let Self { items, vectors, popularity } = self;
        IndexRevision { removed, terms: &[], added: items, vectors, codes: &[], popularity }
    }
}

fn item(id: u64, random: &mut Random) -> Item {
    Item {
        id: ItemId(id),
        title: random.words(6),
        department: format!("Department {}", random.below(20)),
        category: format!("Category {}", random.below(300)),
        brand: format!("Brand {}", random.below(2_000)),
        description: random.words(20),
        price_minor: 1 + random.below(10_000) as u32,
        ..Item::default()
    }
}

/// Two words of a title and the meaning of the item.
fn request(item: &Item, vector: &[f32]) -> RecallRequest {
    let text = item.title.split(' ').take(2).collect::<Vec<_>>().join(" ") + " ";
    let page = Page { offset: 0, limit: 60 };
    let query = Query { text, page, ..Query::default() };
    RecallRequest { query, vector: Some(vector.to_vec()), ..RecallRequest::default() }
}

fn search(engine: &EmbeddedRecall, queries: &[RecallRequest]) -> Result<Vec<f64>, RecallError> {
    let time = |request: &RecallRequest| {
        let started = Instant::now();
        engine.search(request)?;
        Ok(milliseconds(started))
    };
    queries.iter().map(time).collect()
}

fn timed(
    engine: &EmbeddedRecall,
    revision: &IndexRevision<'_>,
    times: &mut Vec<f64>,
) -> Result<EmbeddedRecall, RecallError> {
    let started = Instant::now();
    let revised = engine.revised(revision)?;
    times.push(milliseconds(started));
    Ok(revised)
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

fn of(what: &str, mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("{what}: median {:.2} ms, 99th percentile {:.2} ms", at(0.5), at(0.99))
}

/// Source: Knuth, "The art of computer programming", vol. 2, section 3.3.4 (the
/// multiplier of MMIX).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Between −1 and 1.
    fn uniform(&mut self) -> f32 {
        self.next() as f32 / (1u64 << 30) as f32 - 1.0
    }

    /// Made-up words, the first of which are the most frequent.
    fn words(&mut self, n_words: usize) -> String {
        let mut word = || {
            let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
            let rank = ((N_WORDS as f64).powf(share)) as u64;
            let syllables = ["ba", "ke", "li", "mo", "nu", "pra", "sto", "tri", "ve", "zon"];
            rank.to_string().bytes().map(|digit| syllables[usize::from(digit - b'0')]).collect()
        };
        let words: Vec<String> = (0..n_words).map(|_| word()).collect();
        words.join(" ")
    }
}
