//! Runs the student on a GPU through wgpu, checks it, and chooses the backend.
//!
//! A [`Device`] ranks the feed on the CPU (WASM SIMD in a browser) or on the
//! GPU, whichever was measured to be faster here; a GPU whose results differ
//! from the golden ones, that fails or is lost is given up for the CPU, and
//! [`Device::choice`] says so. The features `web` (WebGPU) and `native`
//! (Vulkan) bring the GPU path in; without them the CPU path is all there is.
#![deny(missing_docs)]

mod choice;
mod device;
mod gpu;
#[cfg(test)]
mod tests;

pub use choice::{Backend, BackendSetting, Choice, Reason};
pub use device::{Clock, Device, Ranking};
pub use gpu::{CANDIDATES_MAX, Counters, GPU_ITEMS_MAX};
