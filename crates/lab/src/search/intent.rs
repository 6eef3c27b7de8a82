//! `vitrine-lab intent`: how well the intent head knows what a query is after.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::Serialize;
use vitrine_domain::{Item, ItemId, Query};
use vitrine_encoder::TEXT_DIM;
use vitrine_encoder::intent::{FitConfig, IntentHead, Kind, LabelledQuery, Phrases, fit, queries};
use vitrine_evaluation::{Guess, accuracy, expected_calibration_error, macro_f1};
use vitrine_recall::{EmbeddedRecall, RecallRequest, Signal};
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::intent::{QUERIES_MAX, card, categories, spread};
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use crate::cli::IntentArgs;

/// One maker of so many is held out.
const HELD_OUT_EVERY: usize = 5;
/// Neighbours that vote in the baselines.
const NEIGHBOURS: usize = 10;
const CALIBRATION_BINS: usize = 15;

#[derive(Serialize)]
struct Report {
    n_cards_learned: usize,
    n_cards_unseen: usize,
    /// Unseen cards whose category has too few cards to be learned.
    n_cards_of_rare_categories: usize,
    n_categories: usize,
    rows: Vec<Row>,
}

/// One way to guess, on one sort of queries.
#[derive(Serialize)]
struct Row {
    asked: &'static str,
    model: &'static str,
    n_queries: usize,
    macro_f1: f64,
    accuracy: f64,
    calibration_error: f64,
}

impl Row {
    fn of(asked: &'static str, model: &'static str, guesses: &[Guess]) -> Self {
        Self {
            asked,
            model,
            n_queries: guesses.len(),
            macro_f1: macro_f1(guesses),
            accuracy: accuracy(guesses),
            calibration_error: expected_calibration_error(guesses, CALIBRATION_BINS),
        }
    }
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &IntentArgs, stop: &Stop) -> Result<ExitCode> {
    let ShopFeed { items, .. } =
        ShopFeed::read(settings, &args.products, &args.mapping, None, stop)?;
    let (learned, unseen) = split(&items, args.report.seed);
    let names = categories(learned.iter().copied());
    ensure!(names.len() > 1, "the feed has no two categories with enough cards");
    let category_of: HashMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let known = |item: &&Item| category_of.contains_key(item.category.as_str());
    let n_unseen = unseen.len();
    let unseen: Vec<&Item> = unseen.into_iter().filter(known).collect();

    let mut vectors_of = TextVectors::open(settings)?;
    let spread = spread(&items);
    let made = |items: &[&Item], phrases| {
        let cards: Vec<_> = items.iter().map(|item| card(item)).collect();
        queries(&cards, &spread, &category_of, phrases, QUERIES_MAX, args.report.seed)
    };
    let training = made(&learned, Phrases::Training);
    let training_texts = texts(&training);
    let vectors = vectors_of.encode_queries(&training_texts, stop)?;
    let config = FitConfig { seed: args.report.seed, ..FitConfig::default() };
    let head = fit(names.clone(), &training, &vectors, &config)?;

    let titles = titles(&learned, &category_of);
    let title_vectors = vectors_of.encode(&texts(&titles), stop)?;
    let plain = fit(names.clone(), &titles, &title_vectors, &config)?;
    let knn = Neighbours::build(&learned, title_vectors.clone(), &category_of)?;

    let mut report = Report {
        n_cards_learned: learned.len(),
        n_cards_unseen: unseen.len(),
        n_cards_of_rare_categories: n_unseen - unseen.len(),
        n_categories: names.len(),
        rows: Vec::new(),
    };
    let learned_texts: HashSet<&str> = training_texts.iter().copied().collect();
    let mut held_out = made(&unseen, Phrases::HeldOut);
    held_out.retain(|query| !learned_texts.contains(query.text.as_str()));
    let unseen_titles = self::titles(&unseen, &category_of);
    for (asked, queries) in [("titles", &unseen_titles), ("queries", &held_out)] {
        let queries: Vec<LabelledQuery> =
            queries.iter().filter(|query| query.category.is_some()).cloned().collect();
        let vectors = vectors_of.encode_queries(&texts(&queries), stop)?;
        let by_words = knn.guess(&queries, &vectors, Signal::AllTexts)?;
        let by_meaning = knn.guess(&queries, &vectors, Signal::Cosine)?;
        report.rows.extend([
            Row::of(asked, "BM25, 10 neighbours", &by_words),
            Row::of(asked, "vectors, 10 neighbours", &by_meaning),
            Row::of(asked, "head, learned on titles", &of_category(&plain, &queries, &vectors)),
            Row::of(asked, "head", &of_category(&head, &queries, &vectors)),
        ]);
    }
    held_out.retain(|query| query.kind.is_some());
    let vectors = vectors_of.encode_queries(&texts(&held_out), stop)?;
    report.rows.push(Row::of("kinds", "head", &of_kind(&head, &held_out, &vectors)));
    if args.report.json {
        vitrine_server::print(&serde_json::to_string_pretty(&report)?);
    } else {
        vitrine_server::print(&table(&report));
    }
    Ok(ExitCode::SUCCESS)
}

/// Cards of the makers to learn from, and of those that are held out.
pub(super) fn split(items: &[Item], seed: u64) -> (Vec<&Item>, Vec<&Item>) {
    let makers: BTreeSet<String> = items.iter().map(maker).collect();
    let mut makers: Vec<String> = makers.into_iter().collect();
    makers.shuffle(&mut SmallRng::seed_from_u64(seed));
    let held_out: HashSet<String> = makers.into_iter().step_by(HELD_OUT_EVERY).collect();
    items.iter().partition(|item| !held_out.contains(&maker(item)))
}

/// Who makes a card's default variant: the maker, else the brand, else nobody else.
fn maker(item: &Item) -> String {
    let maker = item.variants.first().map_or("", |variant| variant.manufacturer.as_str());
    match (maker, item.brand.as_str()) {
        ("", "") => format!("card {}", item.id.0),
        ("", brand) => brand.to_owned(),
        (maker, _) => maker.to_owned(),
    }
}

fn texts(queries: &[LabelledQuery]) -> Vec<&str> {
    queries.iter().map(|query| query.text.as_str()).collect()
}

fn titles(items: &[&Item], category_of: &HashMap<&str, u32>) -> Vec<LabelledQuery> {
    let title = |(idx, item): (u32, &&Item)| LabelledQuery {
        text: item.title.clone(),
        category: category_of.get(item.category.as_str()).copied(),
        kind: None,
        card: Some(idx),
    };
    (0..).zip(items).map(title).collect()
}

fn of_category(head: &IntentHead, queries: &[LabelledQuery], vectors: &[f32]) -> Vec<Guess> {
    let rows = queries.iter().zip(vectors.chunks_exact(TEXT_DIM));
    rows.filter_map(|(query, vector)| {
        let (guessed, probability) = head.of(vector).category()?;
        Some(Guess { truth: query.category?, guessed: guessed as u32, probability })
    })
    .collect()
}

fn of_kind(head: &IntentHead, queries: &[LabelledQuery], vectors: &[f32]) -> Vec<Guess> {
    let rows = queries.iter().zip(vectors.chunks_exact(TEXT_DIM));
    rows.filter_map(|(query, vector)| {
        let (guessed, probability) = head.of(vector).kind();
        let of = |kind: Kind| kind as u32;
        Some(Guess { truth: of(query.kind?), guessed: of(guessed), probability })
    })
    .collect()
}

/// The learned cards without their categories, to look neighbours up in.
struct Neighbours {
    engine: EmbeddedRecall,
    ids: Vec<ItemId>,
    labels: Vec<Option<u32>>,
}

impl Neighbours {
    /// `vectors` of the titles, `[n, 384]`.
    fn build(items: &[&Item], vectors: Vec<f32>, category_of: &HashMap<&str, u32>) -> Result<Self> {
        let bare = |item: &&Item| Item {
            department: String::new(),
            category: String::new(),
            ..(*item).clone()
        };
        let bare: Vec<Item> = items.iter().map(bare).collect();
        Ok(Self {
            engine: EmbeddedRecall::build(&bare, vectors, &vec![0; bare.len()])?,
            ids: bare.iter().map(|item| item.id).collect(),
            labels: items
                .iter()
                .map(|item| category_of.get(item.category.as_str()).copied())
                .collect(),
        })
    }

    /// The category with most votes of the nearest ten by one signal, each as strong
    /// as it is near; the probability is its share of the votes.
    fn guess(
        &self,
        queries: &[LabelledQuery],
        vectors: &[f32],
        signal: Signal,
    ) -> Result<Vec<Guess>> {
        let mut progress = WorkProgress::start("asking neighbours", queries.len() as u64);
        let mut guesses = Vec::new();
        let rows = queries.iter().zip(vectors.chunks_exact(TEXT_DIM));
        for (n, (query, vector)) in (1..).zip(rows) {
            let Some(truth) = query.category else { continue };
            let request = RecallRequest {
                query: Query { text: query.text.clone(), ..Query::default() },
                vector: Some(vector.to_vec()),
                ..RecallRequest::default()
            };
            let strengths = self.engine.signals(&request, &self.ids)?;
            let mut near: Vec<(f32, u32)> = strengths
                .into_iter()
                .zip(&self.labels)
                .filter_map(|(signals, label)| Some((signals?[signal], (*label)?)))
                .filter(|(strength, _)| *strength > 0.0)
                .collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(NEIGHBOURS);
            let mut votes: BTreeMap<u32, f32> = BTreeMap::new();
            near.iter().for_each(|(strength, label)| *votes.entry(*label).or_default() += strength);
            let all: f32 = votes.values().sum();
            let best = votes.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a });
            // Who has no neighbour at all is wrong without any confidence.
            let (guessed, probability) = best.map_or((u32::MAX, 0.0), |(l, vote)| (l, vote / all));
            guesses.push(Guess { truth, guessed, probability });
            progress.at(n, "");
        }
        progress.finish();
        Ok(guesses)
    }
}

fn table(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} cards learned, {} of held-out makers ({} more of categories with too few cards), \
         {} categories\n",
        report.n_cards_learned,
        report.n_cards_unseen,
        report.n_cards_of_rare_categories,
        report.n_categories,
    );
    let _ = writeln!(out, "| asked | model | queries | macro-F1 | accuracy | ECE |");
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    for row in &report.rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {:.3} | {:.3} | {:.3} |",
            row.asked, row.model, row.n_queries, row.macro_f1, row.accuracy, row.calibration_error,
        );
    }
    out
}
