//! This import against the previous one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declare::Check;
use super::failures::{FailingRow, Failures, mixed};
use super::findings::LogPrices;
use super::kinds::Kind;
use super::profile::{ProductProfile, Texts};
use super::text::words;
use super::vectors::Vectors;

/// Words remembered: those with the smallest hashes, a fair sample of all.
const WORDS_KEPT: usize = 20_000;
/// Categories remembered; the rest counts as one.
const SHELVES_KEPT: usize = 10_000;
/// Classes that prices are compared in.
const PRICE_CLASSES: usize = 10;
/// Width of the bins that prices are kept in (log units).
const PRICE_BIN: f64 = 0.05;
/// No class is taken to be rarer than this, so that the index stays finite.
const SHARE_MIN: f64 = 1e-4;

/// What is remembered of an import to compare the next one with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportSnapshot {
    /// Products.
    pub n_products: u64,
    /// Lines of the log.
    pub n_lines: u64,
    /// Hashes of the words of titles, the smallest.
    words: Vec<u64>,
    /// Products by the bin of the logarithm of their price.
    prices: BTreeMap<i32, u64>,
    /// Products by category.
    shelves: BTreeMap<String, u64>,
    /// Mean vector of the texts; empty without vectors.
    centroid: Vec<f32>,
}

impl ImportSnapshot {
    /// Of an import.
    pub fn of(
        products: &ProductProfile,
        n_lines: u64,
        log_prices: &LogPrices,
        texts: &Texts,
        vectors: Option<&Vectors<'_>>,
    ) -> Self {
        let mut snapshot =
            Self { n_products: products.skus.len() as u64, n_lines, ..Self::default() };
        let groups = products.groups.values();
        let mut all: Vec<u64> =
            groups.flat_map(|group| words(&group.title)).map(|word| lasting_hash(&word)).collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(WORDS_KEPT);
        snapshot.words = all;
        for (key, sku) in &products.skus {
            let logged = log_prices.0.get(key).map(|&price| i64::from(price));
            if let Some(price) = sku.price_minor.or(logged).filter(|&price| price > 0) {
                let bin = ((price as f64).ln() / PRICE_BIN).floor() as i32;
                *snapshot.prices.entry(bin).or_default() += 1;
            }
        }
        for group in products.groups.values() {
            let shelf = group.shelf().to_owned();
            *snapshot.shelves.entry(shelf).or_default() += u64::from(group.n);
        }
        fold_rare(&mut snapshot.shelves);
        if let Some(vectors) = vectors {
            snapshot.centroid = centroid(vectors, texts.texts.len());
        }
        snapshot
    }

    /// What a check of drift finds between `previous` and this.
    pub fn judge(&self, check: &Check, previous: &Self) -> Result<Failures, &'static str> {
        let mut failures = Failures::default();
        let (fails, reason) = match check.kind {
            Kind::DriftProducts => ratio(check, self.n_products, previous.n_products)?,
            Kind::DriftLines => ratio(check, self.n_lines, previous.n_lines)?,
            Kind::DriftVocabulary => {
                let share = self.new_words(previous).ok_or("not run: no words to compare")?;
                let reason = format!("{:.1} % of the words are new", share * 100.0);
                (share > check.limit, reason)
            }
            Kind::DriftPrice => index(check, &price_classes(&previous.prices, &self.prices))?,
            Kind::DriftPriceLevel => level(check, &previous.prices, &self.prices)?,
            Kind::DriftCategory => {
                let all: std::collections::BTreeSet<&String> =
                    previous.shelves.keys().chain(self.shelves.keys()).collect();
                let n =
                    |shelves: &BTreeMap<String, u64>, key| shelves.get(key).copied().unwrap_or(0);
                let classes: Vec<(u64, u64)> = all
                    .into_iter()
                    .map(|key| (n(&previous.shelves, key), n(&self.shelves, key)))
                    .collect();
                index(check, &classes)?
            }
            _ => {
                if self.centroid.is_empty() || self.centroid.len() != previous.centroid.len() {
                    return Err("not run: needs text vectors of both imports");
                }
                let moved = 1.0 - cosine(&self.centroid, &previous.centroid);
                (moved > check.limit, format!("the mean vector moved by {moved:.4}"))
            }
        };
        failures.n_checked = 1;
        if fails {
            failures.fail(0, || FailingRow { line: 0, reason, record: Vec::new() });
        }
        Ok(failures)
    }

    /// Share of the words, of those that both could know, that are new.
    fn new_words(&self, previous: &Self) -> Option<f64> {
        let cut = |words: &[u64]| {
            if words.len() == WORDS_KEPT { words[WORDS_KEPT - 1] } else { u64::MAX }
        };
        let limit = cut(&self.words).min(cut(&previous.words));
        let comparable = self.words.iter().filter(|&&word| word <= limit);
        let (mut n, mut new) = (0.0, 0.0);
        for word in comparable {
            n += 1.0;
            new += f64::from(u8::from(previous.words.binary_search(word).is_err()));
        }
        (n > 0.0 && !previous.words.is_empty()).then(|| new / n)
    }
}

/// Counts all but the largest categories as one.
fn fold_rare(shelves: &mut BTreeMap<String, u64>) {
    if shelves.len() <= SHELVES_KEPT {
        return;
    }
    let mut by_size: Vec<(u64, String)> =
        std::mem::take(shelves).into_iter().map(|(shelf, n)| (n, shelf)).collect();
    by_size.sort_unstable_by(|a, b| b.cmp(a));
    for (place, (n, shelf)) in by_size.into_iter().enumerate() {
        let shelf = if place < SHELVES_KEPT { shelf } else { String::new() };
        *shelves.entry(shelf).or_default() += n;
    }
}

/// A hash that stays the same from one release to the next (FNV-1a, mixed).
fn lasting_hash(word: &str) -> u64 {
    let fnv = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mixed(fnv)
}

fn ratio(check: &Check, now: u64, before: u64) -> Result<(bool, String), &'static str> {
    if before == 0 {
        return Err("not run: the previous import had none");
    }
    let ratio = now as f64 / before as f64;
    let low = check.limit.min(1.0 / check.limit);
    Ok((ratio < low || ratio > 1.0 / low, format!("{now} where there were {before}")))
}

fn index(check: &Check, classes: &[(u64, u64)]) -> Result<(bool, String), &'static str> {
    let index = stability(classes).ok_or("not run: one of the imports has none")?;
    Ok((index > check.limit, format!("the population stability index is {index:.3}")))
}

/// Whether the median price is more than `limit` times, or less than one part in `limit` of,
/// what it was: a feed that has changed from cents to euros, or back.
fn level(
    check: &Check,
    before: &BTreeMap<i32, u64>,
    now: &BTreeMap<i32, u64>,
) -> Result<(bool, String), &'static str> {
    let none = "not run: one of the imports has no prices";
    let bins = f64::from(median_bin(now).ok_or(none)? - median_bin(before).ok_or(none)?);
    let ratio = (bins * PRICE_BIN).exp();
    let fails = ratio > check.limit || ratio < 1.0 / check.limit;
    Ok((fails, format!("the median price is {ratio:.2} times what it was")))
}

/// The lower median.
fn median_bin(bins: &BTreeMap<i32, u64>) -> Option<i32> {
    let half = bins.values().sum::<u64>().div_ceil(2);
    let mut seen = 0;
    let reaches_half = |(bin, n): (&i32, &u64)| {
        seen += n;
        (seen >= half && half > 0).then_some(*bin)
    };
    bins.iter().find_map(reaches_half)
}

/// Population stability index of counts (before, now) in classes: below 0.1 nothing
/// happened, beyond 0.25 a lot. `None` when one side is empty.
///
/// # Source
/// N. Siddiqi, "Credit risk scorecards", 2006.
pub(crate) fn stability(classes: &[(u64, u64)]) -> Option<f64> {
    let before: u64 = classes.iter().map(|(before, _)| before).sum();
    let now: u64 = classes.iter().map(|(_, now)| now).sum();
    if before == 0 || now == 0 {
        return None;
    }
    let share = |n: u64, total: u64| (n as f64 / total as f64).max(SHARE_MIN);
    let terms = classes.iter().map(|&(b, n)| (share(b, before), share(n, now)));
    Some(terms.map(|(b, n)| (n - b) * (n / b).ln()).sum())
}

/// Counts (before, now) in classes that had equally many before.
fn price_classes(before: &BTreeMap<i32, u64>, now: &BTreeMap<i32, u64>) -> Vec<(u64, u64)> {
    let total: u64 = before.values().sum();
    let mut classes = vec![(0, 0)];
    let mut seen = 0;
    let bins: std::collections::BTreeSet<i32> = before.keys().chain(now.keys()).copied().collect();
    for bin in bins {
        let full = seen * PRICE_CLASSES as u64 >= total * classes.len() as u64;
        if full && classes.len() < PRICE_CLASSES && seen > 0 {
            classes.push((0, 0));
        }
        let n = before.get(&bin).copied().unwrap_or(0);
        seen += n;
        let last = classes.len() - 1;
        classes[last].0 += n;
        classes[last].1 += now.get(&bin).copied().unwrap_or(0);
    }
    classes
}

fn centroid(vectors: &Vectors<'_>, n: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; vectors.dim];
    for row in vectors.rows.chunks_exact(vectors.dim).take(n) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += f64::from(*value);
        }
    }
    sum.into_iter().map(|sum| (sum / n.max(1) as f64) as f32).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { dot(a, b) / norms } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_zero_for_equal_and_large_for_unlike() {
        assert_eq!(stability(&[(10, 20), (30, 60)]), Some(0.0));
        assert!(stability(&[(90, 10), (10, 90)]).expect("both") > 1.0);
        assert_eq!(stability(&[(0, 3)]), None);
    }

    #[test]
    fn price_classes_are_of_one_size() {
        let before: BTreeMap<i32, u64> = (0..100).map(|bin| (bin, 10)).collect();
        let classes = price_classes(&before, &before);
        assert_eq!(classes, vec![(100, 100); 10]);
        let shifted: BTreeMap<i32, u64> = (30..130).map(|bin| (bin, 10)).collect();
        let index = stability(&price_classes(&before, &shifted)).expect("both");
        assert!(index > 0.25, "{index}");
    }

    #[test]
    fn prices_in_another_unit_are_an_error_and_dearer_ones_are_not() {
        let snapshot = |price_minor: f64| ImportSnapshot {
            prices: (0..9)
                .map(|i| ((price_minor * f64::from(8 + i) / 10.0).ln() / PRICE_BIN) as i32)
                .fold(BTreeMap::new(), |mut bins, bin| {
                    *bins.entry(bin).or_default() += 1;
                    bins
                }),
            ..ImportSnapshot::default()
        };
        let checks = super::super::Checks::built_in();
        let check = checks.on(super::super::Subject::Drift);
        let check = check.into_iter().find(|check| check.kind == Kind::DriftPriceLevel);
        let check = check.expect("a built-in check");
        let n_failed = |now: f64| {
            let judged = snapshot(now).judge(check, &snapshot(250.0)).expect("both have prices");
            judged.n_failed
        };
        assert_eq!([25_000.0, 2.5, 325.0, 250.0].map(n_failed), [1, 1, 0, 0]);
        assert!(snapshot(250.0).judge(check, &ImportSnapshot::default()).is_err());
    }
}
