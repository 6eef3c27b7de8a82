//! What must not be printed.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::AccountsError;

/// Bytes of a token: nobody can try 2²⁵⁶ of them, so a plain hash protects it.
const TOKEN_BYTES: usize = 32;

/// A password, token or code. Its `Debug` shows nothing, so that no log does.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the one who may see it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `presented` is the same text. The time it takes does not depend on where
    /// they differ.
    pub fn matches(&self, presented: &str) -> bool {
        // Hashes of this type are compared in constant time.
        blake3::hash(self.0.as_bytes()) == blake3::hash(presented.as_bytes())
    }

    /// 256 random bits in hexadecimal, behind `prefix`.
    pub(crate) fn random(prefix: &str) -> Result<Self, AccountsError> {
        Ok(Self(format!("{prefix}{}", hexadecimal(&random_bytes::<TOKEN_BYTES>()?))))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Bytes of the system's random generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], AccountsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| AccountsError::Random { source })?;
    Ok(bytes)
}

/// What the database keeps of a token: SHA-256 in hexadecimal.
pub(crate) fn sha256_of(token: &str) -> String {
    hexadecimal(&Sha256::digest(token))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed_and_two_differ() {
        let secret = Secret::random("vitrine_").unwrap();
        assert_eq!(secret.expose().len(), "vitrine_".len() + 2 * TOKEN_BYTES);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let other = Secret::random("vitrine_").unwrap();
        assert!(!secret.matches(other.expose()) && secret.matches(secret.expose()));
    }

    #[test]
    fn a_token_is_kept_as_its_sha_256() {
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of("abc"), of_abc);
    }
}
