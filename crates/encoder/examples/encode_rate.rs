//! Encodes the lines of a file and says how fast:
//! `cargo run -p vitrine-encoder --example encode_rate -- texts.txt`
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::env;
use std::error::Error;
use std::fs;
use std::time::Instant;

use vitrine_encoder::{TextEncoder, TextRole, weights_dir};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: encode_rate FILE [VECTORS.f32]")?;
    let file = fs::read_to_string(path)?;
    let texts: Vec<&str> = file.lines().collect();
    let started = Instant::now();
    let dir = weights_dir().ok_or("set VITRINE_WEIGHTS")?;
    let encoder = TextEncoder::load(&dir)?;
    println!("loaded in {:.2} s", started.elapsed().as_secs_f64());
    let mut last = None;
    let vectors =
        encoder.encode(&texts, TextRole::Passage, &mut |progress| last = Some(progress))?;
    if let Some(progress) = last {
        println!("{} distinct texts, {:.0} texts/s", progress.n_done, progress.texts_per_second);
    }
    let started = Instant::now();
    for text in texts.iter().take(200) {
        encoder.encode_query(text, &|| false)?;
    }
    let n_alone = texts.len().clamp(1, 200) as f64;
    println!("alone: {:.1} ms a text", started.elapsed().as_secs_f64() * 1e3 / n_alone);
    if let Some(path) = env::args().nth(2) {
        let bytes: Vec<u8> = vectors.iter().flat_map(|number| number.to_le_bytes()).collect();
        fs::write(path, bytes)?;
    }
    Ok(())
}
