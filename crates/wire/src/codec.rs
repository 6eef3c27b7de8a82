//! Encoding, decoding and naming of shards.
//!
//! A shard is a header of five bytes (`VTR`, format, kind) and a postcard
//! payload. What decodes is valid: sorted, bounded, with every index in range.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vitrine_domain::limits::SHARD_BYTES_MAX;
use vitrine_domain::{ContentHash, ShardKind};

use crate::validate::validate_shard;
use crate::{Shard, WireError};

/// How every shard starts.
pub const SHARD_MAGIC: [u8; 3] = *b"VTR";
/// The shard format that this code writes and reads.
pub const SHARD_FORMAT: u8 = 1;
/// Bytes before the payload: magic, format, kind.
pub const SHARD_HEADER_BYTES: usize = 5;

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
    let bytes = match shard {
        Shard::Cards(rows) => payload(ShardKind::Cards, rows),
        Shard::Prices(rows) => payload(ShardKind::Prices, rows),
        Shard::Codes(rows) => payload(ShardKind::Codes, rows),
        Shard::Related(rows) => payload(ShardKind::Related, rows),
        Shard::Pictures(rows) => payload(ShardKind::Pictures, rows),
        Shard::Student(weights) => payload(ShardKind::Student, weights),
        Shard::Alternatives(rows) => payload(ShardKind::Alternatives, rows),
        Shard::Offers(rows) => payload(ShardKind::Offers, rows),
        Shard::Neighbours(rows) => payload(ShardKind::Neighbours, rows),
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
    if format != SHARD_FORMAT {
        return Err(WireError::ShardFormat { found: format });
    }
    let shard = match kind_of(kind)? {
        ShardKind::Cards => Shard::Cards(parse(ShardKind::Cards, payload)?),
        ShardKind::Prices => Shard::Prices(parse(ShardKind::Prices, payload)?),
        ShardKind::Codes => Shard::Codes(parse(ShardKind::Codes, payload)?),
        ShardKind::Related => Shard::Related(parse(ShardKind::Related, payload)?),
        ShardKind::Pictures => Shard::Pictures(parse(ShardKind::Pictures, payload)?),
        ShardKind::Student => Shard::Student(parse(ShardKind::Student, payload)?),
        ShardKind::Alternatives => Shard::Alternatives(parse(ShardKind::Alternatives, payload)?),
        ShardKind::Offers => Shard::Offers(parse(ShardKind::Offers, payload)?),
        ShardKind::Neighbours => Shard::Neighbours(parse(ShardKind::Neighbours, payload)?),
    };
    validate_shard(&shard)?;
    Ok(shard)
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
    use ShardKind::*;
    [Cards, Prices, Codes, Related, Pictures, Student, Alternatives, Offers, Neighbours]
        .into_iter()
        .find(|kind| *kind as u8 == found)
        .ok_or(WireError::ShardKind { found })
}

fn payload<T: Serialize>(kind: ShardKind, rows: &T) -> Result<Vec<u8>, WireError> {
    let mut bytes = SHARD_MAGIC.to_vec();
    bytes.extend([SHARD_FORMAT, kind as u8]);
    postcard::to_extend(rows, bytes).map_err(|source| WireError::Payload { kind, source })
}

fn parse<T: DeserializeOwned>(kind: ShardKind, payload: &[u8]) -> Result<T, WireError> {
    let (rows, rest) =
        postcard::take_from_bytes(payload).map_err(|source| WireError::Payload { kind, source })?;
    match rest.len() {
        0 => Ok(rows),
        bytes => Err(WireError::Trailing { kind, bytes }),
    }
}
