//! The log in the database: appended, read, expired.

use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::chain::hash_of;
use super::{AuditAction, AuditChange, AuditEntry, AuditHead};
use crate::database::{Writer, commit};
use crate::{AccountStore, AccountsError, Actor};

/// Most entries that are read at once.
pub const AUDIT_PAGE_MAX: u32 = 500;
/// How long entries are kept unless a shop says otherwise, in seconds: 400 days.
pub const AUDIT_KEPT_SECONDS: i64 = 400 * 24 * 60 * 60;

/// Writes an entry within the transaction of the change that it tells of.
pub(crate) async fn append(
    writer: &mut Writer,
    change: AuditChange<'_>,
    now_seconds: i64,
) -> Result<AuditHead, AccountsError> {
    let failed = |source| AccountsError::Database { action: "write the audit log", source };
    let mut entry = change.at(now_seconds)?;
    let ends = ends(writer).await?;
    entry.sequence = ends.head.sequence + 1;
    entry.hash = hash_of(&ends.head.hash, &entry);
    sqlx::query(
        "INSERT INTO audit_entries
            (sequence, at_seconds, actor, action, subject, before_json, after_json, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(entry.sequence)
    .bind(entry.at_seconds)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(entry.before)
    .bind(entry.after)
    .bind(entry.hash.clone())
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    sqlx::query("UPDATE audit_head SET sequence = $1, hash = $2 WHERE id = 1")
        .bind(entry.sequence)
        .bind(entry.hash.clone())
        .execute(&mut **writer)
        .await
        .map_err(failed)?;
    Ok(AuditHead { sequence: entry.sequence, hash: entry.hash })
}

/// Both ends of what the log still has.
pub(super) struct ChainEnds {
    /// The newest entry.
    pub head: AuditHead,
    /// The newest entry that has expired; number 0 when none has.
    pub anchor: AuditHead,
}

pub(super) async fn ends(writer: &mut Writer) -> Result<ChainEnds, AccountsError> {
    let row = sqlx::query(
        "SELECT sequence, hash, anchor_sequence, anchor_hash FROM audit_head WHERE id = 1",
    )
    .fetch_optional(&mut **writer)
    .await
    .map_err(AccountsError::database("read the audit log"))?;
    let damaged = AccountsError::Damaged { what: "the end of the audit log" };
    let read = |row: AnyRow| -> Result<ChainEnds, sqlx::Error> {
        let head = AuditHead { sequence: row.try_get(0)?, hash: row.try_get(1)? };
        let anchor = AuditHead { sequence: row.try_get(2)?, hash: row.try_get(3)? };
        Ok(ChainEnds { head, anchor })
    };
    row.and_then(|row| read(row).ok()).ok_or(damaged)
}

/// Entries of a statement's rows, which have all columns of the table.
pub(super) fn entry_of(row: &AnyRow) -> Result<AuditEntry, AccountsError> {
    let read = || -> Result<AuditEntry, sqlx::Error> {
        Ok(AuditEntry {
            sequence: row.try_get("sequence")?,
            at_seconds: row.try_get("at_seconds")?,
            actor: row.try_get("actor")?,
            action: row.try_get("action")?,
            subject: row.try_get("subject")?,
            before: row.try_get("before_json")?,
            after: row.try_get("after_json")?,
            hash: row.try_get("hash")?,
        })
    };
    read().map_err(|_| AccountsError::Damaged { what: "an audit entry" })
}

impl AccountStore {
    /// Writes what somebody did outside of this store: rules, models, exports.
    ///
    /// # Errors
    /// [`AccountsError::AuditTooLarge`], and what the database refuses.
    pub async fn record(
        &self,
        change: AuditChange<'_>,
        now_seconds: i64,
    ) -> Result<AuditHead, AccountsError> {
        let mut writer = self.database.write().await?;
        let head = append(&mut writer, change, now_seconds).await?;
        commit(writer).await?;
        Ok(head)
    }

    /// Entries before number `before`, or the newest, the newest first; at most `n_max` and
    /// [`AUDIT_PAGE_MAX`].
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn audit_entries(
        &self,
        before: Option<i64>,
        n_max: u32,
    ) -> Result<Vec<AuditEntry>, AccountsError> {
        let rows = sqlx::query(
            "SELECT * FROM audit_entries WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(n_max.min(AUDIT_PAGE_MAX)))
        .fetch_all(&self.database.pool)
        .await
        .map_err(AccountsError::database("read the audit log"))?;
        rows.iter().map(entry_of).collect()
    }

    /// The end of the log now, to be kept elsewhere.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn audit_head(&self) -> Result<AuditHead, AccountsError> {
        let mut reader = self.database.read().await?;
        Ok(ends(&mut reader).await?.head)
    }

    /// Drops entries that are older than `kept_seconds` and have no younger one before them;
    /// returns how many. That some were dropped is an entry itself.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn expire_audit(
        &self,
        kept_seconds: i64,
        now_seconds: i64,
    ) -> Result<i64, AccountsError> {
        let failed = |source| AccountsError::Database { action: "expire audit entries", source };
        let mut writer = self.database.write().await?;
        let ends = ends(&mut writer).await?;
        let oldest_kept = now_seconds.saturating_sub(kept_seconds);
        // Clocks go back now and then: the first that is young enough ends what is dropped.
        let last = sqlx::query(
            "SELECT sequence, hash FROM audit_entries
             WHERE sequence < coalesce(
                (SELECT min(sequence) FROM audit_entries WHERE at_seconds >= $1),
                $2
             ) ORDER BY sequence DESC LIMIT 1",
        )
        .bind(oldest_kept)
        .bind(i64::MAX)
        .fetch_optional(&mut *writer)
        .await
        .map_err(failed)?;
        let Some(last) = last else { return Ok(0) };
        let sequence: i64 = last.try_get(0).map_err(failed)?;
        let hash: String = last.try_get(1).map_err(failed)?;
        let dropped = sqlx::query("DELETE FROM audit_entries WHERE sequence <= $1")
            .bind(sequence)
            .execute(&mut *writer)
            .await
            .map_err(failed)?;
        sqlx::query("UPDATE audit_head SET anchor_sequence = $1, anchor_hash = $2 WHERE id = 1")
            .bind(sequence)
            .bind(hash)
            .execute(&mut *writer)
            .await
            .map_err(failed)?;
        let n_dropped = i64::try_from(dropped.rows_affected()).unwrap_or(i64::MAX);
        let change = AuditChange {
            actor: &Actor::System,
            action: AuditAction::AuditExpire,
            subject: "audit",
            before: Some(json!({"first": ends.anchor.sequence + 1})),
            after: Some(json!({"first": sequence + 1})),
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await?;
        Ok(n_dropped)
    }
}
