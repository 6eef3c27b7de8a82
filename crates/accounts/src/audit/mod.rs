//! Who changed what: entries that are only ever added, each chained to the one before.
//!
//! The hash of an entry is BLAKE3 of the hash before it and of the entry's own bytes. Whoever
//! changes, removes or puts in an entry afterwards breaks the chain from there on, unless
//! they compute it anew up to the end. So a chain shows tampering only to somebody who kept
//! an earlier head ([`AuditHead`]) where the tamperer cannot reach: hand it to
//! [`AccountStore::verify_audit`](crate::AccountStore::verify_audit). Without one, only
//! clumsy changes show.
//!
//! Entries name accounts by their ids, never people. They expire; the hash of the newest
//! that did is kept as an anchor, so that the rest can still be verified.

mod action;
mod chain;
mod entry;
mod log;
mod verify;

pub use action::AuditAction;
pub use chain::{AuditHead, ChainFault};
pub use entry::{AUDIT_JSON_BYTES_MAX, AUDIT_SUBJECT_BYTES_MAX, AuditChange, AuditEntry};
pub use log::{AUDIT_KEPT_SECONDS, AUDIT_PAGE_MAX};
pub use verify::VerifiedChain;

pub(crate) use log::append;
