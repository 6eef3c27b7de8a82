//! Texts in, unit vectors out.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use tokenizers::{Tokenizer, TruncationParams};

use crate::batches::{self, EncodingProgress};
use crate::bert::{Bert, BertConfig};
use crate::weights::read_weight_file;
use crate::{EncoderError, QUERY_TOKENS_MAX, TEXT_DIM, TOKENS_MAX};

/// Names what a vector depends on besides the model's files; change it when
/// the computation changes, so that no cache serves old vectors.
const COMPUTATION: &[u8] = b"bert, 256 tokens, mean pooling, unit norm, f32";

/// Where to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceKind {
    /// All cores of this machine.
    #[default]
    Cpu,
    /// The CUDA GPU with this ordinal; an error without the `cuda` feature.
    Cuda(usize),
}

/// all-MiniLM-L6-v2, loaded. Shared by reference between threads.
pub struct TextEncoder {
    pub(crate) bert: Bert,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) device: Device,
    model_id: [u8; 32],
}

impl TextEncoder {
    /// Reads `model.safetensors`, `tokenizer.json` and `config.json` of a folder.
    ///
    /// # Errors
    /// A file that is missing, unreadable or of another model; no such device.
    pub fn load(dir: &Path, device: DeviceKind) -> Result<Self, EncoderError> {
        let config_bytes = read_weight_file(dir, "config.json")?;
        let tokenizer_bytes = read_weight_file(dir, "tokenizer.json")?;
        let weight_bytes = read_weight_file(dir, "model.safetensors")?;
        let model_id = model_id([&config_bytes, &tokenizer_bytes, &weight_bytes]);

        let config: BertConfig = serde_json::from_slice(&config_bytes)
            .map_err(|source| EncoderError::Config { path: dir.join("config.json"), source })?;
        config.check()?;
        let device = match device {
            DeviceKind::Cpu => Device::Cpu,
            DeviceKind::Cuda(ordinal) => Device::new_cuda(ordinal)?,
        };
        let vb = VarBuilder::from_buffered_safetensors(weight_bytes, DType::F32, &device)?;
        Ok(Self {
            bert: Bert::load(&config, &vb)?,
            tokenizer: load_tokenizer(&tokenizer_bytes)?,
            device,
            model_id,
        })
    }

    /// BLAKE3 of the model's files and of the name of the computation: equal
    /// ids mean equal vectors, up to rounding.
    pub fn model_id(&self) -> [u8; 32] {
        self.model_id
    }

    /// Encodes each distinct text once, on all cores.
    ///
    /// # Shapes
    /// n texts → \[n, 384\], rows in the order of `texts`, each of norm 1. Any
    /// text is legal; one that is too long is cut after [`TOKENS_MAX`] tokens.
    ///
    /// # Errors
    /// A failed computation; nothing a text could cause.
    pub fn encode(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(EncodingProgress),
    ) -> Result<Vec<f32>, EncoderError> {
        let (distinct, row_of) = batches::distinct(texts);
        let mut rows = vec![0.0; distinct.len() * TEXT_DIM];
        batches::encode_distinct(
            self,
            &distinct,
            &AtomicBool::new(false),
            progress,
            &mut |indices, vectors| {
                for (&i, vector) in indices.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
                    rows[i as usize * TEXT_DIM..][..TEXT_DIM].copy_from_slice(vector);
                }
                Ok(())
            },
        )?;
        if distinct.len() == texts.len() {
            return Ok(rows);
        }
        Ok(batches::gather(&rows, &row_of))
    }

    /// Encodes one text.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_one(&self, text: &str) -> Result<Vec<f32>, EncoderError> {
        let token_ids = self.tokenise(text)?;
        let n_tokens = token_ids.len();
        Ok(self.bert.forward(token_ids, n_tokens, &self.device)?)
    }

    /// Encodes what a shopper typed: a text that is longer than
    /// [`QUERY_TOKENS_MAX`] tokens is cut, because time grows with length and nobody
    /// searches for so much. Between layers it asks whether anybody still waits.
    ///
    /// # Errors
    /// As [`Self::encode`]; [`EncoderError::Cancelled`] where nobody waits.
    pub fn encode_query(
        &self,
        text: &str,
        is_late: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, EncoderError> {
        let mut token_ids = self.tokenise(text)?;
        if token_ids.len() > QUERY_TOKENS_MAX {
            // The last token says that the text ends.
            token_ids.drain(QUERY_TOKENS_MAX - 1..token_ids.len() - 1);
        }
        let n_tokens = token_ids.len();
        let vector = self.bert.forward_while(token_ids, n_tokens, &self.device, is_late)?;
        vector.ok_or(EncoderError::Cancelled { n_done: 0, n_total: 1 })
    }

    /// Whether a word in lower case is a whole one of the model's vocabulary: a
    /// frequent word of English or a well-known name, and so no slip.
    pub fn knows_word(&self, word: &str) -> bool {
        self.tokenizer.token_to_id(word).is_some()
    }

    /// Ids of 2 to [`TOKENS_MAX`] tokens.
    pub(crate) fn tokenise(&self, text: &str) -> Result<Vec<u32>, EncoderError> {
        let encoding = self.tokenizer.encode_fast(text, true).map_err(EncoderError::Tokenizer)?;
        Ok(encoding.get_ids().to_vec())
    }
}

/// The packaged tokenizer pads and cuts to 128 tokens; this one pads nothing.
fn load_tokenizer(bytes: &[u8]) -> Result<Tokenizer, EncoderError> {
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(EncoderError::Tokenizer)?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: TOKENS_MAX, ..Default::default() }))
        .map_err(EncoderError::Tokenizer)?;
    Ok(tokenizer)
}

fn model_id(files: [&[u8]; 3]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(COMPUTATION);
    for bytes in files {
        hasher.update(blake3::hash(bytes).as_bytes());
    }
    hasher.finalize().into()
}
