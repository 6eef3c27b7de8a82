//! Whether a file is a whole database of accounts that this program can read.

use std::path::Path;

use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::database::{APPLICATION_ID, open_read_only};
use crate::{AccountsError, migrations};

/// # Errors
/// [`AccountsError::NotABackup`], [`AccountsError::NewerSchema`].
pub(super) async fn check(path: &Path) -> Result<(), AccountsError> {
    let not_a_backup = |fault: String| AccountsError::NotABackup { path: path.to_owned(), fault };
    let no_database = |error: AccountsError| not_a_backup(cause(&error));
    let mut connection = open_read_only(path).await.map_err(no_database)?;
    let id = number(&mut connection, "PRAGMA application_id").await.map_err(no_database)?;
    if id != APPLICATION_ID {
        return Err(not_a_backup("it is a database of something else".to_owned()));
    }
    // The first sentence of what is found; "ok" is all there is when nothing is.
    let found = first_text(&mut connection, "PRAGMA integrity_check").await.map_err(no_database)?;
    match found.as_deref() {
        Some("ok") => {}
        other => return Err(not_a_backup(other.unwrap_or("it cannot be checked").to_owned())),
    }
    let orphan = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut connection).await;
    let orphan = orphan.map_err(AccountsError::database("be checked")).map_err(no_database)?;
    if orphan.is_some() {
        return Err(not_a_backup("a row belongs to an account that it lacks".to_owned()));
    }
    let version = migrations::version(&mut connection).await.map_err(no_database)?;
    if version > migrations::NEWEST {
        return Err(AccountsError::NewerSchema { found: version, known: migrations::NEWEST });
    }
    if version < 1 {
        return Err(not_a_backup("it has no schema".to_owned()));
    }
    connection.close().await.map_err(AccountsError::database("be closed"))
}

async fn number(
    connection: &mut AnyConnection,
    statement: &'static str,
) -> Result<i64, AccountsError> {
    let row = sqlx::query(statement).fetch_one(connection).await;
    row.and_then(|row| row.try_get(0)).map_err(AccountsError::database("be checked"))
}

async fn first_text(
    connection: &mut AnyConnection,
    statement: &'static str,
) -> Result<Option<String>, AccountsError> {
    let row = sqlx::query(statement).fetch_optional(connection).await;
    let text = row.and_then(|row| row.map(|row| row.try_get(0)).transpose());
    text.map_err(AccountsError::database("be checked"))
}

/// What is at the bottom of an error.
fn cause(error: &AccountsError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
