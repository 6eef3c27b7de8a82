//! Links are opened and used.

use serde_json::json;
use sqlx::Row as _;

use super::make::refuse_when_set_up;
use super::table::{BY_TOKEN, usable, use_up};
use super::{LinkFault, LinkPurpose};
use crate::account::{ACCOUNTS_MAX, account_in, checked_display_name, folded_login};
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::secret::sha256_of;
use crate::sign_in::replace_password;
use crate::{Account, AccountId, AccountStore, AccountsError, Actor, NewAccount, Role, Secret};

impl AccountStore {
    /// What a link is for and when it ends (seconds since 1970-01-01 UTC), without using it:
    /// for the page that it leads to.
    ///
    /// # Errors
    /// [`LinkFault`], and what the database refuses.
    pub async fn open_link(
        &self,
        token: &Secret,
        now_seconds: i64,
    ) -> Result<(LinkPurpose, i64), AccountsError> {
        let row = sqlx::query(BY_TOKEN)
            .bind(sha256_of(token.expose()))
            .fetch_optional(&self.database.pool)
            .await
            .map_err(AccountsError::database("look for a link"))?;
        let link = usable(row.as_ref(), now_seconds)?;
        Ok((link.purpose, link.expires_seconds))
    }

    /// Creates the account that an invitation, or the link of the first admin, is for.
    ///
    /// # Errors
    /// [`LinkFault`], [`PasswordFault`](crate::PasswordFault), [`AccountsError::Login`],
    /// [`AccountsError::LoginTaken`], [`AccountsError::DisplayName`],
    /// [`AccountsError::TooManyAccounts`], [`AccountsError::AlreadySetUp`] where it is the
    /// first admin's and there are accounts, [`AccountsError::Busy`], and what the database
    /// refuses. After any of these the link can still be used.
    pub async fn accept_invitation(
        &self,
        token: &Secret,
        account: &NewAccount,
        now_seconds: i64,
    ) -> Result<Account, AccountsError> {
        let login = folded_login(&account.login)?;
        let display_name = checked_display_name(&account.display_name)?;
        crate::passwords::check(account.password.expose(), &login)?;
        // Who has no link is not worth a hash.
        let (purpose, _) = self.open_link(token, now_seconds).await?;
        purpose.role().ok_or(LinkFault::OtherPurpose)?;
        let password = self.hashes.hash(&account.password).await?;

        let mut writer = self.database.write().await?;
        let link = use_up(&mut writer, token.expose(), now_seconds).await?;
        let role = link.purpose.role().ok_or(LinkFault::OtherPurpose)?;
        if link.purpose == LinkPurpose::FirstAdmin {
            refuse_when_set_up(&mut writer).await?;
        }
        refuse_taken(&mut writer, &login).await?;
        let id = AccountId::random()?;
        let values = NewRow { id: &id, login, display_name, role, password };
        insert(&mut writer, values, now_seconds).await?;
        let change = AuditChange {
            // Nobody is signed in: who has the link becomes the account.
            actor: &Actor::Account(id.clone()),
            action: AuditAction::AccountCreate,
            subject: id.as_str(),
            before: None,
            after: Some(json!({"role": role})),
        };
        append(&mut writer, change, now_seconds).await?;
        let account = account_in(&mut writer, &id).await?;
        commit(writer).await?;
        Ok(account)
    }

    /// Sets the new password that a link is for. The account's sessions end, and so do all
    /// other links to set its password; a second factor stays.
    ///
    /// # Errors
    /// [`LinkFault`], [`PasswordFault`](crate::PasswordFault), [`AccountsError::Busy`], and
    /// what the database refuses. After any of these the link can still be used.
    pub async fn reset_password(
        &self,
        token: &Secret,
        password: &Secret,
        now_seconds: i64,
    ) -> Result<AccountId, AccountsError> {
        let (purpose, _) = self.open_link(token, now_seconds).await?;
        let id = purpose.account().ok_or(LinkFault::OtherPurpose)?;
        let login = self.account(id).await?.login;
        crate::passwords::check(password.expose(), &login)?;
        let phc = self.hashes.hash(password).await?;

        let mut writer = self.database.write().await?;
        use_up(&mut writer, token.expose(), now_seconds).await?;
        replace_password(&mut writer, id, &phc, now_seconds).await?;
        commit(writer).await?;
        Ok(id.clone())
    }
}

/// Refuses a login name that another account has, and one account too many.
async fn refuse_taken(writer: &mut Writer, login: &str) -> Result<(), AccountsError> {
    let failed = |source| AccountsError::Database { action: "look for accounts", source };
    let taken = sqlx::query("SELECT id FROM accounts WHERE login = $1").bind(login);
    if taken.fetch_optional(&mut **writer).await.map_err(failed)?.is_some() {
        return Err(AccountsError::LoginTaken);
    }
    let row = sqlx::query("SELECT count(*) FROM accounts").fetch_one(&mut **writer).await;
    if row.and_then(|row| row.try_get::<i64, _>(0)).map_err(failed)? >= ACCOUNTS_MAX {
        return Err(AccountsError::TooManyAccounts);
    }
    Ok(())
}

struct NewRow<'a> {
    id: &'a AccountId,
    login: String,
    display_name: String,
    role: Role,
    password: String,
}

async fn insert(
    writer: &mut Writer,
    account: NewRow<'_>,
    now_seconds: i64,
) -> Result<(), AccountsError> {
    sqlx::query(
        "INSERT INTO accounts (id, login, display_name, role, password, is_disabled,
            created_seconds, changed_seconds) VALUES ($1, $2, $3, $4, $5, 0, $6, $6)",
    )
    .bind(account.id.as_str())
    .bind(account.login)
    .bind(account.display_name)
    .bind(account.role.name())
    .bind(account.password)
    .bind(now_seconds)
    .execute(&mut **writer)
    .await
    .map_err(AccountsError::database("create an account"))?;
    Ok(())
}
