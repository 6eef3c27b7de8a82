//! How long a picture takes natively, on one thread.
//!
//! `cargo run --example picture_time -- picture-network.bin`

mod shared;

use std::io::Write as _;
use std::time::Instant;

use vitrine_vision::{QuantisedNetwork, VisionNetwork};

const N_PICTURES: usize = 21;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file that `quantise_pictures` wrote")?;
    let network = VisionNetwork::new(&QuantisedNetwork::from_bytes(&std::fs::read(path)?)?);
    let mut hash = String::new();
    let mut times: Vec<f64> = (0..N_PICTURES)
        .map(|_| {
            let start = Instant::now();
            hash = shared::vector_hash(&network);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (median, least) = (times[N_PICTURES / 2], times[0]);
    writeln!(std::io::stdout(), "median {median:.0} ms, least {least:.0} ms, vector {hash}")?;
    Ok(())
}
