//! Inventions that were planted into drafts are found, and honest texts pass.

mod shop;

use shop::products;
use vitrine_describe::{ListingCheck, ListingLanguage, check_listing};

/// Planted inventions that there are at least.
const INVENTIONS_MIN: usize = 120;
/// Honest texts that there are at least.
const HONEST_MIN: usize = 80;
/// Share of the honest texts that pass.
const HONEST_SHARE_MIN: f64 = 0.9;
/// Share of the found inventions that are called by their kind.
const KIND_SHARE_MIN: f64 = 0.9;

/// Share of the inventions of held-out texts that are found.
const HELD_OUT_SHARE_MIN: f64 = 0.6;
/// Invented numbers among them.
const HELD_OUT_NUMBERS_MIN: usize = 7;

/// Rows of a file of tests, without comments.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

/// The language of a tag.
fn language(tag: &str) -> ListingLanguage {
    ListingLanguage::of_tag(tag).expect("a tag of the data file")
}

fn check(product: &str, tag: &str, text: &str) -> ListingCheck {
    products()[product].with_sources(|sources| check_listing(text, sources, language(tag)))
}

/// Rows of inventions that are missed, and those called by another kind.
fn missed(file: &str) -> (usize, Vec<String>, Vec<String>) {
    let (mut n, mut missed, mut miscalled) = (0, Vec::new(), Vec::new());
    for row in rows(file) {
        let [product, tag, kind, words, text] = row[..] else { panic!("{row:?}") };
        n += 1;
        let check = check(product, tag, text);
        let lower = text.to_lowercase();
        let at = lower.find(&words.to_lowercase());
        let hits: Vec<_> = check
            .unsupported
            .iter()
            .filter(|claim| {
                // Where lower case has other lengths, any finding counts.
                at.is_none_or(|at| claim.span.start < at + words.len() && claim.span.end > at)
            })
            .collect();
        if hits.is_empty() {
            missed.push(format!("{product} {tag} {words}: {text}"));
        } else if !hits.iter().any(|claim| format!("{:?}", claim.kind) == kind) {
            miscalled.push(format!("{kind} {words}: {hits:?}"));
        }
    }
    (n, missed, miscalled)
}

/// Honest texts, and those that are blocked.
fn blocked(file: &str) -> (usize, Vec<String>) {
    let (mut n, mut blocked) = (0, Vec::new());
    for row in rows(file) {
        let [product, tag, text] = row[..] else { panic!("{row:?}") };
        n += 1;
        let check = check(product, tag, text);
        if !check.is_supported() {
            blocked.push(format!("{product} {tag} {text} {:?}", check.unsupported));
        }
    }
    (n, blocked)
}

#[test]
fn every_planted_invention_is_found() {
    let (n, missed, miscalled) = missed(include_str!("data/inventions.tsv"));
    assert!(n >= INVENTIONS_MIN);
    assert!(missed.is_empty(), "{} of {n} are missed:\n{}", missed.len(), missed.join("\n"));
    let n_called = n - miscalled.len();
    assert!(n_called as f64 >= KIND_SHARE_MIN * n as f64, "{}", miscalled.join("\n"));
}

#[test]
fn honest_texts_pass() {
    let (n, blocked) = blocked(include_str!("data/honest.tsv"));
    assert!(n >= HONEST_MIN);
    let n_passed = n - blocked.len();
    assert!(
        n_passed as f64 >= HONEST_SHARE_MIN * n as f64,
        "{n_passed} of {n} pass:\n{}",
        blocked.join("\n")
    );
}

/// Nothing was changed for these texts: what is found there is what is to be expected of others.
#[test]
fn of_held_out_texts_all_numbers_and_most_inventions_are_found() {
    let file = include_str!("data/inventions-held-out.tsv");
    let (n, missed, _) = missed(file);
    let n_found = n - missed.len();
    assert!(n_found as f64 >= HELD_OUT_SHARE_MIN * n as f64, "{}", missed.join("\n"));
    let is_number = |row: &Vec<&str>| row[2] == "Number";
    let numbers: Vec<String> = rows(file).filter(is_number).map(|row| row.join("\t")).collect();
    let (n_numbers, missed_numbers, _) = self::missed(&numbers.join("\n"));
    assert!(n_numbers >= HELD_OUT_NUMBERS_MIN && missed_numbers.is_empty(), "{missed_numbers:?}");
    let (n_honest, blocked) = blocked(include_str!("data/honest-held-out.tsv"));
    let n_passed = n_honest - blocked.len();
    assert!(n_passed as f64 >= HONEST_SHARE_MIN * n_honest as f64, "{}", blocked.join("\n"));
}
