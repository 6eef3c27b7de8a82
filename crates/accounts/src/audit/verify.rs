//! Whether the log is what was written.

use super::chain::hash_of;
use super::log::{AUDIT_PAGE_MAX, ends, entry_of};
use super::{AuditHead, ChainFault};
use crate::{AccountStore, AccountsError};

/// A log that hangs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain {
    /// How many entries were looked at.
    pub n_entries: i64,
    /// Its end, to be kept for the next time.
    pub head: AuditHead,
}

impl AccountStore {
    /// Computes the chain anew, from where it was cut to its end, and compares.
    ///
    /// With `kept`, a head that was kept elsewhere, nothing that was written up to then can
    /// have been changed without a fault. Without it, a chain that was computed anew to its
    /// end after a change looks whole.
    ///
    /// # Errors
    /// [`AccountsError::AuditChain`], and what the database refuses.
    pub async fn verify_audit(
        &self,
        kept: Option<&AuditHead>,
    ) -> Result<VerifiedChain, AccountsError> {
        let broken = |fault| AccountsError::AuditChain { fault };
        let mut reader = self.database.read().await?;
        let ends = ends(&mut reader).await?;
        if let Some(kept) = kept.filter(|kept| kept.sequence < ends.anchor.sequence) {
            return Err(broken(ChainFault::Expired { sequence: kept.sequence }));
        }
        let mut last = ends.anchor.clone();
        check_kept(kept, &last).map_err(broken)?;
        loop {
            let rows = sqlx::query(
                "SELECT * FROM audit_entries WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            )
            .bind(last.sequence)
            .bind(i64::from(AUDIT_PAGE_MAX))
            .fetch_all(&mut *reader)
            .await
            .map_err(AccountsError::database("read the audit log"))?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let entry = entry_of(row)?;
                let sequence = last.sequence + 1;
                if entry.sequence != sequence {
                    return Err(broken(ChainFault::Missing { sequence }));
                }
                if hash_of(&last.hash, &entry) != entry.hash {
                    return Err(broken(ChainFault::Changed { sequence }));
                }
                last = AuditHead { sequence, hash: entry.hash };
                check_kept(kept, &last).map_err(broken)?;
            }
        }
        if let Some(kept) = kept.filter(|kept| kept.sequence > last.sequence) {
            return Err(broken(ChainFault::Missing { sequence: kept.sequence }));
        }
        if last != ends.head {
            return Err(broken(ChainFault::End));
        }
        Ok(VerifiedChain { n_entries: last.sequence - ends.anchor.sequence, head: last })
    }
}

fn check_kept(kept: Option<&AuditHead>, reached: &AuditHead) -> Result<(), ChainFault> {
    match kept {
        Some(kept) if kept.sequence == reached.sequence && kept.hash != reached.hash => {
            Err(ChainFault::Rewritten { sequence: kept.sequence })
        }
        _ => Ok(()),
    }
}
