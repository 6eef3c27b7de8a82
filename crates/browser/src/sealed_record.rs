//! How sealed values lie in the database: several values of a list in one record, so that a
//! long log is few records, each opened once.
//!
//! A record is a header ([`FORMAT`], number of values as `u32`, little endian), a nonce of
//! [`NONCE_LEN`] bytes, and the sealed values with their tag. Number and size of what is kept
//! are not hidden.

use std::collections::HashMap;
use std::ops::Range;

/// First byte of every record. What was written in plain text begins with another: it is JSON.
const FORMAT: u8 = 1;
const HEADER_LEN: usize = 5;
/// Bytes of a nonce of AES-GCM.
pub(crate) const NONCE_LEN: usize = 12;
/// Most bytes of values in one record, unless one value alone is longer.
pub(crate) const RECORD_BYTES_MAX: usize = 256 << 10;
/// A list of more records than this is packed into fewer when it is read.
pub(crate) const RECORDS_MAX: usize = 256;

/// A record in its parts.
#[derive(Debug, PartialEq)]
pub(crate) struct SealedRecord<'a> {
    pub header: &'a [u8],
    pub nonce: &'a [u8],
    pub sealed: &'a [u8],
}

impl<'a> SealedRecord<'a> {
    /// `None` for what is not sealed.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER_LEN)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        (header[0] == FORMAT).then_some(Self { header, nonce, sealed })
    }

    pub fn write(&self) -> Vec<u8> {
        [self.header, self.nonce, self.sealed].concat()
    }
}

/// The header of a record of so many values.
pub(crate) fn header(n_values: usize) -> [u8; HEADER_LEN] {
    let mut header = [FORMAT; HEADER_LEN];
    header[1..].copy_from_slice(&(n_values as u32).to_le_bytes());
    header
}

/// How many values a record has, without opening it; what is not sealed is one.
pub(crate) fn n_values(bytes: &[u8]) -> u64 {
    let Some(record) = SealedRecord::read(bytes) else { return 1 };
    let number = record.header[1..].try_into().map_or(0, u32::from_le_bytes);
    number.into()
}

/// Values as the bytes that are sealed: each with its length before it.
pub(crate) fn pack(values: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(values.iter().map(|value| value.as_ref().len() + 4).sum());
    for value in values.iter().map(AsRef::as_ref) {
        packed.extend((value.len() as u32).to_le_bytes());
        packed.extend(value);
    }
    packed
}

/// Undoes [`pack`]; `None` where the lengths do not fit.
pub(crate) fn unpack(mut packed: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut values = Vec::new();
    while !packed.is_empty() {
        let (len, rest) = packed.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        values.push(value.to_vec());
        packed = rest;
    }
    Some(values)
}

/// Neighbours that go into one record each, by the bytes of their values.
pub(crate) fn groups(bytes: impl IntoIterator<Item = usize>) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut in_group = 0;
    for (at, n_bytes) in bytes.into_iter().enumerate() {
        match groups.last_mut() {
            Some(group) if in_group + n_bytes <= RECORD_BYTES_MAX => {
                group.end = at + 1;
                in_group += n_bytes;
            }
            _ => {
                groups.push(at..at + 1);
                in_group = n_bytes;
            }
        }
    }
    groups
}

/// Takes values out of the records of a list: for each of `removed` the first that is equal.
/// Which records change, and what stays in them.
pub(crate) fn without<'a>(
    records: impl Iterator<Item = &'a [Vec<u8>]>,
    removed: &[Vec<u8>],
) -> Vec<(usize, Vec<Vec<u8>>)> {
    let mut going: HashMap<&[u8], usize> = HashMap::new();
    for value in removed {
        *going.entry(value).or_default() += 1;
    }
    let mut changed = Vec::new();
    for (place, values) in records.enumerate() {
        let stays = |value: &&Vec<u8>| match going.get_mut(value.as_slice()) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        };
        let staying: Vec<Vec<u8>> = values.iter().filter(stays).cloned().collect();
        if staying.len() < values.len() {
            changed.push((place, staying));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    #[test]
    fn values_come_back_as_they_were_and_rubbish_is_none() {
        let some = values(&["a view", "", "a purchase"]);
        let packed = pack(&some);
        assert_eq!(unpack(&packed), Some(some));
        assert_eq!(unpack(&[]), Some(Vec::new()));
        assert_eq!(unpack(&packed[..packed.len() - 1]), None);
        assert_eq!(unpack(&[1, 0]), None);
    }

    #[test]
    fn a_record_is_told_from_plain_text() {
        let record = SealedRecord { header: &header(300), nonce: &[7; NONCE_LEN], sealed: b"x" };
        let bytes = record.write();
        assert_eq!(SealedRecord::read(&bytes), Some(record));
        assert_eq!(n_values(&bytes), 300);
        for plain in
            [&br#"{"kind":"view_item","item":"0000000000000007","at_ms":5}"#[..], b"", b"[]"]
        {
            assert_eq!(SealedRecord::read(plain), None);
            assert_eq!(n_values(plain), 1);
        }
    }

    #[test]
    fn neighbours_share_a_record_up_to_its_size() {
        let half = RECORD_BYTES_MAX / 2;
        assert_eq!(groups([half, half, 1, half]), [0..2, 2..4]);
        assert_eq!(groups([3 * half, 1]), [0..1, 1..2]);
        assert_eq!(groups([]), Vec::<Range<usize>>::new());
    }

    #[test]
    fn the_oldest_of_equal_values_goes_and_other_records_stay() {
        let records = [values(&["a", "b"]), values(&["c"]), values(&["a", "b", "a"])];
        let of = |removed: &[&str]| without(records.iter().map(Vec::as_slice), &values(removed));
        assert_eq!(of(&["a"]), [(0, values(&["b"]))]);
        assert_eq!(of(&["a", "a"]), [(0, values(&["b"])), (2, values(&["b", "a"]))]);
        assert_eq!(of(&["c", "none such"]), [(1, Vec::new())]);
        assert_eq!(of(&[]), []);
    }
}
