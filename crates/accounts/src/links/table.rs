//! Links as the database has them.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::database::Writer;
use crate::secret::sha256_of;
use crate::{AccountId, AccountsError, Role};

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To create the first account, an admin's.
    FirstAdmin,
    /// To create an account.
    Invite {
        /// What it will be allowed to do.
        role: Role,
    },
    /// To set a new password.
    PasswordReset {
        /// Whose.
        account: AccountId,
    },
}

impl LinkPurpose {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::FirstAdmin => "first_admin",
            Self::Invite { .. } => "invite",
            Self::PasswordReset { .. } => "password_reset",
        }
    }

    pub(super) fn role(&self) -> Option<Role> {
        match self {
            Self::FirstAdmin => Some(Role::Admin),
            Self::Invite { role } => Some(*role),
            Self::PasswordReset { .. } => None,
        }
    }

    pub(super) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::PasswordReset { account } => Some(account),
            Self::FirstAdmin | Self::Invite { .. } => None,
        }
    }
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// No such link, or it was taken back.
    #[error("this link is unknown or was taken back: ask for a new one")]
    Unknown,
    /// Its time is over.
    #[error("this link has expired: ask for a new one")]
    Expired,
    /// Somebody used it.
    #[error("this link was used already: if that was not you, tell an admin")]
    Used,
    /// It is for something else.
    #[error("this link is for something else")]
    OtherPurpose,
}

/// What the database says of a link that may be used.
pub(super) struct StoredLink {
    pub id: String,
    pub purpose: LinkPurpose,
    pub expires_seconds: i64,
}

pub(super) fn purpose_of(row: &AnyRow) -> Result<LinkPurpose, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "a link" };
    let kind: String = row.try_get("kind").map_err(damaged)?;
    let role: Option<String> = row.try_get("role").map_err(damaged)?;
    let account: Option<String> = row.try_get("account_id").map_err(damaged)?;
    match (kind.as_str(), role, account) {
        ("first_admin", _, _) => Ok(LinkPurpose::FirstAdmin),
        ("invite", Some(role), _) => Ok(LinkPurpose::Invite { role: role.parse()? }),
        ("password_reset", _, Some(id)) => Ok(LinkPurpose::PasswordReset { account: id.parse()? }),
        _ => Err(AccountsError::Damaged { what: "a link" }),
    }
}

/// The link of a token, if it may be used now.
pub(super) fn usable(row: Option<&AnyRow>, now_seconds: i64) -> Result<StoredLink, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "a link" };
    let row = row.ok_or(LinkFault::Unknown)?;
    if row.try_get::<Option<i64>, _>("used_seconds").map_err(damaged)?.is_some() {
        return Err(LinkFault::Used.into());
    }
    let expires_seconds = row.try_get("expires_seconds").map_err(damaged)?;
    if now_seconds >= expires_seconds {
        return Err(LinkFault::Expired.into());
    }
    let id = row.try_get("id").map_err(damaged)?;
    Ok(StoredLink { id, purpose: purpose_of(row)?, expires_seconds })
}

pub(super) const BY_TOKEN: &str = "SELECT id, kind, role, account_id, expires_seconds, used_seconds
    FROM links WHERE token_sha256 = $1";

/// Uses a link within the transaction of what it is for: of two that try, one gets it.
pub(super) async fn use_up(
    writer: &mut Writer,
    token: &str,
    now_seconds: i64,
) -> Result<StoredLink, AccountsError> {
    let failed = |source| AccountsError::Database { action: "use a link", source };
    let row = sqlx::query(BY_TOKEN).bind(sha256_of(token)).fetch_optional(&mut **writer).await;
    let link = usable(row.map_err(failed)?.as_ref(), now_seconds)?;
    let used =
        sqlx::query("UPDATE links SET used_seconds = $1 WHERE id = $2 AND used_seconds IS NULL")
            .bind(now_seconds)
            .bind(link.id.clone())
            .execute(&mut **writer)
            .await
            .map_err(failed)?;
    if used.rows_affected() == 1 { Ok(link) } else { Err(LinkFault::Used.into()) }
}

/// Takes back the unused links that an account made, or that would give it a new password.
pub(crate) async fn void(writer: &mut Writer, account: &AccountId) -> Result<(), AccountsError> {
    sqlx::query(
        "DELETE FROM links WHERE used_seconds IS NULL AND (maker_id = $1 OR account_id = $1)",
    )
    .bind(account.as_str())
    .execute(&mut **writer)
    .await
    .map_err(AccountsError::database("take links back"))?;
    Ok(())
}
