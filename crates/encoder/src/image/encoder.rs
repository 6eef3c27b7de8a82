//! Pictures in, unit vectors out.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::Device;
use rayon::prelude::*;
use vitrine_vision::{PICTURE_DIM, PICTURE_SIDE, RgbView, network_input};

use super::ImageError;
use super::network::PictureNetwork;
use super::weights::{float_network, read_weights};

/// Names what a vector depends on besides the weights; change it when the computation changes, so
/// that no cache serves old vectors.
const COMPUTATION: &[u8] = b"efficientnet-lite0, 224, shorter side, middle, unit norm";
/// Pictures that are computed together: widest activations take 40 MB.
pub(super) const BATCH: usize = 8;
/// Numbers of an input.
pub(super) const INPUT_LEN: usize = PICTURE_SIDE * PICTURE_SIDE * 3;

/// How far encoding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureProgressNote {
    /// Pictures that are done.
    pub n_done: usize,
    /// Pictures to be encoded.
    pub n_total: usize,
}

/// EfficientNet-lite0, loaded.
pub struct ImageEncoder {
    network: PictureNetwork,
    model_id: [u8; 32],
}

impl ImageEncoder {
    /// Reads [`super::PICTURE_WEIGHTS`] of a folder, for the CPU.
    ///
    /// # Errors
    /// The weights are missing or of another network.
    pub fn load(dir: &Path) -> Result<Self, ImageError> {
        Self::load_on(dir, &Device::Cpu)
    }

    /// [`Self::load`] for a device of candle.
    ///
    /// # Errors
    /// As [`Self::load`]; the device fails.
    pub fn load_on(dir: &Path, device: &Device) -> Result<Self, ImageError> {
        let bytes = read_weights(dir)?;
        let network = PictureNetwork::new(&float_network(&bytes)?, device)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(COMPUTATION).update(blake3::hash(&bytes).as_bytes());
        Ok(Self { network, model_id: hasher.finalize().into() })
    }

    /// Equal ids mean equal vectors, up to rounding.
    pub fn model_id(&self) -> [u8; 32] {
        self.model_id
    }

    /// Encodes pictures, some at a time.
    ///
    /// # Shapes
    /// n pictures → \[n, 1280\], rows of norm 1 in the order of `pictures`.
    ///
    /// # Errors
    /// A failed computation; [`ImageError::Cancelled`] soon after `cancel` is set.
    pub fn encode(
        &self,
        pictures: &[RgbView<'_>],
        progress: &mut dyn FnMut(PictureProgressNote),
        cancel: &AtomicBool,
    ) -> Result<Vec<f32>, ImageError> {
        let mut vectors = Vec::with_capacity(pictures.len() * PICTURE_DIM);
        for batch in pictures.chunks(BATCH) {
            let (n_done, n_total) = (vectors.len() / PICTURE_DIM, pictures.len());
            if cancel.load(Ordering::Relaxed) {
                return Err(ImageError::Cancelled { n_done, n_total });
            }
            let inputs: Vec<f32> = batch.par_iter().flat_map_iter(network_input).collect();
            vectors.extend(self.encode_inputs(&inputs)?);
            progress(PictureProgressNote { n_done: n_done + batch.len(), n_total });
        }
        Ok(vectors)
    }

    /// # Shapes
    /// \[n, 224, 224, 3\] → \[n, 1280\].
    pub(super) fn encode_inputs(&self, inputs: &[f32]) -> Result<Vec<f32>, ImageError> {
        Ok(self.network.forward(inputs, inputs.len() / INPUT_LEN)?)
    }
}
