//! Figures that others published on the same data under the same protocol.

use serde::Serialize;

/// One line of a published table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PublishedFigure {
    /// Name of the model.
    pub model: &'static str,
    /// HR@10, all items ranked.
    pub hit_rate_at_10: f64,
    /// NDCG@10, all items ranked.
    pub ndcg_at_10: f64,
    /// Who measured it.
    pub source: &'static str,
}
