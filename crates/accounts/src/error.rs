//! Everything that can go wrong, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::{
    ApiKeyRefusal, ChainFault, KEY_NAME_CHARS_MAX, LOGIN_CHARS_MAX, LinkFault, PasswordFault,
    Permission,
};

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The database refused.
    #[error("the database of accounts cannot {action}")]
    Database {
        /// What was tried.
        action: &'static str,
        /// What it said.
        source: sqlx::Error,
    },
    /// The disk refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk refused a durable write.
    #[error(transparent)]
    Durable(#[from] vitrine_durable::DurableError),
    /// A path that is no text in Unicode.
    #[error("{} cannot be opened: give the database a path in plain letters", path.display())]
    PathName {
        /// Which path.
        path: PathBuf,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random {
        /// What it said.
        source: getrandom::Error,
    },
    /// A program that is newer than this one wrote the database.
    #[error(
        "the database has schema {found}, this program knows up to {known}: run the newer program, or restore a backup of the older one"
    )]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// Newest that this program knows.
        known: i64,
    },
    /// The database holds what this program never writes.
    #[error("the database of accounts is damaged at {what}: restore a backup")]
    Damaged {
        /// Where.
        what: &'static str,
    },
    /// A file is no whole database of accounts.
    #[error("{} is no backup of accounts: {fault}; nothing was changed", path.display())]
    NotABackup {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// A backup is never written over a file.
    #[error("{} is there already: give the backup another name", path.display())]
    BackupExists {
        /// Which file.
        path: PathBuf,
    },
    /// Another process has the database open.
    #[error("{} is in use: stop the server first", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// Something that only a database in a file has.
    #[error("a PostgreSQL database is backed up with its own tools: use pg_dump")]
    NotAFile,
    /// The password hasher refused.
    #[error("a password cannot be hashed")]
    Hashing {
        /// What it said.
        source: argon2::password_hash::Error,
    },
    /// The cost of hashing is outside of what argon2id takes.
    #[error("the cost of hashing passwords is outside of what argon2id takes")]
    HashingCost,
    /// More passwords wait to be verified than may.
    #[error("too many people sign in right now: try again in a moment")]
    Busy,
    /// No account has this id.
    #[error("there is no such account")]
    NoSuchAccount,
    /// A role that there is not.
    #[error("{given:?} is no role: viewer, editor, publisher or admin")]
    UnknownRole {
        /// What was given.
        given: String,
    },
    /// A scope that there is not.
    #[error("{given:?} is no scope of an API key")]
    UnknownScope {
        /// What was given.
        given: String,
    },
    /// A login name that cannot be.
    #[error(
        "this is no login name: it has 1 to {LOGIN_CHARS_MAX} of the letters a to z, digits, and . - _ + @"
    )]
    Login,
    /// Another account has the login name.
    #[error("the login name is taken: choose another")]
    LoginTaken,
    /// A display name that cannot be.
    #[error("this is no name to show: it has 1 to 100 characters, on one line")]
    DisplayName,
    /// There are as many accounts as there may be.
    #[error("there are too many accounts: delete some")]
    TooManyAccounts,
    /// A password that is too easy to guess.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Who asks may not do this.
    #[error("this needs a role that may {needed:?}")]
    Forbidden {
        /// What they lack.
        needed: Permission,
    },
    /// Without this account nobody could manage the others.
    #[error("this is the last admin: make somebody else one first")]
    LastAdmin,
    /// A one-time link that opens nothing.
    #[error(transparent)]
    Link(#[from] LinkFault),
    /// There are as many open links as there may be.
    #[error("too many invitations are open: revoke some, or wait until they expire")]
    TooManyLinks,
    /// The first admin is there already.
    #[error("there are accounts already: an admin invites others")]
    AlreadySetUp,
    /// Login name, password or code are wrong: which of them is not said.
    #[error("the login name, the password or the code is wrong")]
    WrongCredentials,
    /// The password is right, and the account wants a code as well.
    #[error("a code of the authenticator app is needed, or a recovery code")]
    SecondFactorNeeded,
    /// The password is right, and an admin disabled the account.
    #[error("this account is disabled: ask an admin")]
    AccountDisabled,
    /// Somebody guessed too often.
    #[error("too many wrong attempts: try again in {wait_seconds} seconds")]
    TooManyGuesses {
        /// When the next attempt will be looked at, in seconds from now.
        wait_seconds: u64,
    },
    /// No session has this token, or it has ended.
    #[error("the session has ended: sign in again")]
    SessionEnded,
    /// The account has no second factor that could be confirmed or removed.
    #[error("no authenticator app is being set up for this account")]
    NoSecondFactor,
    /// The account has a second factor already.
    #[error("this account has an authenticator app already: remove it first")]
    SecondFactorInUse,
    /// A code that is wrong, old, or was used before.
    #[error("the code is wrong, or was used before: wait for the next one")]
    WrongCode,
    /// The secret of an authenticator app cannot be made.
    #[error("the secret of the authenticator app is refused")]
    Totp {
        /// What is wrong with it.
        source: totp_rs::TotpError,
    },
    /// A name that no key can have.
    #[error("this is no name of a key: it has 1 to {KEY_NAME_CHARS_MAX} letters, digits, - _ or .")]
    KeyName,
    /// A key with this name is in use.
    #[error("there is a key {name:?} already: revoke it first, or take another name")]
    KeyTaken {
        /// Which name.
        name: String,
    },
    /// No key in use has this name.
    #[error("there is no key {name:?}")]
    NoSuchKey {
        /// Which name.
        name: String,
    },
    /// A key that could do nothing, or never.
    #[error(
        "a key needs a scope, at least one request a second, and an end that is not over already"
    )]
    KeyWithoutUse,
    /// There are as many keys as there may be.
    #[error("there are too many API keys: revoke some")]
    TooManyKeys,
    /// A key that opens nothing.
    #[error(transparent)]
    KeyRefused(#[from] ApiKeyRefusal),
    /// A file of keys that cannot be read.
    #[error("this is no file of API keys")]
    NotKeys {
        /// What is wrong.
        source: serde_json::Error,
    },
    /// An audit entry that is too large.
    #[error("an audit entry has {found} bytes of {what}, {allowed} are allowed")]
    AuditTooLarge {
        /// Which part.
        what: &'static str,
        /// How many bytes it has.
        found: usize,
        /// How many it may have.
        allowed: usize,
    },
    /// The audit log is not what was written.
    #[error("the audit log is not what was written: {fault}")]
    AuditChain {
        /// Where it breaks.
        fault: ChainFault,
    },
}

impl AccountsError {
    /// For `map_err` on a call to the database.
    pub(crate) fn database(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { action, source }
    }

    /// For `map_err` on a call to the disk.
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
