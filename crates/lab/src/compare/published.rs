//! Figures that others published on the same data under the same protocol.

use vitrine_evaluation::published::PublishedFigure;

const PAPERS: &str = "the papers' tables";
const ESASREC: &str = "the eSASRec authors' runs";

const fn figure(
    model: &'static str,
    hit_rate_at_10: f64,
    ndcg_at_10: f64,
    source: &'static str,
) -> PublishedFigure {
    PublishedFigure { model, hit_rate_at_10, ndcg_at_10, source }
}

/// Amazon Beauty 2014, 5-core, leave-one-out, all 12,101 items ranked, seen items
/// masked. Figures from sampled negatives are not comparable and not listed.
pub const AMAZON_BEAUTY: &[PublishedFigure] = &[
    figure("PopRec", 0.0152, 0.0068, PAPERS),
    figure("GRU4Rec", 0.0283, 0.0137, PAPERS),
    figure("BERT4Rec", 0.0347, 0.0170, PAPERS),
    figure("SASRec", 0.0605, 0.0318, PAPERS),
    figure("S3-Rec", 0.0647, 0.0327, PAPERS),
    figure("TIGER", 0.0648, 0.0384, PAPERS),
    figure("ActionPiece", 0.0775, 0.0424, PAPERS),
    figure("HSTU", 0.0788, 0.0439, ESASREC),
    figure("SASRec, sampled softmax", 0.0921, 0.0531, ESASREC),
    figure("eSASRec", 0.0928, 0.0523, ESASREC),
];
