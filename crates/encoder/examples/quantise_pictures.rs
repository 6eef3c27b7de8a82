//! Writes the picture network in eight bits, as browsers get it.
//!
//! `cargo run --example quantise_pictures -- picture-network.bin`

use vitrine_encoder::image::{picture_weights_dir, quantised_network};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name the file to write")?;
    let dir = picture_weights_dir().ok_or("no cache folder")?;
    Ok(std::fs::write(path, quantised_network(&dir)?.to_bytes())?)
}
