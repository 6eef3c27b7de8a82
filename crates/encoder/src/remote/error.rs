//! Why a child process does not encode.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::protocol::ProtocolError;

/// Why a child process cannot be had, or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// It is not where it is looked for.
    #[error(
        "{} is not there; `cargo xtask dist` makes it where nvcc is, and VITRINE_CUDA names \
         another place",
        program.display()
    )]
    NoProgram {
        /// Where it was looked for.
        program: PathBuf,
    },
    /// The system does not start it.
    #[error("{} cannot be started: {error}", program.display())]
    Start {
        /// Which program.
        program: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It ended by itself.
    #[error("vitrine-cuda ended ({status}){said}")]
    Ended {
        /// How.
        status: String,
        /// Its last words.
        said: LastWords,
    },
    /// It says what is not understood.
    #[error("vitrine-cuda is not understood: {error}{said}")]
    Protocol {
        /// What is wrong.
        error: ProtocolError,
        /// What it wrote to standard error.
        said: LastWords,
    },
    /// No GPU answers it.
    #[error("no GPU answers vitrine-cuda: {0}")]
    NoDevice(String),
    /// It cannot load the model.
    #[error("vitrine-cuda cannot load the model: {0}")]
    Model(String),
    /// It has another model than this process.
    #[error(
        "vitrine-cuda computes another model, or the same differently: take both programs from \
         the same build"
    )]
    OtherModel,
    /// Not even a small batch fits.
    #[error("too little of the GPU's memory is free, even for {n_tokens} tokens")]
    OutOfMemory {
        /// Of the smallest batch that was tried; 0 for the model itself.
        n_tokens: usize,
    },
    /// Its computation failed.
    #[error("the computation failed: {0}")]
    Computation(String),
    /// What it sent are no unit vectors, or not those that were asked for.
    #[error("what it computed are no unit vectors")]
    NotVectors,
    /// It does not answer.
    #[error("no answer within {} s", .0.as_secs_f32())]
    Silent(Duration),
}

/// The end of what a process wrote to its standard error; shown behind a colon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWords(pub String);

impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}
