//! What a ranking reads.

use std::rc::Rc;

use vitrine_device::{Device, Ranking};
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_student::{ItemTable, PersonalLayer, Ranker, Shopper};

use crate::pair::{Model, Pair};

/// What a ranking reads, held apart from the session's state so that nothing
/// is borrowed while it runs.
pub(crate) struct RankInput {
    pub pair: Rc<Pair>,
    pub shopper: Rc<Shopper>,
    pub now_ms: i64,
    /// What was learned on the device, if anything.
    pub layer: Option<Rc<PersonalLayer>>,
}

impl RankInput {
    /// The model; a `RankInput` is only made when there is one.
    pub fn model(&self) -> &Model {
        self.pair.model.as_ref().expect("a ranking starts with a model")
    }

    /// Lets the personal layer speak, whichever backend ranked.
    pub fn correct(&self, rows: &[u32], scores: &mut [f32]) {
        if let Some(layer) = &self.layer {
            layer.correct(rows, scores);
        }
    }

    /// Candidates and scores of the feed.
    pub async fn rank_on(&self, device: &mut Device) -> Ranking {
        let Model { weights, table, .. } = self.model();
        device.rank_feed(weights, table, &self.shopper, self.now_ms, FEED_CANDIDATES_MAX).await
    }

    /// Scores rows of the pair's own table as the feed does, on the processor.
    pub fn feed_scores(&self, rows: &[u32]) -> Vec<f32> {
        let Model { weights, table, .. } = self.model();
        let mut ranker = Ranker::new();
        let mut scores = ranker.rank(weights, table, &self.shopper, self.now_ms, rows, None);
        self.correct(rows, &mut scores);
        scores
    }

    /// Scores rows of `table`, which is the pair's own or one grown from it, on
    /// the processor: a page of results is too little for a GPU.
    pub fn scores(&self, table: &ItemTable, rows: &[u32], server_scores: &[f32]) -> Vec<f32> {
        let mut ranker = Ranker::new();
        let weights = &self.model().weights;
        ranker.rank(weights, table, &self.shopper, self.now_ms, rows, Some(server_scores))
    }
}
