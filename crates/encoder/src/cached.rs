//! Encoding for an import: only what is new.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

use crate::batches::{self, EncodingProgress};
use crate::{EncoderError, TEXT_DIM, TextEncoder, TextRole, VectorCache};

/// What [`encode_cached`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// One unit vector a text, in the order of the texts. \[n, 384\]
    pub vectors: Vec<f32>,
    /// Distinct texts that had to be encoded.
    pub n_encoded: usize,
    /// Distinct texts whose vectors came from the cache.
    pub n_reused: usize,
}

/// Encodes the texts that `cache` does not hold, and stores them batch by
/// batch, so that an interrupted import goes on where it stopped.
///
/// `progress` counts the texts to be encoded, not those already cached.
///
/// # Errors
/// As [`TextEncoder::encode`]; a cache that cannot be read or written;
/// [`EncoderError::Cancelled`] soon after `cancel` is set.
pub fn encode_cached(
    encoder: &TextEncoder,
    cache: &mut VectorCache,
    texts: &[&str],
    role: TextRole,
    progress: &mut dyn FnMut(EncodingProgress),
    cancel: &AtomicBool,
) -> Result<Encoded, EncoderError> {
    let (distinct, row_of) = batches::distinct(texts);
    let key = |text: &&str| VectorCache::key(encoder.model_id(), &encoder.as_read(text, role));
    let keys: Vec<_> = distinct.iter().map(key).collect();
    let missing: Vec<usize> = (0..keys.len()).filter(|&i| !cache.contains(&keys[i])).collect();
    let missing_texts: Vec<&str> = missing.iter().map(|&i| distinct[i]).collect();

    batches::encode_distinct(
        encoder,
        &missing_texts,
        role,
        cancel,
        progress,
        &mut |indices, vectors| {
            let batch_keys: Vec<_> = indices.iter().map(|&i| keys[missing[i as usize]]).collect();
            cache.append(&batch_keys, vectors)
        },
    )?;
    cache.sync()?;

    let mut rows = vec![0.0; distinct.len() * TEXT_DIM];
    for (key, row) in keys.iter().zip(rows.chunks_exact_mut(TEXT_DIM)) {
        cache.read(key, row)?;
    }
    Ok(Encoded {
        vectors: batches::gather(&rows, &row_of),
        n_encoded: missing.len(),
        n_reused: distinct.len() - missing.len(),
    })
}

/// Forgets what `cache` holds besides the vectors of these texts in a role; how many vectors that was.
///
/// # Errors
/// The cache cannot be read or written.
pub fn forget_other_texts<T: AsRef<str>>(
    encoder: &TextEncoder,
    cache: &mut VectorCache,
    texts: impl Iterator<Item = T>,
    role: TextRole,
) -> Result<usize, EncoderError> {
    let key = |text: T| VectorCache::key(encoder.model_id(), &encoder.as_read(text.as_ref(), role));
    let kept: HashSet<[u8; 32]> = texts.map(key).collect();
    cache.retain(&kept)
}
