//! `vitrine-lab typos`: what is found when words of titles are misspelt.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;
use vitrine_domain::{Correction, Item, ItemId, Page, Query};
use vitrine_evaluation::{Interval, mean_interval, ratio_interval};
use vitrine_recall::{Answer, Deadline, EmbeddedRecall, Searcher, Understanding};
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::language::EncoderLanguage;
use vitrine_server::live;
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use crate::cli::TyposArgs;

/// Places that count.
const DEPTH: u32 = 10;
/// Words of a title that make a query.
const QUERY_WORDS_MAX: usize = 4;
/// Shortest word that is misspelt, in letters.
const WORD_LETTERS_MIN: usize = 4;
const N_RESAMPLES: usize = 2_000;
/// Rows of an English keyboard.
const KEYBOARD: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

#[derive(Serialize)]
struct Report {
    n_items: usize,
    n_queries: usize,
    clean: Interval,
    /// With one and two planted edits.
    edited: [Edited; 2],
}

#[derive(Serialize)]
struct Edited {
    recall: Interval,
    /// Divided by the clean queries'.
    of_clean: Interval,
}

struct Shop {
    engine: EmbeddedRecall,
    understanding: Understanding,
    texts: TextVectors,
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &TyposArgs, stop: &Stop) -> Result<ExitCode> {
    let mut texts = TextVectors::open(settings)?;
    let files = (args.products.as_deref(), args.mapping.as_deref());
    let (feed, vectors) = ShopFeed::of(settings, files, None, &mut texts, stop)?;
    let shop = Shop {
        engine: feed.engine(settings, vectors)?,
        understanding: Understanding::new(&feed.items, &feed.currency, live::synonyms(settings)?),
        texts,
    };
    if let Some(path) = &args.list {
        let queries =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        for text in queries.lines().filter(|line| !line.trim().is_empty()) {
            let corrections = shop.ask(text)?.reply.corrections;
            let list = |Correction { typed, used }| format!("{typed} → {used}");
            let list: Vec<String> = corrections.into_iter().map(list).collect();
            vitrine_server::print(&format!("{text}\t{}", list.join(", ")));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut random = SmallRng::seed_from_u64(args.report.seed);
    let queries = draw(&feed.items, args.n_queries, &mut random);
    ensure!(!queries.is_empty(), "no title has a word of {WORD_LETTERS_MIN} letters");
    let mut progress = WorkProgress::start("searching", 3 * queries.len() as u64);
    let mut hits: [Vec<f64>; 3] = Default::default();
    for (n_edits, hits) in hits.iter_mut().enumerate() {
        for (n, (item, words)) in queries.iter().enumerate() {
            let text = misspelt(words, n_edits, &mut random).join(" ");
            let found = shop.ask(&text)?.reply.hits.iter().any(|hit| hit.item == *item);
            hits.push(f64::from(u8::from(found)));
            progress.at((n_edits * queries.len() + n + 1) as u64, "");
        }
    }
    progress.finish();
    let [clean, one, two] = &hits;
    let edited = |hits: &[f64]| -> Result<Edited> {
        Ok(Edited {
            recall: mean_interval(hits, args.report.seed, N_RESAMPLES)?,
            of_clean: ratio_interval(hits, clean, args.report.seed, N_RESAMPLES)?,
        })
    };
    let report = Report {
        n_items: feed.items.len(),
        n_queries: queries.len(),
        clean: mean_interval(clean, args.report.seed, N_RESAMPLES)?,
        edited: [edited(one)?, edited(two)?],
    };
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => table(&report),
    });
    Ok(ExitCode::SUCCESS)
}

impl Shop {
    fn ask(&self, text: &str) -> Result<Answer> {
        let page = Page { offset: 0, limit: DEPTH };
        let query = Query { text: text.to_owned(), page, ..Query::default() };
        let language = EncoderLanguage { encoder: &*self.texts.encoder };
        let Self { engine, understanding, .. } = self;
        let searcher = Searcher { engine, understanding, language: &language };
        searcher.search(&query, Deadline::NONE)
    }
}

/// Items with the first words of their titles, each item once.
fn draw(items: &[Item], n: usize, random: &mut SmallRng) -> Vec<(ItemId, Vec<String>)> {
    let query = |item: &Item| {
        let words = item.title.split_whitespace().take(QUERY_WORDS_MAX);
        let words: Vec<String> = words.map(str::to_owned).collect();
        words.iter().any(|word| is_misspelt(word)).then_some((item.id, words))
    };
    let mut queries: Vec<_> = items.iter().filter_map(query).collect();
    queries.shuffle(random);
    queries.truncate(n);
    queries
}

fn is_misspelt(word: &str) -> bool {
    word.chars().count() >= WORD_LETTERS_MIN && word.chars().all(char::is_alphabetic)
}

/// The words with so many edits, each in a word drawn for it.
fn misspelt(words: &[String], n_edits: usize, random: &mut SmallRng) -> Vec<String> {
    let mut words = words.to_vec();
    let places: Vec<usize> = (0..words.len()).filter(|i| is_misspelt(&words[*i])).collect();
    for _ in 0..n_edits {
        if let Some(&place) = places.choose(random) {
            words[place] = edited(&words[place], random);
        }
    }
    words
}

/// A word with one letter more, less, another, or two swapped; never the same word.
fn edited(word: &str, random: &mut SmallRng) -> String {
    let before: Vec<char> = word.chars().collect();
    loop {
        let mut letters = before.clone();
        let place = random.random_range(0..letters.len());
        let letter = char::from(b'a' + random.random_range(0..26u8));
        match random.random_range(0..4) {
            0 => letters.insert(place, letter),
            1 => drop(letters.remove(place)),
            2 if place + 1 < letters.len() => letters.swap(place, place + 1),
            _ if random.random_bool(0.5) => letters[place] = neighbour(letters[place], random),
            _ => letters[place] = letter,
        }
        if letters != before {
            return letters.into_iter().collect();
        }
    }
}

/// A letter beside another on the keyboard; itself where it has none.
fn neighbour(letter: char, random: &mut SmallRng) -> char {
    let lower = letter.to_ascii_lowercase();
    let row = KEYBOARD.iter().find(|row| row.contains(lower));
    let beside = row.map_or_else(Vec::new, |row| {
        let keys: Vec<char> = row.chars().collect();
        let at = keys.iter().position(|key| *key == lower).unwrap_or(0);
        [at.checked_sub(1), Some(at + 1)]
            .into_iter()
            .flatten()
            .filter_map(|i| keys.get(i).copied())
            .collect()
    });
    beside.choose(random).copied().unwrap_or(letter)
}

fn table(report: &Report) -> String {
    let interval = |i: &Interval| format!("{:.3} [{:.3}, {:.3}]", i.mean, i.lower, i.upper);
    let [one, two] = &report.edited;
    format!(
        "{} items, {} queries\n\n| edits | recall@10 | of the clean queries' |\n|---|---|---|\n\
         | none | {} | |\n| one | {} | {} |\n| two | {} | {} |",
        report.n_items,
        report.n_queries,
        interval(&report.clean),
        interval(&one.recall),
        interval(&one.of_clean),
        interval(&two.recall),
        interval(&two.of_clean),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_an_edit_and_the_seed_decides_which() {
        let edit = |seed| edited("chocolate", &mut SmallRng::seed_from_u64(seed));
        let edits: Vec<String> = (0..200).map(edit).collect();
        assert!(edits.iter().all(|word| word != "chocolate"));
        assert!(edits.iter().all(|word| (8..=10).contains(&word.len())));
        assert_eq!(edits, (0..200).map(edit).collect::<Vec<_>>());
        let words = ["2", "big", "chocolate", "bars"].map(str::to_owned);
        let after = misspelt(&words, 2, &mut SmallRng::seed_from_u64(1));
        assert_eq!(after[..2], words[..2], "short words and numbers stay");
        assert_ne!(after[2..], words[2..]);
    }
}
