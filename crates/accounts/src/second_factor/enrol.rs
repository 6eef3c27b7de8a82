//! An authenticator app is set up and removed.

use sqlx::Row as _;

use super::code::{take_code, totp};
use super::{is_needed, recovery};
use crate::account::account_in;
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::commit;
use crate::secret::random_bytes;
use crate::{AccountId, AccountStore, AccountsError, Actor, Permission, Secret};

/// What RFC 4226 recommends: 160 bits.
const SECRET_BYTES: usize = 20;
/// Before any code was taken.
const NO_STEP: i64 = -1;

/// What an authenticator app needs, shown once.
#[derive(Clone, Debug)]
pub struct TotpEnrolment {
    /// An `otpauth://` address with the secret in it, for a QR code.
    pub uri: Secret,
    /// The secret alone, in base32, for typing.
    pub typed: Secret,
}

impl AccountStore {
    /// Begins to set up an app for one's own account; nothing changes until a code confirms
    /// that it works. Begun again, it draws another secret. `issuer` is what the app calls
    /// the shop; it has no colon.
    ///
    /// # Errors
    /// [`AccountsError::SecondFactorInUse`], [`AccountsError::NoSuchAccount`],
    /// [`AccountsError::Totp`] for an issuer that cannot be, and what the database refuses.
    pub async fn begin_second_factor(
        &self,
        id: &AccountId,
        issuer: &str,
    ) -> Result<TotpEnrolment, AccountsError> {
        let failed = |source| AccountsError::Database { action: "set an app up", source };
        let mut writer = self.database.write().await?;
        let account = account_in(&mut writer, id).await?;
        if account.has_second_factor {
            return Err(AccountsError::SecondFactorInUse);
        }
        let secret = totp_rs::Secret::from(random_bytes::<SECRET_BYTES>()?.to_vec());
        let typed = secret.to_base32();
        let uri = totp(secret, issuer, &account.login)?
            .to_url()
            .map_err(|source| AccountsError::Totp { source })?;
        sqlx::query("DELETE FROM totp_secrets WHERE account_id = $1")
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(failed)?;
        sqlx::query(
            "INSERT INTO totp_secrets (account_id, secret, is_confirmed, last_step)
             VALUES ($1, $2, 0, $3)",
        )
        .bind(id.as_str())
        .bind(typed.as_str())
        .bind(NO_STEP)
        .execute(&mut *writer)
        .await
        .map_err(failed)?;
        commit(writer).await?;
        Ok(TotpEnrolment { uri: Secret::new(uri), typed: Secret::new(typed) })
    }

    /// Ends the set-up with a code that the app shows, which is used up by it. Returns the
    /// recovery codes: they are shown once.
    ///
    /// # Errors
    /// [`AccountsError::NoSecondFactor`], [`AccountsError::SecondFactorInUse`],
    /// [`AccountsError::WrongCode`], and what the database refuses.
    pub async fn confirm_second_factor(
        &self,
        id: &AccountId,
        code: &Secret,
        now_seconds: i64,
    ) -> Result<Vec<Secret>, AccountsError> {
        let mut writer = self.database.write().await?;
        if is_needed(&mut writer, id).await? {
            return Err(AccountsError::SecondFactorInUse);
        }
        if !take_code(&mut writer, id, code.expose(), now_seconds).await? {
            return Err(AccountsError::WrongCode);
        }
        sqlx::query("UPDATE totp_secrets SET is_confirmed = 1 WHERE account_id = $1")
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(AccountsError::database("set an app up"))?;
        let codes = recovery::replace(&mut writer, id).await?;
        let change = AuditChange {
            actor: &Actor::Account(id.clone()),
            action: AuditAction::AccountSecondFactor,
            subject: id.as_str(),
            before: None,
            after: None,
        };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await?;
        Ok(codes)
    }

    /// Removes the app and the recovery codes: of one's own account, or as an admin of
    /// anyone's who lost both.
    ///
    /// # Errors
    /// [`AccountsError::NoSecondFactor`], [`AccountsError::Forbidden`], and what the
    /// database refuses.
    pub async fn remove_second_factor(
        &self,
        actor: &Actor,
        id: &AccountId,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let failed = |source| AccountsError::Database { action: "remove an app", source };
        let mut writer = self.database.write().await?;
        let needed =
            if actor.account() == Some(id) { Permission::View } else { Permission::ManageAccounts };
        actor.authorise(&mut writer, needed).await?;
        let gone = sqlx::query("DELETE FROM totp_secrets WHERE account_id = $1")
            .bind(id.as_str())
            .execute(&mut *writer)
            .await
            .map_err(failed)?;
        if gone.rows_affected() == 0 {
            return Err(AccountsError::NoSecondFactor);
        }
        recovery::drop_all(&mut writer, id).await?;
        let action = AuditAction::AccountSecondFactorRemove;
        let change = AuditChange { actor, action, subject: id.as_str(), before: None, after: None };
        append(&mut writer, change, now_seconds).await?;
        commit(writer).await
    }

    /// Draws one's recovery codes anew; the old ones open nothing any more.
    ///
    /// # Errors
    /// [`AccountsError::NoSecondFactor`], and what the database refuses.
    pub async fn renew_recovery_codes(
        &self,
        id: &AccountId,
        now_seconds: i64,
    ) -> Result<Vec<Secret>, AccountsError> {
        let mut writer = self.database.write().await?;
        if !is_needed(&mut writer, id).await? {
            return Err(AccountsError::NoSecondFactor);
        }
        let codes = recovery::replace(&mut writer, id).await?;
        recovery::audit(&mut writer, id, "renewed", now_seconds).await?;
        commit(writer).await?;
        Ok(codes)
    }

    /// How many recovery codes an account has left.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn n_recovery_codes(&self, id: &AccountId) -> Result<i64, AccountsError> {
        let row = sqlx::query("SELECT count(*) FROM recovery_codes WHERE account_id = $1")
            .bind(id.as_str())
            .fetch_one(&self.database.pool)
            .await;
        let n_left = row.and_then(|row| row.try_get(0));
        n_left.map_err(AccountsError::database("count recovery codes"))
    }
}
