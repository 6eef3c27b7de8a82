//! One ranking: candidates and scores, on the processor or the GPU.

use std::rc::Rc;

use vitrine_student::{ItemTable, Ranker, Shopper};

use crate::Backend;
use crate::pair::{Model, Pair};
use crate::session::Session;

/// What a ranking reads, held apart from the session's state so that nothing
/// is borrowed while it runs.
pub(crate) struct RankInput {
    pub pair: Rc<Pair>,
    pub shopper: Rc<Shopper>,
    pub now_ms: i64,
}

impl RankInput {
    /// The model; a `RankInput` is only made when there is one.
    pub fn model(&self) -> &Model {
        self.pair.model.as_ref().expect("a ranking starts with a model")
    }
}

/// Scores in the candidates' order.
pub(crate) struct Scores {
    pub scores: Vec<f32>,
    pub backend: Backend,
}

impl Session {
    /// What a personal ranking needs; `None` when the log is empty or there is
    /// no model.
    pub(crate) fn rank_input(&self) -> Option<RankInput> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let pair = state.active.clone().filter(|pair| pair.has_model())?;
        let shopper = Rc::clone(&state.personal.as_ref()?.shopper);
        (!shopper.log().is_empty()).then_some(RankInput { pair, shopper, now_ms })
    }

    /// Scores rows of `table`, which is the pair's own or one grown from it.
    pub(crate) async fn scores(
        &self,
        input: &RankInput,
        table: &ItemTable,
        candidates: &[u32],
        server_scores: Option<&[f32]>,
    ) -> Scores {
        let weights = &input.model().weights;
        let scores = Ranker::new().rank(
            weights,
            table,
            &input.shopper,
            input.now_ms,
            candidates,
            server_scores,
        );
        Scores { scores, backend: Backend::Cpu }
    }

    /// Remembers how the last ranking went, for the badge.
    pub(crate) fn note_ranking(&self, backend: Backend, ranking_ms: f64) {
        let mut state = self.inner.state.borrow_mut();
        state.backend = backend;
        state.ranking_ms = Some(ranking_ms);
    }
}
