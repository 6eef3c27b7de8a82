//! The schema, step by step. A step that was ever released is never changed: a new one is
//! added.

use sqlx::{AnyConnection, Row as _};

use crate::AccountsError;
use crate::database::{Database, Dialect, commit};

/// The first has number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_people.sql"),
    include_str!("../migrations/0002_keys.sql"),
    include_str!("../migrations/0003_second_factor.sql"),
];

/// The newest schema that this program knows.
pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// Takes the steps that a database has not taken yet: all of them or none.
pub(crate) async fn run(database: &Database) -> Result<(), AccountsError> {
    let failed = |source| AccountsError::Database { action: "bring its schema up to date", source };
    let mut writer = database.write().await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *writer)
        .await
        .map_err(failed)?;
    let found = version(&mut writer).await?;
    if found > NEWEST {
        return Err(AccountsError::NewerSchema { found, known: NEWEST });
    }
    if found == NEWEST {
        return Ok(());
    }
    let taken =
        usize::try_from(found).map_err(|_| AccountsError::Damaged { what: "its schema" })?;
    for step in &MIGRATIONS[taken..] {
        sqlx::raw_sql(*step).execute(&mut *writer).await.map_err(failed)?;
    }
    if database.dialect == Dialect::Sqlite {
        sqlx::raw_sql(SIGN).execute(&mut *writer).await.map_err(failed)?;
    }
    sqlx::raw_sql("DELETE FROM schema_version").execute(&mut *writer).await.map_err(failed)?;
    sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
        .bind(NEWEST)
        .execute(&mut *writer)
        .await
        .map_err(failed)?;
    commit(writer).await
}

/// [`crate::database::APPLICATION_ID`].
const SIGN: &str = "PRAGMA application_id = 1449751666";

/// Version of the schema; 0 before the first step.
pub(crate) async fn version(connection: &mut AnyConnection) -> Result<i64, AccountsError> {
    let row = sqlx::query("SELECT version FROM schema_version").fetch_optional(connection).await;
    let row = row.map_err(AccountsError::database("tell its schema"))?;
    let read = row.map_or(Ok(0), |row| row.try_get::<i64, _>(0));
    read.map_err(|_| AccountsError::Damaged { what: "its schema" })
}

#[cfg(test)]
mod tests {
    use crate::database::APPLICATION_ID;

    use super::*;

    #[test]
    fn the_sign_is_the_application_id() {
        assert!(SIGN.ends_with(&format!("= {APPLICATION_ID}")));
    }
}
