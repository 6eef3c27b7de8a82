//! Several sequences as tensors, without padding: rows of all windows, one
//! below the other.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::as_new::AsNew;
use crate::candidates::N_CANDIDATES;
use crate::ops::AttentionWindow;
use crate::samples::Sample;

/// Random cards that retrieval must tell from the bought ones.
pub const POOL: usize = 384;

/// Events of several windows: what the encoder reads.
#[derive(Clone, Debug)]
pub struct Events {
    /// Item of each row, \[rows\] u32; kinds and gaps likewise.
    pub items: Tensor,
    /// Kind of each row.
    pub kinds: Tensor,
    /// Gap bucket of each row.
    pub gaps: Tensor,
    /// What each row sees.
    pub rows: Arc<[AttentionWindow]>,
}

/// Inputs of one forward pass.
#[derive(Clone, Debug)]
pub struct Batch {
    /// All windows.
    pub events: Events,
    /// Row after which each cut ranks, \[cuts\] u32.
    pub cut_rows: Tensor,
    /// What each cut's row sees.
    pub cuts: Arc<[AttentionWindow]>,
    /// \[cuts · 96\] u32
    pub candidates: Tensor,
    /// \[cuts · 96 · 16\]
    pub scalars: Arc<[f32]>,
    /// \[cuts · 96\]
    pub taught: Arc<[f32]>,
    /// \[cuts · 96\]
    pub bought: Arc<[f32]>,
    /// \[cuts · 96\]
    pub offsets: Arc<[f32]>,
    /// \[cuts · 96\]
    pub new_taught: Arc<[f32]>,
    /// \[cuts · 96\]
    pub new_bought: Arc<[f32]>,
    /// \[cuts · 96\]
    pub new_offsets: Arc<[f32]>,
    /// Random cards, \[384\] u32.
    pub pool: Tensor,
    /// \[cuts · (96 + 384)\]
    pub retrieval_targets: Arc<[f32]>,
    /// \[cuts · (96 + 384)\]
    pub retrieval_offsets: Arc<[f32]>,
}

pub(crate) fn indices(values: Vec<u32>) -> Result<Tensor> {
    let n = values.len();
    Tensor::from_vec(values, n, &Device::Cpu)
}

impl Batch {
    /// Of some samples, in which some items are taken for new.
    ///
    /// # Errors
    /// When there is no sample.
    pub(crate) fn new(
        samples: &[&Sample],
        as_new: &AsNew,
        n_items: usize,
        seed: u64,
    ) -> Result<Self> {
        let (mut rows, mut cuts, mut cut_rows) = (Vec::new(), Vec::new(), Vec::new());
        for sample in samples {
            let first = rows.len() as u32;
            let n = sample.items.len() as u32;
            rows.extend((first..first + n).map(|last| AttentionWindow { first, last }));
            cut_rows.extend(sample.cut_rows.iter().map(|row| first + row));
            cuts.extend(
                sample.cut_rows.iter().map(|row| AttentionWindow { first, last: first + row }),
            );
        }
        let bytes = |pick: fn(&Sample) -> &[u8]| {
            indices(samples.iter().flat_map(|s| pick(s)).map(|b| u32::from(*b)).collect())
        };
        let floats = |pick: fn(&Sample) -> &[f32]| -> Arc<[f32]> {
            samples.iter().flat_map(|s| pick(s)).copied().collect()
        };
        let flat = |pick: fn(&Sample) -> &[u32]| {
            indices(samples.iter().flat_map(|s| pick(s)).copied().collect())
        };
        let mut scalars = Vec::new();
        for sample in samples {
            let from = scalars.len();
            scalars.extend(&sample.scalars);
            as_new.clear_scalars(&sample.candidates, &mut scalars[from..]);
        }
        let mut rng = SmallRng::seed_from_u64(seed);
        let pool = (0..POOL).map(|_| rng.random_range(0..n_items as u32)).collect();
        // Each pooled card stands for an even part of the catalogue.
        let stands_for = (n_items as f32 / POOL as f32).max(1.0).ln();
        let widened = |pick: fn(&Sample) -> &[f32], fill: f32| -> Arc<[f32]> {
            let lists = samples.iter().flat_map(|s| pick(s).chunks_exact(N_CANDIDATES));
            lists.flat_map(|list| list.iter().copied().chain([fill; POOL])).collect()
        };
        Ok(Self {
            events: Events {
                items: flat(|sample| &sample.items)?,
                kinds: bytes(|sample| &sample.kinds)?,
                gaps: bytes(|sample| &sample.gaps)?,
                rows: rows.into(),
            },
            cut_rows: indices(cut_rows)?,
            cuts: cuts.into(),
            candidates: flat(|sample| &sample.candidates)?,
            scalars: scalars.into(),
            taught: floats(|sample| &sample.taught),
            bought: floats(|sample| &sample.bought),
            offsets: floats(|sample| &sample.offsets),
            new_taught: floats(|sample| &sample.new_taught),
            new_bought: floats(|sample| &sample.new_bought),
            new_offsets: floats(|sample| &sample.new_offsets),
            pool: indices(pool)?,
            retrieval_targets: widened(|sample| &sample.retrieval_targets, 0.0),
            retrieval_offsets: widened(|sample| &sample.offsets, stands_for),
        })
    }

    /// Cuts in it.
    pub fn n_cuts(&self) -> usize {
        self.cuts.len()
    }
}
