//! The device that ranks, and what it is prepared for.

use std::rc::Rc;

use vitrine_device::{BackendReason, BackendSetting, Device};
use vitrine_domain::pace::Pace;

use crate::backend_words::backend_words;
use crate::pair::Pair;
use crate::{Backend, BackendChoice, Clock, GpuState};

/// The device of a session and its personas, and what it is prepared for.
#[derive(Default)]
pub(crate) struct DeviceSlot {
    pub device: Option<Device>,
    choice: BackendChoice,
    /// The pair whose table was uploaded and measured.
    pair: Option<Rc<Pair>>,
}

impl DeviceSlot {
    /// Whether it is prepared for a pair.
    pub fn is_ready(&self, choice: BackendChoice, pair: &Rc<Pair>) -> bool {
        let same_pair = self.pair.as_ref().is_some_and(|own| Rc::ptr_eq(own, pair));
        self.choice == choice && same_pair
    }

    /// Asks for a GPU if the choice wants one, checks and measures it.
    pub async fn prepare(
        &mut self,
        choice: BackendChoice,
        pair: &Rc<Pair>,
        clock: &Rc<dyn Clock>,
        pace: &dyn Pace,
    ) {
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
            device.upload(&model.weights, &model.table, pace).await;
            self.pair = Some(Rc::clone(pair));
        }
    }

    /// What the GPU said, and why the backend is what it is.
    pub fn gpu_state(&self) -> (GpuState, Option<BackendReason>) {
        let Some(device) = &self.device else { return (GpuState::NotTried, None) };
        let choice = device.choice();
        let state = match (device.gpu_name(), choice.gpu_ms, choice.cpu_ms) {
            (Some(adapter), Some(gpu_ms), Some(cpu_ms)) => {
                GpuState::Ready { adapter: adapter.to_owned(), gpu_ms, cpu_ms }
            }
            _ if self.choice == BackendChoice::Cpu => GpuState::NotTried,
            _ => GpuState::Unavailable { reason: backend_words(&choice.reason) },
        };
        (state, Some(choice.reason.clone()))
    }
}

/// A clock as the device wants it.
pub(crate) fn milliseconds(clock: &Rc<dyn Clock>) -> vitrine_device::MonotonicClock {
    let clock = Rc::clone(clock);
    Rc::new(move || clock.monotonic_ms())
}

impl From<vitrine_device::RankingBackend> for Backend {
    fn from(backend: vitrine_device::RankingBackend) -> Self {
        match backend {
            vitrine_device::RankingBackend::Cpu => Self::Cpu,
            vitrine_device::RankingBackend::Gpu => Self::Gpu,
        }
    }
}
