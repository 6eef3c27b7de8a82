//! A backup becomes the database again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::Connection as _;

use super::check::check;
use super::in_use::{alone, beside, real};
use crate::database::open_alone;
use crate::{AccountStore, AccountsError};

impl AccountStore {
    /// Puts a backup in the place of the database in `to`, which no process may have open.
    /// The backup is copied and the copy checked before anything is replaced. What was there
    /// stays beside it under the name that is returned; none where nothing was. Sessions and
    /// open links of the backup end: some were ended since. Passwords, roles, second factors
    /// and keys are those of the backup: look through what changed since, such as revoked
    /// keys.
    ///
    /// # Errors
    /// [`AccountsError::InUse`], [`AccountsError::NotABackup`],
    /// [`AccountsError::NewerSchema`], and what the disk refuses. After any of these the old
    /// database is where it was.
    pub async fn restore(from: &Path, to: &Path) -> Result<Option<PathBuf>, AccountsError> {
        let to = &real(to);
        let _alone = alone(to)?;
        let temporary = vitrine_durable::temporary(to);
        let copied = match prepare(from, &temporary).await {
            Ok(copied) => copied,
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                return Err(name_the_backup(error, from));
            }
        };
        let kept = if to.exists() { Some(keep(to).await?) } else { None };
        // A log of the old database must not be taken for one of the new.
        for ending in ["-wal", "-shm"] {
            remove(&beside(to, ending))?;
        }
        vitrine_durable::settle(copied, &temporary, to)?;
        Ok(kept)
    }
}

/// A checked copy in which nobody is signed in.
async fn prepare(from: &Path, temporary: &Path) -> Result<fs::File, AccountsError> {
    let copied = copy(from, temporary)?;
    check(temporary).await?;
    let failed = |source| AccountsError::Database { action: "be restored", source };
    let mut connection = open_alone(temporary).await?;
    sqlx::raw_sql(END_WHAT_IS_OPEN).execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(copied)
}

/// Without a log beside the file, which is renamed alone.
const END_WHAT_IS_OPEN: &str = "PRAGMA journal_mode = DELETE; BEGIN; DELETE FROM sessions; \
    DELETE FROM links WHERE used_seconds IS NULL; COMMIT";

/// Copies a file for its owner alone.
fn copy(from: &Path, to: &Path) -> Result<fs::File, AccountsError> {
    let mut source = fs::File::open(from).map_err(AccountsError::io("open", from))?;
    let mut copy = vitrine_durable::create_private(to)?;
    io::copy(&mut source, &mut copy).map_err(AccountsError::io("copy", from))?;
    Ok(copy)
}

/// It is the backup that is damaged, not the copy of it.
fn name_the_backup(error: AccountsError, from: &Path) -> AccountsError {
    match error {
        AccountsError::NotABackup { fault, .. } => {
            AccountsError::NotABackup { path: from.to_owned(), fault }
        }
        other => other,
    }
}

/// Keeps the old database, with the end of it that is still in its log, beside the new one.
/// It also stays where it is, until the new one takes its place.
async fn keep(database: &Path) -> Result<PathBuf, AccountsError> {
    let name = (1..).map(|n| beside(database, &format!(".before-restore-{n}")));
    let kept = name.into_iter().find(|name| !name.exists());
    let kept = kept.unwrap_or_else(|| beside(database, ".before-restore"));
    // A whole database takes its log in. A damaged one cannot: then both are kept.
    if let Ok(mut connection) = open_alone(database).await {
        let _ = sqlx::raw_sql("PRAGMA journal_mode = DELETE").execute(&mut connection).await;
        let _ = connection.close().await;
    }
    for ending in ["", "-wal"] {
        let old = beside(database, ending);
        if old.exists() {
            let new = beside(&kept, ending);
            fs::hard_link(&old, &new)
                .or_else(|_| fs::copy(&old, &new).map(drop))
                .map_err(AccountsError::io("keep", &old))?;
            vitrine_durable::make_private(&new)?;
        }
    }
    Ok(kept)
}

fn remove(path: &Path) -> Result<(), AccountsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(AccountsError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
