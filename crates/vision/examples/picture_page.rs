//! The network in a page, for `picture_page.mjs`, which times it.
#![cfg(target_arch = "wasm32")]

mod shared;

use vitrine_vision::{QuantisedNetwork, VisionNetwork};
use wasm_bindgen::prelude::wasm_bindgen;

/// The network of a file.
#[wasm_bindgen]
pub struct PageNetwork(VisionNetwork);

#[wasm_bindgen]
impl PageNetwork {
    /// Reads a file.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8]) -> Result<PageNetwork, String> {
        let packed = QuantisedNetwork::from_bytes(file).map_err(|error| error.to_string())?;
        Ok(Self(VisionNetwork::new(&packed)))
    }

    /// Encodes a made-up picture; the hash of its vector.
    pub fn encode(&self) -> String {
        shared::vector_hash(&self.0)
    }
}
