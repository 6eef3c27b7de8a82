//! Keys are made, listed, revoked, and asked for.

use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::ApiScope;
use super::scope::{joined, split};
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::ids::random_id;
use crate::secret::sha256_of;
use crate::{AccountStore, AccountsError, Actor, Permission, Secret};

/// Longest name of a key, in characters.
pub const KEY_NAME_CHARS_MAX: usize = 64;
/// Most keys in use.
pub const API_KEYS_MAX: i64 = 1_000;
/// A key begins so, that a leaked one is recognised as what it is.
const PREFIX: &str = "vitrine_";
/// How much of a key is kept to recognise it by, in characters: 32 of its 256 bits.
const SHOWN_CHARS: usize = PREFIX.len() + 8;

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What people and the audit log call it.
    pub name: String,
    /// The beginning of the key; empty when it came from a file, which has only its hash.
    pub prefix: String,
    /// What it may do, in the order of their names.
    pub scopes: Vec<ApiScope>,
    /// Requests a second that it may make in the long run.
    pub requests_per_second: u32,
    /// When it was made, in seconds since 1970-01-01 UTC.
    pub created_seconds: i64,
    /// When it ends, if it does; the same unit.
    pub expires_seconds: Option<i64>,
    /// When it was revoked; the same unit.
    pub revoked_seconds: Option<i64>,
}

/// What a new key shall be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// 1 to [`KEY_NAME_CHARS_MAX`] letters, digits, `-`, `_` or `.`.
    pub name: String,
    /// What it may do: at least one.
    pub scopes: Vec<ApiScope>,
    /// Requests a second that it may make in the long run: at least one.
    pub requests_per_second: u32,
    /// When it ends, if it shall, in seconds since 1970-01-01 UTC.
    pub expires_seconds: Option<i64>,
}

/// Why a request with a key is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// There is no such key.
    #[error("the API key is unknown")]
    Unknown,
    /// It was revoked.
    #[error("the API key {name:?} was revoked")]
    Revoked {
        /// Which key.
        name: String,
    },
    /// Its time is over.
    #[error("the API key {name:?} has expired: make a new one")]
    Expired {
        /// Which key.
        name: String,
    },
    /// It is for something else.
    #[error("the API key {name:?} lacks the scope {scope}")]
    Scope {
        /// Which key.
        name: String,
        /// What it would need.
        scope: ApiScope,
    },
}

fn key_of(row: &AnyRow) -> Result<ApiKey, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "an API key" };
    let scopes: String = row.try_get("scopes").map_err(damaged)?;
    let rate: i64 = row.try_get("requests_per_second").map_err(damaged)?;
    Ok(ApiKey {
        name: row.try_get("name").map_err(damaged)?,
        prefix: row.try_get("prefix").map_err(damaged)?,
        scopes: split(&scopes)?,
        requests_per_second: u32::try_from(rate)
            .map_err(|_| AccountsError::Damaged { what: "an API key" })?,
        created_seconds: row.try_get("created_seconds").map_err(damaged)?,
        expires_seconds: row.try_get("expires_seconds").map_err(damaged)?,
        revoked_seconds: row.try_get("revoked_seconds").map_err(damaged)?,
    })
}

impl AccountStore {
    /// Makes a key; the secret is kept nowhere.
    ///
    /// # Errors
    /// [`AccountsError::KeyName`], [`AccountsError::KeyTaken`],
    /// [`AccountsError::KeyWithoutUse`], [`AccountsError::TooManyKeys`],
    /// [`AccountsError::Forbidden`], and what the database refuses.
    pub async fn create_key(
        &self,
        actor: &Actor,
        key: &NewApiKey,
        now_seconds: i64,
    ) -> Result<Secret, AccountsError> {
        let is_over = key.expires_seconds.is_some_and(|end| end <= now_seconds);
        if key.scopes.is_empty() || key.requests_per_second == 0 || is_over {
            return Err(AccountsError::KeyWithoutUse);
        }
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageKeys).await?;
        let secret = Secret::random(PREFIX)?;
        let row = KeyRow {
            key,
            sha256: sha256_of(secret.expose()),
            prefix: secret.expose()[..SHOWN_CHARS].to_owned(),
            created_seconds: now_seconds,
        };
        insert(&mut writer, row).await?;
        let change = AuditChange {
            actor,
            action: AuditAction::KeyCreate,
            subject: &key.name,
            before: None,
            after: Some(json!({
                "scopes": joined(&key.scopes),
                "requests_per_second": key.requests_per_second,
                "expires_seconds": key.expires_seconds,
            })),
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await?;
        Ok(secret)
    }

    /// All keys, revoked ones too: by name, then by when they were made.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, AccountsError> {
        let rows = sqlx::query("SELECT * FROM api_keys").fetch_all(&self.database.pool).await;
        let rows = rows.map_err(AccountsError::database("list API keys"))?;
        let mut keys = rows.iter().map(key_of).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by(|a, b| (&a.name, a.created_seconds).cmp(&(&b.name, b.created_seconds)));
        Ok(keys)
    }

    /// Revokes a key by its name: no request with it is let in from now on.
    ///
    /// # Errors
    /// [`AccountsError::NoSuchKey`], [`AccountsError::Forbidden`], and what the database
    /// refuses.
    pub async fn revoke_key(
        &self,
        actor: &Actor,
        name: &str,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageKeys).await?;
        let revoked = sqlx::query(
            "UPDATE api_keys SET revoked_seconds = $1 WHERE name = $2 AND revoked_seconds IS NULL",
        )
        .bind(now_seconds)
        .bind(name)
        .execute(&mut *writer)
        .await
        .map_err(AccountsError::database("revoke an API key"))?;
        if revoked.rows_affected() == 0 {
            return Err(AccountsError::NoSuchKey { name: name.to_owned() });
        }
        let action = AuditAction::KeyRevoke;
        let change = AuditChange { actor, action, subject: name, before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// The key that a request presents, if it may do what it asks for now: by one look at an
    /// index of hashes, so that the time it takes says nothing of keys that there are.
    ///
    /// # Errors
    /// [`ApiKeyRefusal`], and what the database refuses.
    pub async fn authorise_key(
        &self,
        token: &Secret,
        scope: ApiScope,
        now_seconds: i64,
    ) -> Result<ApiKey, AccountsError> {
        let row = sqlx::query("SELECT * FROM api_keys WHERE token_sha256 = $1")
            .bind(sha256_of(token.expose()))
            .fetch_optional(&self.database.pool)
            .await
            .map_err(AccountsError::database("look for an API key"))?;
        let key = key_of(&row.ok_or(ApiKeyRefusal::Unknown)?)?;
        let name = key.name.clone();
        if key.revoked_seconds.is_some() {
            return Err(ApiKeyRefusal::Revoked { name }.into());
        }
        if key.expires_seconds.is_some_and(|end| end <= now_seconds) {
            return Err(ApiKeyRefusal::Expired { name }.into());
        }
        if !key.scopes.contains(&scope) {
            return Err(ApiKeyRefusal::Scope { name, scope }.into());
        }
        Ok(key)
    }
}

/// A key as it is stored.
pub(super) struct KeyRow<'a> {
    pub key: &'a NewApiKey,
    pub sha256: String,
    pub prefix: String,
    pub created_seconds: i64,
}

pub(super) async fn insert(writer: &mut Writer, row: KeyRow<'_>) -> Result<(), AccountsError> {
    let failed = |source| AccountsError::Database { action: "make an API key", source };
    let name = &row.key.name;
    let is_named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !(1..=KEY_NAME_CHARS_MAX).contains(&name.len()) || !name.chars().all(is_named) {
        return Err(AccountsError::KeyName);
    }
    let taken = sqlx::query("SELECT id FROM api_keys WHERE name = $1 AND revoked_seconds IS NULL")
        .bind(name.as_str())
        .fetch_optional(&mut **writer)
        .await
        .map_err(failed)?;
    if taken.is_some() {
        return Err(AccountsError::KeyTaken { name: name.clone() });
    }
    let count = sqlx::query("SELECT count(*) FROM api_keys WHERE revoked_seconds IS NULL")
        .fetch_one(&mut **writer)
        .await;
    if count.and_then(|count| count.try_get::<i64, _>(0)).map_err(failed)? >= API_KEYS_MAX {
        return Err(AccountsError::TooManyKeys);
    }
    sqlx::query(
        "INSERT INTO api_keys (id, name, token_sha256, prefix, scopes, requests_per_second,
            created_seconds, expires_seconds) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(random_id()?)
    .bind(name.as_str())
    .bind(row.sha256)
    .bind(row.prefix)
    .bind(joined(&row.key.scopes))
    .bind(i64::from(row.key.requests_per_second))
    .bind(row.created_seconds)
    .bind(row.key.expires_seconds)
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    Ok(())
}
