//! A backup is made, also while the database is in use.

use std::fs::File;
use std::path::Path;

use super::check::check;
use crate::database::Dialect;
use crate::{AccountStore, AccountsError};

impl AccountStore {
    /// Writes all there is to a file that its owner alone can read: one moment's state, also
    /// while others write. The file appears whole and checked, or not at all. Whoever has
    /// it, has everybody's password hashes and second factors: keep it as you keep the
    /// database.
    ///
    /// # Errors
    /// [`AccountsError::BackupExists`], [`AccountsError::NotAFile`] with PostgreSQL,
    /// [`AccountsError::PathName`], and what disk and database refuse.
    pub async fn backup(&self, to: &Path) -> Result<(), AccountsError> {
        if self.database.dialect != Dialect::Sqlite {
            return Err(AccountsError::NotAFile);
        }
        if to.exists() {
            return Err(AccountsError::BackupExists { path: to.to_owned() });
        }
        let temporary = vitrine_durable::temporary(to);
        let name = temporary.to_str().ok_or_else(|| AccountsError::PathName { path: to.into() })?;
        // SQLite writes into an empty file, which is private before anything is in it.
        drop(vitrine_durable::create_private(&temporary)?);
        sqlx::query("VACUUM INTO $1")
            .bind(name)
            .execute(&self.database.pool)
            .await
            .map_err(AccountsError::database("be backed up"))?;
        check(&temporary).await?;
        let file = File::open(&temporary).map_err(AccountsError::io("open", &temporary))?;
        Ok(vitrine_durable::settle(file, &temporary, to)?)
    }
}
