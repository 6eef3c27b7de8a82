//! The forward pass of BERT, for texts of one length.
//!
//! Source: Devlin et al. 2019 (the network), Reimers and Gurevych 2019 (mean
//! pooling); tensor names as in Hugging Face's `BertModel`.
//!
//! All texts of a batch have the same number of tokens, so there is no padding
//! and no attention mask.

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use crate::ops::{AddNorm, Attention, BiasGelu};
use crate::{EncoderError, TEXT_DIM, TOKENS_MAX};

/// The part of `config.json` that shapes the network.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BertConfig {
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f64,
    hidden_act: String,
}

impl BertConfig {
    /// # Errors
    /// [`EncoderError::UnsupportedModel`] when this code would compute something else.
    pub(crate) fn check(&self) -> std::result::Result<(), EncoderError> {
        let unsupported = |field, found: String, needed: String| {
            Err(EncoderError::UnsupportedModel { field, found, needed })
        };
        if self.hidden_size != TEXT_DIM {
            return unsupported("hidden_size", self.hidden_size.to_string(), TEXT_DIM.to_string());
        }
        if self.hidden_act != "gelu" {
            return unsupported("hidden_act", self.hidden_act.clone(), "gelu".to_owned());
        }
        let n_heads = self.num_attention_heads;
        if n_heads == 0 || !TEXT_DIM.is_multiple_of(n_heads) {
            let needed = format!("a divisor of {TEXT_DIM}");
            return unsupported("num_attention_heads", n_heads.to_string(), needed);
        }
        let n_positions = self.max_position_embeddings;
        if n_positions < TOKENS_MAX {
            let needed = format!("at least {TOKENS_MAX}");
            return unsupported("max_position_embeddings", n_positions.to_string(), needed);
        }
        Ok(())
    }
}

/// The network with its weights on one device.
///
/// Weights of products are kept as \[in, out\], the order in which the CPU's
/// matrix product reads them without copying.
pub(crate) struct Bert {
    /// \[vocabulary, 384\]
    words: Tensor,
    /// Position plus the embedding of the only segment. \[`TOKENS_MAX`, 384\]
    positions: Tensor,
    norm: AddNorm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Query, key and value in one product; the query is already divided by
    /// the square root of the head's size. \[384, 3 · 384\]
    qkv: Tensor,
    attention: Attention,
    attention_out: Tensor,
    attention_norm: AddNorm,
    up: Tensor,
    gelu: BiasGelu,
    down: Tensor,
    norm: AddNorm,
}

impl Bert {
    pub(crate) fn load(config: &BertConfig, vb: &VarBuilder) -> Result<Self> {
        let vb_embeddings = vb.pp("embeddings");
        let table = |n_rows, name| vb_embeddings.get((n_rows, TEXT_DIM), name);
        let segments = table(config.type_vocab_size, "token_type_embeddings.weight")?;
        let positions = table(config.max_position_embeddings, "position_embeddings.weight")?
            .narrow(0, 0, TOKENS_MAX)?
            .broadcast_add(&segments.get(0)?)?;
        let no_bias = Tensor::zeros(TEXT_DIM, positions.dtype(), positions.device())?;
        let layers = (0..config.num_hidden_layers)
            .map(|i| Layer::load(config, &vb.pp(format!("encoder.layer.{i}"))))
            .collect::<Result<_>>()?;
        Ok(Self {
            words: table(config.vocab_size, "word_embeddings.weight")?,
            positions,
            norm: load_norm(config, no_bias, &vb_embeddings.pp("LayerNorm"))?,
            layers,
        })
    }

    /// Unit vectors of a batch of equally long texts.
    ///
    /// # Shapes
    /// `token_ids`: \[batch · n_tokens\], 1 ≤ n_tokens ≤ [`TOKENS_MAX`] → \[batch · 384\].
    pub(crate) fn forward(
        &self,
        token_ids: Vec<u32>,
        n_tokens: usize,
        device: &Device,
    ) -> Result<Vec<f32>> {
        let vectors = self.forward_while(token_ids, n_tokens, device, &|| false)?;
        Ok(vectors.unwrap_or_default())
    }

    /// [`Self::forward`], given up between two layers once `is_late`; then `None`.
    pub(crate) fn forward_while(
        &self,
        token_ids: Vec<u32>,
        n_tokens: usize,
        device: &Device,
        is_late: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<f32>>> {
        let n_rows = token_ids.len();
        let token_ids = Tensor::from_vec(token_ids, n_rows, device)?;
        let positions = self
            .positions
            .narrow(0, 0, n_tokens)?
            .broadcast_as((n_rows / n_tokens, n_tokens, TEXT_DIM))?
            .contiguous()?
            .reshape((n_rows, TEXT_DIM))?;
        let mut x = self.norm.forward(self.words.index_select(&token_ids, 0)?, &positions)?;
        for layer in &self.layers {
            if is_late() {
                return Ok(None);
            }
            x = layer.forward(&x, n_tokens)?;
        }
        let mut vectors = Vec::with_capacity(n_rows / n_tokens * TEXT_DIM);
        for text in x.flatten_all()?.to_vec1()?.chunks_exact(n_tokens * TEXT_DIM) {
            vectors.extend(unit_mean(text));
        }
        Ok(Some(vectors))
    }
}

impl Layer {
    fn load(config: &BertConfig, vb: &VarBuilder) -> Result<Self> {
        let n_inner = config.intermediate_size;
        let vb_attention = vb.pp("attention");
        let head_scale = ((TEXT_DIM / config.num_attention_heads) as f64).sqrt().recip();
        let [query, key, value] = ["query", "key", "value"]
            .map(|name| load_linear(TEXT_DIM, TEXT_DIM, &vb_attention.pp("self").pp(name)));
        let ((query, query_bias), (key, key_bias), (value, value_bias)) = (query?, key?, value?);
        let qkv_bias = Tensor::cat(&[(query_bias * head_scale)?, key_bias, value_bias], 0)?;

        let vb_out = vb_attention.pp("output");
        let (attention_out, out_bias) = load_linear(TEXT_DIM, TEXT_DIM, &vb_out.pp("dense"))?;
        let (up, up_bias) = load_linear(TEXT_DIM, n_inner, &vb.pp("intermediate.dense"))?;
        let (down, down_bias) = load_linear(n_inner, TEXT_DIM, &vb.pp("output.dense"))?;
        Ok(Self {
            qkv: Tensor::cat(&[(query * head_scale)?, key, value], 1)?.contiguous()?,
            attention: Attention::new(qkv_bias, config.num_attention_heads)?,
            attention_out,
            attention_norm: load_norm(config, out_bias, &vb_out.pp("LayerNorm"))?,
            up,
            gelu: BiasGelu::new(up_bias)?,
            down,
            norm: load_norm(config, down_bias, &vb.pp("output.LayerNorm"))?,
        })
    }

    /// # Shapes
    /// \[batch · n_tokens, 384\] → the same.
    fn forward(&self, x: &Tensor, n_tokens: usize) -> Result<Tensor> {
        let attended = self.attention.forward(x.matmul(&self.qkv)?, n_tokens)?;
        let x = self.attention_norm.forward(attended.matmul(&self.attention_out)?, x)?;
        let inner = self.gelu.forward(x.matmul(&self.up)?)?;
        self.norm.forward(inner.matmul(&self.down)?, &x)
    }
}

/// Weight \[in, out\] and bias \[out\].
fn load_linear(n_in: usize, n_out: usize, vb: &VarBuilder) -> Result<(Tensor, Tensor)> {
    let weight = vb.get((n_out, n_in), "weight")?.t()?.contiguous()?;
    Ok((weight, vb.get(n_out, "bias")?))
}

/// The normalisation `vb` after adding `bias`.
fn load_norm(config: &BertConfig, bias: Tensor, vb: &VarBuilder) -> Result<AddNorm> {
    let (gain, offset) = (vb.get(TEXT_DIM, "weight")?, vb.get(TEXT_DIM, "bias")?);
    AddNorm::new(bias, gain, offset, config.layer_norm_eps)
}

/// The mean of the rows \[n_tokens, 384\] of a text, scaled to norm 1.
fn unit_mean(rows: &[f32]) -> Vec<f32> {
    let mut mean = vec![0.0; TEXT_DIM];
    for row in rows.chunks_exact(TEXT_DIM) {
        for (sum, value) in mean.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let norm = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
    mean.iter_mut().for_each(|x| *x /= norm);
    mean
}
