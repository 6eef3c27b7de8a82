//! The forward pass.

use crate::architecture::INPUT_CHANNELS;
use crate::kernels::{self, DepthwiseShape, Finish, PANEL};
use crate::{
    ConvolutionKind, ConvolutionLayer, FloatLayer, FloatNetwork, LayerPlace, PICTURE_DIM,
    QuantisedLayer, QuantisedNetwork, RgbView, network_input,
};

/// A layer as the kernels take it.
#[derive(Clone, Debug)]
struct ReadyLayer {
    shape: ConvolutionLayer,
    /// Panels of a product, or rows of a depthwise convolution.
    weights: Vec<f32>,
    scales: Vec<f32>,
    biases: Vec<f32>,
}

/// EfficientNet-lite0 without its classifier, ready to compute.
#[derive(Clone, Debug)]
pub struct VisionNetwork {
    layers: Vec<ReadyLayer>,
}

impl VisionNetwork {
    /// The network of eight bits a weight. Memory: four bytes a weight, 13 MB.
    pub fn new(network: &QuantisedNetwork) -> Self {
        let ready = |layer: &QuantisedLayer| {
            let weights: Vec<f32> = layer.weights.iter().map(|byte| f32::from(*byte)).collect();
            ReadyLayer {
                shape: layer.shape,
                weights: arranged(&layer.shape, weights),
                scales: layer.scales.clone(),
                biases: layer.biases.clone(),
            }
        };
        Self { layers: network.layers().iter().map(ready).collect() }
    }

    /// The network as it was before it was rounded.
    pub fn of_floats(network: &FloatNetwork) -> Self {
        let ready = |layer: &FloatLayer| ReadyLayer {
            shape: layer.shape,
            weights: arranged(&layer.shape, layer.weights.clone()),
            scales: vec![1.0; layer.shape.n_out],
            biases: layer.biases.clone(),
        };
        Self { layers: network.layers().iter().map(ready).collect() }
    }

    /// The vector of a picture: of norm 1, or zero where the network sees nothing.
    ///
    /// # Shapes
    /// → \[1280\].
    pub fn encode(&self, view: &RgbView<'_>) -> Vec<f32> {
        self.encode_input(network_input(view))
    }

    /// [`Self::encode`] of what [`network_input`] gives.
    ///
    /// # Shapes
    /// `input` \[224, 224, 3\] → \[1280\].
    ///
    /// # Panics
    /// When the input has another length.
    pub fn encode_input(&self, input: Vec<f32>) -> Vec<f32> {
        let mut encoding = self.begin(input);
        loop {
            if let Some(vector) = encoding.step() {
                return vector;
            }
        }
    }

    /// [`Self::encode_input`] in steps, for who has other things to do between them.
    ///
    /// # Shapes
    /// `input` \[224, 224, 3\].
    pub fn begin(&self, input: Vec<f32>) -> PictureEncoding<'_> {
        PictureEncoding { layers: self.layers.iter(), x: input, before_block: Vec::new() }
    }
}

/// A picture on its way through the network.
#[derive(Debug)]
pub struct PictureEncoding<'n> {
    layers: std::slice::Iter<'n, ReadyLayer>,
    x: Vec<f32>,
    before_block: Vec<f32>,
}

impl PictureEncoding<'_> {
    /// Computes the next layer; the vector once all are done, and the same one after that.
    ///
    /// # Shapes
    /// → \[1280\].
    ///
    /// # Panics
    /// When the input had another length.
    pub fn step(&mut self) -> Option<Vec<f32>> {
        if let Some(layer) = self.layers.next() {
            let begins = match layer.shape.place {
                LayerPlace::Expand(_) => true,
                LayerPlace::Depthwise(block) => block == 0,
                _ => false,
            };
            let mut y = layer.forward(&self.x);
            if layer.shape.is_residual {
                y.iter_mut().zip(&self.before_block).for_each(|(y, x)| *y += x);
            }
            let x = std::mem::replace(&mut self.x, y);
            if begins {
                self.before_block = x;
            }
        }
        let is_done = self.layers.len() == 0;
        is_done.then(|| unit(pooled(&self.x)))
    }
}

impl ReadyLayer {
    /// # Shapes
    /// \[side_in, side_in, n_in\] → \[side_out, side_out, n_out\].
    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let shape = &self.shape;
        let side_out = shape.side_out();
        let mut y = vec![0.0; side_out * side_out * shape.n_out];
        let finish =
            Finish { scales: &self.scales, biases: &self.biases, is_rectified: shape.is_rectified };
        match shape.kind {
            ConvolutionKind::Pointwise => {
                kernels::product(x, &self.weights, &mut y, shape.n_in, finish);
            }
            ConvolutionKind::Full => {
                let rows = neighbourhoods(x, shape);
                kernels::product(&rows, &self.weights, &mut y, shape.n_terms(), finish);
            }
            ConvolutionKind::Depthwise => {
                let of = DepthwiseShape {
                    n: shape.n_out,
                    kernel: shape.kernel,
                    stride: shape.stride,
                    padding_before: shape.padding_before(),
                    side_in: shape.side_in,
                    side_out,
                };
                kernels::depthwise(x, &self.weights, &mut y, of, finish);
            }
        }
        y
    }
}

/// Weights of a product in panels of [`PANEL`] columns, others as they are.
fn arranged(shape: &ConvolutionLayer, weights: Vec<f32>) -> Vec<f32> {
    if shape.kind == ConvolutionKind::Depthwise {
        return weights;
    }
    let n = shape.n_out;
    let panel = |p: usize| weights.chunks_exact(n).flat_map(move |row| &row[p * PANEL..][..PANEL]);
    (0..n / PANEL).flat_map(panel).copied().collect()
}

/// What each output of a full convolution is a product of, zeros outside.
///
/// # Shapes
/// \[side_in, side_in, n_in\] → \[side_out · side_out, kernel · kernel · n_in\].
fn neighbourhoods(x: &[f32], shape: &ConvolutionLayer) -> Vec<f32> {
    assert_eq!(shape.n_in, INPUT_CHANNELS, "the stem alone is full");
    let (side_in, side_out, before) = (shape.side_in, shape.side_out(), shape.padding_before());
    let mut rows = Vec::with_capacity(side_out * side_out * shape.n_terms());
    for at in 0..side_out * side_out {
        for position in 0..shape.kernel * shape.kernel {
            let y = (at / side_out) * shape.stride + position / shape.kernel;
            let column = (at % side_out) * shape.stride + position % shape.kernel;
            let is_in = |at: usize| at >= before && at - before < side_in;
            if is_in(y) && is_in(column) {
                let pixel = (y - before) * side_in + column - before;
                rows.extend_from_slice(&x[pixel * shape.n_in..][..shape.n_in]);
            } else {
                rows.extend([0.0; INPUT_CHANNELS]);
            }
        }
    }
    rows
}

/// Means over all pixels. \[n, 1280\] → \[1280\]
fn pooled(x: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; PICTURE_DIM];
    for pixel in x.chunks_exact(PICTURE_DIM) {
        sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
    }
    let n_pixels = (x.len() / PICTURE_DIM).max(1) as f32;
    sums.iter_mut().for_each(|sum| *sum /= n_pixels);
    sums
}

/// Of norm 1, or zero where it is.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
    }
    vector
}
