//! Codes of an authenticator app (RFC 6238), each taken once.

use sqlx::Row as _;
use totp_rs::{Builder, Totp};

use super::recovery;
use crate::database::Writer;
use crate::{AccountId, AccountsError, Secret};

/// How long a code is shown, in seconds. The one before and the one after are taken, too,
/// for clocks that differ.
pub const TOTP_STEP_SECONDS: u64 = 30;
const DIGITS: u8 = 6;
const STEPS_APART_MAX: u16 = 1;

/// What proves more than a password.
#[derive(Clone, Debug)]
pub enum SecondFactor {
    /// What the authenticator app shows now.
    Code(Secret),
    /// One of the codes that were handed out when the app was set up.
    Recovery(Secret),
}

/// What computes codes from a secret: SHA-1, which is what all apps know.
pub(super) fn totp(
    secret: totp_rs::Secret,
    issuer: &str,
    account: &str,
) -> Result<Totp, AccountsError> {
    let builder = Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(STEPS_APART_MAX)
        .with_step_duration(TOTP_STEP_SECONDS)
        .with_secret(secret)
        .with_issuer(Some(issuer))
        .with_account_name(account);
    builder.build().map_err(|source| AccountsError::Totp { source })
}

/// The step of a code that is right now, whether or not it was taken before.
pub(super) fn step_of(
    secret: &str,
    code: &str,
    now_seconds: i64,
) -> Result<Option<i64>, AccountsError> {
    let damaged = |_| AccountsError::Damaged { what: "the secret of an authenticator app" };
    let secret = totp_rs::Secret::try_from_base32(secret).map_err(damaged)?;
    let totp = totp(secret, "Vitrine", "account")?;
    // People type the gap that apps show.
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp.check(&code, u64::try_from(now_seconds).unwrap_or(0));
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Whether signing in takes more than a password.
pub(crate) async fn is_needed(writer: &mut Writer, id: &AccountId) -> Result<bool, AccountsError> {
    let row = sqlx::query("SELECT 1 FROM totp_secrets WHERE account_id = $1 AND is_confirmed = 1")
        .bind(id.as_str())
        .fetch_optional(&mut **writer)
        .await;
    Ok(row.map_err(AccountsError::database("look for a second factor"))?.is_some())
}

/// Takes a code, which is then used up; false when it is wrong, old or used.
pub(crate) async fn take(
    writer: &mut Writer,
    id: &AccountId,
    factor: &SecondFactor,
    now_seconds: i64,
) -> Result<bool, AccountsError> {
    match factor {
        SecondFactor::Code(code) => take_code(writer, id, code.expose(), now_seconds).await,
        SecondFactor::Recovery(code) => {
            recovery::take(writer, id, code.expose(), now_seconds).await
        }
    }
}

/// Takes a code of the app, of a step after that of the last one.
pub(super) async fn take_code(
    writer: &mut Writer,
    id: &AccountId,
    code: &str,
    now_seconds: i64,
) -> Result<bool, AccountsError> {
    let failed = |source| AccountsError::Database { action: "take a code", source };
    let row = sqlx::query("SELECT secret FROM totp_secrets WHERE account_id = $1")
        .bind(id.as_str())
        .fetch_optional(&mut **writer)
        .await
        .map_err(failed)?;
    let secret: String = row.ok_or(AccountsError::NoSecondFactor)?.try_get(0).map_err(failed)?;
    let Some(step) = step_of(&secret, code, now_seconds)? else { return Ok(false) };
    let taken = sqlx::query(
        "UPDATE totp_secrets SET last_step = $1 WHERE account_id = $2 AND last_step < $1",
    )
    .bind(step)
    .bind(id.as_str())
    .execute(&mut **writer)
    .await
    .map_err(failed)?;
    Ok(taken.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B has eight digits; six are the last of them.
        let secret = totp_rs::Secret::from("12345678901234567890".as_bytes()).to_base32();
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (at_seconds, digits) in vectors {
            let step = |code: &str, now| step_of(&secret, code, now).unwrap();
            assert_eq!(step(&digits[2..], at_seconds), Some(at_seconds / 30), "{at_seconds}");
            let spaced = format!(" {} {}", &digits[2..5], &digits[5..]);
            assert_eq!(step(&spaced, at_seconds), Some(at_seconds / 30));
            // One step off on either side, and no more.
            assert_eq!(step(&digits[2..], at_seconds + 30), Some(at_seconds / 30));
            assert_eq!(step(&digits[2..], at_seconds - 30), Some(at_seconds / 30));
            assert_eq!(step(&digits[2..], at_seconds + 60), None);
            assert_eq!(step(&digits[2..], at_seconds + 90), None);
            for wrong in ["", "000000", "28708", "2870822", "abcdef"] {
                assert_eq!(step(wrong, at_seconds), None, "{wrong}");
            }
        }
    }
}
