//! The forward pass on candle. Pictures lie pixel by pixel with their channels together, so
//! that most layers are one product of matrices.

use candle_core::{
    CpuStorage, CustomOp2, CustomOp3, DType, Device, Layout, Result, Shape, Tensor, bail,
};
use rayon::prelude::*;
use vitrine_vision::kernels::{self, DepthwiseShape, Finish};
use vitrine_vision::{
    ConvolutionKind, ConvolutionLayer, FloatLayer, FloatNetwork, LayerPlace, PICTURE_SIDE,
};

const SIX: f32 = 6.0;

struct LayerTensors {
    shape: ConvolutionLayer,
    /// \[n_terms, n_out\]
    weights: Tensor,
    /// \[n_out\]
    biases: Tensor,
}

/// All layers on a device.
pub(super) struct PictureNetwork {
    layers: Vec<LayerTensors>,
    device: Device,
}

impl PictureNetwork {
    pub(super) fn new(network: &FloatNetwork, device: &Device) -> Result<Self> {
        let ready = |layer: &FloatLayer| {
            let shape = layer.shape;
            let size = (shape.n_terms(), shape.n_out);
            Ok(LayerTensors {
                shape,
                weights: Tensor::from_slice(&layer.weights, size, device)?,
                biases: Tensor::from_slice(&layer.biases, shape.n_out, device)?,
            })
        };
        let layers: Result<Vec<_>> = network.layers().iter().map(ready).collect();
        Ok(Self { layers: layers?, device: device.clone() })
    }

    /// Unit vectors of pictures.
    ///
    /// # Shapes
    /// `inputs` \[n, 224, 224, 3\] → \[n, 1280\].
    pub(super) fn forward(&self, inputs: &[f32], n: usize) -> Result<Vec<f32>> {
        let mut x = Tensor::from_slice(inputs, (n, PICTURE_SIDE, PICTURE_SIDE, 3), &self.device)?;
        let mut before_block = x.clone();
        for layer in &self.layers {
            let shape = &layer.shape;
            if matches!(shape.place, LayerPlace::Expand(_) | LayerPlace::Depthwise(0)) {
                before_block = x.clone();
            }
            x = match shape.kind {
                ConvolutionKind::Pointwise => layer.product(&x)?,
                ConvolutionKind::Full => layer.product(&neighbourhoods(&x, shape)?)?,
                ConvolutionKind::Depthwise if self.device.is_cpu() => {
                    x.apply_op3_no_bwd(&layer.weights, &layer.biases, &DepthwiseOnCpu(*shape))?
                }
                ConvolutionKind::Depthwise => layer.shifted(&x)?,
            };
            if shape.is_residual {
                x = (x + &before_block)?;
            }
        }
        let pooled = x.mean((1, 2))?;
        let norms = pooled.sqr()?.sum_keepdim(1)?.sqrt()?.clamp(f32::MIN_POSITIVE, f32::MAX)?;
        pooled.broadcast_div(&norms)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
    }
}

impl LayerTensors {
    /// \[n, side, side, n_terms\] → \[n, side, side, n_out\].
    fn product(&self, x: &Tensor) -> Result<Tensor> {
        let (n, height, width, n_terms) = x.dims4()?;
        let y = x.reshape((n * height * width, n_terms))?.matmul(&self.weights)?;
        let y = if y.device().is_cpu() {
            y.apply_op2_no_bwd(&self.biases, &BiasOnCpu { rectifies: self.shape.is_rectified })?
        } else {
            self.finished(y)?
        };
        y.reshape((n, height, width, self.shape.n_out))
    }

    fn finished(&self, sums: Tensor) -> Result<Tensor> {
        let y = sums.broadcast_add(&self.biases)?;
        if self.shape.is_rectified { y.clamp(0.0, SIX) } else { Ok(y) }
    }

    /// A depthwise convolution as a sum of shifted pictures, each times the weights of its
    /// position: devices whose grouped convolution is a loop over channels are slower by far.
    pub(super) fn shifted(&self, x: &Tensor) -> Result<Tensor> {
        let shape = &self.shape;
        let padded = padded(x, shape)?;
        let side = shape.side_out();
        let mut sums: Option<Tensor> = None;
        for position in 0..shape.kernel * shape.kernel {
            let (y, column) = (position / shape.kernel, position % shape.kernel);
            let part =
                every(&every(&padded, 1, y, side, shape.stride)?, 2, column, side, shape.stride)?;
            let term = part.broadcast_mul(&self.weights.narrow(0, position, 1)?.squeeze(0)?)?;
            sums = Some(match sums {
                Some(sums) => (sums + term)?,
                None => term,
            });
        }
        match sums {
            Some(sums) => self.finished(sums),
            None => bail!("a kernel without positions"),
        }
    }
}

/// Every `stride`th of `n` along a dimension, from `first`.
fn every(x: &Tensor, dim: usize, first: usize, n: usize, stride: usize) -> Result<Tensor> {
    if stride == 1 {
        return x.narrow(dim, first, n);
    }
    let mut sizes = x.dims().to_vec();
    let part = x.narrow(dim, first, n * stride)?.contiguous()?;
    sizes[dim] = n;
    sizes.insert(dim + 1, stride);
    part.reshape(sizes)?.narrow(dim + 1, 0, 1)?.squeeze(dim + 1)
}

/// With zeros around, and enough of them behind for every stride to be whole.
fn padded(x: &Tensor, shape: &ConvolutionLayer) -> Result<Tensor> {
    let before = shape.padding_before();
    let after = shape.side_out() * shape.stride + shape.kernel - shape.side_in - before;
    x.pad_with_zeros(1, before, after)?.pad_with_zeros(2, before, after)
}

/// What each output of a full convolution is a product of.
///
/// # Shapes
/// \[n, side_in, side_in, n_in\] → \[n, side_out, side_out, kernel · kernel · n_in\].
fn neighbourhoods(x: &Tensor, shape: &ConvolutionLayer) -> Result<Tensor> {
    let padded = padded(x, shape)?;
    let side = shape.side_out();
    let parts: Result<Vec<_>> = (0..shape.kernel * shape.kernel)
        .map(|position| {
            let (y, column) = (position / shape.kernel, position % shape.kernel);
            every(&every(&padded, 1, y, side, shape.stride)?, 2, column, side, shape.stride)
        })
        .collect();
    Tensor::cat(&parts?, 3)
}

/// The depthwise kernel of the crate that browsers have, a thread a picture.
struct DepthwiseOnCpu(ConvolutionLayer);

impl CustomOp3 for DepthwiseOnCpu {
    fn name(&self) -> &'static str {
        "depthwise"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
        biases: &CpuStorage,
        biases_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let layer = &self.0;
        let (x, weights) = (slice(x, x_layout)?, slice(weights, weights_layout)?);
        let biases = slice(biases, biases_layout)?;
        let n = layer.n_out;
        let (side_in, side_out) = (layer.side_in, layer.side_out());
        let shape = DepthwiseShape {
            n,
            kernel: layer.kernel,
            stride: layer.stride,
            padding_before: layer.padding_before(),
            side_in,
            side_out,
        };
        let scales = vec![1.0; n];
        let finish = Finish { scales: &scales, biases, is_rectified: layer.is_rectified };
        let n_pictures = x.len() / (side_in * side_in * n);
        let mut y = vec![0.0f32; n_pictures * side_out * side_out * n];
        y.par_chunks_exact_mut(side_out * side_out * n)
            .zip(x.par_chunks_exact(side_in * side_in * n))
            .for_each(|(y, x)| kernels::depthwise(x, weights, y, shape, finish));
        Ok((CpuStorage::F32(y), Shape::from((n_pictures, side_out, side_out, n))))
    }
}

/// Adds biases, and cuts at 0 and 6, in one pass.
struct BiasOnCpu {
    rectifies: bool,
}

impl CustomOp2 for BiasOnCpu {
    fn name(&self) -> &'static str {
        "bias and rectify"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        biases: &CpuStorage,
        biases_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, biases) = (slice(x, x_layout)?, slice(biases, biases_layout)?);
        let (low, high) = if self.rectifies { (0.0, SIX) } else { (f32::MIN, f32::MAX) };
        let mut y = vec![0.0f32; x.len()];
        y.par_chunks_mut(biases.len()).zip(x.par_chunks(biases.len())).for_each(|(y, x)| {
            for ((y, x), bias) in y.iter_mut().zip(x).zip(biases) {
                *y = (x + bias).max(low).min(high);
            }
        });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }
}

/// The numbers of a contiguous tensor.
fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else { bail!("pictures are computed in f32") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => bail!("a tensor that is not contiguous"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifted_pictures_give_what_the_kernel_gives() {
        let mut state = 3u32;
        let mut random = |n: usize| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            };
            (0..n).map(|_| next()).collect()
        };
        for (kernel, stride, side_in) in [(3, 1, 9), (3, 2, 10), (5, 1, 7), (5, 2, 14), (3, 2, 7)] {
            let shape = ConvolutionLayer {
                place: LayerPlace::Depthwise(1),
                kind: ConvolutionKind::Depthwise,
                kernel,
                stride,
                n_in: 16,
                n_out: 16,
                side_in,
                is_rectified: true,
                is_residual: false,
            };
            let tensor = |values: Vec<f32>, size: &[usize]| {
                Tensor::from_vec(values, size, &Device::Cpu).expect("a tensor")
            };
            let layer = LayerTensors {
                shape,
                weights: tensor(random(kernel * kernel * 16), &[kernel * kernel, 16]),
                biases: tensor(random(16), &[16]),
            };
            let x = tensor(random(2 * side_in * side_in * 16), &[2, side_in, side_in, 16]);
            let op = DepthwiseOnCpu(shape);
            let kernel = x.apply_op3_no_bwd(&layer.weights, &layer.biases, &op).expect("computed");
            let shifted = layer.shifted(&x).expect("computed");
            assert_eq!(kernel.dims(), shifted.dims());
            let away =
                (kernel - shifted).and_then(|away| away.abs()?.max_all()?.to_scalar::<f32>());
            assert!(away.expect("a number") < 1e-5);
        }
    }
}
