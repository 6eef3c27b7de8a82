//! What can be wrong with a student that comes from elsewhere.

/// Why weights or packed bytes were refused, or a self-check failed.
#[derive(Debug, thiserror::Error)]
pub enum StudentError {
    /// A tensor of the layout is missing.
    #[error("tensor {name} is missing")]
    MissingTensor {
        /// Name in the layout.
        name: &'static str,
    },
    /// A tensor is not in the layout, or not at its place.
    #[error("tensor {name} is not expected here")]
    UnexpectedTensor {
        /// Name as found.
        name: String,
    },
    /// A tensor has another shape than the layout says.
    #[error("tensor {name} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Name in the layout.
        name: &'static str,
        /// Shape of the layout.
        expected: &'static [usize],
        /// Shape or value count as found.
        found: Vec<usize>,
    },
    /// A value is infinite or not a number.
    #[error("tensor {name} holds a value that is not finite")]
    NotFinite {
        /// Name in the layout.
        name: &'static str,
    },
    /// A tensor is stored in another encoding than the layout says.
    #[error("tensor {name} is stored in the wrong encoding")]
    Encoding {
        /// Name in the layout.
        name: &'static str,
    },
    /// The code scale is not a positive, finite number.
    #[error("code scale {found} is not positive and finite")]
    CodeScale {
        /// As found.
        found: f32,
    },
    /// The outputs are not the ones this code can read.
    #[error("outputs {found:?}: expected [\"purchase\"]")]
    Outputs {
        /// As found.
        found: Vec<String>,
    },
    /// More bytes than a student may have.
    #[error("{bytes} bytes are more than a student may have")]
    TooLarge {
        /// As found.
        bytes: usize,
    },
    /// The bytes do not begin as a packed student does.
    #[error("not a packed student")]
    Magic,
    /// A format that this code does not read.
    #[error("packed student of format {found}, this code reads {expected}")]
    Version {
        /// As found.
        found: u16,
        /// What this code reads.
        expected: u16,
    },
    /// The payload is damaged or cut.
    #[error("packed student is damaged")]
    Payload(#[from] postcard::Error),
    /// Bytes follow the payload.
    #[error("{n_bytes} bytes follow the packed student")]
    TrailingBytes {
        /// How many.
        n_bytes: usize,
    },
    /// The golden scores were not reproduced.
    #[error("golden scores differ by {difference_max}, allowed {allowed}")]
    Golden {
        /// Largest absolute difference.
        difference_max: f32,
        /// Bound.
        allowed: f32,
    },
}
