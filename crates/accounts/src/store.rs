//! The handle of everything.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use crate::database::Database;
use crate::guesses::GuessLimiter;
use crate::passwords::PasswordHashes;
use crate::{AccountsError, HashingCost, backup};

/// Name of the database in a data folder.
pub const FILE: &str = "accounts.sqlite";

/// Where accounts are kept.
#[derive(Clone, Debug)]
pub enum AccountsDatabase {
    /// In an SQLite file, which is created where there is none. One machine's.
    File(PathBuf),
    /// In a PostgreSQL database, by its address (`postgres://…`, with its password): for
    /// several servers.
    #[cfg(feature = "postgres")]
    Postgres(crate::Secret),
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct AccountsConfig {
    /// Where.
    pub database: AccountsDatabase,
    /// What hashing a password costs: [`HashingCost::OWASP`] but in tests.
    pub hashing: HashingCost,
}

/// People, sessions, links, keys and the audit log. Clones share one pool of connections and
/// one memory of wrong guesses.
///
/// Calls may come from any number of tasks, in any order; each is one transaction. One that
/// is dropped before it returns has happened wholly or not at all.
#[derive(Clone, Debug)]
pub struct AccountStore {
    pub(crate) database: Database,
    pub(crate) hashes: PasswordHashes,
    pub(crate) guesses: Arc<GuessLimiter>,
    /// Held while the file is in use, so that nobody restores over it.
    _in_use: Option<Arc<File>>,
}

impl AccountStore {
    /// Opens a store, creates it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`AccountsError::NewerSchema`], [`AccountsError::InUse`] while a restore is going on,
    /// [`AccountsError::HashingCost`], and what disk and database refuse.
    pub async fn open(config: AccountsConfig) -> Result<Self, AccountsError> {
        let hashes = PasswordHashes::new(config.hashing)?;
        let (database, in_use) = match &config.database {
            AccountsDatabase::File(path) => {
                let in_use = backup::share(path)?;
                (Database::open_file(path).await?, Some(Arc::new(in_use)))
            }
            #[cfg(feature = "postgres")]
            AccountsDatabase::Postgres(url) => (Database::open_postgres(url).await?, None),
        };
        let guesses = Arc::new(GuessLimiter::new()?);
        Ok(Self { database, hashes, guesses, _in_use: in_use })
    }

    /// Ends all connections once running calls are done.
    pub async fn close(self) {
        self.database.pool.close().await;
    }

    /// Drops what has expired: sessions, and links a week after their end. To be called now
    /// and then, such as once an hour; nothing that has expired opens anything before.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn sweep(&self, now_seconds: i64) -> Result<(), AccountsError> {
        self.sweep_sessions(now_seconds).await?;
        self.sweep_links(now_seconds).await
    }
}
