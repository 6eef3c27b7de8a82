//! How much of an exact search the scan finds, and how long both take:
//! `cargo run -p vitrine-recall --example scan_recall -- ITEMS.f32 QUERIES.f32`
//!
//! Both files hold distinct unit vectors \[n, 384\], f32, little endian, as
//! `vitrine-encoder`'s example `encode_rate` writes them. Tie-aware: a found
//! item counts when its inner product reaches the 100th best.
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::env;
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use vitrine_domain::TEXT_CODE_DIM;
use vitrine_domain::{Item, ItemId};
use vitrine_recall::{EmbeddedRecall, TEXT_DIM};

const DEPTH: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = env::args().skip(1);
    let mut next = || -> Result<Vec<f32>, Box<dyn Error>> {
        let bytes = fs::read(paths.next().ok_or("usage: scan_recall ITEMS.f32 QUERIES.f32")?)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    };
    let (vectors, queries) = (next()?, next()?);
    let n_items = vectors.len() / TEXT_DIM;
    let items: Vec<Item> =
        (0..n_items as u64).map(|id| Item { id: ItemId(id), ..Item::default() }).collect();

    let started = Instant::now();
    let engine = EmbeddedRecall::build(&items, vectors.clone(), &vec![0; n_items])?;
    println!("{n_items} items built in {:.2?}, codes of {TEXT_CODE_DIM}", started.elapsed());

    let (mut n_found, mut n_expected, mut elapsed) = (0, 0, Duration::ZERO);
    for query in queries.chunks_exact(TEXT_DIM) {
        let started = Instant::now();
        let found = engine.nearest(query, DEPTH);
        elapsed += started.elapsed();
        let inner = |row: &[f32]| -> f64 {
            row.iter().zip(query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let mut exact: Vec<f64> = vectors.chunks_exact(TEXT_DIM).map(inner).collect();
        let of = |id: ItemId| inner(&vectors[id.0 as usize * TEXT_DIM..][..TEXT_DIM]);
        let depth = DEPTH.min(n_items);
        exact.select_nth_unstable_by(depth - 1, |a, b| b.total_cmp(a));
        let worst = exact[depth - 1] - 1e-6;
        n_found += found.iter().filter(|(id, _)| of(*id) >= worst).count();
        n_expected += depth;
    }
    let n_queries = queries.len() / TEXT_DIM;
    println!(
        "recall@{DEPTH} {:.4} over {n_queries} queries, {:.2?} a query",
        n_found as f64 / n_expected as f64,
        elapsed / n_queries.max(1) as u32
    );
    Ok(())
}
