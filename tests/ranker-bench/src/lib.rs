//! What `cargo xtask bench ranker` times: the student on a made-up shop, by the
//! calls that the session makes. The page (`tests/bench`) loads this as wasm;
//! the program beside it writes the same network for onnxruntime.

#[cfg(target_arch = "wasm32")]
mod page;
pub mod workload;
