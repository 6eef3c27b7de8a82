//! From many texts to batches, and batches to all cores.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use rayon::prelude::*;

use crate::{EncoderError, TEXT_DIM, TextEncoder, TextRole};

/// Tokens of one batch at most; as many texts as fit. Larger products run no
/// faster, and their intermediate results leave the cache of a core.
const BATCH_TOKENS_MAX: usize = 256;

/// How far an encoding is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodingProgress {
    /// Distinct texts encoded.
    pub n_done: usize,
    /// Distinct texts to encode.
    pub n_total: usize,
    /// Texts a second since the start.
    pub texts_per_second: f64,
}

/// Receives the indices and vectors of one finished batch.
pub(crate) type BatchSink<'a> = dyn FnMut(&[u32], &[f32]) -> Result<(), EncoderError> + 'a;

/// The distinct texts in order of first appearance, and for each text the
/// index of its equal among them.
pub(crate) fn distinct<'a>(texts: &[&'a str]) -> (Vec<&'a str>, Vec<u32>) {
    let mut index_of = HashMap::with_capacity(texts.len());
    let mut distinct = Vec::new();
    let row_of = texts
        .iter()
        .map(|&text| {
            *index_of.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() as u32 - 1
            })
        })
        .collect();
    (distinct, row_of)
}

/// One row of `rows` for each entry of `row_of`.
pub(crate) fn gather(rows: &[f32], row_of: &[u32]) -> Vec<f32> {
    row_of.iter().flat_map(|&row| &rows[row as usize * TEXT_DIM..][..TEXT_DIM]).copied().collect()
}

/// Encodes texts that differ, shortest first, handing each finished batch to
/// `sink` on the calling thread, in no particular order.
///
/// # Errors
/// The first error of a batch or of `sink`; [`EncoderError::Cancelled`] once
/// `cancel` is set. Batches already handed over stay handed over.
pub(crate) fn encode_distinct(
    encoder: &TextEncoder,
    texts: &[&str],
    role: TextRole,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(EncodingProgress),
    sink: &mut BatchSink<'_>,
) -> Result<(), EncoderError> {
    let started = Instant::now();
    let mut n_done = 0;
    let mut counted = |indices: &[u32], vectors: &[f32]| {
        sink(indices, vectors)?;
        n_done += indices.len();
        progress(EncodingProgress {
            n_done,
            n_total: texts.len(),
            texts_per_second: n_done as f64 / started.elapsed().as_secs_f64().max(1e-9),
        });
        Ok(())
    };
    let tokenise = |text: &str| encoder.tokenise(text, role);
    let left: Vec<u32> = match &encoder.remote {
        Some(remote) => remote.encode(texts, &tokenise, cancel, &mut counted)?,
        None => (0..texts.len() as u32).collect(),
    };
    if !cancel.load(Ordering::Relaxed) {
        let token_ids: Vec<Vec<u32>> =
            left.par_iter().map(|&i| tokenise(texts[i as usize])).collect::<Result<_, _>>()?;
        let batches = batches_of(&token_ids);
        run_on_all_cores(encoder, &token_ids, &batches, cancel, &mut |indices, vectors| {
            let places: Vec<u32> = indices.iter().map(|&i| left[i as usize]).collect();
            counted(&places, vectors)
        })?;
    }
    if n_done < texts.len() {
        return Err(EncoderError::Cancelled { n_done, n_total: texts.len() });
    }
    Ok(())
}

/// Indices in order of length, at most [`BATCH_TOKENS_MAX`] tokens a group, or one text.
fn batches_of(token_ids: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut by_length: Vec<u32> = (0..token_ids.len() as u32).collect();
    let length = |i: u32| token_ids[i as usize].len();
    by_length.sort_by_key(|&i| length(i));
    let mut batches: Vec<Vec<u32>> = Vec::new();
    let mut n_tokens = 0;
    for i in by_length {
        n_tokens += length(i);
        match batches.last_mut().filter(|_| n_tokens <= BATCH_TOKENS_MAX) {
            Some(batch) => batch.push(i),
            None => {
                batches.push(vec![i]);
                n_tokens = length(i);
            }
        }
    }
    batches
}

fn encode_batch(encoder: &TextEncoder, token_ids: &[Vec<u32>], batch: &[u32]) -> Vec<f32> {
    let lengths: Vec<usize> = batch.iter().map(|&i| token_ids[i as usize].len()).collect();
    let ids: Vec<u32> = batch.iter().flat_map(|&i| &token_ids[i as usize]).copied().collect();
    encoder.network.forward_while(&ids, &lengths, &|| false).unwrap_or_default()
}

/// Runs the batches, each on one core from start to end: that keeps its
/// intermediate results in the core's own cache and needs no synchronisation
/// within a layer.
fn run_on_all_cores(
    encoder: &TextEncoder,
    token_ids: &[Vec<u32>],
    batches: &[Vec<u32>],
    cancel: &AtomicBool,
    sink: &mut BatchSink<'_>,
) -> Result<(), EncoderError> {
    let n_workers = thread::available_parallelism().map_or(1, usize::from).min(batches.len());
    if n_workers <= 1 {
        for batch in batches.iter().take_while(|_| !cancel.load(Ordering::Relaxed)) {
            sink(batch, &encode_batch(encoder, token_ids, batch))?;
        }
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(n_workers);
    thread::scope(|scope| {
        for _ in 0..n_workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while !cancel.load(Ordering::Relaxed) {
                    let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    if sender.send((batch, encode_batch(encoder, token_ids, batch))).is_err() {
                        break; // The receiver failed and is gone.
                    }
                }
            });
        }
        drop(sender);
        let receiver = receiver;
        receiver.iter().try_for_each(|(batch, vectors)| sink(batch, &vectors))
    })
}
