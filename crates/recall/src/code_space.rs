//! What text codes are compared in, where no encoder is.

use vitrine_domain::TEXT_CODE_DIM;

/// How the codes of a catalogue's texts are read. Its directions are known to whoever made the
/// codes; a query is compared along them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeSpace {
    /// The middle of the texts. \[128\]
    pub mean: Vec<f32>,
    /// The middle of what is likely searched for. \[128\]
    pub query_mean: Vec<f32>,
    /// What one step of a code is worth.
    pub unit: f32,
}

impl CodeSpace {
    /// For codes that are all zeros, where nothing is known of meaning.
    pub fn of_nothing() -> Self {
        Self { mean: vec![0.0; TEXT_CODE_DIM], query_mean: vec![0.0; TEXT_CODE_DIM], unit: 0.0 }
    }
}
