//! `vitrine-lab graded`: how relevant a title is to a search, from 0 to 2, by what the search knows.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::{Item, ItemId, Query};
use vitrine_encoder::adapter::{TrainingPair, TrainingTexts, fit_adapter};
use vitrine_encoder::{ModelFiles, TEXT_DIM, TextRole};
use vitrine_evaluation::{Interval, mean_interval};
use vitrine_optim::{Adam, Epochs, Moments, Schedule, Update};
use vitrine_recall::{EmbeddedRecall, RecallRequest, Signal, TextLanguage};
use vitrine_server::adapters::Candidate;
use vitrine_server::adapting::AdaptConfig;
use vitrine_server::configure;
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use crate::cli::GradedArgs;

const N_GRADES: usize = 3;
const N_RESAMPLES: usize = 1_000;
/// One of so many searches tests.
const TEST_OF: usize = 5;
const ADAM: Adam = Adam::new(0.999);
/// Of the classifier.
const EPOCHS: usize = 30;
const BATCH: usize = 256;
const RATE: f32 = 5e-3;
const DECAY: f32 = 1e-5;

/// A line of the file.
#[derive(Deserialize)]
struct Line {
    query: String,
    title: String,
    label: String,
}

struct Pair {
    query: usize,
    title: usize,
    grade: usize,
    tests: bool,
}

/// What one way to tell is worth.
#[derive(Serialize)]
struct Told {
    name: &'static str,
    /// Mean of the F1 of the three grades.
    macro_f1: f64,
    accuracy: Interval,
}

#[derive(Serialize)]
struct GradedReport {
    encoder: String,
    n_train: usize,
    n_test: usize,
    told: Vec<Told>,
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read, a text cannot be encoded, or stopped.
pub fn run(settings: &ServerSettings, args: &GradedArgs, stop: &Stop) -> Result<ExitCode> {
    let config: AdaptConfig = configure::read(args.configure.as_deref())?;
    let (queries, titles, pairs) = read(&args.pairs, args.report.seed)?;
    let plain = ModelFiles::from(&settings.weights_dir);
    let mut texts = TextVectors::of(settings, plain.clone())?;
    let encoder = texts.encoder.stamp().to_string();
    let query_vectors = texts.encode_queries(&queries, stop)?;
    let title_vectors = texts.encode(&titles, stop)?;
    let signals = signals(&queries, &titles, &title_vectors, &pairs)?;
    let cosines = |queries: &[f32], titles: &[f32]| products(queries, titles, &pairs);
    let meaning = cosines(&query_vectors, &title_vectors);
    let mut told = vec![
        tell("words", &signals, &pairs, args.report.seed)?,
        tell("vectors", &meaning, &pairs, args.report.seed)?,
        tell("both", &joined(&signals, &meaning), &pairs, args.report.seed)?,
    ];
    if args.adapt {
        let learned: Vec<TrainingPair> = pairs
            .iter()
            .filter(|pair| !pair.tests && pair.grade == N_GRADES - 1)
            .map(|pair| TrainingPair {
                text: queries[pair.query].clone(),
                role: TextRole::Query,
                passage: pair.title as u32,
            })
            .collect();
        let of_pairs: Vec<f32> = pairs
            .iter()
            .filter(|pair| !pair.tests && pair.grade == N_GRADES - 1)
            .flat_map(|pair| &query_vectors[pair.query * TEXT_DIM..][..TEXT_DIM])
            .copied()
            .collect();
        let passages: Vec<&str> = titles.iter().map(String::as_str).collect();
        let training = TrainingTexts {
            passages: &passages,
            passage_vectors: &title_vectors,
            pairs: &learned,
            pair_vectors: &of_pairs,
        };
        let mut bar = WorkProgress::start("steps", 0);
        let mut note = |step: vitrine_encoder::adapter::AdapterStep| {
            bar.at(step.n_done as u64, &format!("loss {:.3}", step.loss));
        };
        let (dir, encoder) = (&settings.weights_dir, &texts.encoder);
        let adapter = fit_adapter(dir, encoder, training, &config.fit, &mut note, stop)?;
        bar.finish();
        // One at a time has the cache.
        drop(texts);
        let candidate = Candidate::write(&settings.data_dir, &adapter)?;
        let files = ModelFiles { adapter: Some(candidate.path.clone()), ..plain };
        let mut adapted = TextVectors::of(settings, files)?;
        let (queries, titles) =
            (adapted.encode_queries(&queries, stop)?, adapted.encode(&titles, stop)?);
        drop(candidate);
        let meaning = cosines(&queries, &titles);
        told.push(tell("vectors with an adapter", &meaning, &pairs, args.report.seed)?);
        let both = joined(&signals, &meaning);
        told.push(tell("both with an adapter", &both, &pairs, args.report.seed)?);
    }
    let n_test = pairs.iter().filter(|pair| pair.tests).count();
    let report = GradedReport { encoder, n_train: pairs.len() - n_test, n_test, told };
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

/// Distinct searches and titles, and the pairs; all pairs of a search train, or all test.
fn read(path: &Path, seed: u64) -> Result<(Vec<String>, Vec<String>, Vec<Pair>)> {
    let place = || format!("reading {}", path.display());
    let file = File::open(path).with_context(place)?;
    let input: Box<dyn Read> = match path.extension().is_some_and(|end| end == "gz") {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let (mut queries, mut titles) = (Numbered::default(), Numbered::default());
    let mut pairs = Vec::new();
    for (at, line) in (1..).zip(BufReader::new(input).lines()) {
        let line: Line = serde_json::from_str(&line.with_context(place)?)
            .with_context(|| format!("{} line {at}", path.display()))?;
        let grade: usize = line
            .label
            .parse()
            .ok()
            .filter(|grade| *grade < N_GRADES)
            .with_context(|| format!("{} line {at}: a label is 0, 1 or 2", path.display()))?;
        let (query, title) = (queries.number(line.query), titles.number(line.title));
        pairs.push(Pair { query, title, grade, tests: false });
    }
    let mut order: Vec<usize> = (0..queries.texts.len()).collect();
    order.shuffle(&mut SmallRng::seed_from_u64(seed));
    for pair in &mut pairs {
        pair.tests = order[pair.query].is_multiple_of(TEST_OF);
    }
    ensure!(pairs.iter().any(|pair| pair.tests), "too few lines to test anything");
    Ok((queries.texts, titles.texts, pairs))
}

#[derive(Default)]
struct Numbered {
    texts: Vec<String>,
    of: HashMap<String, usize>,
}

impl Numbered {
    fn number(&mut self, text: String) -> usize {
        let n = self.texts.len();
        *self.of.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            n
        })
    }
}

/// Inputs of each pair, row by row.
struct Inputs {
    width: usize,
    values: Vec<f32>,
}

/// What words say: BM25 of the title and the share of the search's words that it has.
fn signals(
    queries: &[String],
    titles: &[String],
    title_vectors: &[f32],
    pairs: &[Pair],
) -> Result<Inputs> {
    let items: Vec<Item> = titles
        .iter()
        .zip(0..)
        .map(|(title, id)| Item { id: ItemId(id), title: title.clone(), ..Item::default() })
        .collect();
    let language = TextLanguage::detect(titles.iter().map(String::as_str));
    let popularity = vec![0; items.len()];
    let engine = EmbeddedRecall::build_in(&items, title_vectors.to_vec(), &popularity, language)?;
    let mut values = Vec::with_capacity(pairs.len() * 2);
    for pair in pairs {
        // The longest are cut, as the page does.
        let text = queries[pair.query].chars().take(QUERY_CHARS_MAX);
        let query = Query { text: text.collect(), ..Query::default() };
        let request = RecallRequest { query, ..RecallRequest::default() };
        let found = engine.signals(&request, &[ItemId(pair.title as u64)])?;
        let found = found.into_iter().flatten().next().context("every title is indexed")?;
        values.extend([found[Signal::Title], found[Signal::Coverage]]);
    }
    Ok(Inputs { width: 2, values })
}

/// What vectors say: their cosine, and the products that it is the sum of.
fn products(queries: &[f32], titles: &[f32], pairs: &[Pair]) -> Inputs {
    let mut values = Vec::with_capacity(pairs.len() * (TEXT_DIM + 1));
    for pair in pairs {
        let query = &queries[pair.query * TEXT_DIM..][..TEXT_DIM];
        let title = &titles[pair.title * TEXT_DIM..][..TEXT_DIM];
        let first = values.len();
        values.push(0.0);
        values.extend(query.iter().zip(title).map(|(a, b)| a * b));
        values[first] = values[first + 1..].iter().sum();
    }
    Inputs { width: TEXT_DIM + 1, values }
}

fn joined(a: &Inputs, b: &Inputs) -> Inputs {
    let rows = a.values.chunks_exact(a.width).zip(b.values.chunks_exact(b.width));
    let values = rows.flat_map(|(a, b)| a.iter().chain(b)).copied().collect();
    Inputs { width: a.width + b.width, values }
}

/// Learns the grades on the training pairs and tells those of the others, by logistic regression
/// over three grades whose rarer ones count as much as the frequent.
fn tell(name: &'static str, inputs: &Inputs, pairs: &[Pair], seed: u64) -> Result<Told> {
    let standard = standardised(inputs, pairs);
    let width = inputs.width + 1;
    let row = |at: usize| &standard[at * width..][..width];
    let train: Vec<usize> = (0..pairs.len()).filter(|&at| !pairs[at].tests).collect();
    let mut counts = [0usize; N_GRADES];
    train.iter().for_each(|&at| counts[pairs[at].grade] += 1);
    // Between the frequencies as they are and equal ones.
    let worth = counts.map(|n| (train.len() as f32 / (N_GRADES * n.max(1)) as f32).sqrt());
    let n = N_GRADES * width;
    let (mut weights, mut first, mut second) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let epochs = Epochs { n_examples: train.len(), batch: BATCH, n_passes: EPOCHS };
    let schedule = Schedule::linear(RATE, epochs.n_steps());
    epochs.run(&mut SmallRng::seed_from_u64(seed), |batch| -> Result<()> {
        let mut gradient = vec![0.0; n];
        for &example in batch.examples {
            let at = train[example];
            let (row, grade) = (row(at), pairs[at].grade);
            let probabilities = probabilities(row, &weights);
            for (of, probability) in probabilities.iter().enumerate() {
                let by = (probability - if of == grade { 1.0 } else { 0.0 }) * worth[grade];
                let out = &mut gradient[of * width..][..width];
                out.iter_mut().zip(row).for_each(|(out, x)| *out += by * x / BATCH as f32);
            }
        }
        let update =
            Update { number: batch.step as u32 + 1, rate: schedule.rate(batch.step), decay: DECAY };
        let moments = Moments { first: &mut first, second: &mut second };
        ADAM.update(update, &mut weights, &gradient, moments);
        Ok(())
    })?;
    let told = (0..pairs.len()).filter(|&at| pairs[at].tests).map(|at| {
        let probabilities = probabilities(row(at), &weights);
        let best = (0..N_GRADES)
            .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
            .unwrap_or(0);
        (pairs[at].grade, best)
    });
    let told: Vec<(usize, usize)> = told.collect();
    let right: Vec<f64> = told.iter().map(|(is, said)| f64::from(u8::from(is == said))).collect();
    Ok(Told {
        name,
        macro_f1: macro_f1(&told),
        accuracy: mean_interval(&right, seed, N_RESAMPLES)?,
    })
}

/// Probabilities of the grades.
fn probabilities(row: &[f32], weights: &[f32]) -> [f32; N_GRADES] {
    let mut out = [0.0; N_GRADES];
    for (out, weights) in out.iter_mut().zip(weights.chunks_exact(row.len())) {
        *out = row.iter().zip(weights).map(|(x, weight)| x * weight).sum();
    }
    let most = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = out.iter().map(|x| (x - most).exp()).sum();
    out.map(|x| (x - most).exp() / sum)
}

/// Inputs about their mean in standard deviations of the training pairs, and a 1.
fn standardised(inputs: &Inputs, pairs: &[Pair]) -> Vec<f32> {
    let width = inputs.width;
    let (mut mean, mut square) = (vec![0.0f64; width], vec![0.0f64; width]);
    let mut n = 0.0;
    for (row, _) in inputs.values.chunks_exact(width).zip(pairs).filter(|(_, pair)| !pair.tests) {
        n += 1.0;
        for ((mean, square), x) in mean.iter_mut().zip(&mut square).zip(row) {
            *mean += f64::from(*x);
            *square += f64::from(x * x);
        }
    }
    let scales = mean.iter().zip(&square).map(|(sum, square)| {
        let mean = sum / n;
        ((mean) as f32, (square / n - mean * mean).max(1e-12).sqrt().recip() as f32)
    });
    let scales: Vec<(f32, f32)> = scales.collect();
    let row = |row: &[f32]| -> Vec<f32> {
        let scaled = row.iter().zip(&scales).map(|(x, (mean, scale))| (x - mean) * scale);
        scaled.chain([1.0]).collect()
    };
    inputs.values.chunks_exact(width).flat_map(row).collect()
}

/// Mean over the grades of 2 · right / (is + said).
fn macro_f1(told: &[(usize, usize)]) -> f64 {
    let of = |grade: usize| {
        let right = told.iter().filter(|pair| **pair == (grade, grade)).count();
        let is = told.iter().filter(|(is, _)| *is == grade).count();
        let said = told.iter().filter(|(_, said)| *said == grade).count();
        2.0 * right as f64 / (is + said).max(1) as f64
    };
    (0..N_GRADES).map(of).sum::<f64>() / N_GRADES as f64
}

fn table(report: &GradedReport) -> String {
    let mut out = format!(
        "{}, {} pairs to learn from, {} to tell\n\n| | macro-F1 | accuracy |\n|---|---|---|\n",
        report.encoder, report.n_train, report.n_test
    );
    for Told { name, macro_f1, accuracy } in &report.told {
        out += &format!(
            "| {name} | {macro_f1:.3} | {:.3} [{:.3}, {:.3}] |\n",
            accuracy.mean, accuracy.lower, accuracy.upper
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_of_a_worked_example() {
        let told = [(0, 0), (0, 1), (1, 1), (1, 1), (2, 0)];
        let expected = (2.0 / 4.0 + 4.0 / 5.0 + 0.0) / 3.0;
        assert!((macro_f1(&told) - expected).abs() < 1e-12);
    }

    #[test]
    fn grades_that_inputs_say_are_told() {
        let pair =
            |at: usize| Pair { query: at, title: at, grade: at % 3, tests: at.is_multiple_of(7) };
        let pairs: Vec<Pair> = (0..7_000).map(pair).collect();
        let noise = |at: usize| ((at * 37 % 101) as f32 / 101.0 - 0.5) * 0.4;
        let values =
            (0..7_000).flat_map(|at| [(at % 3) as f32 + noise(at), noise(at * 7)]).collect();
        let told = tell("made up", &Inputs { width: 2, values }, &pairs, 1).unwrap();
        assert!(told.macro_f1 > 0.95 && told.accuracy.mean > 0.95, "{}", told.macro_f1);
        let values = (0..7_000).map(noise).collect();
        let none = tell("nothing", &Inputs { width: 1, values }, &pairs, 1).unwrap();
        assert!(none.accuracy.mean < 0.5, "{}", none.accuracy.mean);
    }
}
