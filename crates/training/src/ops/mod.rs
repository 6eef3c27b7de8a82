//! The few operations of the forward pass that candle would spread over many
//! small ones: each is one loop with a hand-written gradient. Matrix products
//! stay candle's.
//!
//! Every gradient is compared with finite differences in [`tests`].

mod attention;
mod head;
mod layer_norm;
mod loss;
mod sampled_softmax;
#[cfg(test)]
mod tests;

pub use attention::{AttentionWindow, attention};
pub use head::{add_rows, add_rows_relu, group_dot, score_inputs};
pub use layer_norm::layer_norm;
pub(crate) use loss::contrast_gradient;
pub use loss::{contrast, cross_entropy};
pub use sampled_softmax::{Sampled, sampled_softmax};

use candle_core::{CpuStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};

/// The values of a contiguous f32 argument of a custom operation.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((from, to)) = layout.contiguous_offsets() else {
        bail!("a custom operation needs contiguous arguments")
    };
    Ok(&storage.as_slice::<f32>()?[from..to])
}

/// Runs `f` on the values of several contiguous f32 tensors.
fn with_values<const N: usize, R>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&[f32]; N]) -> Result<R>,
) -> Result<R> {
    let mut contiguous = Vec::with_capacity(N);
    for tensor in tensors {
        contiguous.push(tensor.to_dtype(DType::F32)?.contiguous()?);
    }
    let guards: Vec<_> = contiguous.iter().map(|tensor| tensor.storage_and_layout()).collect();
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cpu(storage) = &**storage else { bail!("training runs on the CPU") };
        *slice = values(storage, layout)?;
    }
    f(slices)
}

fn like(values: Vec<f32>, tensor: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(values, tensor.shape(), tensor.device())
}

fn stored(values: Vec<f32>, shape: impl Into<Shape>) -> (CpuStorage, Shape) {
    (CpuStorage::F32(values), shape.into())
}
