//! What the scorer does to rows that come in groups: the candidates of a cut.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use vitrine_student::layout::{CODE_DIM as D, N_SCALARS};

use super::{like, stored, values, with_values};

struct AddRows {
    relu: bool,
}

/// x + the row of its group: with one group this is a bias.
///
/// # Shapes
/// `x` \[groups · n, width\], `rows` \[groups, width\] → as `x`.
///
/// # Errors
/// When shapes do not fit.
pub fn add_rows(x: &Tensor, rows: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(rows, AddRows { relu: false })
}

/// max(0, [`add_rows`]).
///
/// # Errors
/// When shapes do not fit.
pub fn add_rows_relu(x: &Tensor, rows: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(&rows.contiguous()?, AddRows { relu: true })
}

impl CustomOp2 for AddRows {
    fn name(&self) -> &'static str {
        "add-rows"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        rows: &CpuStorage,
        rows_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, rows) = (values(x, x_layout)?, values(rows, rows_layout)?);
        let Some(&width) = x_layout.dims().last() else { bail!("a scalar has no rows") };
        if rows.is_empty() || rows.len() % width != 0 || x.len() % rows.len() != 0 {
            bail!("{} values cannot take groups of {} rows", x.len(), rows.len() / width)
        }
        let group = x.len() / (rows.len() / width);
        let mut out = x.to_vec();
        for (out, row) in out.chunks_exact_mut(group).zip(rows.chunks_exact(width)) {
            for out in out.chunks_exact_mut(width) {
                out.iter_mut().zip(row).for_each(|(out, x)| *out += x);
                if self.relu {
                    out.iter_mut().for_each(|out| *out = out.max(0.0));
                }
            }
        }
        Ok(stored(out, x_layout.shape()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        rows: &Tensor,
        out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let width = x.dims().last().copied().unwrap_or(1);
        let (dx, drows) = with_values([out, grad], |[out, grad]| {
            let mut dx = grad.to_vec();
            if self.relu {
                for (dx, out) in dx.iter_mut().zip(out) {
                    *dx = if *out > 0.0 { *dx } else { 0.0 };
                }
            }
            let mut drows = vec![0.0; rows.elem_count()];
            let group = dx.len() * width / drows.len();
            for (dx, drow) in dx.chunks_exact(group).zip(drows.chunks_exact_mut(width)) {
                for dx in dx.chunks_exact(width) {
                    drow.iter_mut().zip(dx).for_each(|(sum, x)| *sum += x);
                }
            }
            Ok((dx, drows))
        })?;
        Ok((Some(like(dx, x)?), Some(like(drows, rows)?)))
    }
}

/// Width of one scorer input: code, u∘code, scalars.
const WIDTH: usize = 2 * D + N_SCALARS;

struct ScoreInputs {
    scalars: Arc<[f32]>,
}

/// Rows (c, u∘c, s): one matrix product then does the whole first layer.
///
/// # Shapes
/// `u` \[cuts, 64\], `codes` \[cuts · n, 64\], `scalars` \[cuts · n · 16\] →
/// \[cuts · n, 144\].
///
/// # Errors
/// When shapes do not fit.
pub fn score_inputs(u: &Tensor, codes: &Tensor, scalars: Arc<[f32]>) -> Result<Tensor> {
    u.contiguous()?.apply_op2(&codes.contiguous()?, ScoreInputs { scalars })
}

impl CustomOp2 for ScoreInputs {
    fn name(&self) -> &'static str {
        "score-inputs"
    }

    fn cpu_fwd(
        &self,
        u: &CpuStorage,
        u_layout: &Layout,
        codes: &CpuStorage,
        codes_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (u, codes) = (values(u, u_layout)?, values(codes, codes_layout)?);
        let n_rows = codes.len() / D;
        if self.scalars.len() != n_rows * N_SCALARS
            || u.is_empty()
            || !n_rows.is_multiple_of(u.len() / D)
        {
            bail!("{n_rows} candidates of {} cuts do not fit", u.len() / D)
        }
        let group = n_rows / (u.len() / D);
        let mut out = vec![0.0; n_rows * WIDTH];
        for (i, out) in out.chunks_exact_mut(WIDTH).enumerate() {
            let code = &codes[i * D..][..D];
            let u = &u[i / group * D..][..D];
            out[..D].copy_from_slice(code);
            for (out, (u, c)) in out[D..2 * D].iter_mut().zip(u.iter().zip(code)) {
                *out = u * c;
            }
            out[2 * D..].copy_from_slice(&self.scalars[i * N_SCALARS..][..N_SCALARS]);
        }
        Ok(stored(out, (n_rows, WIDTH)))
    }

    fn bwd(
        &self,
        u_tensor: &Tensor,
        codes_tensor: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (du, dcodes) = with_values([u_tensor, codes_tensor, grad], |[u, codes, grad]| {
            let (mut du, mut dcodes) = (vec![0.0; u.len()], vec![0.0; codes.len()]);
            let group = codes.len() / u.len();
            for (i, grad) in grad.chunks_exact(WIDTH).enumerate() {
                let at = i / group * D;
                for j in 0..D {
                    let product = grad[D + j];
                    dcodes[i * D + j] = grad[j] + product * u[at + j];
                    du[at + j] += product * codes[i * D + j];
                }
            }
            Ok((du, dcodes))
        })?;
        Ok((Some(like(du, u_tensor)?), Some(like(dcodes, codes_tensor)?)))
    }
}

struct GroupDot;

/// The dot product of each code with its group's row: the retrieval score.
///
/// # Shapes
/// `r` \[cuts, width\], `codes` \[cuts · n, width\] → \[cuts, n\].
///
/// # Errors
/// When shapes do not fit.
pub fn group_dot(r: &Tensor, codes: &Tensor) -> Result<Tensor> {
    r.contiguous()?.apply_op2(&codes.contiguous()?, GroupDot)
}

impl CustomOp2 for GroupDot {
    fn name(&self) -> &'static str {
        "group-dot"
    }

    fn cpu_fwd(
        &self,
        r: &CpuStorage,
        r_layout: &Layout,
        codes: &CpuStorage,
        codes_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (r, codes) = (values(r, r_layout)?, values(codes, codes_layout)?);
        if r.is_empty() || codes.len() % r.len() != 0 {
            bail!("{} values of candidates and {} of cuts do not fit", codes.len(), r.len())
        }
        let width = r_layout.dims()[1];
        let group = codes.len() / r.len();
        let dot = |(i, code): (usize, &[f32])| {
            let r = &r[i / group * width..][..width];
            code.iter().zip(r).map(|(c, r)| c * r).sum::<f32>()
        };
        let out = codes.chunks_exact(width).enumerate().map(dot).collect();
        Ok(stored(out, (r.len() / width, group)))
    }

    fn bwd(
        &self,
        r_tensor: &Tensor,
        codes_tensor: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (dr, dcodes) = with_values([r_tensor, codes_tensor, grad], |[r, codes, grad]| {
            let (mut dr, mut dcodes) = (vec![0.0; r.len()], vec![0.0; codes.len()]);
            let group = codes.len() / r.len();
            let width = r.len() / r_tensor.dims()[0];
            for (i, grad) in grad.iter().enumerate() {
                let at = i / group * width;
                for j in 0..width {
                    dcodes[i * width + j] = grad * r[at + j];
                    dr[at + j] += grad * codes[i * width + j];
                }
            }
            Ok((dr, dcodes))
        })?;
        Ok((Some(like(dr, r_tensor)?), Some(like(dcodes, codes_tensor)?)))
    }
}
