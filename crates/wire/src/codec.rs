//! Encoding, decoding and naming of shards.
//!
//! A shard is a header of five bytes (`VTR`, format, kind) and a postcard
//! payload. What decodes is valid: sorted, bounded, with every index in range.
//!
//! The format belongs to the kind: [`format_of`] says what is written. With the feature `v1`
//! shards of format 1 are read and become rows of the present one.

use serde::Serialize;
use vitrine_domain::limits::SHARD_BYTES_MAX;
use vitrine_domain::{ContentHash, ShardKind};

use crate::payload::{append, parse};
use crate::rules::RuleRows;
use crate::validate::validate_shard;
use crate::{Shard, WireError};

/// How every shard starts.
pub const SHARD_MAGIC: [u8; 3] = *b"VTR";
/// Bytes before the payload: magic, format, kind.
pub const SHARD_HEADER_BYTES: usize = 5;

/// The format in which shards of a kind are written: 2 for those whose rows changed since
/// version 1, 1 for those that are the same since.
pub const fn format_of(kind: ShardKind) -> u8 {
    use ShardKind::*;
    match kind {
        Cards | Prices | Offers | Pictures => 2,
        _ => 1,
    }
}

/// The name of a document: BLAKE3 of its uncompressed bytes.
pub fn content_hash(bytes: &[u8]) -> ContentHash {
    ContentHash(*blake3::hash(bytes).as_bytes())
}

/// Encodes a valid shard; the same shard always gives the same bytes.
///
/// # Errors
/// Whatever [`decode_shard`] would refuse is refused here first.
pub fn encode_shard(shard: &Shard) -> Result<Vec<u8>, WireError> {
    validate_shard(shard)?;
    let kind = shard.kind();
    let bytes = match shard {
        Shard::Cards(rows) => payload(kind, rows),
        Shard::Prices(rows) => payload(kind, rows),
        Shard::Codes(rows) => payload(kind, rows),
        Shard::Related(rows) | Shard::Alternatives(rows) | Shard::Neighbours(rows) => {
            payload(kind, rows)
        }
        Shard::Pictures(rows) => payload(kind, rows),
        Shard::Student(weights) => payload(kind, weights),
        Shard::Offers(rows) => payload(kind, rows),
        Shard::Details(rows) => payload(kind, rows),
        Shard::Thumbnails(rows) | Shard::Photos(rows) => payload(kind, rows),
        Shard::PriceLists(rows) => payload(kind, rows),
        Shard::TextCodes(rows) => payload(kind, rows),
        Shard::QueryTable(table) => payload(kind, table),
        Shard::Reviews(rows) => payload(kind, rows),
        Shard::PictureCodes(rows) => payload(kind, rows),
        Shard::PictureNetwork(network) => payload(kind, network),
        Shard::Rules(rules) => payload(kind, rules),
    }?;
    check_size(&bytes)?;
    Ok(bytes)
}

/// Decodes and validates a shard of untrusted bytes.
///
/// Memory stays within a small factor of `bytes.len()`: nothing is reserved on
/// the word of the input.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn decode_shard(bytes: &[u8]) -> Result<Shard, WireError> {
    check_size(bytes)?;
    let (header, payload) =
        bytes.split_first_chunk::<SHARD_HEADER_BYTES>().ok_or(WireError::Magic)?;
    let [magic @ .., format, kind] = *header;
    if magic != SHARD_MAGIC {
        return Err(WireError::Magic);
    }
    let kind = kind_of(kind)?;
    let shard = match format {
        found if found == format_of(kind) => parse_shard(kind, payload)?,
        #[cfg(feature = "v1")]
        1 => crate::v1::parse_shard(kind, payload)?,
        found => return Err(WireError::ShardFormat { found }),
    };
    validate_shard(&shard)?;
    Ok(shard)
}

fn parse_shard(kind: ShardKind, payload: &[u8]) -> Result<Shard, WireError> {
    Ok(match kind {
        ShardKind::Cards => Shard::Cards(parse(kind, payload)?),
        ShardKind::Prices => Shard::Prices(parse(kind, payload)?),
        ShardKind::Codes => Shard::Codes(parse(kind, payload)?),
        ShardKind::Related => Shard::Related(parse(kind, payload)?),
        ShardKind::Pictures => Shard::Pictures(parse(kind, payload)?),
        ShardKind::Student => Shard::Student(parse(kind, payload)?),
        ShardKind::Alternatives => Shard::Alternatives(parse(kind, payload)?),
        ShardKind::Offers => Shard::Offers(parse(kind, payload)?),
        ShardKind::Neighbours => Shard::Neighbours(parse(kind, payload)?),
        ShardKind::Details => Shard::Details(parse(kind, payload)?),
        ShardKind::Thumbnails => Shard::Thumbnails(parse(kind, payload)?),
        ShardKind::Photos => Shard::Photos(parse(kind, payload)?),
        ShardKind::PriceLists => Shard::PriceLists(parse(kind, payload)?),
        ShardKind::TextCodes => Shard::TextCodes(parse(kind, payload)?),
        ShardKind::QueryTable => Shard::QueryTable(parse(kind, payload)?),
        ShardKind::Reviews => Shard::Reviews(parse(kind, payload)?),
        ShardKind::PictureCodes => Shard::PictureCodes(parse(kind, payload)?),
        ShardKind::PictureNetwork => Shard::PictureNetwork(parse(kind, payload)?),
        ShardKind::Rules => Shard::Rules(parse::<RuleRows>(kind, payload)?.into()),
        ShardKind::Unknown => return Err(WireError::ShardKind { found: kind as u8 }),
    })
}

fn check_size(bytes: &[u8]) -> Result<(), WireError> {
    if bytes.len() > SHARD_BYTES_MAX {
        return Err(WireError::TooLarge {
            what: "shard",
            bytes: bytes.len(),
            bytes_max: SHARD_BYTES_MAX,
        });
    }
    Ok(())
}

fn kind_of(found: u8) -> Result<ShardKind, WireError> {
    let known = ShardKind::KNOWN.into_iter().find(|kind| *kind as u8 == found);
    known.ok_or(WireError::ShardKind { found })
}

fn payload<T: Serialize>(kind: ShardKind, rows: &T) -> Result<Vec<u8>, WireError> {
    let mut header = SHARD_MAGIC.to_vec();
    header.extend([format_of(kind), kind as u8]);
    append(header, kind, rows)
}
