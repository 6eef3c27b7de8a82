//! Rows as postcard, after the header of a shard.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vitrine_domain::ShardKind;

use crate::WireError;

/// Appends rows to the header of a shard.
pub(crate) fn append<T: Serialize>(
    header: Vec<u8>,
    kind: ShardKind,
    rows: &T,
) -> Result<Vec<u8>, WireError> {
    postcard::to_extend(rows, header).map_err(|source| WireError::Payload { kind, source })
}

/// Reads rows that end where the bytes do. Several kinds have the same rows, which are
/// read by the same code.
#[inline(never)]
pub(crate) fn parse<T: DeserializeOwned>(kind: ShardKind, payload: &[u8]) -> Result<T, WireError> {
    let (rows, rest) =
        postcard::take_from_bytes(payload).map_err(|source| WireError::Payload { kind, source })?;
    match rest.len() {
        0 => Ok(rows),
        bytes => Err(WireError::Trailing { kind, bytes }),
    }
}
