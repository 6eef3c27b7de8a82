//! Aspects that are told of sentences, beside labels of people.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use vitrine_evaluation::{Interval, clustered_interval, weighted_mean};
use vitrine_reviews::{
    Aspect, AspectReader, LearnedAspects, Polarity, SentimentConfig, SentimentExample,
    SentimentModel, sentences,
};
use vitrine_server::signals::Stop;

use super::data::{LabReview, ReviewSet};

const N_RESAMPLES: usize = 1_000;

/// Shares with their intervals, sentences drawn.
#[derive(Serialize)]
pub struct AspectScore {
    pub precision: Interval,
    pub recall: Interval,
}

/// What is reported.
#[derive(Serialize)]
pub struct AspectReport {
    pub n_sentences: usize,
    pub n_labels: usize,
    /// Aspect and polarity have to agree.
    pub whole: AspectScore,
    /// The aspect has to.
    pub aspect: AspectScore,
    /// Labelled, told, and told rightly with the polarity.
    pub by_aspect: BTreeMap<String, [usize; 3]>,
}

/// Aspects by their names, each with its sign.
type SignedAspects = BTreeSet<(String, char)>;

/// A labelled sentence.
struct Line {
    row: usize,
    start: usize,
    end: usize,
    /// Aspects with their signs.
    labels: SignedAspects,
}

/// Fits to all reviews but the labelled ones, and holds what is told of the labelled sentences against
/// their labels. A shop's own aspects have no labels and are left out.
///
/// # Errors
/// A file that cannot be read, a line that is none, or stopped.
pub fn score(set: &ReviewSet, labels: &Path, seed: u64, stop: &Stop) -> Result<AspectReport> {
    let text = fs::read_to_string(labels).with_context(|| labels.display().to_string())?;
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<Line> = lines
        .map(|(at, line)| read(line, set).with_context(|| format!("line {} of the labels", at + 1)))
        .collect::<Result<_>>()?;
    ensure!(!lines.is_empty(), "no labelled sentences");
    let labelled: BTreeSet<usize> = lines.iter().map(|line| line.row).collect();
    let others = set.reviews.iter().enumerate().filter(|(i, _)| !labelled.contains(i));
    let others: Vec<&LabReview> = others.map(|(_, review)| review).collect();
    let examples: Vec<SentimentExample<'_>> =
        others.iter().map(|review| review.example()).collect();
    let config = SentimentConfig::default();
    let model = SentimentModel::fit(&examples, &[], &config, &|_| {}, stop)?.model;
    let texts: Vec<&str> = others.iter().map(|review| review.text.as_str()).collect();
    let Some(learned) = LearnedAspects::learn(&texts, stop) else { bail!("stopped") };
    let reader = AspectReader::new(&learned);
    let told: Vec<SignedAspects> =
        lines.iter().map(|line| told(line, set, &reader, &model)).collect();
    report(&lines, &told, seed)
}

fn read(line: &str, set: &ReviewSet) -> Result<Line> {
    let mut fields = line.split('\t');
    let mut number = || -> Result<usize> {
        Ok(fields.next().context("row, start and end are needed")?.trim().parse()?)
    };
    let (row, start, end) = (number()?, number()?, number()?);
    let review = set.reviews.get(row).context("there is no such row")?;
    ensure!(review.text.get(start..end).is_some(), "there is no such part of the text");
    let said = fields.next().unwrap_or("-").trim();
    let mut labels = BTreeSet::new();
    for label in said.split_whitespace().filter(|label| *label != "-") {
        let (aspect, sign) = label.split_once(':').context("aspect:sign is needed")?;
        let sign = sign.chars().next().filter(|sign| "+-0".contains(*sign));
        labels.insert((aspect.to_owned(), sign.context("a sign is +, - or 0")?));
    }
    Ok(Line { row, start, end, labels })
}

/// What is said in the sentences that overlap the labelled one for more than half of it, or lie in it.
fn told(
    line: &Line,
    set: &ReviewSet,
    reader: &AspectReader,
    model: &SentimentModel,
) -> SignedAspects {
    let text = &set.reviews[line.row].text;
    let ranges = sentences(text);
    let is_here = |sentence: u32| {
        ranges.get(sentence as usize).is_some_and(|range| {
            let shared = range.end.min(line.end).saturating_sub(range.start.max(line.start));
            2 * shared > range.len().min(line.end - line.start)
        })
    };
    let mut signs: BTreeMap<String, BTreeSet<char>> = BTreeMap::new();
    for mention in reader.read(text, Some(model)).into_iter().filter(|one| is_here(one.sentence)) {
        let Aspect::Known(aspect) = mention.aspect else { continue };
        let sign = match mention.polarity {
            Polarity::Positive => '+',
            Polarity::Negative => '-',
            Polarity::Mixed => '0',
        };
        signs.entry(aspect.name().to_owned()).or_default().insert(sign);
    }
    let one = |signs: BTreeSet<char>| {
        if signs.len() > 1 { '0' } else { signs.first().copied().unwrap_or('0') }
    };
    signs.into_iter().map(|(aspect, signs)| (aspect, one(signs))).collect()
}

fn report(lines: &[Line], told: &[SignedAspects], seed: u64) -> Result<AspectReport> {
    let count = |of: &dyn Fn(&Line, &SignedAspects) -> usize| -> Vec<f64> {
        lines.iter().zip(told).map(|(line, told)| of(line, told) as f64).collect()
    };
    let n_labelled = count(&|line, _| line.labels.len());
    let n_told = count(&|_, told| told.len());
    let whole = count(&|line, told| told.intersection(&line.labels).count());
    let aspect = count(&|line, told| {
        told.iter().filter(|(one, _)| line.labels.iter().any(|(other, _)| other == one)).count()
    });
    let cases: Vec<u32> = (0..lines.len() as u32).collect();
    let share = |part: &[f64], of: &[f64]| {
        clustered_interval(&cases, seed, N_RESAMPLES, |weights| {
            let of = weighted_mean(of, weights);
            if of == 0.0 { 0.0 } else { weighted_mean(part, weights) / of }
        })
    };
    let score = |right: &[f64]| -> Result<AspectScore> {
        Ok(AspectScore { precision: share(right, &n_told)?, recall: share(right, &n_labelled)? })
    };
    let mut by_aspect: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (line, told) in lines.iter().zip(told) {
        let right = told.intersection(&line.labels).cloned().collect();
        for (at, set) in [&line.labels, told, &right].into_iter().enumerate() {
            set.iter()
                .for_each(|(aspect, _)| by_aspect.entry(aspect.clone()).or_default()[at] += 1);
        }
    }
    Ok(AspectReport {
        n_sentences: lines.len(),
        n_labels: n_labelled.iter().sum::<f64>() as usize,
        whole: score(&whole)?,
        aspect: score(&aspect)?,
        by_aspect,
    })
}
