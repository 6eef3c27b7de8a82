//! The Studio's people and what they may do: accounts, sessions, one-time links, API keys,
//! and a log of who changed what.
//!
//! Everything is behind one handle, [`AccountStore`], and lies in an SQLite file or, with the
//! feature `postgres`, in a PostgreSQL database that several servers share. No clock is read
//! in here: each call is told what time it is, in seconds since 1970-01-01 UTC. What a
//! database keeps of passwords, links, sessions and keys are hashes; the secrets themselves
//! are handed out once, as [`Secret`]s, which print nothing of what they hold.
//!
//! Whoever changes something says who they are ([`Actor`]). Whether they may is asked in the
//! transaction that changes it and writes the audit entry: a person who lost a role a moment
//! ago changes nothing any more.
#![deny(missing_docs)]

mod account;
mod actor;
mod audit;
mod backup;
mod database;
mod error;
mod guesses;
mod ids;
mod keys;
mod links;
mod migrations;
mod passwords;
mod role;
mod second_factor;
mod secret;
mod sessions;
mod sign_in;
mod store;

pub use account::{ACCOUNTS_MAX, Account, DISPLAY_NAME_CHARS_MAX, LOGIN_CHARS_MAX, NewAccount};
pub use actor::Actor;
pub use audit::{
    AUDIT_JSON_BYTES_MAX, AUDIT_KEPT_SECONDS, AUDIT_PAGE_MAX, AUDIT_SUBJECT_BYTES_MAX, AuditAction,
    AuditChange, AuditEntry, AuditHead, ChainFault, VerifiedChain,
};
pub use error::AccountsError;
pub use guesses::{ACCOUNT_WAIT_SECONDS_MAX, ADDRESS_WAIT_SECONDS_MAX, FREE_GUESSES, GUESSERS_MAX};
pub use ids::AccountId;
pub use keys::{
    API_KEYS_MAX, ApiKey, ApiKeyRefusal, ApiScope, ImportedKeys, KEY_NAME_CHARS_MAX, NewApiKey,
};
pub use links::{IssuedLink, LINK_SECONDS, LINKS_MAX, LinkFault, LinkPurpose, OneTimeLink};
pub use passwords::{
    HASHES_AT_ONCE, HASHES_WAITING_MAX, HashingCost, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN,
    PasswordFault,
};
pub use role::{Permission, Role};
pub use second_factor::{RECOVERY_CODES, SecondFactor, TOTP_STEP_SECONDS, TotpEnrolment};
pub use secret::Secret;
pub use sessions::{
    SESSION_IDLE_SECONDS, SESSION_SECONDS, SESSIONS_PER_ACCOUNT_MAX, StudioSession,
};
pub use sign_in::{SignIn, SignedIn};
pub use store::{AccountStore, AccountsConfig, AccountsDatabase, FILE};
