//! Links are made, listed and taken back.

use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::LinkPurpose;
use super::table::purpose_of;
use crate::account::account_in;
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::ids::random_id;
use crate::secret::sha256_of;
use crate::{AccountId, AccountStore, AccountsError, Actor, LinkFault, Permission, Role, Secret};

/// How long a link may be used, in seconds: a day.
pub const LINK_SECONDS: i64 = 24 * 60 * 60;
/// Most links that are open at once.
pub const LINKS_MAX: i64 = 1_000;
/// How long a link is remembered after its end, in seconds, so that it is said what became
/// of it: a week.
const REMEMBERED_SECONDS: i64 = 7 * 24 * 60 * 60;

/// A link that was just made. Its token is kept nowhere else.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// What goes into the address.
    pub token: Secret,
    /// When it ends, in seconds since 1970-01-01 UTC.
    pub expires_seconds: i64,
}

/// A link that is open, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    /// Which, to take it back.
    pub id: String,
    /// What for.
    pub purpose: LinkPurpose,
    /// Who made it; none for the system.
    pub maker: Option<AccountId>,
    /// When it ends, in seconds since 1970-01-01 UTC.
    pub expires_seconds: i64,
}

impl AccountStore {
    /// A link for the first account, an admin's. Only the newest one works, so that the one
    /// that a restarted server prints is the only one.
    ///
    /// # Errors
    /// [`AccountsError::AlreadySetUp`], and what the database refuses.
    pub async fn first_admin_link(&self, now_seconds: i64) -> Result<IssuedLink, AccountsError> {
        let mut writer = self.database.write().await?;
        refuse_when_set_up(&mut writer).await?;
        sqlx::query("DELETE FROM links WHERE kind = 'first_admin'")
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("take links back"))?;
        let purpose = LinkPurpose::FirstAdmin;
        let link = insert(&mut writer, &Actor::System, &purpose, now_seconds).await?;
        audit_invitation(&mut writer, &Actor::System, Role::Admin, now_seconds).await?;
        commit(writer).await?;
        Ok(link)
    }

    /// A link to create an account with a role.
    ///
    /// # Errors
    /// [`AccountsError::Forbidden`], [`AccountsError::TooManyLinks`], and what the database
    /// refuses.
    pub async fn invite(
        &self,
        actor: &Actor,
        role: Role,
        now_seconds: i64,
    ) -> Result<IssuedLink, AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        let link = insert(&mut writer, actor, &LinkPurpose::Invite { role }, now_seconds).await?;
        audit_invitation(&mut writer, actor, role, now_seconds).await?;
        commit(writer).await?;
        Ok(link)
    }

    /// A link to set a new password for an account, which keeps its old one until then.
    ///
    /// # Errors
    /// [`AccountsError::Forbidden`], [`AccountsError::NoSuchAccount`],
    /// [`AccountsError::AccountDisabled`], [`AccountsError::TooManyLinks`], and what the
    /// database refuses.
    pub async fn password_link(
        &self,
        actor: &Actor,
        id: &AccountId,
        now_seconds: i64,
    ) -> Result<IssuedLink, AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        if account_in(&mut writer, id).await?.is_disabled {
            return Err(AccountsError::AccountDisabled);
        }
        let purpose = LinkPurpose::PasswordReset { account: id.clone() };
        let link = insert(&mut writer, actor, &purpose, now_seconds).await?;
        let action = AuditAction::AccountPasswordLink;
        let change = AuditChange { actor, action, subject: id.as_str(), before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await?;
        Ok(link)
    }

    /// Links that are neither used nor expired, the first to end first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn open_links(&self, now_seconds: i64) -> Result<Vec<OneTimeLink>, AccountsError> {
        let rows = sqlx::query(
            "SELECT id, kind, role, account_id, maker_id, expires_seconds FROM links
             WHERE used_seconds IS NULL AND expires_seconds > $1 ORDER BY expires_seconds, id",
        )
        .bind(now_seconds)
        .fetch_all(&self.database.pool)
        .await
        .map_err(AccountsError::database("list links"))?;
        let damaged = |_| AccountsError::Damaged { what: "a link" };
        let read = |row: &AnyRow| -> Result<OneTimeLink, AccountsError> {
            let maker: Option<String> = row.try_get("maker_id").map_err(damaged)?;
            Ok(OneTimeLink {
                id: row.try_get("id").map_err(damaged)?,
                purpose: purpose_of(row)?,
                maker: maker.map(|id| id.parse()).transpose()?,
                expires_seconds: row.try_get("expires_seconds").map_err(damaged)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Takes an open link back, by its id.
    ///
    /// # Errors
    /// [`LinkFault::Unknown`], [`AccountsError::Forbidden`], and what the database refuses.
    pub async fn revoke_link(
        &self,
        actor: &Actor,
        link_id: &str,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        let gone = sqlx::query("DELETE FROM links WHERE id = $1 AND used_seconds IS NULL")
            .bind(link_id)
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("take a link back"))?;
        if gone.rows_affected() == 0 {
            return Err(LinkFault::Unknown.into());
        }
        let action = AuditAction::AccountLinkRevoke;
        let change = AuditChange { actor, action, subject: link_id, before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Forgets links a week after their end.
    pub(crate) async fn sweep_links(&self, now_seconds: i64) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM links WHERE expires_seconds <= $1")
            .bind(now_seconds.saturating_sub(REMEMBERED_SECONDS))
            .execute(&self.database.pool)
            .await
            .map_err(AccountsError::database("forget links"))?;
        Ok(())
    }
}

/// Refuses what is for a store without accounts.
pub(super) async fn refuse_when_set_up(writer: &mut Writer) -> Result<(), AccountsError> {
    let account = sqlx::query("SELECT id FROM accounts LIMIT 1").fetch_optional(&mut **writer);
    match account.await.map_err(AccountsError::database("look for accounts"))? {
        Some(_) => Err(AccountsError::AlreadySetUp),
        None => Ok(()),
    }
}

async fn audit_invitation(
    writer: &mut Writer,
    actor: &Actor,
    role: Role,
    now_seconds: i64,
) -> Result<(), AccountsError> {
    let change = AuditChange {
        actor,
        action: AuditAction::AccountInvite,
        subject: "invitation",
        before: None,
        after: Some(json!({"role": role})),
    };
    append(writer, change, now_seconds).await.map(drop)
}

async fn insert(
    writer: &mut Writer,
    maker: &Actor,
    purpose: &LinkPurpose,
    now_seconds: i64,
) -> Result<IssuedLink, AccountsError> {
    let failed = |source| AccountsError::Database { action: "make a link", source };
    let row = sqlx::query(
        "SELECT count(*) FROM links WHERE used_seconds IS NULL AND expires_seconds > $1",
    )
    .bind(now_seconds)
    .fetch_one(&mut **writer)
    .await;
    if row.and_then(|row| row.try_get::<i64, _>(0)).map_err(failed)? >= LINKS_MAX {
        return Err(AccountsError::TooManyLinks);
    }
    let token = Secret::random("")?;
    let expires_seconds = now_seconds.saturating_add(LINK_SECONDS);
    sqlx::query(
        "INSERT INTO links
            (id, token_sha256, kind, role, account_id, maker_id, created_seconds, expires_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(random_id()?)
    .bind(sha256_of(token.expose()))
    .bind(purpose.kind())
    .bind(purpose.role().map(Role::name))
    .bind(purpose.account().map(AccountId::as_str))
    .bind(maker.account().map(AccountId::as_str))
    .bind(now_seconds)
    .bind(expires_seconds)
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    Ok(IssuedLink { token, expires_seconds })
}
