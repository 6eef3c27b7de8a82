//! What was done, by name.

/// Kinds of audit entries. A name is never given another meaning: old entries keep theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// An account was created from an invitation or the first link.
    AccountCreate,
    /// Somebody was invited.
    AccountInvite,
    /// A link was taken back before it was used.
    AccountLinkRevoke,
    /// An account shows another name.
    AccountRename,
    /// An account got another role.
    AccountRole,
    /// An account was disabled, or enabled again.
    AccountDisable,
    /// An account was deleted.
    AccountDelete,
    /// A link to set a new password was made.
    AccountPasswordLink,
    /// A password was changed.
    AccountPassword,
    /// A second factor was set up.
    AccountSecondFactor,
    /// A second factor was removed.
    AccountSecondFactorRemove,
    /// Recovery codes were made anew, or one was used.
    AccountRecovery,
    /// All sessions of an account were ended by hand.
    AccountSignOut,
    /// An API key was made.
    KeyCreate,
    /// An API key was revoked.
    KeyRevoke,
    /// API keys were taken over from a file.
    KeyImport,
    /// Old entries of this log were dropped.
    AuditExpire,
    /// A draft was changed.
    DraftEdit,
    /// A draft was approved.
    DraftApprove,
    /// Rules were published.
    RulesPublish,
    /// An older version of the rules came back.
    RulesRollBack,
    /// Settings of the search were published.
    SearchPublish,
    /// A model was published.
    ModelPublish,
    /// An older model came back.
    ModelRollBack,
    /// A training was started.
    TrainingStart,
    /// Texts of a product were changed.
    ListingEdit,
    /// A report or list was taken out as a file.
    DataExport,
    /// Somebody read raw logs.
    RawLogsRead,
}

impl AuditAction {
    /// As the log writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountCreate => "account.create",
            Self::AccountInvite => "account.invite",
            Self::AccountLinkRevoke => "account.link_revoke",
            Self::AccountRename => "account.rename",
            Self::AccountRole => "account.role",
            Self::AccountDisable => "account.disable",
            Self::AccountDelete => "account.delete",
            Self::AccountPasswordLink => "account.password_link",
            Self::AccountPassword => "account.password",
            Self::AccountSecondFactor => "account.second_factor",
            Self::AccountSecondFactorRemove => "account.second_factor_remove",
            Self::AccountRecovery => "account.recovery",
            Self::AccountSignOut => "account.sign_out",
            Self::KeyCreate => "key.create",
            Self::KeyRevoke => "key.revoke",
            Self::KeyImport => "key.import",
            Self::AuditExpire => "audit.expire",
            Self::DraftEdit => "draft.edit",
            Self::DraftApprove => "draft.approve",
            Self::RulesPublish => "rules.publish",
            Self::RulesRollBack => "rules.roll_back",
            Self::SearchPublish => "search.publish",
            Self::ModelPublish => "model.publish",
            Self::ModelRollBack => "model.roll_back",
            Self::TrainingStart => "training.start",
            Self::ListingEdit => "listing.edit",
            Self::DataExport => "data.export",
            Self::RawLogsRead => "raw_logs.read",
        }
    }
}
