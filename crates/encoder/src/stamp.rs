//! Which encoder made a vector.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names an encoder. Vectors of two are never compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderStamp {
    /// For people.
    pub name: String,
    /// [`crate::TextEncoder::model_id`].
    pub(crate) id: [u8; 32],
}

impl fmt::Display for EncoderStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({:02x}{:02x}{:02x}{:02x})",
            self.name, self.id[0], self.id[1], self.id[2], self.id[3]
        )
    }
}
