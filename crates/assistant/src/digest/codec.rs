//! A digest as bytes: a version, two counts, then texts with their lengths.

use super::{DigestSentence, ProductDigest, TextOrigin};

/// Most bytes of an encoded digest.
pub const DIGEST_BYTES_MAX: usize = 600;

const VERSION: u8 = 1;
/// Version and counts.
pub(super) const HEADER_BYTES: usize = 3;
/// A length of this many bytes and more takes two bytes.
const LENGTH_SHORT_MAX: usize = 0x7f;

const DESCRIPTION: u8 = 0;
const REVIEW: u8 = 1;

/// Why bytes are no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// More bytes than a digest has.
    #[error(
        "{n_bytes} bytes are more than the {DIGEST_BYTES_MAX} of a digest: make it by `build_digest`"
    )]
    TooLong {
        /// How many there are.
        n_bytes: usize,
    },
    /// Written by another version.
    #[error("version {version} of digests is not known here: sync the catalogue again, or update")]
    Version {
        /// The version that it says.
        version: u8,
    },
    /// The bytes end within a text.
    #[error("the digest ends within a text, at byte {at}: fetch it again")]
    Truncated {
        /// Where the text would have gone on.
        at: usize,
    },
    /// A length that is not in its one form, an origin that is none, or an empty text.
    #[error("byte {at} of the digest means nothing: fetch it again")]
    Meaningless {
        /// The byte.
        at: usize,
    },
    /// A text is not UTF-8.
    #[error("the text at byte {at} of the digest is not UTF-8: fetch it again")]
    NotText {
        /// Where the text begins.
        at: usize,
    },
    /// There is more behind the last text.
    #[error("{n_bytes} bytes stand behind the digest: fetch it again")]
    Trailing {
        /// How many.
        n_bytes: usize,
    },
}

impl ProductDigest {
    /// The digest as bytes; equal digests give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // What is in a digest was counted when it was built or read.
        let mut out = vec![VERSION, self.attributes.len() as u8, self.sentences.len() as u8];
        for (name, value) in &self.attributes {
            push_text(&mut out, name);
            push_text(&mut out, value);
        }
        for sentence in &self.sentences {
            out.push(if sentence.origin == TextOrigin::Review { REVIEW } else { DESCRIPTION });
            push_text(&mut out, &sentence.text);
        }
        out
    }

    /// Reads untrusted bytes. What is read is the same bytes when written again; memory stays
    /// within a small factor of `bytes.len()`.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DigestError> {
        if bytes.len() > DIGEST_BYTES_MAX {
            return Err(DigestError::TooLong { n_bytes: bytes.len() });
        }
        let Some((&[version, n_attributes, n_sentences], _)) =
            bytes.split_first_chunk::<HEADER_BYTES>()
        else {
            return Err(DigestError::Truncated { at: bytes.len() });
        };
        if version != VERSION {
            return Err(DigestError::Version { version });
        }
        let mut reader = Reader { bytes, at: HEADER_BYTES };
        let mut digest = Self::default();
        for _ in 0..n_attributes {
            let name = reader.text()?;
            digest.attributes.push((name, reader.text()?));
        }
        for _ in 0..n_sentences {
            let at = reader.at;
            let origin = match reader.byte()? {
                DESCRIPTION => TextOrigin::Description,
                REVIEW => TextOrigin::Review,
                _ => return Err(DigestError::Meaningless { at }),
            };
            digest.sentences.push(DigestSentence { origin, text: reader.text()? });
        }
        match bytes.len() - reader.at {
            0 => Ok(digest),
            n_bytes => Err(DigestError::Trailing { n_bytes }),
        }
    }
}

/// Bytes that a text takes.
pub(super) fn text_bytes(text: &str) -> usize {
    text.len() + if text.len() > LENGTH_SHORT_MAX { 2 } else { 1 }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let n = text.len();
    if n > LENGTH_SHORT_MAX {
        out.push((n & LENGTH_SHORT_MAX) as u8 | 0x80);
        out.push((n >> 7) as u8);
    } else {
        out.push(n as u8);
    }
    out.extend_from_slice(text.as_bytes());
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, DigestError> {
        let byte = self.bytes.get(self.at).ok_or(DigestError::Truncated { at: self.at })?;
        self.at += 1;
        Ok(*byte)
    }

    fn text(&mut self) -> Result<String, DigestError> {
        let at = self.at;
        let first = self.byte()?;
        let mut n = usize::from(first & 0x7f);
        if first & 0x80 != 0 {
            let second = self.byte()?;
            if second == 0 {
                return Err(DigestError::Meaningless { at });
            }
            n |= usize::from(second) << 7;
        }
        if n == 0 {
            return Err(DigestError::Meaningless { at });
        }
        let start = self.at;
        let text = self.bytes.get(start..start + n).ok_or(DigestError::Truncated { at: start })?;
        self.at += n;
        let text = std::str::from_utf8(text).map_err(|_| DigestError::NotText { at: start })?;
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest() -> ProductDigest {
        let sentence = |origin, text: &str| DigestSentence { origin, text: text.to_owned() };
        ProductDigest {
            attributes: vec![("Weight".into(), "1.8 kg".into()), ("材质".into(), "棉".into())],
            sentences: vec![
                sentence(TextOrigin::Description, &"It is waterproof, they say. ".repeat(6)),
                sentence(TextOrigin::Review, "Runs small"),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let digest = digest();
        assert_eq!(ProductDigest::from_bytes(&digest.to_bytes()), Ok(digest));
        let none = ProductDigest::default();
        assert_eq!(none.to_bytes(), [VERSION, 0, 0]);
        assert_eq!(ProductDigest::from_bytes(&[VERSION, 0, 0]), Ok(none));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let bytes = digest().to_bytes();
        let read = |bytes: &[u8]| ProductDigest::from_bytes(bytes).unwrap_err();
        assert_eq!(read(&[]), DigestError::Truncated { at: 0 });
        assert_eq!(read(&[2, 0, 0]), DigestError::Version { version: 2 });
        assert_eq!(read(&[1, 0, 0, 9]), DigestError::Trailing { n_bytes: 1 });
        assert_eq!(read(&[1, 1, 0, 0]), DigestError::Meaningless { at: 3 });
        assert_eq!(read(&[1, 1, 0, 0x81, 0]), DigestError::Meaningless { at: 3 });
        assert_eq!(read(&[1, 1, 0, 1, 0xff, 1, b'a']), DigestError::NotText { at: 4 });
        assert_eq!(read(&[1, 0, 1, 2, 1, b'a']), DigestError::Meaningless { at: 3 });
        assert_eq!(read(&[0; 601]), DigestError::TooLong { n_bytes: 601 });
        for n in 0..bytes.len() {
            assert!(ProductDigest::from_bytes(&bytes[..n]).is_err(), "{n}");
        }
    }

    proptest! {
        #[test]
        fn bytes_are_refused_or_are_the_one_form_of_a_digest(
            at in 0usize..200, to in any::<u8>(), more in prop::collection::vec(any::<u8>(), 0..40)
        ) {
            let mut changed = digest().to_bytes();
            let at = at % changed.len();
            changed[at] = to;
            for bytes in [changed, [&[VERSION][..], &more].concat(), more] {
                if let Ok(digest) = ProductDigest::from_bytes(&bytes) {
                    prop_assert_eq!(digest.to_bytes(), bytes);
                }
            }
        }
    }
}
