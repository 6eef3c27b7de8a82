//! Who does something, and whether they may.

use std::fmt;

use sqlx::Row as _;

use crate::database::Writer;
use crate::{AccountId, AccountsError, Permission, Role};

/// Who changes something; the audit log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody who is signed in.
    Account(AccountId),
    /// A system of the shop, by the name of its API key. It manages nobody.
    Key(String),
    /// Whoever has the machine: commands, and what the server does by itself. It may
    /// everything.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(formatter, "account:{id}"),
            Self::Key(name) => write!(formatter, "key:{name}"),
            Self::System => formatter.write_str("system"),
        }
    }
}

impl Actor {
    /// Which account, for what is kept beside a change.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Key(_) | Self::System => None,
        }
    }

    /// Refuses who may not do this by the role that the transaction sees.
    pub(crate) async fn authorise(
        &self,
        writer: &mut Writer,
        needed: Permission,
    ) -> Result<(), AccountsError> {
        let may = match self {
            Self::System => true,
            Self::Key(_) => false,
            Self::Account(id) => {
                let row = sqlx::query("SELECT role, is_disabled FROM accounts WHERE id = $1")
                    .bind(id.as_str())
                    .fetch_optional(&mut **writer)
                    .await
                    .map_err(AccountsError::database("tell a role"))?;
                match row {
                    None => false,
                    Some(row) => may(&row, needed)
                        .map_err(|_| AccountsError::Damaged { what: "the role of an account" })?,
                }
            }
        };
        if may { Ok(()) } else { Err(AccountsError::Forbidden { needed }) }
    }
}

fn may(row: &sqlx::any::AnyRow, needed: Permission) -> Result<bool, sqlx::Error> {
    let is_disabled = row.try_get::<i64, _>("is_disabled")? != 0;
    let role = row.try_get::<String, _>("role")?.parse::<Role>();
    Ok(!is_disabled && role.is_ok_and(|role| role.may(needed)))
}
