//! API keys of the shop's own systems: who may push and ask what, and how fast.
//!
//! A key is 256 random bits, shown once; the database keeps its SHA-256 hash. Counting
//! requests against a key's rate is up to who serves them.

mod import;
mod scope;
mod table;

pub use import::ImportedKeys;
pub use scope::ApiScope;
pub use table::{API_KEYS_MAX, ApiKey, ApiKeyRefusal, KEY_NAME_CHARS_MAX, NewApiKey};
