//! Accounts: who there is, and what they may do.

use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::sessions::end_all;
use crate::{AccountId, AccountStore, AccountsError, Actor, Permission, Role, Secret, links};

/// Longest login name, in characters.
pub const LOGIN_CHARS_MAX: usize = 254;
/// Longest display name, in characters.
pub const DISPLAY_NAME_CHARS_MAX: usize = 100;
/// Most accounts.
pub const ACCOUNTS_MAX: i64 = 10_000;

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// What they sign in with, folded.
    pub login: String,
    /// What others see.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are kept out.
    pub is_disabled: bool,
    /// Whether signing in takes a code of an authenticator app.
    pub has_second_factor: bool,
    /// When it was created, in seconds since 1970-01-01 UTC.
    pub created_seconds: i64,
    /// When name, role, password or disabled changed last; the same unit.
    pub changed_seconds: i64,
}

/// What somebody chooses who accepts an invitation.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// A login name or e-mail address; case does not count.
    pub login: String,
    /// What others see.
    pub display_name: String,
    /// The password.
    pub password: Secret,
}

/// A login name as it is compared: ASCII alone, so that no two look the same and differ.
pub(crate) fn folded_login(login: &str) -> Result<String, AccountsError> {
    let login = login.trim();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+@".contains(&byte);
    if !(1..=LOGIN_CHARS_MAX).contains(&login.len()) || !login.bytes().all(is_allowed) {
        return Err(AccountsError::Login);
    }
    Ok(login.to_ascii_lowercase())
}

pub(crate) fn checked_display_name(name: &str) -> Result<String, AccountsError> {
    let name = name.trim();
    let n_chars = name.chars().count();
    if !(1..=DISPLAY_NAME_CHARS_MAX).contains(&n_chars) || name.chars().any(char::is_control) {
        return Err(AccountsError::DisplayName);
    }
    Ok(name.to_owned())
}

const SELECT: &str = "SELECT id, login, display_name, role, is_disabled, created_seconds,
    changed_seconds, (SELECT count(*) FROM totp_secrets
        WHERE account_id = accounts.id AND is_confirmed = 1) AS n_factors
    FROM accounts";
const SELECT_ONE: &str = "SELECT id, login, display_name, role, is_disabled, created_seconds,
    changed_seconds, (SELECT count(*) FROM totp_secrets
        WHERE account_id = accounts.id AND is_confirmed = 1) AS n_factors
    FROM accounts WHERE id = $1";

fn account_of(row: &AnyRow) -> Result<Account, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "an account" };
    let role: String = row.try_get("role").map_err(damaged)?;
    let id: String = row.try_get("id").map_err(damaged)?;
    Ok(Account {
        id: id.parse()?,
        login: row.try_get("login").map_err(damaged)?,
        display_name: row.try_get("display_name").map_err(damaged)?,
        role: role.parse()?,
        is_disabled: row.try_get::<i64, _>("is_disabled").map_err(damaged)? != 0,
        has_second_factor: row.try_get::<i64, _>("n_factors").map_err(damaged)? != 0,
        created_seconds: row.try_get("created_seconds").map_err(damaged)?,
        changed_seconds: row.try_get("changed_seconds").map_err(damaged)?,
    })
}

pub(crate) async fn account_in(
    writer: &mut Writer,
    id: &AccountId,
) -> Result<Account, AccountsError> {
    let row = sqlx::query(SELECT_ONE).bind(id.as_str()).fetch_optional(&mut **writer).await;
    let row = row.map_err(AccountsError::database("read an account"))?;
    account_of(&row.ok_or(AccountsError::NoSuchAccount)?)
}

/// Refuses to lose the last account that could manage the others.
async fn keep_an_admin(writer: &mut Writer, losing: &Account) -> Result<(), AccountsError> {
    if losing.is_disabled || losing.role != Role::Admin {
        return Ok(());
    }
    let row = sqlx::query(
        "SELECT count(*) FROM accounts WHERE role = 'admin' AND is_disabled = 0 AND id <> $1",
    )
    .bind(losing.id.as_str())
    .fetch_one(&mut **writer)
    .await;
    let n_others = row.and_then(|row| row.try_get::<i64, _>(0));
    match n_others.map_err(AccountsError::database("count admins"))? {
        0 => Err(AccountsError::LastAdmin),
        _ => Ok(()),
    }
}

impl AccountStore {
    /// All accounts, by login name.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn accounts(&self) -> Result<Vec<Account>, AccountsError> {
        let rows = sqlx::query(SELECT).fetch_all(&self.database.pool).await;
        let rows = rows.map_err(AccountsError::database("list accounts"))?;
        let mut accounts = rows.iter().map(account_of).collect::<Result<Vec<_>, _>>()?;
        // Databases sort texts each in their own way.
        accounts.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(accounts)
    }

    /// One account.
    ///
    /// # Errors
    /// [`AccountsError::NoSuchAccount`], and what the database refuses.
    pub async fn account(&self, id: &AccountId) -> Result<Account, AccountsError> {
        let row = sqlx::query(SELECT_ONE).bind(id.as_str()).fetch_optional(&self.database.pool);
        let row = row.await.map_err(AccountsError::database("read an account"))?;
        account_of(&row.ok_or(AccountsError::NoSuchAccount)?)
    }

    /// Shows another name. Everybody may change their own, an admin everyone's.
    ///
    /// # Errors
    /// [`AccountsError::DisplayName`], [`AccountsError::Forbidden`],
    /// [`AccountsError::NoSuchAccount`], and what the database refuses.
    pub async fn rename(
        &self,
        actor: &Actor,
        id: &AccountId,
        display_name: &str,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let name = checked_display_name(display_name)?;
        let mut writer = self.database.write().await?;
        let needed =
            if actor.account() == Some(id) { Permission::View } else { Permission::ManageAccounts };
        actor.authorise(&mut writer, needed).await?;
        account_in(&mut writer, id).await?;
        sqlx::query("UPDATE accounts SET display_name = $1, changed_seconds = $2 WHERE id = $3")
            .bind(name)
            .bind(now_seconds)
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("rename an account"))?;
        let action = AuditAction::AccountRename;
        // Neither name: the log is about accounts.
        let change = AuditChange { actor, action, subject: id.as_str(), before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Gives an account another role; its sessions and the links it made end.
    ///
    /// # Errors
    /// [`AccountsError::LastAdmin`], [`AccountsError::Forbidden`],
    /// [`AccountsError::NoSuchAccount`], and what the database refuses.
    pub async fn set_role(
        &self,
        actor: &Actor,
        id: &AccountId,
        role: Role,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        let account = account_in(&mut writer, id).await?;
        if account.role == role {
            return Ok(());
        }
        keep_an_admin(&mut writer, &account).await?;
        sqlx::query("UPDATE accounts SET role = $1, changed_seconds = $2 WHERE id = $3")
            .bind(role.name())
            .bind(now_seconds)
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("change a role"))?;
        end_all(&mut writer, id).await?;
        links::void(&mut writer, id).await?;
        let change = AuditChange {
            actor,
            action: AuditAction::AccountRole,
            subject: id.as_str(),
            before: Some(json!({"role": account.role})),
            after: Some(json!({"role": role})),
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Keeps an account out, or lets it in again. Its sessions end, and so do the links that
    /// it made or that would give it a new password.
    ///
    /// # Errors
    /// [`AccountsError::LastAdmin`], [`AccountsError::Forbidden`],
    /// [`AccountsError::NoSuchAccount`], and what the database refuses.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        id: &AccountId,
        is_disabled: bool,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        let account = account_in(&mut writer, id).await?;
        if account.is_disabled == is_disabled {
            return Ok(());
        }
        keep_an_admin(&mut writer, &account).await?;
        sqlx::query("UPDATE accounts SET is_disabled = $1, changed_seconds = $2 WHERE id = $3")
            .bind(i64::from(is_disabled))
            .bind(now_seconds)
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("disable an account"))?;
        end_all(&mut writer, id).await?;
        links::void(&mut writer, id).await?;
        let change = AuditChange {
            actor,
            action: AuditAction::AccountDisable,
            subject: id.as_str(),
            before: Some(json!({"is_disabled": account.is_disabled})),
            after: Some(json!({"is_disabled": is_disabled})),
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Deletes an account with its sessions, links and codes. What it did stays in the audit
    /// log, under an id that is never given again.
    ///
    /// # Errors
    /// [`AccountsError::LastAdmin`], [`AccountsError::Forbidden`],
    /// [`AccountsError::NoSuchAccount`], and what the database refuses.
    pub async fn delete(
        &self,
        actor: &Actor,
        id: &AccountId,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageAccounts).await?;
        let account = account_in(&mut writer, id).await?;
        keep_an_admin(&mut writer, &account).await?;
        sqlx::query("DELETE FROM accounts WHERE id = $1")
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("delete an account"))?;
        let change = AuditChange {
            actor,
            action: AuditAction::AccountDelete,
            subject: id.as_str(),
            before: Some(json!({"role": account.role, "is_disabled": account.is_disabled})),
            after: None,
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_names_are_folded_and_have_plain_letters() {
        assert_eq!(folded_login(" Anna.Berg@Shop.Example ").unwrap(), "anna.berg@shop.example");
        // The last one begins with a Cyrillic letter.
        for wrong in ["", "a b", "a:b", "ä", &"a".repeat(LOGIN_CHARS_MAX + 1), "\u{430}nna"] {
            assert!(matches!(folded_login(wrong), Err(AccountsError::Login)), "{wrong}");
        }
    }

    #[test]
    fn a_display_name_has_one_line() {
        assert_eq!(checked_display_name(" Ännchen 🐝 ").unwrap(), "Ännchen 🐝");
        for wrong in ["", "  ", "a\nb", &"ä".repeat(DISPLAY_NAME_CHARS_MAX + 1)] {
            assert!(matches!(checked_display_name(wrong), Err(AccountsError::DisplayName)));
        }
    }
}
