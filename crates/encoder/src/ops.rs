//! The kernels as operations on candle tensors; on a GPU the same steps from
//! candle's own operations.

use candle_core::{
    CpuStorage, CustomOp1, D, InplaceOp1, InplaceOp2, Layout, Result, Shape, Tensor,
};
use candle_nn::Module;

use crate::kernels::{self, AttentionShape, NormParameters};

/// A bias, added with a residual, and a layer normalisation.
pub(crate) struct AddNorm {
    cpu: NormParameters,
    bias: Tensor,
    norm: candle_nn::LayerNorm,
}

impl AddNorm {
    /// # Shapes
    /// `bias`, `gain`, `offset`: \[d\].
    pub(crate) fn new(bias: Tensor, gain: Tensor, offset: Tensor, eps: f64) -> Result<Self> {
        let cpu = NormParameters {
            bias: bias.to_vec1()?,
            gain: gain.to_vec1()?,
            offset: offset.to_vec1()?,
            eps: eps as f32,
        };
        Ok(Self { cpu, bias, norm: candle_nn::LayerNorm::new(gain, offset, eps) })
    }

    /// # Shapes
    /// \[n, d\], \[n, d\] → \[n, d\].
    pub(crate) fn forward(&self, x: Tensor, residual: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            x.inplace_op2(residual, self)?;
            return Ok(x);
        }
        self.composed(&x, residual)
    }

    fn composed(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        self.norm.forward(&(x.broadcast_add(&self.bias)? + residual)?)
    }
}

impl InplaceOp2 for AddNorm {
    fn name(&self) -> &'static str {
        "add_norm"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        x_layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
    ) -> Result<()> {
        let x = contiguous_mut(x, x_layout)?;
        kernels::add_norm(x, contiguous(residual, residual_layout)?, &self.cpu);
        Ok(())
    }
}

/// A bias and the Gaussian error linear unit.
pub(crate) struct BiasGelu {
    cpu: Vec<f32>,
    bias: Tensor,
}

impl BiasGelu {
    /// # Shapes
    /// `bias`: \[d\].
    pub(crate) fn new(bias: Tensor) -> Result<Self> {
        Ok(Self { cpu: bias.to_vec1()?, bias })
    }

    /// # Shapes
    /// \[n, d\] → \[n, d\].
    pub(crate) fn forward(&self, x: Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            x.inplace_op1(self)?;
            return Ok(x);
        }
        self.composed(&x)
    }

    fn composed(&self, x: &Tensor) -> Result<Tensor> {
        x.broadcast_add(&self.bias)?.gelu_erf()
    }
}

impl InplaceOp1 for BiasGelu {
    fn name(&self) -> &'static str {
        "bias_gelu"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, layout: &Layout) -> Result<()> {
        kernels::bias_gelu(contiguous_mut(x, layout)?, &self.cpu);
        Ok(())
    }
}

/// Attention within each text of a batch of equally long texts.
pub(crate) struct Attention {
    cpu: Vec<f32>,
    bias: Tensor,
    n_heads: usize,
}

impl Attention {
    /// # Shapes
    /// `bias` of query, key and value: \[3 · d\].
    pub(crate) fn new(bias: Tensor, n_heads: usize) -> Result<Self> {
        Ok(Self { cpu: bias.to_vec1()?, bias, n_heads })
    }

    /// # Shapes
    /// \[batch · n_tokens, 3 · d\] → \[batch · n_tokens, d\].
    pub(crate) fn forward(&self, qkv: Tensor, n_tokens: usize) -> Result<Tensor> {
        if qkv.device().is_cpu() {
            let shape = AttentionShape { n_tokens, n_heads: self.n_heads };
            return qkv.apply_op1_no_bwd(&AttentionOp { bias: &self.cpu, shape });
        }
        self.composed(&qkv, n_tokens)
    }

    fn composed(&self, qkv: &Tensor, n_tokens: usize) -> Result<Tensor> {
        let (n_rows, width) = qkv.dims2()?;
        let (batch, dim) = (n_rows / n_tokens, width / 3);
        let qkv = qkv
            .broadcast_add(&self.bias)?
            .reshape((batch, n_tokens, 3, self.n_heads, dim / self.n_heads))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let (q, k, v) = (qkv.get(0)?, qkv.get(1)?, qkv.get(2)?);
        let weights = candle_nn::ops::softmax(&q.matmul(&k.t()?)?, D::Minus1)?;
        weights.matmul(&v)?.transpose(1, 2)?.contiguous()?.reshape((n_rows, dim))
    }
}

struct AttentionOp<'a> {
    bias: &'a [f32],
    shape: AttentionShape,
}

impl CustomOp1 for AttentionOp<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut qkv = contiguous(qkv, layout)?.to_vec();
        let dim = self.bias.len() / 3;
        let n_rows = qkv.len() / self.bias.len();
        let mut out = vec![0.0; n_rows * dim];
        kernels::attention(&mut qkv, self.bias, self.shape, &mut out);
        Ok((CpuStorage::F32(out), (n_rows, dim).into()))
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("the tensor has gaps")
    };
    Ok(&storage.as_slice()?[start..end])
}

fn contiguous_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("the tensor has gaps")
    };
    match storage {
        CpuStorage::F32(values) => Ok(&mut values[start..end]),
        _ => candle_core::bail!("the tensor is not f32"),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn random(shape: impl Into<Shape>) -> Tensor {
        Tensor::randn(0.0f32, 2.0, shape, &Device::Cpu).unwrap()
    }

    fn largest(x: &Tensor) -> f32 {
        x.abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
    }

    fn assert_near(found: &Tensor, expected: &Tensor) {
        assert_eq!(found.shape(), expected.shape());
        let error = largest(&(found - expected).unwrap()) / largest(expected);
        assert!(error < 1e-5, "{error}");
    }

    /// Both run on the CPU here; the composition is what a GPU would run.
    #[test]
    fn each_kernel_agrees_with_its_composition_from_candle_operations() {
        for (batch, n_tokens) in [(1, 1), (1, 2), (3, 5), (2, 17), (1, 70)] {
            let n_rows = batch * n_tokens;
            let norm = AddNorm::new(random(384), random(384), random(384), 1e-12).unwrap();
            let (x, residual) = (random((n_rows, 384)), random((n_rows, 384)));
            let composed = norm.composed(&x, &residual).unwrap();
            assert_near(&norm.forward(x, &residual).unwrap(), &composed);

            let gelu = BiasGelu::new(random(1536)).unwrap();
            let x = random((n_rows, 1536));
            let composed = gelu.composed(&x).unwrap();
            assert_near(&gelu.forward(x).unwrap(), &composed);

            let attention = Attention::new(random(3 * 384), 12).unwrap();
            let qkv = random((n_rows, 3 * 384));
            let composed = attention.composed(&qkv, n_tokens).unwrap();
            assert_near(&attention.forward(qkv, n_tokens).unwrap(), &composed);
        }
    }
}
