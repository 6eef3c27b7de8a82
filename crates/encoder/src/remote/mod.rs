//! Encoding by another process, which has a device that this one does not.
//!
//! A program that is linked with a GPU's driver does not start where there is none. So the
//! driver is in a program of its own, `vitrine-cuda`: [`worker`] is what runs in there, on the
//! network of [`DeviceModel`]. [`protocol`] is what the two say to each other over its standard
//! input and output. The other side is [`Remote`], which cuts texts into batches, and never
//! loses one: what the child fails to encode is left to the caller.

mod batching;
mod client;
mod error;
mod link;
mod model;
mod network;
pub mod protocol;
pub mod worker;

pub(crate) use client::{Remote, Starting};
pub use error::{LastWords, RemoteError};
pub use model::{DeviceModel, DevicePrecision, NotAPrecision, OpenDevice};
