//! Encoding for an import: only what is new.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use vitrine_vision::PICTURE_DIM;

use super::encoder::{BATCH, INPUT_LEN};
use super::{ImageEncoder, ImageError, PictureProgressNote};
use crate::{EncoderError, VectorCache};

/// What [`encode_pictures_cached`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedPictures {
    /// One row a picture, in the order of the pictures: of norm 1, or zero where it could not be
    /// read. \[n, 1280\]
    pub vectors: Vec<f32>,
    /// Which pictures were read. \[n\]
    pub is_read: Vec<bool>,
    /// Distinct pictures that had to be encoded.
    pub n_encoded: usize,
    /// Distinct pictures whose vectors came from the cache.
    pub n_reused: usize,
}

/// Encodes the pictures that `cache` does not hold, and stores them batch by batch, so that an
/// interrupted import goes on where it stopped.
///
/// `contents` are BLAKE3 hashes of the pictures' bytes. `input` gives what
/// [`super::network_input`] makes of the picture with a number, or `None` where it cannot be read;
/// it is asked from several threads, once a distinct picture that is not in the cache, and a
/// few at a time. `cache` is opened by [`VectorCache::open_of`] with [`PICTURE_DIM`] numbers.
///
/// # Errors
/// A failed computation or cache; [`ImageError::Cancelled`] soon after `cancel` is set.
pub fn encode_pictures_cached(
    encoder: &ImageEncoder,
    cache: &mut VectorCache,
    contents: &[[u8; 32]],
    input: &(dyn Fn(usize) -> Option<Vec<f32>> + Sync),
    progress: &mut dyn FnMut(PictureProgressNote),
    cancel: &AtomicBool,
) -> Result<EncodedPictures, ImageError> {
    if cache.dim() != PICTURE_DIM {
        return Err(EncoderError::CacheDim { found: cache.dim(), needed: PICTURE_DIM }.into());
    }
    let key = |content: &[u8; 32]| VectorCache::key_of_bytes(encoder.model_id(), content);
    let keys: Vec<[u8; 32]> = contents.iter().map(key).collect();
    let mut first_of = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        first_of.entry(*key).or_insert(at);
    }
    let is_missing = |at: &usize| first_of[&keys[*at]] == *at && !cache.contains(&keys[*at]);
    let missing: Vec<usize> = (0..keys.len()).filter(is_missing).collect();
    let mut n_done = 0;
    let mut n_encoded = 0;
    for batch in missing.chunks(BATCH) {
        let n_total = missing.len();
        if cancel.load(Ordering::Relaxed) {
            return Err(ImageError::Cancelled { n_done, n_total });
        }
        let inputs: Vec<_> = batch.par_iter().map(|at| input(*at)).collect();
        let mut joined = Vec::with_capacity(batch.len() * INPUT_LEN);
        let mut batch_keys = Vec::with_capacity(batch.len());
        for (at, input) in batch.iter().zip(inputs) {
            let Some(input) = input else { continue };
            if input.len() != INPUT_LEN {
                let (found, needed) = (input.len(), INPUT_LEN);
                return Err(ImageError::Input { at: *at, found, needed });
            }
            joined.extend(input);
            batch_keys.push(keys[*at]);
        }
        if !batch_keys.is_empty() {
            cache.append(&batch_keys, &encoder.encode_inputs(&joined)?)?;
        }
        n_encoded += batch_keys.len();
        n_done += batch.len();
        progress(PictureProgressNote { n_done, n_total });
    }
    cache.sync()?;
    let mut vectors = vec![0.0; keys.len() * PICTURE_DIM];
    let mut is_read = Vec::with_capacity(keys.len());
    for (key, row) in keys.iter().zip(vectors.chunks_exact_mut(PICTURE_DIM)) {
        is_read.push(cache.read(key, row)?);
    }
    let n_reused = first_of.len() - missing.len();
    Ok(EncodedPictures { vectors, is_read, n_encoded, n_reused })
}
