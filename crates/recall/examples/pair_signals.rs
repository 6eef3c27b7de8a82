//! What the engine's words say of pairs of a query and a title:
//! `cargo run -p vitrine-recall --example pair_signals -- PAIRS.tsv`
//!
//! A line has a query, a tab and a title. All titles are one catalogue without vectors. Printed
//! are BM25 over all texts, coverage and their sum, a line a pair.
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::env;
use std::error::Error;
use std::fs;

use vitrine_domain::{Item, ItemId, Query};
use vitrine_recall::{EmbeddedRecall, RecallRequest, Signal, Signals, TEXT_DIM};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: pair_signals PAIRS.tsv")?;
    let text = fs::read_to_string(path)?;
    let pairs: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let items: Vec<Item> = (0..)
        .zip(&pairs)
        .map(|(id, (_, title))| Item {
            id: ItemId(id),
            title: (*title).to_owned(),
            ..Item::default()
        })
        .collect();
    let n = items.len();
    let engine = EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n])?;
    for (item, (text, _)) in items.iter().zip(&pairs) {
        let query = Query { text: (*text).to_owned(), ..Query::default() };
        let request = RecallRequest { query, ..RecallRequest::default() };
        let signals: Signals =
            engine.unscaled_signals(&request, &[item.id])?[0].unwrap_or_default();
        let (bm25, coverage) = (signals[Signal::AllTexts], signals[Signal::Coverage]);
        println!("{bm25}\t{coverage}\t{}", bm25 + coverage);
    }
    Ok(())
}
