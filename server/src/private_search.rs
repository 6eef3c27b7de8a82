//! What devices need to answer searches by themselves: codes of the texts, and a table of what
//! words mean along them, distilled from the encoder.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use vitrine_domain::{Item, TEXT_CODE_DIM};
use vitrine_encoder::{TextEncoder, TextRole, frequent_words};
use vitrine_recall::{
    QueryTable, Relevance, Synonyms, TEXT_DIM, TableTexts, TextCoder, TextLanguage,
};
use vitrine_wire::QueryTableShard;
use vitrine_wire::query_table::TABLE_WORDS_MAX;

use crate::likely::likely;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Searches made from the catalogue that the table is learned from: so many, and more for each
/// item, up to a limit.
const QUERIES: Grows = Grows { least: 2_000, an_item: 2, most: 12_000 };
/// Words that the encoder knows and the catalogue need not have: "picnic" means something to a
/// shop whose titles never say it.
const FREQUENT_WORDS: Grows = Grows { least: 2_000, an_item: 4, most: 8_000 };
/// Where a catalogue has more words than this, those of one item alone are left out: most are
/// numbers of models, which are found as they are written.
const WORDS_OF_ONE_ITEM_MAX: usize = 12_000;
/// Share of a catalogue's words, in thousandths, that a table has to know to serve the next
/// version of it, too: another table is fetched anew by every device that searches by itself.
const KNOWN_WORDS_MIN: usize = 980;
/// A coder serves up to so many times the items that it was made from.
const CODER_GROWTH_MAX: usize = 2;

const FILE: &str = "private_search.bin";

/// Texts that are encoded between two looks for a stop.
const STRETCH_TEXTS: usize = 1_024;

/// A number that grows with the catalogue.
struct Grows {
    least: usize,
    an_item: usize,
    most: usize,
}

impl Grows {
    fn of(&self, n_items: usize) -> usize {
        (self.least + self.an_item * n_items).min(self.most)
    }
}

/// Coder and table of a catalogue, as its folder keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrivateSearch {
    /// Items that the coder was made from.
    n_items: usize,
    coder: TextCoder,
    table: QueryTable,
}

impl PrivateSearch {
    /// For a catalogue: its items, their vectors \[n, 384\] and the mean vector of likely searches;
    /// that of the version `before` it where it serves on.
    ///
    /// # Errors
    /// A stop, or a failed encoder.
    pub fn of(
        encoder: &TextEncoder,
        settings: &ServerSettings,
        (items, vectors, query_mean): (&[Item], &[f32], &[f32]),
        before: Option<Self>,
        stop: &Stop,
    ) -> Result<Self> {
        let words = words_of(items);
        if let Some(before) = before.filter(|before| before.serves(items.len(), &words)) {
            return Ok(before);
        }
        let started = Instant::now();
        let coder = TextCoder::fit(&[vectors]);
        let mut learned: Vec<String> = words;
        let known: HashSet<&str> = learned.iter().map(String::as_str).collect();
        let mut frequent = frequent_words(&settings.weights_dir, FREQUENT_WORDS.of(items.len()))?;
        frequent.retain(|word| !known.contains(word.as_str()));
        learned.append(&mut frequent);
        learned.truncate(TABLE_WORDS_MAX);
        learned.extend(likely(items, QUERIES.of(items.len())));
        let lines: Vec<&str> = learned.iter().map(String::as_str).collect();
        let mut bar = WorkProgress::start("words for private search", lines.len() as u64);
        let mut targets = Vec::with_capacity(lines.len() * TEXT_CODE_DIM);
        for lines in lines.chunks(STRETCH_TEXTS) {
            ensure!(!stop.load(Ordering::SeqCst), "stopped; run it again");
            let vectors = encoder.encode(lines, TextRole::Query, &mut |_| {})?;
            let rows = vectors.chunks_exact(TEXT_DIM);
            targets.extend(rows.flat_map(|vector| coder.project(vector)));
            bar.at((targets.len() / TEXT_CODE_DIM) as u64, "");
        }
        bar.finish();
        let intercept = coder.project(query_mean);
        let table_texts =
            TableTexts { texts: &learned, targets: &targets, n_words_max: TABLE_WORDS_MAX };
        let table = QueryTable::fit(&table_texts, intercept);
        tracing::info!(
            n_words = table.words.len(),
            seconds = started.elapsed().as_secs_f32(),
            "a table for private search"
        );
        Ok(Self { n_items: items.len(), coder, table })
    }

    /// Whether another version of a catalogue with these words can go on with it.
    fn serves(&self, n_items: usize, words: &[String]) -> bool {
        let n_known = words.iter().filter(|word| self.table.has_word(word)).count();
        n_items <= self.n_items * CODER_GROWTH_MAX
            && n_known * 1_000 >= words.len() * KNOWN_WORDS_MIN
    }

    /// Codes of vectors `[n, 384]`, `[n, 128]`.
    pub fn codes(&self, vectors: &[f32]) -> Vec<i8> {
        self.coder.codes(vectors)
    }

    /// The table as it is published, with how the shop's searches are read and ordered.
    pub fn shard(
        &self,
        language: TextLanguage,
        relevance: &Relevance,
        synonyms: &Synonyms,
    ) -> QueryTableShard {
        let (mean, unit) = (self.coder.middle(), self.coder.unit());
        let QueryTable { intercept, words, units, rows } = self.table.clone();
        let phrases = synonyms.phrases().into_iter();
        let synonyms = phrases.map(|(stems, others)| (stems.to_owned(), others.to_vec()));
        QueryTableShard {
            mean,
            // Of the searches that the table was learned from, as long as it is in use.
            query_mean: intercept.clone(),
            unit,
            intercept,
            words,
            units,
            rows,
            language: language.code().to_owned(),
            relevance: relevance.weights().to_vec(),
            synonyms: synonyms.collect(),
        }
    }

    /// Keeps it in a catalogue's folder.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn save(&self, dir: &Path) -> Result<()> {
        Ok(vitrine_durable::write(&dir.join(FILE), &postcard::to_allocvec(self)?)?)
    }

    /// Reads it from a catalogue's folder; `None` where an older Vitrine made none, or the file is
    /// damaged, which the log says: nothing else depends on it.
    pub fn load(dir: &Path) -> Option<Self> {
        if !dir.join(FILE).exists() {
            return None;
        }
        let bytes = vitrine_durable::read(dir, FILE).ok();
        let found = bytes.and_then(|bytes| postcard::from_bytes::<Self>(&bytes).ok());
        let found = found.filter(|found| found.coder.is_whole() && found.table.is_whole());
        if found.is_none() {
            tracing::warn!(
                "{} is damaged: the next import makes it anew",
                dir.join(FILE).display()
            );
        }
        found
    }
}

/// The distinct words of items, those of most items first.
fn words_of(items: &[Item]) -> Vec<String> {
    let mut n_items: HashMap<String, u32> = HashMap::new();
    for item in items {
        let texts = [&item.title, &item.brand, &item.category, &item.department, &item.attributes];
        let words: HashSet<String> =
            texts.into_iter().flat_map(|t| vitrine_recall::words(t)).collect();
        words.into_iter().for_each(|word| *n_items.entry(word).or_default() += 1);
    }
    let mut words: Vec<(String, u32)> = n_items.into_iter().collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let n_shared = words.partition_point(|(_, n)| *n > 1);
    words.truncate(n_shared.clamp(WORDS_OF_ONE_ITEM_MAX, TABLE_WORDS_MAX));
    words.into_iter().map(|(word, _)| word).collect()
}
