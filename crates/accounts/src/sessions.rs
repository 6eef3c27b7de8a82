//! Sessions: who is signed in, by a token that the browser has and the database does not.
//!
//! A session ends when nobody uses it for [`SESSION_IDLE_SECONDS`], in any case after
//! [`SESSION_SECONDS`], when somebody signs out, and when the password, the role or
//! disabled of its account changes.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::secret::sha256_of;
use crate::{AccountId, AccountStore, AccountsError, Actor, Permission, Role, Secret};

/// How long a session lasts that nobody uses, in seconds: twelve hours.
pub const SESSION_IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How long any session lasts, in seconds: a week.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Most sessions of an account; another one ends the least recently used.
pub const SESSIONS_PER_ACCOUNT_MAX: i64 = 32;
/// How exactly it is known when a session was used, in seconds: more would be a write a
/// request.
const USED_STEP_SECONDS: i64 = 60;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct StudioSession {
    /// Who.
    pub account: AccountId,
    /// What others see.
    pub display_name: String,
    /// What they may do now.
    pub role: Role,
    /// What each request that changes something repeats in a header: another site can make
    /// a browser send the session's cookie, but cannot know this.
    pub csrf: Secret,
    /// When they signed in, in seconds since 1970-01-01 UTC.
    pub created_seconds: i64,
    /// When the session ends at the latest; the same unit.
    pub expires_seconds: i64,
}

impl StudioSession {
    /// Whether a request repeats the session's CSRF token. The time it takes does not depend
    /// on where they differ.
    pub fn has_csrf(&self, presented: &str) -> bool {
        self.csrf.matches(presented)
    }

    /// Who this is, for what they change.
    pub fn actor(&self) -> Actor {
        Actor::Account(self.account.clone())
    }
}

struct StoredSession {
    session: StudioSession,
    used_seconds: i64,
    is_disabled: bool,
}

fn session_of(row: &AnyRow) -> Result<StoredSession, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "a session" };
    let account: String = row.try_get("account_id").map_err(damaged)?;
    let role: String = row.try_get("role").map_err(damaged)?;
    let csrf: String = row.try_get("csrf").map_err(damaged)?;
    let created_seconds: i64 = row.try_get("created_seconds").map_err(damaged)?;
    let session = StudioSession {
        account: account.parse()?,
        display_name: row.try_get("display_name").map_err(damaged)?,
        role: role.parse()?,
        csrf: Secret::new(csrf),
        created_seconds,
        expires_seconds: created_seconds.saturating_add(SESSION_SECONDS),
    };
    let used_seconds = row.try_get("used_seconds").map_err(damaged)?;
    let is_disabled = row.try_get::<i64, _>("is_disabled").map_err(damaged)? != 0;
    Ok(StoredSession { session, used_seconds, is_disabled })
}

impl AccountStore {
    /// The session of a token, by one look at an index. That it was used is written at most
    /// once a minute.
    ///
    /// # Errors
    /// [`AccountsError::SessionEnded`], and what the database refuses.
    pub async fn session(
        &self,
        token: &Secret,
        now_seconds: i64,
    ) -> Result<StudioSession, AccountsError> {
        let hash = sha256_of(token.expose());
        let row = sqlx::query(
            "SELECT s.account_id, s.csrf, s.created_seconds, s.used_seconds,
                a.display_name, a.role, a.is_disabled
             FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_sha256 = $1",
        )
        .bind(hash.clone())
        .fetch_optional(&self.database.pool)
        .await
        .map_err(AccountsError::database("look for a session"))?;
        let stored = session_of(&row.ok_or(AccountsError::SessionEnded)?)?;
        let is_idle = now_seconds >= stored.used_seconds.saturating_add(SESSION_IDLE_SECONDS);
        if is_idle || stored.is_disabled || now_seconds >= stored.session.expires_seconds {
            return Err(AccountsError::SessionEnded);
        }
        if now_seconds >= stored.used_seconds.saturating_add(USED_STEP_SECONDS) {
            sqlx::query(
                "UPDATE sessions SET used_seconds = $1
                 WHERE token_sha256 = $2 AND used_seconds < $1",
            )
            .bind(now_seconds)
            .bind(hash)
            .execute(&self.database.pool)
            .await
            .map_err(AccountsError::database("note that a session is used"))?;
        }
        Ok(stored.session)
    }

    /// Signs out. One that has ended already stays so.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn sign_out(&self, token: &Secret) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM sessions WHERE token_sha256 = $1")
            .bind(sha256_of(token.expose()))
            .execute(&self.database.pool)
            .await
            .map_err(AccountsError::database("end a session"))?;
        Ok(())
    }

    /// Ends all sessions of an account: one's own, or as an admin anyone's.
    ///
    /// # Errors
    /// [`AccountsError::Forbidden`], and what the database refuses.
    pub async fn sign_out_everywhere(
        &self,
        actor: &Actor,
        id: &AccountId,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        let needed =
            if actor.account() == Some(id) { Permission::View } else { Permission::ManageAccounts };
        actor.authorise(&mut writer, needed).await?;
        end_all(&mut writer, id).await?;
        let action = AuditAction::AccountSignOut;
        let change = AuditChange { actor, action, subject: id.as_str(), before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Drops sessions that have ended.
    pub(crate) async fn sweep_sessions(&self, now_seconds: i64) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM sessions WHERE used_seconds <= $1 OR created_seconds <= $2")
            .bind(now_seconds.saturating_sub(SESSION_IDLE_SECONDS))
            .bind(now_seconds.saturating_sub(SESSION_SECONDS))
            .execute(&self.database.pool)
            .await
            .map_err(AccountsError::database("drop sessions"))?;
        Ok(())
    }
}

/// Ends the sessions of an account within the transaction of what ends them.
pub(crate) async fn end_all(writer: &mut Writer, id: &AccountId) -> Result<(), AccountsError> {
    sqlx::query("DELETE FROM sessions WHERE account_id = $1")
        .bind(id.as_str())
        .execute(&mut **writer)
        .await
        .map_err(AccountsError::database("end sessions"))?;
    Ok(())
}

/// Begins a session; returns its token.
pub(crate) async fn begin(
    writer: &mut Writer,
    id: &AccountId,
    now_seconds: i64,
) -> Result<(Secret, Secret), AccountsError> {
    let failed = |source| AccountsError::Database { action: "begin a session", source };
    let (token, csrf) = (Secret::random("")?, Secret::random("")?);
    // Room for this one.
    sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND token_sha256 NOT IN (
            SELECT token_sha256 FROM sessions WHERE account_id = $1
            ORDER BY used_seconds DESC, token_sha256 LIMIT $2
         )",
    )
    .bind(id.as_str())
    .bind(SESSIONS_PER_ACCOUNT_MAX - 1)
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    sqlx::query(
        "INSERT INTO sessions (token_sha256, account_id, csrf, created_seconds, used_seconds)
         VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(sha256_of(token.expose()))
    .bind(id.as_str())
    .bind(csrf.expose())
    .bind(now_seconds)
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    Ok((token, csrf))
}
