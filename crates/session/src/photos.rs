//! The shop's own pictures, as far as they are on the device.
//!
//! Which pictures are fetched follows from the manifest and from what the platform says of
//! the connection, never from what is looked at.

use vitrine_domain::{ContentHash, Manifest, ShardKind, ShardRef};
use vitrine_wire::{PhotoRow, Shard};

/// Compressed bytes of pictures that are fetched where data is to be saved.
pub const PHOTO_BYTES_SAVING_MAX: u64 = 3 << 20;

/// How large a picture is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhotoSize {
    /// 96 pixels.
    Small,
    /// 320 pixels.
    Large,
}

impl PhotoSize {
    fn kind(self) -> ShardKind {
        match self {
            Self::Small => ShardKind::Thumbnails,
            Self::Large => ShardKind::Photos,
        }
    }
}

/// Decoded pictures by the shard they came in, of which there are few. What a picture is
/// called follows from its content, so that it does not matter which catalogue a shard
/// belongs to.
#[derive(Default)]
pub(crate) struct Photos(Vec<(ContentHash, ShardKind, Vec<PhotoRow>)>);

impl Photos {
    /// Takes the pictures out of a shard that has any; what is left marks that it is here.
    pub fn take(&mut self, hash: ContentHash, shard: &mut Shard) {
        let kind = shard.kind();
        if let Shard::Thumbnails(photos) | Shard::Photos(photos) = shard {
            self.0.push((hash, kind, std::mem::take(&mut photos.rows)));
        }
    }

    /// Forgets the pictures of shards that none of these manifests lists.
    pub fn keep<'a>(&mut self, manifests: impl Iterator<Item = &'a Manifest> + Clone) {
        let is_listed = |hash: ContentHash| {
            let mut shards = manifests.clone().flat_map(|manifest| &manifest.shards);
            shards.any(|shard| shard.hash == hash)
        };
        self.0.retain(|(hash, ..)| is_listed(*hash));
    }

    /// The picture in just this size.
    pub fn find(&self, id: u32, size: PhotoSize) -> Option<&[u8]> {
        let of_size = self.0.iter().filter(|(_, kind, _)| *kind == size.kind());
        let mut rows = of_size.filter_map(|(_, _, rows)| {
            let at = rows.binary_search_by_key(&id, |row| row.id).ok()?;
            Some(rows[at].webp.as_slice())
        });
        rows.next()
    }
}

/// Leaves out the pictures that are too many where data is to be saved.
pub(crate) fn within_budget(manifest: &mut Manifest, saves_data: bool) {
    if !saves_data {
        return;
    }
    let mut left = PHOTO_BYTES_SAVING_MAX;
    let mut is_within = |shard: &ShardRef| {
        if !matches!(shard.kind, ShardKind::Thumbnails | ShardKind::Photos) {
            return true;
        }
        let rest = left.checked_sub(u64::from(shard.bytes_compressed));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    manifest.shards.retain(|shard| is_within(shard));
}
