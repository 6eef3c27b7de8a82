//! The forward pass with gradients: as the fast one, in f32, with an adapter beside its products.

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor, Var};

use super::AdapterTarget;
use super::ops::{Attention, BiasGelu, FrozenNorm, FrozenProduct, Pooled};
use crate::TOKENS_MAX;
use crate::config::ModelConfig;
use crate::pooling::Pooling;
use crate::weights::Weights;

/// A model whose weights stay as they are.
pub(super) struct FrozenNetwork {
    config: ModelConfig,
    /// \[vocabulary, d\]
    words: Tensor,
    /// Position plus the embedding of the only segment. \[tokens_max, d\]
    positions: Tensor,
    norm: FrozenNorm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Of the targets in their order: query, key, value, output, up, down. \[in, out\]
    products: [Tensor; 6],
    qkv_bias: Arc<[f32]>,
    up_bias: Arc<[f32]>,
    attention_norm: FrozenNorm,
    norm: FrozenNorm,
}

/// The two matrices beside a product: A \[rank, in\] and B \[out, rank\].
pub(super) struct Beside {
    pub layer: usize,
    pub target: AdapterTarget,
    pub a: Var,
    pub b: Var,
}

/// What stands beside the products of a pass.
pub(super) struct BesideAll<'a> {
    pub all: &'a [Beside],
    pub scale: f64,
}

impl FrozenNetwork {
    /// # Errors
    /// A tensor is missing or of another shape.
    pub(super) fn load(config: &ModelConfig, weights: &Weights<'_>) -> Result<Self> {
        let load = Loader { weights };
        let d = config.dim();
        let segments =
            load.tensor("embeddings.token_type_embeddings.weight", &[config.n_segments(), d])?;
        let positions = load
            .tensor("embeddings.position_embeddings.weight", &[config.n_positions(), d])?
            .narrow(0, config.position_offset(), TOKENS_MAX)?
            .broadcast_add(&segments.get(0)?)?;
        let layers = (0..config.n_layers()).map(|layer| load.layer(config, layer));
        Ok(Self {
            words: load.tensor("embeddings.word_embeddings.weight", &[config.n_words(), d])?,
            positions,
            norm: load.norm("embeddings.LayerNorm", vec![0.0; d].into(), config)?,
            layers: layers.collect::<Result<_>>()?,
            config: config.clone(),
        })
    }

    /// Unit vectors of texts, which know how they were made.
    ///
    /// # Shapes
    /// `token_ids`: \[sum of `lengths`\] → \[number of `lengths`, at most 384\].
    ///
    /// # Errors
    /// A token that is not in the vocabulary.
    pub(super) fn forward(
        &self,
        token_ids: &[u32],
        lengths: &[usize],
        beside: &BesideAll<'_>,
    ) -> Result<Tensor> {
        let lengths: Arc<[usize]> = lengths.into();
        let places: Vec<u32> = lengths.iter().flat_map(|n| 0..*n as u32).collect();
        let n = token_ids.len();
        let token_ids = Tensor::from_slice(token_ids, n, &Device::Cpu)?;
        let places = Tensor::from_slice(&places, n, &Device::Cpu)?;
        let x = self.words.index_select(&token_ids, 0)?;
        let x = (x + self.positions.index_select(&places, 0)?)?;
        let mut x = x.apply_op1(self.norm.clone())?;
        for at in 0..self.layers.len() {
            x = self.layer(at, &x, &lengths, beside)?;
        }
        let is_first = matches!(self.config.pooling(), Pooling::Cls);
        x.apply_op1(Pooled { lengths, n_kept: self.config.n_kept(), is_first })
    }

    fn layer(
        &self,
        at: usize,
        x: &Tensor,
        lengths: &Arc<[usize]>,
        beside: &BesideAll<'_>,
    ) -> Result<Tensor> {
        let layer = &self.layers[at];
        let product = |target: AdapterTarget, x: &Tensor| -> Result<Tensor> {
            let weight = layer.products[target as usize].clone();
            let out = x.apply_op1_arc(Arc::new(Box::new(FrozenProduct { weight })))?;
            let is_it = |beside: &&Beside| beside.layer == at && beside.target == target;
            match beside.all.iter().find(is_it) {
                None => Ok(out),
                Some(found) => {
                    let added = x.matmul(&found.a.t()?)?.matmul(&found.b.t()?)?;
                    out + (added * beside.scale)?
                }
            }
        };
        use AdapterTarget as T;
        let qkv = [T::Query, T::Key, T::Value].map(|target| product(target, x));
        let [q, k, v] = qkv;
        let attention = Attention {
            lengths: Arc::clone(lengths),
            bias: Arc::clone(&layer.qkv_bias),
            n_heads: self.config.n_heads(),
        };
        let mixed = Tensor::cat(&[q?, k?, v?], 1)?.apply_op1(attention)?;
        let x = (product(T::Output, &mixed)? + x)?.apply_op1(layer.attention_norm.clone())?;
        let inner = product(T::Up, &x)?.apply_op1(BiasGelu { bias: Arc::clone(&layer.up_bias) })?;
        (product(T::Down, &inner)? + x)?.apply_op1(layer.norm.clone())
    }
}

/// Reads the parts of a model.
struct Loader<'a> {
    weights: &'a Weights<'a>,
}

impl Loader<'_> {
    fn layer(&self, config: &ModelConfig, layer: usize) -> Result<Layer> {
        let (d, n_inner) = (config.dim(), config.n_inner());
        let mut products = Vec::with_capacity(AdapterTarget::ALL.len());
        let mut biases: Vec<Vec<f32>> = Vec::with_capacity(AdapterTarget::ALL.len());
        for target in AdapterTarget::ALL {
            let (n_in, n_out) = target.shape(d, n_inner);
            let name = target.tensor_name(layer);
            let weight = self.tensor(&format!("{name}.weight"), &[n_out, n_in])?;
            products.push(weight.t()?.contiguous()?);
            biases.push(self.tensor(&format!("{name}.bias"), &[n_out])?.to_vec1()?);
        }
        let Ok(products) = products.try_into() else { candle_core::bail!("six products") };
        let [q, k, v, out, up, down] = &biases[..] else { candle_core::bail!("six biases") };
        let name = format!("encoder.layer.{layer}");
        let out_norm = format!("{name}.attention.output.LayerNorm");
        Ok(Layer {
            products,
            qkv_bias: [&q[..], k, v].concat().into(),
            up_bias: up[..].into(),
            attention_norm: self.norm(&out_norm, out[..].into(), config)?,
            norm: self.norm(&format!("{name}.output.LayerNorm"), down[..].into(), config)?,
        })
    }

    fn norm(&self, name: &str, bias: Arc<[f32]>, config: &ModelConfig) -> Result<FrozenNorm> {
        let shape = [config.dim()];
        let of = |part: &str| -> Result<Arc<[f32]>> {
            Ok(self.tensor(&format!("{name}.{part}"), &shape)?.to_vec1::<f32>()?.into())
        };
        Ok(FrozenNorm { bias, gain: of("weight")?, offset: of("bias")?, eps: config.norm_eps() })
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.weights.tensor(name, shape)?.to_dtype(DType::F32)
    }
}
