//! From pairs to an adapter, with the vectors of an import's cache.

use anyhow::{Result, anyhow};
use vitrine_domain::Item;
use vitrine_encoder::adapter::{Adapter, AdapterStep, TrainingTexts, fit_adapter};
use vitrine_encoder::{EncoderError, TEXT_DIM, TextRole};

use super::AdaptConfig;
use super::pairs::Pairs;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// What a fit gives.
pub struct Fitted {
    /// The adapter.
    pub adapter: Adapter,
    /// Vectors of the items without it. \[items, 384\]
    pub without: Vec<f32>,
}

/// Fits an adapter to pairs; `texts` are encoded by the model without one.
///
/// # Errors
/// A text cannot be encoded, or the process was asked to stop.
pub fn fit(
    settings: &ServerSettings,
    texts: &mut TextVectors,
    (items, pairs): (&[Item], &Pairs),
    config: &AdaptConfig,
    stop: &Stop,
) -> Result<Fitted> {
    let passages: Vec<String> = items.iter().map(Item::passage).collect();
    let without = texts.encode(&passages, stop)?;
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let mut pair_vectors = vec![0.0; pairs.fit.len() * TEXT_DIM];
    for role in [TextRole::Query, TextRole::Passage] {
        let which: Vec<usize> =
            (0..pairs.fit.len()).filter(|&at| pairs.fit[at].role == role).collect();
        let said: Vec<&str> = which.iter().map(|&at| pairs.fit[at].text.as_str()).collect();
        let vectors = match role {
            TextRole::Query => texts.encode_queries(&said, stop)?,
            TextRole::Passage => texts.encode(&said, stop)?,
        };
        for (&at, vector) in which.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
            pair_vectors[at * TEXT_DIM..][..TEXT_DIM].copy_from_slice(vector);
        }
    }
    let training = TrainingTexts {
        passages: &passages,
        passage_vectors: &without,
        pairs: &pairs.fit,
        pair_vectors: &pair_vectors,
    };
    tracing::info!(pairs = pairs.fit.len(), products = passages.len(), "fitting an adapter");
    let mut bar = None;
    let mut progress = |step: AdapterStep| {
        let bar = bar.get_or_insert_with(|| WorkProgress::start("steps", step.n_total as u64));
        bar.at(step.n_done as u64, &format!("loss {:.3}", step.loss));
    };
    let (dir, encoder) = (&settings.weights_dir, &texts.encoder);
    let fitted = fit_adapter(dir, encoder, training, &config.fit, &mut progress, stop);
    let adapter = fitted.map_err(|error| match error {
        EncoderError::Cancelled { .. } => anyhow!("stopped; nothing was changed"),
        error => error.into(),
    })?;
    if let Some(bar) = bar {
        bar.finish();
    }
    Ok(Fitted { adapter, without })
}
