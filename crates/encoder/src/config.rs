//! What shapes a model: `config.json` and `encoder.toml` of its folder.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::native::DIM_STEP;
use crate::pooling::Pooling;
use crate::weights::read_weight_file;
use crate::{EncoderError, TEXT_DIM, TOKENS_MAX};

/// Widest network that is taken.
const HIDDEN_MAX: usize = 1_024;
/// Most layers of a network that is taken.
const LAYERS_MAX: usize = 48;
/// Widest inner layer that is taken.
const INNER_MAX: usize = 4 * HIDDEN_MAX;
/// The description of a model, where it needs one.
const DESCRIPTION: &str = "encoder.toml";

/// A model that can be computed.
#[derive(Clone, Debug)]
pub(crate) struct ModelConfig {
    network: NetworkConfig,
    description: Description,
}

/// The part of `config.json` that shapes the network.
#[derive(Clone, Debug, Deserialize)]
struct NetworkConfig {
    #[serde(default)]
    model_type: String,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f64,
    hidden_act: String,
    #[serde(default)]
    pad_token_id: usize,
}

/// `encoder.toml`: what `config.json` does not say. Without the file all is as for
/// all-MiniLM-L6-v2.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Description {
    /// Name for people; without it, that of the model's folder.
    name: String,
    /// How a text's vector is made of its tokens'.
    pooling: Pooling,
    /// What a query begins with.
    query_prefix: String,
    /// What the text of an item begins with.
    passage_prefix: String,
    /// Numbers of a vector that are kept, the first ones: for models that are trained so
    /// that these say most (Matryoshka), and asked for where a model is wider than 384.
    dim: Option<usize>,
}

impl ModelConfig {
    /// Reads the two files; returns with them the bytes that they are made of.
    ///
    /// # Errors
    /// A file cannot be read or says something else than a model; [`EncoderError::UnsupportedModel`]
    /// when this code would compute something else.
    pub(crate) fn read(dir: &Path) -> Result<(Self, Vec<u8>), EncoderError> {
        let mut bytes = read_weight_file(dir, "config.json")?;
        let network: NetworkConfig = serde_json::from_slice(&bytes)
            .map_err(|source| EncoderError::Config { path: dir.join("config.json"), source })?;
        let path = dir.join(DESCRIPTION);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text.map_err(|source| EncoderError::Io { path: path.clone(), source })?,
        };
        let mut description: Description = toml::from_str(&text)
            .map_err(|source| EncoderError::Description { path, source: Box::new(source) })?;
        if description.name.is_empty() {
            let folder = dir.file_name().unwrap_or_default();
            description.name = folder.to_string_lossy().into_owned();
        }
        let config = Self { network, description };
        config.check()?;
        bytes.extend_from_slice(text.as_bytes());
        Ok((config, bytes))
    }

    fn check(&self) -> Result<(), EncoderError> {
        let network = &self.network;
        let unsupported = |field, found: String, needed: String| {
            Err(EncoderError::UnsupportedModel { field, found, needed })
        };
        let is_step = |n: usize, max: usize| n > 0 && n <= max && n.is_multiple_of(DIM_STEP);
        for (field, n, max) in [
            ("hidden_size", network.hidden_size, HIDDEN_MAX),
            ("intermediate_size", network.intermediate_size, INNER_MAX),
        ] {
            if !is_step(n, max) {
                let needed = format!("a multiple of {DIM_STEP} up to {max}");
                return unsupported(field, n.to_string(), needed);
            }
        }
        if network.hidden_act != "gelu" {
            return unsupported("hidden_act", network.hidden_act.clone(), "gelu".to_owned());
        }
        let n_heads = network.num_attention_heads;
        if n_heads == 0 || !network.hidden_size.is_multiple_of(n_heads) {
            let needed = format!("a divisor of {}", network.hidden_size);
            return unsupported("num_attention_heads", n_heads.to_string(), needed);
        }
        let n_layers = network.num_hidden_layers;
        if n_layers == 0 || n_layers > LAYERS_MAX {
            let needed = format!("1 to {LAYERS_MAX}");
            return unsupported("num_hidden_layers", n_layers.to_string(), needed);
        }
        let n_positions = network.max_position_embeddings;
        let n_needed = TOKENS_MAX + self.position_offset();
        if n_positions < n_needed {
            let needed = format!("at least {n_needed}");
            return unsupported("max_position_embeddings", n_positions.to_string(), needed);
        }
        let widest = network.hidden_size.min(TEXT_DIM);
        match self.description.dim {
            None if network.hidden_size > TEXT_DIM => {
                let needed = format!(
                    "at most {TEXT_DIM}, or `dim` in encoder.toml, which says how many of its first \
                     numbers are kept"
                );
                unsupported("hidden_size", network.hidden_size.to_string(), needed)
            }
            Some(dim) if dim == 0 || dim > widest => {
                unsupported("encoder.toml: dim", dim.to_string(), format!("1 to {widest}"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.description.name
    }

    /// Numbers of a token's vector.
    pub(crate) fn dim(&self) -> usize {
        self.network.hidden_size
    }

    /// Numbers of a text's vector that are kept.
    pub(crate) fn n_kept(&self) -> usize {
        self.description.dim.unwrap_or(self.network.hidden_size)
    }

    pub(crate) fn pooling(&self) -> Pooling {
        self.description.pooling
    }

    pub(crate) fn query_prefix(&self) -> &str {
        &self.description.query_prefix
    }

    pub(crate) fn passage_prefix(&self) -> &str {
        &self.description.passage_prefix
    }

    pub(crate) fn n_layers(&self) -> usize {
        self.network.num_hidden_layers
    }

    pub(crate) fn n_heads(&self) -> usize {
        self.network.num_attention_heads
    }

    pub(crate) fn n_inner(&self) -> usize {
        self.network.intermediate_size
    }

    pub(crate) fn n_words(&self) -> usize {
        self.network.vocab_size
    }

    pub(crate) fn n_segments(&self) -> usize {
        self.network.type_vocab_size
    }

    pub(crate) fn n_positions(&self) -> usize {
        self.network.max_position_embeddings
    }

    /// Row of the first token's position: RoBERTa's begin behind that of the padding.
    pub(crate) fn position_offset(&self) -> usize {
        match self.network.model_type.as_str() {
            "roberta" | "xlm-roberta" | "camembert" => self.network.pad_token_id + 1,
            _ => 0,
        }
    }

    pub(crate) fn norm_eps(&self) -> f32 {
        self.network.layer_norm_eps as f32
    }
}
