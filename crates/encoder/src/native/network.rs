//! Token ids in, unit vectors out.

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::{DType, Result};

use super::matrix::PackedMatrix;
use super::steps::{self, AttentionShape, NormParameters};
use super::{Entry, Kernel, Rows};
use crate::TOKENS_MAX;
use crate::config::ModelConfig;
use crate::pooling::pooled;
use crate::weights::Weights;

/// A BERT-like network with its weights packed for one kernel.
///
/// # Source
/// Devlin et al. 2019 (BERT), Conneau et al. 2020 (XLM-R); tensor names as in Hugging Face's
/// `BertModel` and `XLMRobertaModel`.
pub(crate) struct Network {
    kernel: Kernel,
    config: ModelConfig,
    words: WordTable,
    /// Position plus the embedding of the only segment. \[tokens_max, d\]
    positions: Vec<f32>,
    norm: NormParameters,
    layers: Vec<Layer>,
}

/// Embeddings of the vocabulary, as wide as the file has them: of a large vocabulary they
/// are most of a model. \[vocabulary, d\]
enum WordTable {
    F32(Vec<f32>),
    F16(Vec<half::f16>),
}

struct Layer {
    /// Query, key and value in one product; the query is already divided by the square root
    /// of the head's size. \[d, 3 · d\]
    qkv: PackedMatrix,
    qkv_bias: Vec<f32>,
    attention_out: PackedMatrix,
    attention_norm: NormParameters,
    up: PackedMatrix,
    up_bias: Vec<f32>,
    down: PackedMatrix,
    norm: NormParameters,
}

/// Memory that one forward pass leaves to the next on the same thread.
struct Scratch {
    /// \[n, d\]
    x: Vec<f32>,
    /// \[n, d\], then the input of the next step.
    next: Vec<f32>,
    /// Results of the wide products. \[n, 3 · d\] or \[n, inner\]
    wide: Vec<f32>,
    rows: Rows,
    wide_rows: Rows,
}

thread_local! {
    /// Of each kind of numbers: a thread may serve two encoders.
    static SCRATCH: RefCell<HashMap<Entry, Scratch>> = RefCell::default();
}

impl Scratch {
    fn new(entry: Entry) -> Self {
        Self {
            x: Vec::new(),
            next: Vec::new(),
            wide: Vec::new(),
            rows: Rows::new(entry),
            wide_rows: Rows::new(entry),
        }
    }
}

impl Network {
    /// # Errors
    /// A tensor is missing or of another shape.
    pub(crate) fn load(
        config: &ModelConfig,
        weights: &Weights<'_>,
        kernel: Kernel,
    ) -> Result<Self> {
        let load = Loader { config, weights, entry: kernel.entry() };
        let d = config.dim();
        let segments =
            load.values("embeddings.token_type_embeddings.weight", &[config.n_segments(), d])?;
        let n_positions = config.n_positions();
        let mut positions =
            load.values("embeddings.position_embeddings.weight", &[n_positions, d])?;
        positions.drain(..config.position_offset() * d);
        positions.truncate(TOKENS_MAX * d);
        for position in positions.chunks_exact_mut(d) {
            position.iter_mut().zip(&segments).for_each(|(x, segment)| *x += segment);
        }
        let layers = (0..config.n_layers())
            .map(|i| load.layer(&format!("encoder.layer.{i}")))
            .collect::<Result<_>>()?;
        Ok(Self {
            kernel,
            config: config.clone(),
            words: load.words()?,
            positions,
            norm: load.norm(vec![0.0; d], "embeddings.LayerNorm")?,
            layers,
        })
    }

    pub(crate) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Unit vectors of a batch of texts; `None` when it was given up between two layers,
    /// once `is_late`.
    ///
    /// # Shapes
    /// `token_ids`: \[sum of `lengths`\], each length 1..=[`TOKENS_MAX`] → \[number of
    /// `lengths` · 384\].
    pub(crate) fn forward_while(
        &self,
        token_ids: &[u32],
        lengths: &[usize],
        is_late: &dyn Fn() -> bool,
    ) -> Option<Vec<f32>> {
        let entry = self.kernel.entry();
        SCRATCH.with_borrow_mut(|scratches| {
            let scratch = scratches.entry(entry).or_insert_with(|| Scratch::new(entry));
            self.embed(token_ids, lengths, scratch);
            for layer in &self.layers {
                if is_late() {
                    return None;
                }
                self.layer(layer, lengths, scratch);
            }
            Some(pooled(&scratch.x[..token_ids.len() * self.config.dim()], lengths, &self.config))
        })
    }

    /// The input of the first layer, in both forms.
    fn embed(&self, token_ids: &[u32], lengths: &[usize], scratch: &mut Scratch) {
        let (d, n_rows) = (self.config.dim(), token_ids.len());
        let n_out = Kernel::n_out_rows(n_rows);
        let n_wide = (3 * d).max(self.config.n_inner());
        for (buffer, width) in
            [(&mut scratch.x, d), (&mut scratch.next, d), (&mut scratch.wide, n_wide)]
        {
            buffer.resize((n_out * width).max(buffer.len()), 0.0);
        }
        for (row, id) in token_ids.iter().enumerate() {
            self.words.copy(*id as usize, &mut scratch.x[row * d..][..d]);
        }
        let places = lengths.iter().flat_map(|n_tokens| 0..*n_tokens);
        for (position, place) in scratch.next.chunks_exact_mut(d).zip(places) {
            position.copy_from_slice(&self.positions[place * d..][..d]);
        }
        scratch.rows.reset(n_rows, d);
        let (x, positions) = (&mut scratch.x[..n_rows * d], &scratch.next[..n_rows * d]);
        steps::add_norm(self.kernel, x, positions, &self.norm, &mut scratch.rows);
    }

    /// From `x` and its rows to `x` and its rows. \[n, d\]
    fn layer(&self, layer: &Layer, lengths: &[usize], scratch: &mut Scratch) {
        let Scratch { x, next, wide, rows, wide_rows } = scratch;
        let (kernel, d, n_rows) = (self.kernel, self.config.dim(), rows.n_rows);
        let shape = AttentionShape { lengths, n_heads: self.config.n_heads() };
        kernel.multiply(rows, &layer.qkv, wide);
        steps::attention(kernel, &mut wide[..n_rows * 3 * d], &layer.qkv_bias, shape, rows);
        kernel.multiply(rows, &layer.attention_out, next);
        let residual = &x[..n_rows * d];
        steps::add_norm(kernel, &mut next[..n_rows * d], residual, &layer.attention_norm, rows);
        kernel.multiply(rows, &layer.up, wide);
        let n_inner = self.config.n_inner();
        wide_rows.reset(n_rows, n_inner);
        steps::bias_gelu(kernel, &mut wide[..n_rows * n_inner], &layer.up_bias, wide_rows);
        kernel.multiply(wide_rows, &layer.down, x);
        let residual = &next[..n_rows * d];
        steps::add_norm(kernel, &mut x[..n_rows * d], residual, &layer.norm, rows);
    }
}

impl WordTable {
    fn copy(&self, id: usize, out: &mut [f32]) {
        let d = out.len();
        match self {
            Self::F32(table) => out.copy_from_slice(&table[id * d..][..d]),
            Self::F16(table) => {
                for (out, value) in out.iter_mut().zip(&table[id * d..][..d]) {
                    *out = value.to_f32();
                }
            }
        }
    }
}

/// Reads the parts of a model.
struct Loader<'a> {
    config: &'a ModelConfig,
    weights: &'a Weights<'a>,
    entry: Entry,
}

impl Loader<'_> {
    fn words(&self) -> Result<WordTable> {
        let shape = [self.config.n_words(), self.config.dim()];
        let table =
            self.weights.tensor("embeddings.word_embeddings.weight", &shape)?.flatten_all()?;
        Ok(match table.dtype() {
            DType::F16 => WordTable::F16(table.to_vec1()?),
            _ => WordTable::F32(table.to_dtype(DType::F32)?.to_vec1()?),
        })
    }

    fn layer(&self, name: &str) -> Result<Layer> {
        let (d, n_inner) = (self.config.dim(), self.config.n_inner());
        let head_scale = ((d / self.config.n_heads()) as f32).sqrt().recip();
        let (mut qkv, mut qkv_bias) = (Vec::new(), Vec::new());
        for (part, scale) in [("query", head_scale), ("key", 1.0), ("value", 1.0)] {
            let (weight, bias) = self.linear(d, d, &format!("{name}.attention.self.{part}"))?;
            qkv.extend(weight.iter().map(|x| x * scale));
            qkv_bias.extend(bias.iter().map(|x| x * scale));
        }
        let (attention_out, out_bias) =
            self.linear(d, d, &format!("{name}.attention.output.dense"))?;
        let (up, up_bias) = self.linear(d, n_inner, &format!("{name}.intermediate.dense"))?;
        let (down, down_bias) = self.linear(n_inner, d, &format!("{name}.output.dense"))?;
        Ok(Layer {
            qkv: PackedMatrix::new(&qkv, d, self.entry),
            qkv_bias,
            attention_out: PackedMatrix::new(&attention_out, d, self.entry),
            attention_norm: self.norm(out_bias, &format!("{name}.attention.output.LayerNorm"))?,
            up: PackedMatrix::new(&up, d, self.entry),
            up_bias,
            down: PackedMatrix::new(&down, n_inner, self.entry),
            norm: self.norm(down_bias, &format!("{name}.output.LayerNorm"))?,
        })
    }

    /// Weight \[n_out · n_in\] and bias \[n_out\].
    fn linear(&self, n_in: usize, n_out: usize, name: &str) -> Result<(Vec<f32>, Vec<f32>)> {
        let weight = self.values(&format!("{name}.weight"), &[n_out, n_in])?;
        Ok((weight, self.values(&format!("{name}.bias"), &[n_out])?))
    }

    /// The normalisation `name` after adding `bias`.
    fn norm(&self, bias: Vec<f32>, name: &str) -> Result<NormParameters> {
        let d = self.config.dim();
        let gain = self.values(&format!("{name}.weight"), &[d])?;
        let offset = self.values(&format!("{name}.bias"), &[d])?;
        Ok(NormParameters { bias, gain, offset, eps: self.config.norm_eps() })
    }

    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        self.weights.tensor(name, shape)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
    }
}
