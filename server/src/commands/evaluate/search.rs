//! `vitrine evaluate search`: how good the search is on judged queries.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::Serialize;
use vitrine_domain::limits::{PAGE_LIMIT_MAX, RESULT_DEPTH_MAX};
use vitrine_domain::{Item, ItemId, Page, Query};
use vitrine_evaluation::graded::{Grade, judged_share, ndcg};
use vitrine_evaluation::{Interval, difference_interval, mean_interval};
use vitrine_recall::{
    Deadline, EmbeddedRecall, JudgedList, Relevance, Searcher, Signal, Signals, Synonyms,
    Understanding, learn,
};

use super::feed::ShopFeed;
use crate::cli::EvaluateSearchArgs;
use crate::language::EncoderLanguage;
use crate::live;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// Places that are measured.
const DEPTH: usize = 10;
const FOLDS: usize = 5;
const N_RESAMPLES: usize = 2_000;
/// Candidates of a list to learn from, by each of three signals.
const LEARN_DEPTH: usize = 300;
/// Highest grade of a judgment.
const GRADE_MAX: u8 = 10;
/// Signals that judgments can teach: nobody bought anything in a file of judgments.
const LEARNED: [Signal; 7] = [
    Signal::Title,
    Signal::Brand,
    Signal::Description,
    Signal::Attributes,
    Signal::AllTexts,
    Signal::Coverage,
    Signal::Cosine,
];

/// Grades by query and row.
pub type Judgments = BTreeMap<String, BTreeMap<usize, u8>>;

/// One judged query with the signals of every item.
struct Case {
    text: String,
    signals: Vec<Signals>,
    /// Rows that the served search shows, in order.
    served: Vec<usize>,
    judged: BTreeMap<usize, u8>,
}

/// What is reported of one way to rank.
#[derive(Serialize)]
struct Measured {
    name: &'static str,
    ndcg: Interval,
    ndcg_judged_only: Interval,
    judged_share: f64,
    /// NDCG minus that of the plain hybrid, paired by query.
    over_hybrid: Interval,
    over_hybrid_judged_only: Interval,
}

/// How one query was answered.
#[derive(Serialize)]
pub struct ByQuery {
    /// What was searched for.
    pub query: String,
    /// NDCG@10, what nobody judged as irrelevant.
    pub ndcg: f64,
    /// Likewise of judged products alone.
    pub ndcg_judged_only: f64,
}

/// What is reported.
#[derive(Serialize)]
pub struct SearchReport {
    n_items: usize,
    n_queries: usize,
    n_queries_without_relevant: usize,
    n_judgments: usize,
    n_judgments_of_unknown_products: usize,
    systems: Vec<Measured>,
    /// The served search, query by query, the worst first.
    pub queries: Vec<ByQuery>,
    /// Learned on all queries; for the product, not for a comparison.
    learned_weights: Option<BTreeMap<&'static str, f32>>,
}

/// Judged queries, and how to measure the search on them.
pub struct Asked {
    /// Grades by query and row of the feed.
    pub judgments: Judgments,
    /// Judgments of products that the feed does not have.
    pub n_unknown: usize,
    /// Search without synonyms.
    pub without_synonyms: bool,
    /// Also learn the weights of the signals.
    pub fit: bool,
    /// Of folds and intervals.
    pub seed: u64,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, texts cannot be encoded, or no query has a relevant product.
pub fn run(settings: &ServerSettings, args: &EvaluateSearchArgs, stop: &Stop) -> Result<ExitCode> {
    let mut texts = TextVectors::open(settings)?;
    let files = (args.products.as_deref(), args.mapping.as_deref());
    let (feed, vectors) = ShopFeed::of(settings, files, args.checks.as_deref(), &mut texts, stop)?;
    let judged = read_judgments(&args.judgments, &feed.items)?;
    let asked = Asked {
        judgments: judged.grades,
        n_unknown: judged.n_unknown,
        without_synonyms: args.without_synonyms,
        fit: args.fit.is_some(),
        seed: args.seed,
    };
    let (report, learned) = measure(settings, &feed, vectors, &texts, asked)?;
    if let (Some(path), Some(weights)) = (&args.fit, learned) {
        vitrine_durable::write(path, weights.to_toml().as_bytes())?;
        tracing::info!("wrote {0}: `vitrine serve --relevance-file {0}`", path.display());
    }
    if args.json {
        crate::print(&serde_json::to_string_pretty(&report)?);
    } else {
        crate::print(&table(&report));
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks every query of the search as it is served, and reports; with the weights that were
/// learned on all queries, if that was asked for.
///
/// # Errors
/// A query cannot be encoded, the synonyms cannot be read, or no query has a relevant
/// product.
pub fn measure(
    settings: &ServerSettings,
    feed: &ShopFeed,
    vectors: Vec<f32>,
    texts: &TextVectors,
    asked: Asked,
) -> Result<(SearchReport, Option<Relevance>)> {
    let Asked { judgments, n_unknown, without_synonyms, fit, seed } = asked;
    let mut report = SearchReport {
        n_items: feed.items.len(),
        n_queries: 0,
        n_queries_without_relevant: 0,
        n_judgments: judgments.values().map(BTreeMap::len).sum(),
        n_judgments_of_unknown_products: n_unknown,
        systems: Vec::new(),
        queries: Vec::new(),
        learned_weights: None,
    };
    let synonyms = if without_synonyms { Synonyms::default() } else { live::synonyms(settings)? };
    let understanding = Understanding::new(&feed.items, &feed.currency, synonyms);
    let relevance = live::relevance(settings)?;
    let engine = feed.engine(settings, vectors)?;
    let engine = engine.with_relevance(relevance);
    let cases = cases(feed, &engine, texts, &understanding, judgments, &mut report)?;
    report.n_queries = cases.len();
    ensure!(!cases.is_empty(), "no query has a relevant product in this feed");
    let learned = measure_all(&cases, fit, &relevance, seed, &mut report)?;
    Ok((report, learned))
}

/// Judgments of a file.
pub struct ReadJudgments {
    /// Grades by query and row.
    pub grades: Judgments,
    /// Judgments of products that the feed does not have.
    pub n_unknown: usize,
}

/// Reads lines of query, product id and grade, of which the best of a card's products counts.
///
/// # Errors
/// The file cannot be read; the message names the line.
pub fn read_judgments(path: &Path, items: &[Item]) -> Result<ReadJudgments> {
    let rows = items.iter().enumerate();
    let row_of: HashMap<&str, usize> = rows
        .flat_map(|(row, item)| item.variants.iter().map(move |v| (v.sku.as_str(), row)))
        .collect();
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("opening {}", path.display()))?;
    let mut read = ReadJudgments { grades: Judgments::new(), n_unknown: 0 };
    for record in reader.records() {
        let record = record.with_context(|| format!("reading {}", path.display()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |i: usize, name: &str| {
            let place = format!("{} line {line}", path.display());
            record.get(i).map(str::trim).with_context(|| format!("{place}: no {name}"))
        };
        let (query, sku) = (field(0, "query")?, field(1, "product id")?);
        let grade: u8 =
            field(2, "grade")?.parse().ok().filter(|grade| *grade <= GRADE_MAX).with_context(
                || format!("{} line {line}: a grade is 0..={GRADE_MAX}", path.display()),
            )?;
        let Some(&row) = row_of.get(sku) else {
            read.n_unknown += 1;
            continue;
        };
        let best = read.grades.entry(query.to_owned()).or_default().entry(row).or_default();
        *best = (*best).max(grade);
    }
    Ok(read)
}

/// Indexes and searches.
fn cases(
    feed: &ShopFeed,
    engine: &EmbeddedRecall,
    texts: &TextVectors,
    understanding: &Understanding,
    judged: Judgments,
    report: &mut SearchReport,
) -> Result<Vec<Case>> {
    let items = &feed.items;
    let language = EncoderLanguage { encoder: &*texts.encoder };
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let searcher = Searcher { engine, understanding, language: &language };
    let mut progress = WorkProgress::start("searching", judged.len() as u64);
    let mut cases = Vec::with_capacity(judged.len());
    for (n, (text, judged)) in (1..).zip(judged) {
        if judged.values().all(|grade| *grade == 0) {
            report.n_queries_without_relevant += 1;
            continue;
        }
        let mut query = Query { text: text.clone(), ..Query::default() };
        query.page.limit = PAGE_LIMIT_MAX;
        let mut served = Vec::new();
        let answer = loop {
            let answer = searcher.search(&query, Deadline::NONE)?;
            let hits = &answer.reply.hits;
            served.extend(hits.iter().filter_map(|hit| ids.binary_search(&hit.item).ok()));
            query.page.offset += query.page.limit;
            if hits.len() < query.page.limit as usize || query.page.offset >= RESULT_DEPTH_MAX {
                break answer;
            }
        };
        let mut request = answer.request;
        request.query.page = Page::default();
        let signals = engine.signals(&request, &ids)?.into_iter().flatten().collect();
        cases.push(Case { text, signals, served, judged });
        progress.at(n, "");
    }
    progress.finish();
    Ok(cases)
}

/// Measures every way to rank; the weights that were learned, if that was asked for.
fn measure_all(
    cases: &[Case],
    fit: bool,
    weights: &Relevance,
    seed: u64,
    report: &mut SearchReport,
) -> Result<Option<Relevance>> {
    let of_signal = |signal| -> Vec<Vec<usize>> {
        let only = |signals: &Signals| f64::from(signals[signal]);
        cases.iter().map(|case| ranking(&case.signals, only)).collect()
    };
    let hybrid: Vec<Vec<usize>> = cases.iter().map(plain_hybrid).collect();
    let served: Vec<Vec<usize>> = cases.iter().map(|case| served_by(case, weights)).collect();
    let mut systems: Vec<(&'static str, Vec<Vec<usize>>)> = vec![
        ("BM25, title", of_signal(Signal::Title)),
        ("BM25, all texts", of_signal(Signal::AllTexts)),
        ("vectors", of_signal(Signal::Cosine)),
        ("plain hybrid", hybrid.clone()),
        ("served", served.clone()),
    ];
    let mean = |values: &[f64]| mean_interval(values, seed, N_RESAMPLES);
    let over = |a: &[f64], b: &[f64]| difference_interval(a, b, seed, N_RESAMPLES);
    let learned = fit.then(|| {
        let lists: Vec<JudgedList> = cases.iter().map(judged_list).collect();
        let folded = cross_validated(cases, &lists, weights, &LEARNED, seed);
        systems.push(("learned, 5-fold", folded));
        learn(&lists, weights, &LEARNED)
    });
    report.learned_weights = learned
        .map(|learned| Signal::ALL.into_iter().map(Signal::name).zip(learned.weights()).collect());
    let own = scores(cases, &served);
    let rows = cases.iter().zip(&own.full).zip(&own.judged_only);
    report.queries = rows
        .map(|((case, &ndcg), &ndcg_judged_only)| ByQuery {
            query: case.text.clone(),
            ndcg,
            ndcg_judged_only,
        })
        .collect();
    report.queries.sort_by(|a, b| a.ndcg.total_cmp(&b.ndcg));
    let base = scores(cases, &hybrid);
    for (name, rankings) in systems {
        let own = scores(cases, &rankings);
        report.systems.push(Measured {
            name,
            ndcg: mean(&own.full)?,
            ndcg_judged_only: mean(&own.judged_only)?,
            judged_share: own.judged_share,
            over_hybrid: over(&own.full, &base.full)?,
            over_hybrid_judged_only: over(&own.judged_only, &base.judged_only)?,
        });
    }
    Ok(learned)
}

/// What the search shows; beyond that, items stand as their scores would put them.
fn served_by(case: &Case, weights: &Relevance) -> Vec<usize> {
    let shown: HashSet<usize> = case.served.iter().copied().collect();
    let all = ranking(&case.signals, |signals| f64::from(weights.score(signals)));
    let rest = all.into_iter().filter(|row| !shown.contains(row));
    case.served.iter().copied().chain(rest).collect()
}

/// Rows by score, ties by row.
fn ranking(signals: &[Signals], score: impl Fn(&Signals) -> f64) -> Vec<usize> {
    let scores: Vec<f64> = signals.iter().map(score).collect();
    let mut rows: Vec<usize> = (0..signals.len()).collect();
    rows.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    rows
}

/// Sum of BM25 and cosine, each standardised over the best 1,000 items.
fn plain_hybrid(case: &Case) -> Vec<usize> {
    let standard = |signal: Signal| {
        let mut best: Vec<f64> = case.signals.iter().map(|s| f64::from(s[signal])).collect();
        best.sort_by(|a, b| b.total_cmp(a));
        best.truncate(RESULT_DEPTH_MAX as usize);
        let n = best.len() as f64;
        let mean = best.iter().sum::<f64>() / n;
        let variance = best.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        move |signals: &Signals| (f64::from(signals[signal]) - mean) / variance.sqrt().max(1e-9)
    };
    let (words, meaning) = (standard(Signal::AllTexts), standard(Signal::Cosine));
    ranking(&case.signals, |signals| words(signals) + meaning(signals))
}

/// Each query as the others' weights of the `learned` signals would order it.
fn cross_validated(
    cases: &[Case],
    lists: &[JudgedList],
    start: &Relevance,
    learned: &[Signal],
    seed: u64,
) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.shuffle(&mut SmallRng::seed_from_u64(seed));
    let mut rankings = vec![Vec::new(); cases.len()];
    for fold in 0..FOLDS {
        let of_fold = |place: &usize| place % FOLDS == fold;
        let places = || 0..order.len();
        let others = places().filter(|place| !of_fold(place));
        let lists: Vec<JudgedList> = others.map(|place| lists[order[place]].clone()).collect();
        let weights = learn(&lists, start, learned);
        for place in places().filter(of_fold) {
            let case = &cases[order[place]];
            rankings[order[place]] =
                ranking(&case.signals, |signals| f64::from(weights.score(signals)));
        }
    }
    rankings
}

/// The likely candidates of a query, and all that were judged.
fn judged_list(case: &Case) -> JudgedList {
    let mut rows: Vec<usize> = case.judged.keys().copied().collect();
    for signal in [Signal::AllTexts, Signal::Title, Signal::Cosine] {
        let best = ranking(&case.signals, |signals| f64::from(signals[signal]));
        rows.extend(best.into_iter().take(LEARN_DEPTH));
    }
    rows.sort_unstable();
    rows.dedup();
    rows.into_iter().map(|row| (case.signals[row], case.judged.get(&row).copied())).collect()
}

struct Scores {
    full: Vec<f64>,
    judged_only: Vec<f64>,
    judged_share: f64,
}

fn scores(cases: &[Case], rankings: &[Vec<usize>]) -> Scores {
    let mut scores = Scores { full: vec![], judged_only: vec![], judged_share: 0.0 };
    for (case, ranking) in cases.iter().zip(rankings) {
        let grades: Vec<Grade> = ranking.iter().map(|row| case.judged.get(row).copied()).collect();
        let known: Vec<u8> = case.judged.values().copied().collect();
        let judged_only: Vec<Grade> = grades.iter().copied().filter(Option::is_some).collect();
        scores.full.push(ndcg(&grades, &known, DEPTH).unwrap_or(0.0));
        scores.judged_only.push(ndcg(&judged_only, &known, DEPTH).unwrap_or(0.0));
        scores.judged_share += judged_share(&grades, DEPTH) / cases.len() as f64;
    }
    scores
}

/// The report as a table.
pub fn table(report: &SearchReport) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} cards, {} queries with a relevant card ({} without), {} judgments \
         ({} more of unknown products)\n",
        report.n_items,
        report.n_queries,
        report.n_queries_without_relevant,
        report.n_judgments,
        report.n_judgments_of_unknown_products,
    );
    let _ =
        writeln!(out, "| | NDCG@10 | judged only | judged@10 | over plain hybrid | judged only |");
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    let mean = |i: &Interval| format!("{:.3} [{:.3}, {:.3}]", i.mean, i.lower, i.upper);
    let over = |i: &Interval| format!("{:+.3} [{:+.3}, {:+.3}]", i.mean, i.lower, i.upper);
    for system in &report.systems {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {:.2} | {} | {} |",
            system.name,
            mean(&system.ndcg),
            mean(&system.ndcg_judged_only),
            system.judged_share,
            over(&system.over_hybrid),
            over(&system.over_hybrid_judged_only),
        );
    }
    if let Some(weights) = &report.learned_weights {
        let _ = writeln!(out, "\nlearned on all queries:");
        for (name, weight) in weights {
            let _ = writeln!(out, "  {name:16} {weight:.3}");
        }
    }
    out
}
