//! Ids of accounts.

use std::fmt;
use std::str::FromStr;

use crate::AccountsError;
use crate::secret::{hexadecimal, random_bytes};

const ID_BYTES: usize = 16;

/// Which account: 128 random bits in hexadecimal, so that none is ever given twice. It says
/// nothing of the person, and stays in the audit log when the account is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    pub(crate) fn random() -> Result<Self, AccountsError> {
        random_id().map(Self)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = AccountsError;

    fn from_str(text: &str) -> Result<Self, AccountsError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 2 * ID_BYTES && text.bytes().all(is_digit) {
            return Ok(Self(text.to_owned()));
        }
        Err(AccountsError::NoSuchAccount)
    }
}

/// A random id, in hexadecimal.
pub(crate) fn random_id() -> Result<String, AccountsError> {
    Ok(hexadecimal(&random_bytes::<ID_BYTES>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written_and_nothing_else_is() {
        let id = AccountId::random().unwrap();
        assert_eq!(id.to_string().parse::<AccountId>().unwrap(), id);
        assert_ne!(AccountId::random().unwrap(), id);
        for wrong in ["", "abc", &"g".repeat(32), &"A".repeat(32), &"0".repeat(33)] {
            assert!(matches!(wrong.parse::<AccountId>(), Err(AccountsError::NoSuchAccount)));
        }
    }
}
