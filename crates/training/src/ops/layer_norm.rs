//! Layer normalisation of rows.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use vitrine_student::layout::LN_EPS;

use super::{like, stored, values, with_values};

struct LayerNorm;

/// (x − mean) / √(variance + 1e-5) · gain + bias, row by row.
///
/// # Shapes
/// `x` \[rows, width\], `gain` and `bias` \[width\] → \[rows, width\].
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// Ba, Kiros and Hinton, Layer normalization (2016).
pub fn layer_norm(x: &Tensor, gain: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op3(gain, bias, LayerNorm)
}

fn statistics(row: &[f32]) -> (f32, f32) {
    let width = row.len() as f32;
    let mean = row.iter().sum::<f32>() / width;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / width;
    (mean, 1.0 / (variance + LN_EPS).sqrt())
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, gain, bias) =
            (values(x, x_layout)?, values(gain, gain_layout)?, values(bias, bias_layout)?);
        let width = gain.len();
        let mut out = vec![0.0; x.len()];
        for (row, out) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            let (mean, inverse) = statistics(row);
            for (i, out) in out.iter_mut().enumerate() {
                *out = (row[i] - mean) * inverse * gain[i] + bias[i];
            }
        }
        Ok(stored(out, x_layout.shape()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        bias: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (dx, dgain, dbias) = with_values([x, gain, grad], |[x, gain, grad]| {
            let width = gain.len();
            let mut dx = vec![0.0; x.len()];
            let (mut dgain, mut dbias) = (vec![0.0; width], vec![0.0; width]);
            let rows = x.chunks_exact(width).zip(grad.chunks_exact(width));
            for ((row, grad), dx) in rows.zip(dx.chunks_exact_mut(width)) {
                let (mean, inverse) = statistics(row);
                let (mut sum, mut sum_normed) = (0.0, 0.0);
                for i in 0..width {
                    let normed = (row[i] - mean) * inverse;
                    let scaled = grad[i] * gain[i];
                    sum += scaled;
                    sum_normed += scaled * normed;
                    dgain[i] += grad[i] * normed;
                    dbias[i] += grad[i];
                }
                let (mean_grad, mean_normed) = (sum / width as f32, sum_normed / width as f32);
                for i in 0..width {
                    let normed = (row[i] - mean) * inverse;
                    dx[i] = inverse * (grad[i] * gain[i] - mean_grad - normed * mean_normed);
                }
            }
            Ok((dx, dgain, dbias))
        })?;
        Ok((Some(like(dx, x)?), Some(like(dgain, gain)?), Some(like(dbias, bias)?)))
    }
}
