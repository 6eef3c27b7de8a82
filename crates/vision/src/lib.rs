//! Pictures understood where they are: EfficientNet-lite0 with weights in eight bits, small
//! and quick enough for a browser, with nothing in it that a browser lacks.
//!
//! 1. [`RgbView`] is a decoded picture; [`network_input`] scales and cuts it to
//!    [`PICTURE_SIDE`]² as the published network expects.
//! 2. [`VisionNetwork`] makes a unit vector of [`PICTURE_DIM`] numbers of it. The inner product
//!    of two is how much the pictures look alike.
//! 3. [`QuantisedNetwork`] is its file: weights of eight bits (sixteen in the few layers that
//!    need them) with one scale a channel, versioned and checksummed.
//! 4. [`PictureProjection`] turns a vector into [`CODE_BYTES`] bytes for a shard.
//!
//! ```
//! use vitrine_vision::{FloatNetwork, QuantisedNetwork, RgbView, VisionNetwork};
//!
//! // Real weights are those of `vitrine_encoder::image`; these are zero.
//! let packed = QuantisedNetwork::quantise(&FloatNetwork::zeros())?;
//! let bytes = packed.to_bytes();
//! assert!(bytes.len() < 5_000_000);
//! let network = VisionNetwork::new(&QuantisedNetwork::from_bytes(&bytes)?);
//!
//! let pixels = [200, 30, 40].repeat(64 * 48);
//! let vector = network.encode(&RgbView::new(64, 48, &pixels)?);
//! assert_eq!(vector, vec![0.0; vitrine_vision::PICTURE_DIM]);
//! # Ok::<(), vitrine_vision::VisionError>(())
//! ```
#![deny(missing_docs)]

mod architecture;
mod codes;
mod error;
mod float;
mod input;
pub mod kernels;
mod network;
mod packed;
mod resize;
mod view;

pub use architecture::{ConvolutionKind, ConvolutionLayer, LayerPlace, convolution_layers};
pub use codes::{CODE_BYTES, PictureCode, PictureProjection};
pub use error::VisionError;
pub use float::{FloatLayer, FloatNetwork};
pub use input::network_input;
pub use network::{PictureEncoding, VisionNetwork};
pub use packed::{QuantisedLayer, QuantisedNetwork};
pub use view::{RgbView, VIEW_PIXELS_MAX};

/// Numbers of one picture vector.
pub const PICTURE_DIM: usize = 1_280;
/// Side of the square that the network sees, in pixels.
pub const PICTURE_SIDE: usize = 224;
