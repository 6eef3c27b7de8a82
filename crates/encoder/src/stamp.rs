//! Which encoder made a vector.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names an encoder. Vectors of two are never compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EncoderStamp {
    /// For people.
    pub name: String,
    /// [`crate::TextEncoder::model_id`].
    pub(crate) id: [u8; 32],
    /// Whether its weights are those of all-MiniLM-L6-v2, which the pretrained ranker knows.
    pub is_default: bool,
    /// Name of the adapter that was merged into it, see [`crate::adapter::Adapter::name`].
    #[serde(default)]
    pub adapter: Option<String>,
}

impl PartialEq for EncoderStamp {
    /// Whether it is one encoder, whatever its folder is called.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for EncoderStamp {}

impl EncoderStamp {
    /// Whether it made vectors that say who made them, or that an older Vitrine made, which
    /// had all-MiniLM-L6-v2 alone and did not say.
    pub fn made(&self, said: Option<&Self>) -> bool {
        said.map_or(self.is_default, |said| said == self)
    }
}

/// BLAKE3 of `model.safetensors` of all-MiniLM-L6-v2.
const DEFAULT_WEIGHTS: &str = "8087e9bf97c265f8435ed268733ecf3791825ad24850fd5d84d89e32ee3a589a";

/// Whether these are the bytes of that file.
pub(crate) fn is_default(weights: &[u8]) -> bool {
    blake3::hash(weights).to_hex().as_str() == DEFAULT_WEIGHTS
}

impl fmt::Display for EncoderStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{} ({:02x}{:02x}{:02x}{:02x})",
            self.name,
            self.adapter.as_ref().map_or("", |_| " with an adapter"),
            self.id[0],
            self.id[1],
            self.id[2],
            self.id[3]
        )
    }
}
