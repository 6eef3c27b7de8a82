//! What both programs encode.

use vitrine_vision::{RgbView, VisionNetwork};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// Encodes a made-up picture; the BLAKE3 hash of the bits of its vector.
pub fn vector_hash(network: &VisionNetwork) -> String {
    let pixels: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|at| [at % WIDTH * 3 / 4, at / WIDTH, (at % 17) * 11])
        .map(|value| value as u8)
        .collect();
    let view = RgbView::new(WIDTH, HEIGHT, &pixels).expect("the size of the pixels");
    let vector = network.encode(&view);
    let bits: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    blake3::hash(&bits).to_hex().to_string()
}
