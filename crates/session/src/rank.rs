//! Rankings on the processor or the GPU, and the choice between them.

use std::rc::Rc;

use vitrine_device::{Device, Ranking};

use crate::BackendChoice;
use crate::device::{DeviceSlot, milliseconds};
use crate::learner::Learner;
use crate::rank_input::RankInput;
use crate::session::Session;

impl Session {
    /// Asks for the GPU, checks it against the processor, measures both on the
    /// pinned pair and settles on one; [`crate::Status::gpu`] and
    /// [`crate::Status::backend_reason`] say how it went. Takes a few hundred
    /// milliseconds the first time and nothing when nothing has changed.
    ///
    /// Until it has run for a pair, [`BackendChoice::Auto`] ranks on the
    /// processor. [`Session::sync_rest`] and [`Session::set_backend`] call it;
    /// a page calls it after [`Session::open`] and after
    /// [`Session::take_up_pending`], once it has painted.
    pub async fn choose_backend(&self) {
        let Some(pair) = self.active() else { return };
        let mut slot = self.inner.device.lock().await;
        let choice = self.inner.state.borrow().settings.backend;
        slot.prepare(choice, &pair, &self.inner.adapters.clock, self.pace()).await;
        self.note_gpu(&slot);
    }

    /// What a personal ranking needs; `None` when the log is empty or there is
    /// no model.
    pub(crate) fn rank_input(&self) -> Option<RankInput> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let pair = state.pairs.active().cloned().filter(|pair| pair.has_model())?;
        let personal = state.ranking.personal.as_ref()?;
        let shopper = Rc::clone(&personal.shopper);
        let layer = personal.learner.as_ref().map(Learner::layer);
        (!shopper.log().is_empty()).then_some(RankInput { pair, shopper, now_ms, layer })
    }

    /// Candidates and scores of the feed. A device that is busy or not prepared
    /// for this pair is not waited for, unless the shopper insists on the GPU.
    pub(crate) async fn rank_feed(&self, input: &RankInput) -> Ranking {
        let choice = self.inner.state.borrow().settings.backend;
        let clock = &self.inner.adapters.clock;
        if choice == BackendChoice::Gpu {
            let mut slot = self.inner.device.lock().await;
            slot.prepare(choice, &input.pair, clock, self.pace()).await;
            if let Some(device) = &mut slot.device {
                let ranking = input.rank_on(device).await;
                self.note_gpu(&slot);
                return ranking;
            }
        } else if let Some(mut slot) = self.inner.device.try_lock()
            && slot.is_ready(choice, &input.pair)
            && let Some(device) = &mut slot.device
        {
            let ranking = input.rank_on(device).await;
            self.note_gpu(&slot);
            return ranking;
        }
        input.rank_on(&mut Device::cpu(milliseconds(clock))).await
    }

    fn note_gpu(&self, slot: &DeviceSlot) {
        let mut state = self.inner.state.borrow_mut();
        (state.ranking.gpu, state.ranking.backend_reason) = slot.gpu_state();
    }
}
