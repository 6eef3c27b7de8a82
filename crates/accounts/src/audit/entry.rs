//! One entry: what is asked to be written, and what stands there afterwards.

use serde_json::Value;

use super::AuditAction;
use crate::{AccountsError, Actor};

/// Longest state before or after a change, in bytes of JSON.
pub const AUDIT_JSON_BYTES_MAX: usize = 16 * 1024;
/// Longest subject, in bytes.
pub const AUDIT_SUBJECT_BYTES_MAX: usize = 256;

/// What somebody did, to be written.
#[derive(Clone, Debug)]
pub struct AuditChange<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What.
    pub action: AuditAction,
    /// With what: an id, a name of a key, a version; never a person's name. At most
    /// [`AUDIT_SUBJECT_BYTES_MAX`] bytes.
    pub subject: &'a str,
    /// What was there before, without secrets; at most [`AUDIT_JSON_BYTES_MAX`] bytes.
    pub before: Option<Value>,
    /// What is there now; the same limit.
    pub after: Option<Value>,
}

impl AuditChange<'_> {
    /// As it is stored, without number and hash.
    pub(super) fn at(&self, at_seconds: i64) -> Result<AuditEntry, AccountsError> {
        within("its subject", self.subject.len(), AUDIT_SUBJECT_BYTES_MAX)?;
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        let (before, after) = (text(&self.before), text(&self.after));
        for json in [&before, &after].into_iter().flatten() {
            within("its state", json.len(), AUDIT_JSON_BYTES_MAX)?;
        }
        Ok(AuditEntry {
            sequence: 0,
            at_seconds,
            actor: self.actor.to_string(),
            action: self.action.name().to_owned(),
            subject: self.subject.to_owned(),
            before,
            after,
            hash: String::new(),
        })
    }
}

fn within(what: &'static str, found: usize, allowed: usize) -> Result<(), AccountsError> {
    if found > allowed {
        return Err(AccountsError::AuditTooLarge { what, found, allowed });
    }
    Ok(())
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; the first has 1, and none is left out.
    pub sequence: i64,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Who: `account:` and an id, `key:` and a name, or `system`.
    pub actor: String,
    /// What: the name of an [`AuditAction`], perhaps of another version of this program.
    pub action: String,
    /// With what.
    pub subject: String,
    /// What was there before, as JSON.
    pub before: Option<String>,
    /// What was there afterwards, as JSON.
    pub after: Option<String>,
    /// Hash of the chain up to here, in hexadecimal.
    pub hash: String,
}
