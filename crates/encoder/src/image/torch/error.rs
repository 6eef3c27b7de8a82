//! Why a file of PyTorch was not read.

/// What is wrong with a file of weights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TorchFileError {
    /// It does not begin as such a file does.
    #[error("not weights in PyTorch's format from before version 1.6; fetch the file again")]
    AnotherFormat,
    /// It ends too early.
    #[error("the file ends within its {part}; fetch it again")]
    Truncated {
        /// What was being read.
        part: &'static str,
    },
    /// An opcode that does more than make data, or that such files do not have.
    #[error("opcode 0x{opcode:02x} at byte {at} is not one that is read: weights need none of it")]
    Opcode {
        /// The opcode.
        opcode: u8,
        /// Where it stands.
        at: usize,
    },
    /// A name of Python that is not one of the four that weights need.
    #[error("the file asks for {module}.{name}, which is not loaded: weights need none of it")]
    Global {
        /// Its module.
        module: String,
        /// Its name.
        name: String,
    },
    /// Operands that do not fit their opcode.
    #[error("the operands of {of} at byte {at} do not fit it; fetch the file again")]
    Operands {
        /// What they belong to.
        of: &'static str,
        /// Where it stands.
        at: usize,
    },
    /// More of something than is read.
    #[error("more than {max} {what}; no weights of a picture network have so many")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// The pickles do not say what weights say.
    #[error("the file has no {what} where weights have one; fetch it again")]
    Structure {
        /// What is missing.
        what: &'static str,
    },
    /// A tensor that is not in its storage, is larger, or has numbers that are not finite.
    #[error("tensor {name} {problem}; fetch the file again")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}
