//! Roles, and the one table of what each may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::AccountsError;

/// What somebody is in the Studio. Each role may do what those before it may, and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Prepares drafts.
    Editor,
    /// Lets drafts go live, and takes them back.
    Publisher,
    /// Manages people, keys and data.
    Admin,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Publisher, Self::Admin];

    /// Whether somebody with this role may do this.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// As the database and addresses write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = AccountsError;

    fn from_str(text: &str) -> Result<Self, AccountsError> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| AccountsError::UnknownRole { given: text.to_owned() })
    }
}

/// What can be done in the Studio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See pages, reports, rules and made-up personas.
    View,
    /// Change drafts: of rules, campaigns, search settings and listings.
    EditDrafts,
    /// Judge how well a product answers a search.
    Judge,
    /// Approve somebody else's draft.
    Approve,
    /// Publish a draft, now or at a set time.
    Publish,
    /// Bring an older version back.
    RollBack,
    /// Start and stop a training.
    Train,
    /// Take reports and lists out of the Studio as files.
    Export,
    /// Read what households bought, by pseudonym.
    ReadRawLogs,
    /// Read who changed what.
    ReadAudit,
    /// Make and revoke API keys.
    ManageKeys,
    /// Invite people, change their roles, disable and delete accounts.
    ManageAccounts,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::View,
        Self::EditDrafts,
        Self::Judge,
        Self::Approve,
        Self::Publish,
        Self::RollBack,
        Self::Train,
        Self::Export,
        Self::ReadRawLogs,
        Self::ReadAudit,
        Self::ManageKeys,
        Self::ManageAccounts,
    ];

    /// The table: who may do this, and so may everyone above.
    pub fn least_role(self) -> Role {
        match self {
            Self::View => Role::Viewer,
            Self::EditDrafts | Self::Judge => Role::Editor,
            Self::Approve | Self::Publish | Self::RollBack | Self::Train | Self::Export => {
                Role::Publisher
            }
            Self::ReadRawLogs | Self::ReadAudit | Self::ManageKeys | Self::ManageAccounts => {
                Role::Admin
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_table_says_and_nothing_else() {
        // Viewer, editor, publisher, admin.
        let expected = [
            (Permission::View, [true, true, true, true]),
            (Permission::EditDrafts, [false, true, true, true]),
            (Permission::Judge, [false, true, true, true]),
            (Permission::Approve, [false, false, true, true]),
            (Permission::Publish, [false, false, true, true]),
            (Permission::RollBack, [false, false, true, true]),
            (Permission::Train, [false, false, true, true]),
            (Permission::Export, [false, false, true, true]),
            (Permission::ReadRawLogs, [false, false, false, true]),
            (Permission::ReadAudit, [false, false, false, true]),
            (Permission::ManageKeys, [false, false, false, true]),
            (Permission::ManageAccounts, [false, false, false, true]),
        ];
        assert_eq!(expected.map(|(permission, _)| permission), Permission::ALL);
        for (permission, may) in expected {
            assert_eq!(Role::ALL.map(|role| role.may(permission)), may, "{permission:?}");
        }
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in Role::ALL {
            assert_eq!(role.name().parse::<Role>().unwrap(), role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert!("Admin".parse::<Role>().is_err());
    }
}
