//! Deserialisation that never allocates much more than the input is long.
//!
//! serde reserves up to 1 MiB for any list whose announced length is large. The
//! helpers here reserve little and keep at most one entry more than a limit, so
//! that validation can still say which list is too long.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// What a list may reserve before its first entry was read.
const RESERVED_BYTES_MAX: usize = 16 << 10;

/// Reads a list, keeping at most `MAX + 1` entries.
pub(crate) fn list<'de, const MAX: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_seq(ListVisitor::<MAX, T>(PhantomData))
}

struct ListVisitor<const MAX: usize, T>(PhantomData<T>);

impl<'de, const MAX: usize, T: Deserialize<'de>> Visitor<'de> for ListVisitor<MAX, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let reserved = RESERVED_BYTES_MAX / size_of::<T>().max(1);
        let n = entries.size_hint().unwrap_or(0);
        let mut list = Vec::with_capacity(n.min(reserved).min(MAX.saturating_add(1)));
        while let Some(entry) = entries.next_element::<T>()? {
            if list.len() <= MAX {
                list.push(entry);
            }
        }
        Ok(list)
    }
}

/// Reads bytes, which in the wire format look like a list of `u8`.
pub(crate) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_bytes(BytesVisitor)
}

/// Reads bytes as signed values, which look like a list of `i8`.
pub(crate) fn signed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i8>, D::Error> {
    let bytes = bytes(deserializer)?;
    Ok(bytes.into_iter().map(u8::cast_signed).collect())
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}
