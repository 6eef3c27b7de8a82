//! The GPU path: one submit, at most three dispatches, one readback a ranking.
//!
//! Static data of the items (codes, `pre`) goes up once a sync. A ranking
//! uploads what depends on the shopper: the folded matrix, the scan's query,
//! which rows are candidates already, and the scalars of all rows, because
//! which rows the scan will choose is not known before; hence the bound on
//! items, [`GPU_ITEMS_MAX`], beyond which the CPU ranks.

use vitrine_student::{ItemTable, Shopper, Weights};

#[cfg(not(gpu))]
mod absent;
#[cfg(gpu)]
mod buffers;
#[cfg(gpu)]
mod layout;
#[cfg(gpu)]
mod pipelines;
#[cfg(gpu)]
mod present;
#[cfg(all(test, gpu))]
mod tests;

#[cfg(not(gpu))]
pub(crate) use absent::Gpu;
#[cfg(gpu)]
pub(crate) use present::Gpu;

/// Most candidates of one ranking on the GPU.
pub const CANDIDATES_MAX: usize = 512;
/// Most items of a catalogue that is ranked on the GPU: 4 MiB of scalars a ranking.
pub const GPU_ITEMS_MAX: usize = 65_536;

/// What the GPU was asked to do since it was requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Command buffers submitted.
    pub n_submits: u64,
    /// Compute dispatches in them.
    pub n_dispatches: u64,
    /// Buffers mapped for reading.
    pub n_readbacks: u64,
}

/// One ranking: `fixed` candidates and the best `n_scanned` others.
#[derive(Clone, Copy)]
#[cfg_attr(not(gpu), allow(dead_code, reason = "read on the GPU path alone"))]
pub(crate) struct Job<'a> {
    pub weights: &'a Weights,
    pub table: &'a ItemTable,
    pub shopper: &'a Shopper,
    pub now_ms: i64,
    pub fixed: &'a [u32],
    /// At most the number of rows that are not fixed.
    pub n_scanned: usize,
}
