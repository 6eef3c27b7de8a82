//! Runs the student on a GPU through wgpu, checks it, and chooses the backend.
//!
//! A [`Device`] ranks the feed on the CPU (WASM SIMD in a browser) or on the
//! GPU, whichever was measured to be faster here; a GPU whose results differ
//! from the golden ones, that fails or is lost is given up for the CPU, and
//! [`Device::choice`] says so. The features `web` (WebGPU) and `native`
//! (Vulkan) bring the GPU path in; without them the CPU path is all there is.
//!
//! ```
//! use std::rc::Rc;
//!
//! use vitrine_domain::pace::Unpaced;
//! use vitrine_device::{RankingBackend, Device, BackendReason};
//! use vitrine_student::golden;
//!
//! let shop = golden::input(); // made-up weights, cards and a log
//! let mut device = Device::cpu(Rc::new(|| 0.0)); // a clock that stands still
//! pollster::block_on(device.upload(&shop.weights, &shop.table, &Unpaced));
//! let ranking = device.rank_feed(&shop.weights, &shop.table, &shop.shopper, shop.now_ms, 100);
//! let ranking = pollster::block_on(ranking);
//!
//! assert_eq!((ranking.items.len(), ranking.backend), (100, RankingBackend::Cpu));
//! assert_eq!(device.choice().reason, BackendReason::Forced);
//! ```
#![deny(missing_docs)]

mod choice;
mod device;
mod gpu;
#[cfg(test)]
mod tests;

pub use choice::{BackendReason, BackendSetting, Choice, RankingBackend};
pub use device::{Device, MonotonicClock, Ranking};
pub use gpu::{CANDIDATES_MAX, Counters, GPU_ITEMS_MAX};
