//! Files that survive a power cut, and folders that know whether they are whole.
//!
//! A file is written under another name, synced, renamed, and its folder is synced
//! ([`write`]). A folder of many files is [`seal`]ed before it is published: every file
//! in it is synced and its BLAKE3 hash is listed in [`CHECKSUMS`], so that damage is
//! noticed when a file is read ([`read`], [`check`]) or when somebody asks ([`verify`]).
//! A log grows at the end of its files ([`AppendFile`]).
//!
//! ```
//! let dir = std::env::temp_dir().join(format!("durable-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&dir)?;
//! vitrine_durable::write(&dir.join("summary.json"), b"{}")?;
//! vitrine_durable::seal(&vitrine_durable::FileSystem, &dir)?;
//! assert_eq!(vitrine_durable::read(&dir, "summary.json")?, b"{}");
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod append;
mod disk;
mod error;
mod lossy;
mod seal;
mod write;

pub use append::{AppendDisk, AppendFile};
pub use disk::{Disk, FileSystem};
pub use error::DurableError;
#[cfg(any(test, feature = "testing"))]
pub use lossy::{LossyDisk, UnsyncedTail};
pub use seal::{CHECKSUMS, Verified, check, publish, read, seal, verify};
pub use write::{create_private, make_private, settle, temporary, write, write_private};
