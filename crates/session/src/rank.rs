//! Rankings on the processor or the GPU, and the choice between them.

use std::rc::Rc;

use vitrine_device::{BackendSetting, Device, Ranking};
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_student::{ItemTable, PersonalLayer, Ranker, Shopper};

use crate::learner::Learner;
use crate::pair::{Model, Pair};
use crate::session::Session;
use crate::{Backend, BackendChoice, Clock, GpuState};

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

    async fn rank_on(&self, device: &mut Device) -> Ranking {
        let Model { weights, table, .. } = self.model();
        device.rank_feed(weights, table, &self.shopper, self.now_ms, FEED_CANDIDATES_MAX).await
    }
}

/// The device of a session and its personas, and what it is prepared for.
#[derive(Default)]
pub(crate) struct DeviceSlot {
    device: Option<Device>,
    choice: BackendChoice,
    /// The pair whose table was uploaded and measured.
    pair: Option<Rc<Pair>>,
}

impl DeviceSlot {
    fn is_ready(&self, choice: BackendChoice, pair: &Rc<Pair>) -> bool {
        let same_pair = self.pair.as_ref().is_some_and(|own| Rc::ptr_eq(own, pair));
        self.choice == choice && same_pair
    }

    /// Asks for a GPU if the choice wants one, checks and measures it.
    async fn prepare(&mut self, choice: BackendChoice, pair: &Rc<Pair>, clock: &Rc<dyn Clock>) {
        let Some(model) = &pair.model else { return };
        if self.choice != choice || self.device.is_none() {
            let setting = match choice {
                BackendChoice::Auto => BackendSetting::Auto,
                BackendChoice::Gpu => BackendSetting::ForceGpu,
                BackendChoice::Cpu => BackendSetting::ForceCpu,
            };
            // The old one goes first: two at once may be more than a GPU holds.
            self.device = None;
            self.device = Some(Device::request(setting, milliseconds(clock)).await);
            self.choice = choice;
            self.pair = None;
        }
        if self.is_ready(choice, pair) {
            return;
        }
        if let Some(device) = &mut self.device {
            device.upload(&model.weights, &model.table).await;
            self.pair = Some(Rc::clone(pair));
        }
    }

    /// What the GPU said, and why the backend is what it is.
    fn gpu_state(&self) -> (GpuState, String) {
        let Some(device) = &self.device else { return (GpuState::NotTried, String::new()) };
        let choice = device.choice();
        let state = match (device.gpu_name(), choice.gpu_ms, choice.cpu_ms) {
            (Some(adapter), Some(gpu_ms), Some(cpu_ms)) => {
                GpuState::Ready { adapter: adapter.to_owned(), gpu_ms, cpu_ms }
            }
            _ if self.choice == BackendChoice::Cpu => GpuState::NotTried,
            _ => GpuState::Unavailable { reason: choice.reason.to_string() },
        };
        (state, choice.reason.to_string())
    }
}

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
        slot.prepare(choice, &pair, &self.inner.adapters.clock).await;
        self.note_gpu(&slot);
    }

    /// What a personal ranking needs; `None` when the log is empty or there is
    /// no model.
    pub(crate) fn rank_input(&self) -> Option<RankInput> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let pair = state.active.clone().filter(|pair| pair.has_model())?;
        let personal = state.personal.as_ref()?;
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
            slot.prepare(choice, &input.pair, clock).await;
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

    /// Scores rows of `table`, which is the pair's own or one grown from it, on
    /// the processor: a page of results is too little for a GPU.
    pub(crate) fn scores(
        &self,
        input: &RankInput,
        table: &ItemTable,
        rows: &[u32],
        server_scores: &[f32],
    ) -> Vec<f32> {
        let weights = &input.model().weights;
        let mut ranker = Ranker::new();
        ranker.rank(weights, table, &input.shopper, input.now_ms, rows, Some(server_scores))
    }

    /// Remembers how the last ranking went, for the badge.
    pub(crate) fn note_ranking(&self, backend: Backend, ranking_ms: f64) {
        let mut state = self.inner.state.borrow_mut();
        state.backend = backend;
        state.ranking_ms = Some(ranking_ms);
    }

    fn note_gpu(&self, slot: &DeviceSlot) {
        let mut state = self.inner.state.borrow_mut();
        (state.gpu, state.backend_reason) = slot.gpu_state();
    }
}

fn milliseconds(clock: &Rc<dyn Clock>) -> vitrine_device::Clock {
    let clock = Rc::clone(clock);
    Rc::new(move || clock.monotonic_ms())
}

impl From<vitrine_device::Backend> for Backend {
    fn from(backend: vitrine_device::Backend) -> Self {
        match backend {
            vitrine_device::Backend::Cpu => Self::Cpu,
            vitrine_device::Backend::Gpu => Self::Gpu,
        }
    }
}
