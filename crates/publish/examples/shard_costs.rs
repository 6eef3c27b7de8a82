//! What the shards of a store weigh, what each brotli quality makes of them, and
//! what a browser fetches when one price in a hundred changes.
//!
//! `cargo run -p vitrine-publish --example shard_costs -- [store]`; without a
//! store, a made-up shop of 4,800 cards.

#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use vitrine_publish::{Encoding, Store, cost, prepare_model, publish_catalogue};

const QUALITIES: [u32; 4] = [5, 7, 9, 11];

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        Some(dir) => report(&Store::open(dir)?),
        None => {
            let dir = tempfile::tempdir()?;
            let store = Store::open(dir.path())?;
            made_up(&store)?;
            report(&store)
        }
    }
}

fn made_up(store: &Store) -> Result<(), Box<dyn Error>> {
    let shop = common::Shop::new(4_800);
    publish_catalogue(store, &shop.without_model(), 1)?;
    let (payload, ids) = (common::student(), shop.ids());
    store.commit(&prepare_model(store, &common::model(&shop, &payload, &ids))?)?;
    Ok(())
}

fn report(store: &Store) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let manifest = store.current()?.ok_or("the store is empty")?;
    let mut raw = Vec::new();
    for shard in &manifest.shards {
        writeln!(
            out,
            "{:?} {:?} {}: {} rows, {} bytes, {} compressed",
            shard.kind, shard.role, shard.cell, shard.n_rows, shard.bytes, shard.bytes_compressed
        )?;
        raw.push(store.shard(shard.hash, Encoding::Raw)?);
    }
    for quality in QUALITIES {
        let started = Instant::now();
        let mut bytes = 0;
        for shard in &raw {
            let mut compressed = Vec::new();
            brotli::CompressorWriter::new(&mut compressed, 1 << 16, quality, 22)
                .write_all(shard)?;
            bytes += compressed.len();
        }
        writeln!(out, "brotli {quality}: {bytes} bytes in {:.1?}", started.elapsed())?;
    }
    let cost = cost::price_change(store, 100)?;
    writeln!(
        out,
        "{} of {} prices changed: {} bytes to fetch",
        cost.n_changed, cost.n_items, cost.bytes_to_fetch
    )?;
    writeln!(
        out,
        "from nothing: {} bytes, {} before the first feed",
        cost.bytes_in_all, cost.bytes_of_head
    )?;
    Ok(())
}
