//! BERT from candle's own operations, which run on any of its devices, for batches in which
//! short texts are filled up to the length of the longest.
//!
//! Source: as the forward pass on the CPU. Tokens that fill up are kept out of the attention
//! and out of the mean, so that a vector does not depend on the batch it is in, up to rounding.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{LayerNorm, Module};

use super::protocol::{TokenBatch, padded_length};
use crate::config::ModelConfig;
use crate::pooling::Pooling;
use crate::weights::Weights;
use crate::{TEXT_DIM, TOKENS_MAX};

/// Added to what a token would attend to where that only fills up: as little as f16 can say
/// with room for a sum.
const HIDDEN: f64 = -1e4;

/// The network with its weights on one device.
pub struct DeviceNetwork {
    /// \[vocabulary, d\]
    words: Tensor,
    /// Position plus the embedding of the only segment. \[`TOKENS_MAX`, d\]
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
    config: ModelConfig,
}

struct Layer {
    /// Query, key and value in one product; the query is already divided by the square root
    /// of the head's size.
    qkv: Linear,
    out: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    norm: LayerNorm,
}

/// Weights \[in, out\], biases \[out\].
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

/// Which tokens of a batch are of its texts.
struct Mask {
    /// 1 for a token, 0 for what fills up, f32. \[n_texts, n_tokens, 1\]
    is_token: Tensor,
    /// For the attention; `None` where nothing is filled up. \[n_texts, 1, 1, n_tokens\]
    hidden: Option<Tensor>,
}

impl DeviceNetwork {
    /// # Errors
    /// A tensor is missing or of another shape; the device fails.
    pub fn load(
        config: &ModelConfig,
        weights: &Weights<'_>,
        dtype: DType,
        device: &Device,
    ) -> Result<Self> {
        let load = Loader { config, weights, dtype, device };
        let d = config.dim();
        let segments = [config.n_segments(), d];
        let segments = load.tensor("embeddings.token_type_embeddings.weight", &segments)?;
        let positions = [config.n_positions(), d];
        let positions = load
            .tensor("embeddings.position_embeddings.weight", &positions)?
            .narrow(0, config.position_offset(), TOKENS_MAX)?
            .broadcast_add(&segments.get(0)?)?;
        let layers = (0..config.n_layers())
            .map(|i| load.layer(&format!("encoder.layer.{i}")))
            .collect::<Result<_>>()?;
        Ok(Self {
            words: load.tensor("embeddings.word_embeddings.weight", &[config.n_words(), d])?,
            positions,
            norm: load.norm("embeddings.LayerNorm")?,
            layers,
            config: config.clone(),
        })
    }

    /// Unit vectors of a batch, computed on the device and copied back once.
    ///
    /// # Shapes
    /// n texts → \[n, 384\].
    ///
    /// # Errors
    /// The device's; a token that is not in the vocabulary.
    pub fn encode(&self, batch: &TokenBatch) -> Result<Vec<f32>> {
        let device = self.words.device();
        let n_words = self.words.dim(0)? as u32;
        if batch.token_ids.iter().any(|id| *id >= n_words) {
            candle_core::bail!("a token that is not in the vocabulary");
        }
        let (n_texts, n_tokens) = (batch.lengths.len(), padded_length(batch.n_tokens_longest()));
        let token_ids = Tensor::from_vec(padded(batch, n_tokens), n_texts * n_tokens, device)?;
        let mask = Mask::of(batch, n_tokens, self.words.dtype(), device)?;

        let d = self.config.dim();
        let words = self.words.index_select(&token_ids, 0)?;
        let x = words
            .reshape((n_texts, n_tokens, d))?
            .broadcast_add(&self.positions.narrow(0, 0, n_tokens)?)?
            .reshape((n_texts * n_tokens, d))?;
        let mut x = self.norm.forward(&x)?;
        for layer in &self.layers {
            x = layer.forward(&x, self.config.n_heads(), n_tokens, mask.hidden.as_ref())?;
        }
        let x = x.reshape((n_texts, n_tokens, d))?.to_dtype(DType::F32)?;
        let pooled = match self.config.pooling() {
            Pooling::Cls => x.narrow(1, 0, 1)?.squeeze(1)?,
            // The mean's divisor is lost in the norm.
            Pooling::Mean => x.broadcast_mul(&mask.is_token)?.sum(1)?,
        };
        let n_kept = self.config.n_kept();
        let kept = pooled.narrow(1, 0, n_kept)?;
        let norms = kept.sqr()?.sum_keepdim(1)?.sqrt()?;
        let unit = kept.broadcast_div(&norms)?.pad_with_zeros(1, 0, TEXT_DIM - n_kept)?;
        unit.flatten_all()?.to_vec1()
    }
}

/// Token ids with each text filled up. \[n_texts · n_tokens\]
fn padded(batch: &TokenBatch, n_tokens: usize) -> Vec<u32> {
    let mut out = vec![0; batch.lengths.len() * n_tokens];
    let mut rest = &batch.token_ids[..];
    for (row, length) in out.chunks_exact_mut(n_tokens).zip(&batch.lengths) {
        let (ids, others) = rest.split_at(usize::from(*length));
        row[..ids.len()].copy_from_slice(ids);
        rest = others;
    }
    out
}

impl Mask {
    fn of(batch: &TokenBatch, n_tokens: usize, dtype: DType, device: &Device) -> Result<Self> {
        let n_texts = batch.lengths.len();
        let of_text = |length: &u16| {
            let n_own = usize::from(*length);
            (0..n_tokens).map(move |at| if at < n_own { 1.0f32 } else { 0.0 })
        };
        let is_token: Vec<f32> = batch.lengths.iter().flat_map(of_text).collect();
        let is_token = Tensor::from_vec(is_token, (n_texts, n_tokens, 1), device)?;
        let fills_up = batch.lengths.iter().any(|length| usize::from(*length) < n_tokens);
        // -HIDDEN · is_token + HIDDEN: 0 for a token.
        let hidden = fills_up.then(|| {
            let hidden = is_token.affine(-HIDDEN, HIDDEN)?.to_dtype(dtype)?;
            hidden.reshape((n_texts, 1, 1, n_tokens))
        });
        Ok(Self { is_token, hidden: hidden.transpose()? })
    }
}

impl Layer {
    /// # Shapes
    /// \[n_texts · n_tokens, d\] → the same.
    fn forward(
        &self,
        x: &Tensor,
        n_heads: usize,
        n_tokens: usize,
        hidden: Option<&Tensor>,
    ) -> Result<Tensor> {
        let (n_rows, d) = x.dims2()?;
        let qkv = self
            .qkv
            .forward(x)?
            .reshape((n_rows / n_tokens, n_tokens, 3, n_heads, d / n_heads))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let (q, k, v) = (qkv.get(0)?, qkv.get(1)?, qkv.get(2)?);
        let mut scores = q.matmul(&k.t()?)?;
        if let Some(hidden) = hidden {
            scores = scores.broadcast_add(hidden)?;
        }
        let attended = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&v)?;
        let attended = attended.transpose(1, 2)?.contiguous()?.reshape((n_rows, d))?;
        let x = self.attention_norm.forward(&(self.out.forward(&attended)? + x)?)?;
        let inner = self.up.forward(&x)?.gelu_erf()?;
        self.norm.forward(&(self.down.forward(&inner)? + x)?)
    }
}

impl Linear {
    /// # Shapes
    /// \[n, in\] → \[n, out\].
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight)?.broadcast_add(&self.bias)
    }
}

/// Reads the parts of a model.
struct Loader<'a> {
    config: &'a ModelConfig,
    weights: &'a Weights<'a>,
    dtype: DType,
    device: &'a Device,
}

impl Loader<'_> {
    fn layer(&self, name: &str) -> Result<Layer> {
        let (d, n_inner) = (self.config.dim(), self.config.n_inner());
        let head_scale = ((d / self.config.n_heads()) as f64).sqrt().recip();
        let part = |part: &str| self.linear(d, d, &format!("{name}.attention.self.{part}"));
        let (query, key, value) = (part("query")?, part("key")?, part("value")?);
        let weights = [(query.weight * head_scale)?, key.weight, value.weight];
        let biases = [(query.bias * head_scale)?, key.bias, value.bias];
        let qkv = Linear {
            weight: Tensor::cat(&weights, 1)?.contiguous()?,
            bias: Tensor::cat(&biases, 0)?,
        };
        Ok(Layer {
            qkv,
            out: self.linear(d, d, &format!("{name}.attention.output.dense"))?,
            attention_norm: self.norm(&format!("{name}.attention.output.LayerNorm"))?,
            up: self.linear(d, n_inner, &format!("{name}.intermediate.dense"))?,
            down: self.linear(n_inner, d, &format!("{name}.output.dense"))?,
            norm: self.norm(&format!("{name}.output.LayerNorm"))?,
        })
    }

    fn linear(&self, n_in: usize, n_out: usize, name: &str) -> Result<Linear> {
        let weight = self.tensor(&format!("{name}.weight"), &[n_out, n_in])?;
        let bias = self.tensor(&format!("{name}.bias"), &[n_out])?;
        Ok(Linear { weight: weight.t()?.contiguous()?, bias })
    }

    fn norm(&self, name: &str) -> Result<LayerNorm> {
        let d = self.config.dim();
        let gain = self.tensor(&format!("{name}.weight"), &[d])?;
        let offset = self.tensor(&format!("{name}.bias"), &[d])?;
        Ok(LayerNorm::new(gain, offset, self.config.norm_eps().into()))
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.weights.tensor(name, shape)?.to_dtype(self.dtype)?.to_device(self.device)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const N_WORDS: usize = 50;
    const N_INNER: usize = 64;

    /// Two layers of random weights.
    fn network(dtype: DType) -> DeviceNetwork {
        let dir = tempfile::tempdir().unwrap();
        let config = serde_json::json!({
            "hidden_size": TEXT_DIM, "num_hidden_layers": 2, "num_attention_heads": 12,
            "intermediate_size": N_INNER, "max_position_embeddings": TOKENS_MAX,
            "type_vocab_size": 2, "vocab_size": N_WORDS, "layer_norm_eps": 1e-12,
            "hidden_act": "gelu",
        });
        std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        let (config, _) = ModelConfig::read(dir.path()).unwrap();
        let mut tensors = HashMap::new();
        let mut add = |name: String, shape: &[usize], mean: f32| {
            let tensor = Tensor::randn(mean, 0.1f32, shape, &Device::Cpu).unwrap();
            tensors.insert(name, tensor);
        };
        let tables = [("word", N_WORDS), ("position", TOKENS_MAX), ("token_type", 2)];
        for (table, n_rows) in tables {
            add(format!("embeddings.{table}_embeddings.weight"), &[n_rows, TEXT_DIM], 0.0);
        }
        let layers = ["encoder.layer.0", "encoder.layer.1"];
        let products = layers.iter().flat_map(|layer| {
            let square = ["self.query", "self.key", "self.value", "output.dense"];
            let square =
                square.map(|part| (format!("{layer}.attention.{part}"), TEXT_DIM, TEXT_DIM));
            let up = (format!("{layer}.intermediate.dense"), N_INNER, TEXT_DIM);
            let down = (format!("{layer}.output.dense"), TEXT_DIM, N_INNER);
            square.into_iter().chain([up, down])
        });
        for (name, n_out, n_in) in products {
            add(format!("{name}.weight"), &[n_out, n_in], 0.0);
            add(format!("{name}.bias"), &[n_out], 0.0);
        }
        let norms = layers
            .iter()
            .flat_map(|layer| ["attention.output", "output"].map(|part| format!("{layer}.{part}")));
        for name in norms.chain(["embeddings".to_owned()]) {
            add(format!("{name}.LayerNorm.weight"), &[TEXT_DIM], 1.0);
            add(format!("{name}.LayerNorm.bias"), &[TEXT_DIM], 0.0);
        }
        let file = dir.path().join("model.safetensors");
        candle_core::safetensors::save(&tensors, &file).unwrap();
        let bytes = std::fs::read(file).unwrap();
        let weights = Weights::open(&bytes).unwrap();
        DeviceNetwork::load(&config, &weights, dtype, &Device::Cpu).unwrap()
    }

    fn batch(lengths: &[u16]) -> TokenBatch {
        let n_tokens = lengths.iter().map(|n| u32::from(*n)).sum::<u32>();
        let token_ids = (0..n_tokens).map(|at| at * 7 % N_WORDS as u32).collect();
        TokenBatch { id: 0, lengths: lengths.to_vec(), token_ids }
    }

    fn alone(of: &TokenBatch, text: usize) -> TokenBatch {
        let start: usize = of.lengths[..text].iter().map(|n| usize::from(*n)).sum();
        let n_tokens = usize::from(of.lengths[text]);
        let token_ids = of.token_ids[start..start + n_tokens].to_vec();
        TokenBatch { id: 0, lengths: vec![of.lengths[text]], token_ids }
    }

    #[test]
    fn a_vector_does_not_depend_on_its_batch() {
        for dtype in [DType::F32, DType::F16] {
            let network = network(dtype);
            let batch = batch(&[3, 1, 16, 9, 70, 2]);
            let together = network.encode(&batch).unwrap();
            assert_eq!(together.len(), 6 * TEXT_DIM);
            for (text, vector) in together.chunks_exact(TEXT_DIM).enumerate() {
                let alone = network.encode(&alone(&batch, text)).unwrap();
                let cosine: f32 = vector.iter().zip(&alone).map(|(a, b)| a * b).sum();
                assert!(cosine >= 0.9999, "{dtype:?}, text {text}: {cosine}");
                let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
                assert!((norm - 1.0).abs() < 1e-4, "{norm}");
            }
        }
    }

    #[test]
    fn what_fills_up_is_neither_attended_to_nor_in_the_mean() {
        let network = network(DType::F32);
        let short = network.encode(&batch(&[5])).unwrap();
        // Its last three are what fills the shorter one up.
        let mut longer = batch(&[5]);
        longer.token_ids.extend([0; 3]);
        longer.lengths = vec![8];
        let longer = network.encode(&longer).unwrap();
        let cosine: f32 = short.iter().zip(&longer).map(|(a, b)| a * b).sum();
        assert!(cosine < 0.9999, "{cosine}");
    }

    #[test]
    fn a_token_outside_the_vocabulary_is_refused() {
        let unknown = TokenBatch { id: 0, lengths: vec![1], token_ids: vec![N_WORDS as u32] };
        assert!(network(DType::F32).encode(&unknown).is_err());
    }
}
