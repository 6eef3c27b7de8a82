//! What pictures look like, in few bytes, and what makes such codes on a device.

use serde::{Deserialize, Serialize};
use vitrine_domain::limits::ITEMS_MAX;
use vitrine_domain::{ItemId, PICTURE_CODE_DIM};

use crate::bounded;

/// Largest network, in bytes.
pub const NETWORK_BYTES_MAX: usize = 5_000_000;
/// Largest projection, in bytes.
pub const PROJECTION_BYTES_MAX: usize = 1 << 20;

/// Codes of cards' main pictures: `codes` is `[ids.len(), 64]`, row-major.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PictureCodeShard {
    /// Cards that have a picture, sorted.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub ids: Vec<ItemId>,
    /// Codes.
    #[serde(deserialize_with = "bounded::signed")]
    pub codes: Vec<i8>,
    /// Cards that are gone, or have no picture any more (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// The code of one card's main picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureCodeRow {
    /// The card.
    pub id: ItemId,
    /// Its code.
    pub code: [i8; PICTURE_CODE_DIM],
}

/// What makes a code of any picture; both parts are files of `vitrine-vision`, with magic and
/// checksum of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureNetworkShard {
    /// Picture to vector; at most [`NETWORK_BYTES_MAX`].
    #[serde(deserialize_with = "bounded::bytes")]
    pub network: Vec<u8>,
    /// Vector to code, fitted to the catalogue; at most [`PROJECTION_BYTES_MAX`].
    #[serde(deserialize_with = "bounded::bytes")]
    pub projection: Vec<u8>,
}

impl PictureCodeShard {
    /// Its rows.
    pub fn into_rows(self) -> Vec<PictureCodeRow> {
        let codes = self.codes.as_chunks().0.iter().copied();
        self.ids.into_iter().zip(codes).map(|(id, code)| PictureCodeRow { id, code }).collect()
    }

    /// A shard of sorted rows.
    pub fn of_rows<'a>(
        rows: impl Iterator<Item = &'a PictureCodeRow> + Clone,
        removed: Vec<ItemId>,
    ) -> Self {
        Self {
            ids: rows.clone().map(|row| row.id).collect(),
            codes: rows.flat_map(|row| row.code).collect(),
            removed,
        }
    }
}
