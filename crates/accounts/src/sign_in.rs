//! Signing in, and what proves a password.

use std::net::IpAddr;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::account::{account_in, folded_login};
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::guesses::Attempt;
use crate::passwords::Verdict;
use crate::sessions::{begin, end_all};
use crate::{
    AccountId, AccountStore, AccountsError, Actor, PASSWORD_BYTES_MAX, SESSION_SECONDS,
    SecondFactor, Secret, StudioSession, links, second_factor,
};

/// What somebody who signs in presents.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The login name; case does not count.
    pub login: String,
    /// The password.
    pub password: Secret,
    /// The code, where the account wants one.
    pub second_factor: Option<SecondFactor>,
    /// Where the request is from. It is kept in memory alone, hashed.
    pub address: IpAddr,
}

/// Somebody who just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What the browser keeps in a cookie; it is kept nowhere else.
    pub token: Secret,
    /// The session.
    pub session: StudioSession,
}

/// What the database knows of somebody who presents a password.
struct Credentials {
    id: AccountId,
    password: String,
    is_disabled: bool,
}

impl AccountStore {
    /// Signs somebody in. The time it takes does not tell whether there is such an account.
    ///
    /// # Errors
    /// [`AccountsError::TooManyGuesses`], [`AccountsError::WrongCredentials`],
    /// [`AccountsError::SecondFactorNeeded`] and [`AccountsError::AccountDisabled`] after a
    /// right password alone, [`AccountsError::Busy`], and what the database refuses.
    pub async fn sign_in(
        &self,
        presented: &SignIn,
        now_seconds: i64,
    ) -> Result<SignedIn, AccountsError> {
        let folded = folded_login(&presented.login);
        let login = folded.as_deref().unwrap_or(presented.login.as_str());
        let attempt = self.guesses.admit(login, presented.address, now_seconds)?;
        let by_login = "SELECT id, password, is_disabled FROM accounts WHERE login = $1";
        let known = self.credentials(by_login, login).await?;
        let (known, attempt, new_phc) = self.prove(known, &presented.password, attempt).await?;

        let mut writer = self.database.write().await?;
        // Not what was changed while the password was verified.
        refuse_changed(&mut writer, &known).await?;
        if second_factor::is_needed(&mut writer, &known.id).await? {
            let Some(factor) = &presented.second_factor else {
                attempt.no_guess();
                return Err(AccountsError::SecondFactorNeeded);
            };
            if !second_factor::take(&mut writer, &known.id, factor, now_seconds).await? {
                return Err(AccountsError::WrongCredentials);
            }
        }
        if let Some(phc) = new_phc {
            keep_dearer(&mut writer, &known.id, &phc).await?;
        }
        let signed_in = signed_in(&mut writer, &known.id, now_seconds).await?;
        commit(writer).await?;
        attempt.right();
        Ok(signed_in)
    }

    /// Asks somebody who is signed in for their password again, before something that a
    /// borrowed browser must not do.
    ///
    /// # Errors
    /// As [`AccountStore::sign_in`], and [`AccountsError::NoSuchAccount`].
    pub async fn confirm_password(
        &self,
        id: &AccountId,
        password: &Secret,
        address: IpAddr,
        now_seconds: i64,
    ) -> Result<(), AccountsError> {
        let login = self.account(id).await?.login;
        let attempt = self.guesses.admit(&login, address, now_seconds)?;
        let (_, attempt, _) = self.prove(self.by_id(id).await?, password, attempt).await?;
        attempt.right();
        Ok(())
    }

    /// Changes one's own password. All sessions end, and one begins in their place.
    ///
    /// # Errors
    /// [`PasswordFault`](crate::PasswordFault), and as [`AccountStore::confirm_password`].
    pub async fn change_password(
        &self,
        id: &AccountId,
        old: &Secret,
        new: &Secret,
        address: IpAddr,
        now_seconds: i64,
    ) -> Result<SignedIn, AccountsError> {
        let login = self.account(id).await?.login;
        crate::passwords::check(new.expose(), &login)?;
        let attempt = self.guesses.admit(&login, address, now_seconds)?;
        let (known, attempt, _) = self.prove(self.by_id(id).await?, old, attempt).await?;
        let phc = self.hashes.hash(new).await?;
        let mut writer = self.database.write().await?;
        refuse_changed(&mut writer, &known).await?;
        replace_password(&mut writer, id, &phc, now_seconds).await?;
        let signed_in = signed_in(&mut writer, id, now_seconds).await?;
        commit(writer).await?;
        attempt.right();
        Ok(signed_in)
    }

    /// Goes on with who has the right password; also a hash to keep instead of a cheaper
    /// one.
    async fn prove<'a>(
        &self,
        known: Option<Credentials>,
        password: &Secret,
        attempt: Attempt<'a>,
    ) -> Result<(Credentials, Attempt<'a>, Option<String>), AccountsError> {
        let is_possible = password.expose().len() <= PASSWORD_BYTES_MAX;
        let phc = known.as_ref().filter(|_| is_possible).map(|known| known.password.as_str());
        let verdict = match self.hashes.verify(password, phc).await {
            Ok(verdict) => verdict,
            Err(AccountsError::Busy) => {
                attempt.no_guess();
                return Err(AccountsError::Busy);
            }
            Err(error) => return Err(error),
        };
        let known = match (known, verdict) {
            (None, _) | (_, Verdict::Wrong) => return Err(AccountsError::WrongCredentials),
            (Some(known), _) => known,
        };
        if known.is_disabled {
            attempt.no_guess();
            return Err(AccountsError::AccountDisabled);
        }
        let new_phc = match verdict {
            Verdict::RightButCheap => Some(self.hashes.hash(password).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok((known, attempt, new_phc))
    }

    async fn by_id(&self, id: &AccountId) -> Result<Option<Credentials>, AccountsError> {
        let by_id = "SELECT id, password, is_disabled FROM accounts WHERE id = $1";
        self.credentials(by_id, id.as_str()).await
    }

    async fn credentials(
        &self,
        statement: &'static str,
        of: &str,
    ) -> Result<Option<Credentials>, AccountsError> {
        let row = sqlx::query(statement).bind(of).fetch_optional(&self.database.pool).await;
        let row = row.map_err(AccountsError::database("look for an account"))?;
        row.map(|row| credentials_of(&row)).transpose()
    }
}

fn credentials_of(row: &AnyRow) -> Result<Credentials, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "an account" };
    let id: String = row.try_get("id").map_err(damaged)?;
    Ok(Credentials {
        id: id.parse()?,
        password: row.try_get("password").map_err(damaged)?,
        is_disabled: row.try_get::<i64, _>("is_disabled").map_err(damaged)? != 0,
    })
}

/// Refuses a password that was verified against what is not there any more.
async fn refuse_changed(writer: &mut Writer, known: &Credentials) -> Result<(), AccountsError> {
    let row =
        sqlx::query("SELECT id FROM accounts WHERE id = $1 AND password = $2 AND is_disabled = 0")
            .bind(known.id.as_str())
            .bind(known.password.as_str())
            .fetch_optional(&mut **writer)
            .await;
    match row.map_err(AccountsError::database("look for an account"))? {
        Some(_) => Ok(()),
        None => Err(AccountsError::WrongCredentials),
    }
}

/// The same password, hashed at today's cost; nothing ends by it.
async fn keep_dearer(writer: &mut Writer, id: &AccountId, phc: &str) -> Result<(), AccountsError> {
    sqlx::query("UPDATE accounts SET password = $1 WHERE id = $2")
        .bind(phc)
        .bind(id.as_str())
        .execute(&mut **writer)
        .await
        .map_err(AccountsError::database("hash a password anew"))?;
    Ok(())
}

/// Another password: sessions end, and links that would set one. The account itself does it,
/// signed in or by a link.
pub(crate) async fn replace_password(
    writer: &mut Writer,
    id: &AccountId,
    phc: &str,
    now_seconds: i64,
) -> Result<(), AccountsError> {
    let changed = sqlx::query(
        "UPDATE accounts SET password = $1, changed_seconds = $2 WHERE id = $3 AND is_disabled = 0",
    )
    .bind(phc)
    .bind(now_seconds)
    .bind(id.as_str())
    .execute(&mut **writer)
    .await
    .map_err(AccountsError::database("change a password"))?;
    if changed.rows_affected() == 0 {
        return Err(AccountsError::AccountDisabled);
    }
    end_all(writer, id).await?;
    links::void(writer, id).await?;
    let change = AuditChange {
        actor: &Actor::Account(id.clone()),
        action: AuditAction::AccountPassword,
        subject: id.as_str(),
        before: None,
        after: None,
    };
    append(writer, change, now_seconds).await.map(drop)
}

async fn signed_in(
    writer: &mut Writer,
    id: &AccountId,
    now_seconds: i64,
) -> Result<SignedIn, AccountsError> {
    let account = account_in(writer, id).await?;
    let (token, csrf) = begin(writer, id, now_seconds).await?;
    let session = StudioSession {
        account: account.id,
        display_name: account.display_name,
        role: account.role,
        csrf,
        created_seconds: now_seconds,
        expires_seconds: now_seconds.saturating_add(SESSION_SECONDS),
    };
    Ok(SignedIn { token, session })
}
