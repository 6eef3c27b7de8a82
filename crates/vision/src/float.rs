//! The network's weights in 32 bits: what files in eight bits are made of.

use crate::architecture::convolution_layers;
use crate::{ConvolutionLayer, VisionError};

const WHAT: &str = "network";

/// Weights of one layer, with its batch normalisation folded in.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatLayer {
    /// Its shape.
    pub shape: ConvolutionLayer,
    /// \[n_terms, n_out\] as [`crate::ConvolutionKind`] says: positions row by row, then channels
    /// before.
    pub weights: Vec<f32>,
    /// \[n_out\]
    pub biases: Vec<f32>,
}

/// All weights.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatNetwork {
    layers: Vec<FloatLayer>,
}

impl FloatNetwork {
    /// # Errors
    /// [`VisionError::Shape`] when they are not the layers of [`convolution_layers`] in their
    /// order; [`VisionError::NotFinite`].
    pub fn new(layers: Vec<FloatLayer>) -> Result<Self, VisionError> {
        let shapes = convolution_layers();
        let needs = |layer, found, needed| match found == needed {
            true => Ok(()),
            false => Err(VisionError::Shape { layer, found, needed }),
        };
        needs(layers.len().min(shapes.len()), layers.len(), shapes.len())?;
        for (at, (layer, shape)) in layers.iter().zip(&shapes).enumerate() {
            needs(at, layer.weights.len(), shape.n_weights())?;
            needs(at, layer.biases.len(), shape.n_out)?;
            needs(at, usize::from(layer.shape == *shape), 1)?;
            if !layer.weights.iter().chain(&layer.biases).all(|value| value.is_finite()) {
                return Err(VisionError::NotFinite { what: WHAT, layer: at });
            }
        }
        Ok(Self { layers })
    }

    /// A network that knows nothing, for tests and examples.
    pub fn zeros() -> Self {
        let of = |shape: ConvolutionLayer| FloatLayer {
            weights: vec![0.0; shape.n_weights()],
            biases: vec![0.0; shape.n_out],
            shape,
        };
        Self { layers: convolution_layers().into_iter().map(of).collect() }
    }

    /// Its layers, in the order in which they are computed.
    pub fn layers(&self) -> &[FloatLayer] {
        &self.layers
    }
}
