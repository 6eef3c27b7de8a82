//! Reads weights that PyTorch saved before version 1.6, without running anything of them.
//!
//! Such a file is five pickles and the raw numbers behind them. Pickle is a language: a file
//! may call any function of Python. Here 25 opcodes are known, all of which only make data, and
//! four names, all of which are types of data; anything else is refused. Every count is checked
//! against a limit before memory is taken.

mod error;
mod file;
mod opcodes;
mod values;

pub use error::TorchFileError;
pub use file::{StateDict, StateTensor, read_state_dict};
