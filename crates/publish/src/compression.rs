//! Brotli, as shards are stored and sent.

use std::io::{Read as _, Write as _};

use vitrine_domain::limits::SHARD_BYTES_MAX;
use vitrine_domain::{ContentHash, ShardKind};
use vitrine_wire::content_hash;

/// Quality of the compression; `docs/experiments/bytes-time-memory.md` compares others.
const QUALITY: u32 = 9;
/// The best there is, for the shards that every first visit waits for.
const QUALITY_OF_HEAD: u32 = 11;
/// Pictures are compressed already.
const QUALITY_OF_PICTURES: u32 = 2;
/// A network in eight bits is hardly any smaller for more work.
const QUALITY_OF_NETWORKS: u32 = 5;
/// A revision is made every second.
const QUALITY_OF_REVISIONS: u32 = 5;
/// Window of 4 MiB: a shard of a cell fits it whole.
const LOG_WINDOW: u32 = 22;
const BUFFER_BYTES: usize = 64 << 10;

/// Compresses a shard of some kind and cell; the same bytes always give the same bytes.
pub(crate) fn compress(bytes: &[u8], kind: ShardKind, cell: u32) -> Vec<u8> {
    let quality = match kind {
        ShardKind::Thumbnails | ShardKind::Photos => QUALITY_OF_PICTURES,
        ShardKind::PictureNetwork => QUALITY_OF_NETWORKS,
        _ if cell == 0 => QUALITY_OF_HEAD,
        _ => QUALITY,
    };
    compress_with(bytes, quality)
}

fn compress_with(bytes: &[u8], quality: u32) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer =
        brotli::CompressorWriter::new(&mut compressed, BUFFER_BYTES, quality, LOG_WINDOW);
    writer.write_all(bytes).expect("memory takes all bytes");
    drop(writer);
    compressed
}

/// Compresses what is sent for a short time (a revision's shards, a manifest), at a quarter of
/// the cost of a version's shards and a tenth more bytes. Brotli.
pub fn compress_quickly(bytes: &[u8]) -> Vec<u8> {
    compress_with(bytes, QUALITY_OF_REVISIONS)
}

/// Decompresses a shard that should have some name; `None` if the bytes are others.
pub fn decompress_shard(compressed: &[u8], hash: ContentHash) -> Option<Vec<u8>> {
    decompress(compressed).filter(|raw| content_hash(raw) == hash)
}

/// Decompresses a shard; `None` if the bytes are damaged or become too many.
pub(crate) fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = SHARD_BYTES_MAX as u64 + 1;
    brotli::Decompressor::new(compressed, BUFFER_BYTES).take(limit).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= SHARD_BYTES_MAX).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        for bytes in [vec![], b"vitrine".repeat(10_000)] {
            for (kind, cell) in
                [(ShardKind::Cards, 0), (ShardKind::Cards, 1), (ShardKind::Photos, 0)]
            {
                let compressed = compress(&bytes, kind, cell);
                assert_eq!(compress(&bytes, kind, cell), compressed);
                assert_eq!(decompress(&compressed).as_ref(), Some(&bytes));
            }
        }
    }

    #[test]
    fn damage_and_bombs_are_noticed() {
        let mut compressed = compress(&b"vitrine".repeat(100), ShardKind::Cards, 1);
        compressed.truncate(compressed.len() / 2);
        assert_eq!(decompress(&compressed), None);
        assert_eq!(decompress(&compress(&vec![0; SHARD_BYTES_MAX + 1], ShardKind::Cards, 1)), None);
    }
}
