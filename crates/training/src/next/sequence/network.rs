//! The transformer as a graph of tensor operations.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::SequenceConfig;
use super::batches::Batch;
use crate::forward::{CODES, Leaves};
use crate::ops::{Query, add_rows, add_rows_relu, attention, layer_norm};
use crate::params::Params;

/// Row of the places' table for "nothing yet" is that of place 0.
const PLACES: &str = "place";
const START: &str = "start";

/// Adds the network's arrays to a model.
pub(super) fn push_params(params: &mut Params, config: &SequenceConfig) {
    let width = config.width;
    let mut rng = SmallRng::seed_from_u64(config.seed);
    let mut matrix = |shape: [usize; 2], gain: f32| -> Vec<f32> {
        let deviation = gain / (shape[0] as f32).sqrt();
        (0..shape[0] * shape[1])
            .map(|_| (rng.random::<f32>() - 0.5) * 3.464_1 * deviation)
            .collect()
    };
    let places = [config.length_max + 1, width];
    params.push(PLACES, &places, matrix(places, 0.1));
    params.push(START, &[1, width], vec![0.0; width]);
    for block in 0..config.n_blocks {
        let mut push = |part: &str, shape: &[usize], values: Vec<f32>| {
            params.push(&format!("block{block}.{part}"), shape, values);
        };
        for norm in ["ln1", "ln2"] {
            push(&format!("{norm}.g"), &[width], vec![1.0; width]);
            push(&format!("{norm}.b"), &[width], vec![0.0; width]);
        }
        for part in ["q", "k", "v"] {
            push(part, &[width, width], matrix([width, width], 1.0));
        }
        // A block starts close to the identity.
        push("o", &[width, width], matrix([width, width], 0.5));
        push("ff1", &[width, 4 * width], matrix([width, 4 * width], 1.0));
        push("ff1.b", &[4 * width], vec![0.0; 4 * width]);
        push("ff2", &[4 * width, width], matrix([4 * width, width], 0.5));
        push("ff2.b", &[width], vec![0.0; width]);
    }
    params.push("lnf.g", &[width], vec![1.0; width]);
    params.push("lnf.b", &[width], vec![0.0; width]);
}

/// One forward pass.
pub(super) struct Network<'a> {
    pub leaves: &'a Leaves,
    pub config: &'a SequenceConfig,
    /// Draws what is dropped; `None` where nothing is.
    pub dropout: Option<RefCell<SmallRng>>,
}

impl Network<'_> {
    fn get(&self, name: &str) -> Result<&Tensor> {
        self.leaves.get(name)
    }

    /// The table that a batch indexes: "nothing yet", then items.
    fn table(&self) -> Result<Tensor> {
        Tensor::cat(&[self.get(START)?, self.get(CODES)?], 0)
    }

    /// States after the rows of a batch, \[rows, width\]; with `ends_only` after
    /// the end of each sequence, \[sequences, width\].
    pub fn states(&self, batch: &Batch, ends_only: bool) -> Result<Tensor> {
        let scale = (self.config.width as f64).sqrt();
        let items = (self.table()?.index_select(&batch.items, 0)? * scale)?;
        let x = (items + self.get(PLACES)?.index_select(&batch.places, 0)?)?;
        let mut x = self.dropped(&x)?;
        for block in 0..self.config.n_blocks {
            let is_last = block + 1 == self.config.n_blocks;
            x = if is_last && ends_only {
                self.block(block, &x, Some(&batch.ends), &batch.end_queries)?
            } else {
                self.block(block, &x, None, &batch.queries)?
            };
        }
        layer_norm(&x, self.get("lnf.g")?, self.get("lnf.b")?)
    }

    fn block(
        &self,
        block: usize,
        x: &Tensor,
        read: Option<&Tensor>,
        queries: &Arc<[Query]>,
    ) -> Result<Tensor> {
        let get = |part: &str| self.get(&format!("block{block}.{part}"));
        let normed = layer_norm(x, get("ln1.g")?, get("ln1.b")?)?;
        let (keys, values) = (normed.matmul(get("k")?)?, normed.matmul(get("v")?)?);
        let (x, normed) = match read {
            Some(rows) => (x.index_select(rows, 0)?, normed.index_select(rows, 0)?),
            None => (x.clone(), normed),
        };
        let q = normed.matmul(get("q")?)?;
        let attended = attention(&q, &keys, &values, Arc::clone(queries), self.config.head_dim)?;
        let x = (x + self.dropped(&attended.matmul(get("o")?)?)?)?;
        let normed = layer_norm(&x, get("ln2.g")?, get("ln2.b")?)?;
        let hidden = add_rows_relu(&normed.matmul(get("ff1")?)?, get("ff1.b")?)?;
        let out = add_rows(&self.dropped(&hidden)?.matmul(get("ff2")?)?, get("ff2.b")?)?;
        x + self.dropped(&out)?
    }

    /// Some values zero, the others larger, so that their sum is the same in the mean.
    fn dropped(&self, x: &Tensor) -> Result<Tensor> {
        let (Some(rng), share) = (&self.dropout, self.config.dropout) else {
            return Ok(x.clone());
        };
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
