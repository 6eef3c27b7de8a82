//! How entries hang together.

use super::AuditEntry;

/// The end of the log at some moment: keep it where nobody who can write the database can
/// write, and later verify from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the newest entry; 0 while there is none.
    pub sequence: i64,
    /// Hash of the chain up to it, in hexadecimal.
    pub hash: String,
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// An entry is not what was written, or an earlier one was put in or taken out.
    #[error("entry {sequence} was changed")]
    Changed {
        /// Its number.
        sequence: i64,
    },
    /// An entry is not there.
    #[error("entry {sequence} is missing")]
    Missing {
        /// Its number.
        sequence: i64,
    },
    /// The log ends elsewhere than it says.
    #[error("the end of the log is another than the log says")]
    End,
    /// The log was written anew since the head was kept.
    #[error("entry {sequence} has another hash than the head that was kept")]
    Rewritten {
        /// Number of the head.
        sequence: i64,
    },
    /// The head that was kept is older than what the log still has.
    #[error("the head that was kept, entry {sequence}, has expired: use a younger one")]
    Expired {
        /// Number of the head.
        sequence: i64,
    },
}

/// The hash of an entry that follows the one with the hash `previous`, in hexadecimal.
/// Lengths stand before texts, so that no two entries have the same bytes.
pub(super) fn hash_of(previous: &str, entry: &AuditEntry) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("vitrine 2026 audit entry");
    hasher.update(previous.as_bytes());
    hasher.update(&entry.sequence.to_le_bytes());
    hasher.update(&entry.at_seconds.to_le_bytes());
    let texts = [Some(&entry.actor), Some(&entry.action), Some(&entry.subject)];
    for text in texts.into_iter().chain([entry.before.as_ref(), entry.after.as_ref()]) {
        // Nothing is another thing than an empty text.
        hasher.update(&[u8::from(text.is_some())]);
        let bytes = text.map_or(&[][..], |text| text.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_entry_and_what_came_before_change_its_hash() {
        let entry = AuditEntry {
            sequence: 1,
            at_seconds: 2,
            actor: "system".to_owned(),
            action: "key.create".to_owned(),
            subject: "erp".to_owned(),
            before: None,
            after: Some("1".to_owned()),
            hash: String::new(),
        };
        let hash = hash_of("0", &entry);
        assert_eq!(hash, hash_of("0", &entry));
        let changes: [fn(&mut AuditEntry); 8] = [
            |entry| entry.sequence = 2,
            |entry| entry.at_seconds = 3,
            |entry| entry.actor = "system ".to_owned(),
            |entry| entry.action = "key.revoke".to_owned(),
            |entry| entry.subject = "erp2".to_owned(),
            |entry| entry.before = Some(String::new()),
            |entry| entry.after = None,
            |entry| (entry.before, entry.after) = (entry.after.take(), None),
        ];
        for change in changes {
            let mut other = entry.clone();
            change(&mut other);
            assert_ne!(hash_of("0", &other), hash, "{other:?}");
        }
        assert_ne!(hash_of("1", &entry), hash);
    }
}
