//! One transformer block as a graph: the student's, and the teacher's of other widths.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use rand::Rng;
use rand::rngs::SmallRng;

use crate::leaves::Leaves;
use crate::ops::{AttentionWindow, add_rows, add_rows_relu, attention, layer_norm};

/// Sets some values to zero in training.
pub(crate) struct Dropout {
    /// Part that is dropped, and what draws it; `None` where nothing is.
    drawn: Option<(f32, RefCell<SmallRng>)>,
}

impl Dropout {
    /// Every value stays.
    pub const NONE: Self = Self { drawn: None };

    /// Drops this part of the values.
    pub fn new(share: f32, rng: SmallRng) -> Self {
        Self { drawn: Some((share, RefCell::new(rng))) }
    }

    /// Some values zero, the others larger, so that their sum is the same in the mean.
    pub fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let Some((share, rng)) = &self.drawn else { return Ok(x.clone()) };
        let mut rng = rng.borrow_mut();
        let (threshold, kept) = ((share * 65_536.0) as u32, 1.0 / (1.0 - share));
        let mask_of = |bits: u32| if bits & 0xffff < threshold { 0.0 } else { kept };
        let n = x.elem_count();
        let mut mask: Vec<f32> = Vec::with_capacity(n + 4);
        while mask.len() < n {
            let bits: u64 = rng.random();
            let parts = [bits, bits >> 16, bits >> 32, bits >> 48];
            mask.extend(parts.map(|bits| mask_of(bits as u32)));
        }
        mask.truncate(n);
        x.mul(&Tensor::from_vec(mask, x.shape(), &Device::Cpu)?)
    }
}

/// A block's weights and how it is run.
pub(crate) struct Block<'a> {
    /// Where its weights are.
    pub leaves: &'a Leaves,
    /// What their names begin with.
    pub name: &'a str,
    /// Numbers of one attention head.
    pub head_dim: usize,
    /// What training drops.
    pub dropout: &'a Dropout,
}

impl Block<'_> {
    /// The block over rows `x`; only the rows `read` go on, all of them without it.
    ///
    /// # Shapes
    /// `x` \[rows, width\], `queries` \[rows that go on\] → \[rows that go on, width\].
    pub fn forward(
        &self,
        x: &Tensor,
        read: Option<&Tensor>,
        queries: &Arc<[AttentionWindow]>,
    ) -> Result<Tensor> {
        let get = |part: &str| self.leaves.get(&format!("{}.{part}", self.name));
        let normed = layer_norm(x, get("ln1.g")?, get("ln1.b")?)?;
        let (keys, values) = (normed.matmul(get("k")?)?, normed.matmul(get("v")?)?);
        let (x, normed) = match read {
            Some(rows) => (x.index_select(rows, 0)?, normed.index_select(rows, 0)?),
            None => (x.clone(), normed),
        };
        let q = normed.matmul(get("q")?)?;
        let attended = attention(&q, &keys, &values, Arc::clone(queries), self.head_dim)?;
        let x = (x + self.dropout.apply(&attended.matmul(get("o")?)?)?)?;
        let normed = layer_norm(&x, get("ln2.g")?, get("ln2.b")?)?;
        let hidden = add_rows_relu(&normed.matmul(get("ff1")?)?, get("ff1.b")?)?;
        let out = add_rows(&self.dropout.apply(&hidden)?.matmul(get("ff2")?)?, get("ff2.b")?)?;
        x + self.dropout.apply(&out)?
    }
}
