//! Names for shoppers in files that people read: the same shopper has the same name,
//! and without the shop's key nobody can tell whose it is.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::QualityError;

const KEY_BYTES: usize = 32;
/// Hexadecimal digits of a pseudonym: 64 bits, enough to tell shoppers apart.
const DIGITS: usize = 16;

/// Computes pseudonyms with a secret key (keyed BLAKE3). Identifiers of shops are short
/// and could be tried one by one; with the key unknown that tells nothing.
pub struct Pseudonyms {
    key: [u8; KEY_BYTES],
}

impl Pseudonyms {
    /// Reads the key at `path`, or makes one that only the owner can read.
    ///
    /// # Errors
    /// [`QualityError::File`] when it cannot be read or the system has no randomness;
    /// [`QualityError::NotAKey`] when it has another length; [`QualityError::Durable`]
    /// when it cannot be written.
    pub fn open(path: &Path) -> Result<Self, QualityError> {
        match fs::read(path) {
            Ok(bytes) => match bytes.try_into() {
                Ok(key) => Ok(Self { key }),
                Err(_) => Err(QualityError::NotAKey { path: path.to_owned() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random()?;
                vitrine_durable::write_private(path, &key)?;
                Ok(Self { key })
            }
            Err(source) => Err(QualityError::File { path: path.to_owned(), source }),
        }
    }

    /// The pseudonym of an identifier: 16 hexadecimal digits.
    pub fn of(&self, identifier: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, identifier.as_bytes());
        hash.to_hex().chars().take(DIGITS).collect()
    }
}

/// Bytes of the system's random generator.
fn random() -> Result<[u8; KEY_BYTES], QualityError> {
    let source = Path::new("/dev/urandom");
    let mut key = [0; KEY_BYTES];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut key))
        .map_err(|error| QualityError::File { path: source.to_owned(), source: error })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_another_gives_other_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |name: &str| Pseudonyms::open(&folder.path().join(name)).expect("a key");
        let first = open("a");
        assert_eq!(first.of("7"), open("a").of("7"));
        assert_ne!(first.of("7"), first.of("8"));
        assert_ne!(first.of("7"), open("b").of("7"));
        assert_eq!(first.of("7").len(), DIGITS);
        fs::write(folder.path().join("a"), "short").expect("written");
        let error = Pseudonyms::open(&folder.path().join("a")).err();
        assert!(matches!(error, Some(QualityError::NotAKey { .. })));
    }
}
