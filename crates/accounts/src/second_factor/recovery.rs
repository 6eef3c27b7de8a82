//! Recovery codes: each opens once what an authenticator app opens.

use serde_json::json;

use crate::audit::{AuditAction, AuditChange, append};
use crate::database::Writer;
use crate::secret::{hexadecimal, random_bytes, sha256_of};
use crate::{AccountId, AccountsError, Actor, Secret};

/// How many are handed out at a time.
pub const RECOVERY_CODES: usize = 10;
/// 80 random bits: nobody tries them out, so a plain hash protects them.
const CODE_BYTES: usize = 10;
const GROUP: usize = 5;

/// Draws an account's codes anew.
pub(super) async fn replace(
    writer: &mut Writer,
    id: &AccountId,
) -> Result<Vec<Secret>, AccountsError> {
    drop_all(writer, id).await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let digits = hexadecimal(&random_bytes::<CODE_BYTES>()?);
        sqlx::query("INSERT INTO recovery_codes (code_sha256, account_id) VALUES ($1, $2)")
            .bind(sha256_of(&digits))
            .bind(id.as_str())
            .execute(&mut **writer)
            .await
            .map_err(AccountsError::database("make recovery codes"))?;
        codes.push(Secret::new(grouped(&digits)));
    }
    Ok(codes)
}

pub(super) async fn drop_all(writer: &mut Writer, id: &AccountId) -> Result<(), AccountsError> {
    sqlx::query("DELETE FROM recovery_codes WHERE account_id = $1")
        .bind(id.as_str())
        .execute(&mut **writer)
        .await
        .map_err(AccountsError::database("drop recovery codes"))?;
    Ok(())
}

/// Uses a code up; false when there is none such.
pub(super) async fn take(
    writer: &mut Writer,
    id: &AccountId,
    code: &str,
    now_seconds: i64,
) -> Result<bool, AccountsError> {
    let used = sqlx::query("DELETE FROM recovery_codes WHERE code_sha256 = $1 AND account_id = $2")
        .bind(sha256_of(&digits_of(code)))
        .bind(id.as_str())
        .execute(&mut **writer)
        .await
        .map_err(AccountsError::database("take a recovery code"))?;
    if used.rows_affected() == 0 {
        return Ok(false);
    }
    audit(writer, id, "used", now_seconds).await?;
    Ok(true)
}

pub(super) async fn audit(
    writer: &mut Writer,
    id: &AccountId,
    what: &str,
    now_seconds: i64,
) -> Result<(), AccountsError> {
    let change = AuditChange {
        actor: &Actor::Account(id.clone()),
        action: AuditAction::AccountRecovery,
        subject: id.as_str(),
        before: None,
        after: Some(json!({"codes": what})),
    };
    append(writer, change, now_seconds).await.map(drop)
}

/// As people read it: groups of five.
fn grouped(digits: &str) -> String {
    let digits: Vec<_> = digits.chars().collect();
    let groups: Vec<String> = digits.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// As people type it: with or without groups, in any case.
fn digits_of(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let digits = "0123456789abcdef0123";
        assert_eq!(grouped(digits), "01234-56789-abcde-f0123");
        for typed in ["01234-56789-abcde-f0123", " 01234 56789 ABCDE F0123 ", digits] {
            assert_eq!(digits_of(typed), digits);
        }
    }
}
