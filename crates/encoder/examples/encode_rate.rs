//! Encodes the lines of a file and says how fast:
//! `cargo run -p vitrine-encoder --example encode_rate -- texts.txt [vectors.f32 [DEVICE]]`
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::env;
use std::error::Error;
use std::fs;
use std::time::Instant;

use vitrine_encoder::{DeviceChoice, DeviceOptions, TextEncoder, TextRole, weights_dir};

const USAGE: &str = "usage: encode_rate FILE [VECTORS.f32 [auto|cpu|cuda:N]]; VITRINE_CUDA names \
                     the program of a GPU";

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or(USAGE)?;
    let file = fs::read_to_string(path)?;
    let texts: Vec<&str> = file.lines().collect();
    let started = Instant::now();
    let dir = weights_dir().ok_or("set VITRINE_WEIGHTS")?;
    let choice = env::args().nth(3).map_or(Ok(DeviceChoice::Cpu), |device| device.parse())?;
    let program = env::var_os("VITRINE_CUDA").map(Into::into);
    let options = DeviceOptions { choice, program, ..DeviceOptions::default() };
    let encoder = TextEncoder::load(&dir, &options)?;
    println!("loaded in {:.2} s: {:#}", started.elapsed().as_secs_f64(), encoder.device());
    let mut last = None;
    let vectors =
        encoder.encode(&texts, TextRole::Passage, &mut |progress| last = Some(progress))?;
    if let Some(progress) = last {
        println!("{} distinct texts, {:.0} texts/s", progress.n_done, progress.texts_per_second);
    }
    println!("by the {:#}", encoder.device());
    let started = Instant::now();
    for text in texts.iter().take(200) {
        encoder.encode_query(text, &|| false)?;
    }
    let n_alone = texts.len().clamp(1, 200) as f64;
    println!("alone, on the CPU: {:.1} ms a text", started.elapsed().as_secs_f64() * 1e3 / n_alone);
    if let Some(path) = env::args().nth(2) {
        let bytes: Vec<u8> = vectors.iter().flat_map(|number| number.to_le_bytes()).collect();
        fs::write(path, bytes)?;
    }
    Ok(())
}
