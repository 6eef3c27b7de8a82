//! Passwords: which are taken, and how they are kept.

mod hashing;
mod rules;

pub use hashing::{HASHES_AT_ONCE, HASHES_WAITING_MAX, HashingCost};
pub use rules::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordFault};

pub(crate) use hashing::{PasswordHashes, Verdict};
pub(crate) use rules::check;
