//! Texts in, unit vectors out.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;

use crate::adapter::ReadAdapter;
use crate::batches::{self, EncodingProgress};
use crate::config::ModelConfig;
use crate::device::{DeviceOptions, EncodingDevice, WhyCpu};
use crate::native::{Kernel, Network};
use crate::remote::{Remote, Starting};
use crate::stamp;
use crate::tokeniser::Tokeniser;
use crate::weights::{ModelFiles, Weights, read_weight_file};
use crate::{EncoderError, EncoderStamp, QUERY_TOKENS_MAX, TEXT_DIM};

/// Names what a vector depends on besides the model's files; change it when
/// the computation changes, so that no cache serves old vectors.
const COMPUTATION: &[u8] = b"bert, 256 tokens, unit norm, 16-bit products";

/// What a text is to a search. Some models are trained with a word before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRole {
    /// What a shopper types.
    Query,
    /// What is said of an item.
    Passage,
}

/// A BERT-like model, loaded. Shared by reference between threads.
pub struct TextEncoder {
    pub(crate) network: Network,
    tokeniser: Tokeniser,
    config: ModelConfig,
    /// Encodes batches where there is a GPU.
    pub(crate) remote: Option<Remote>,
    model_id: [u8; 32],
    is_default: bool,
    /// Name of its adapter.
    adapter: Option<String>,
}

impl TextEncoder {
    /// Reads `model.safetensors`, `tokenizer.json`, `config.json` and, where it is there,
    /// `encoder.toml` of a folder, and merges an adapter into it where one is named.
    ///
    /// # Errors
    /// A file that is missing, unreadable or of a model that is not BERT-like; an adapter of
    /// another model; a GPU that was asked for and is not there.
    pub fn load(
        files: impl Into<ModelFiles>,
        device: &DeviceOptions,
    ) -> Result<Self, EncoderError> {
        Self::load_for(files, device, Kernel::best())
    }

    /// [`Self::load`] for a kernel of one's choice.
    ///
    /// # Errors
    /// As [`Self::load`]; this machine does not have the kernel.
    pub fn load_for(
        files: impl Into<ModelFiles>,
        device: &DeviceOptions,
        kernel: Kernel,
    ) -> Result<Self, EncoderError> {
        let files = files.into();
        if !kernel.is_available() {
            return Err(EncoderError::NoKernel { kernel: kernel.name() });
        }
        let starting = Starting::start(device, &files);
        let dir = &files.dir;
        let tokenizer_bytes = read_weight_file(dir, "tokenizer.json")?;
        let weight_bytes = read_weight_file(dir, "model.safetensors")?;
        let (config, config_bytes) = ModelConfig::read(dir)?;
        let adapter = ReadAdapter::of(&files, &weight_bytes, &config)?;
        let files = [&config_bytes[..], &tokenizer_bytes, &weight_bytes];
        let model_id = model_id(files, adapter.as_ref());
        let merged = adapter.as_ref().map(|read| &read.adapter);
        let weights = Weights::open(&weight_bytes)?.with_adapter(merged);
        Ok(Self {
            is_default: adapter.is_none() && stamp::is_default(&weight_bytes),
            network: Network::load(&config, &weights, kernel)?,
            adapter: adapter.as_ref().map(|read| read.name.clone()),
            tokeniser: Tokeniser::load(&tokenizer_bytes)?,
            config,
            remote: starting.map(|starting| starting.wait(model_id)).transpose()?,
            model_id,
        })
    }

    /// Where batches are encoded now: a device that failed is given up.
    pub fn device(&self) -> EncodingDevice {
        let remote = self.remote.as_ref();
        remote.map_or(EncodingDevice::Cpu(WhyCpu::AskedFor), Remote::device)
    }

    /// BLAKE3 of the model's files and of the name of the computation: equal
    /// ids mean equal vectors, up to rounding.
    pub fn model_id(&self) -> [u8; 32] {
        self.model_id
    }

    /// Which encoder made a vector, to be kept beside it.
    pub fn stamp(&self) -> EncoderStamp {
        EncoderStamp {
            name: self.config.name().to_owned(),
            id: self.model_id,
            is_default: self.is_default,
            adapter: self.adapter.clone(),
        }
    }

    /// What multiplies on this machine.
    pub fn kernel(&self) -> Kernel {
        self.network.kernel()
    }

    /// Encodes each distinct text once, on a GPU where there is one, else on all cores.
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
        role: TextRole,
        progress: &mut dyn FnMut(EncodingProgress),
    ) -> Result<Vec<f32>, EncoderError> {
        let (distinct, row_of) = batches::distinct(texts);
        let mut rows = vec![0.0; distinct.len() * TEXT_DIM];
        batches::encode_distinct(
            self,
            &distinct,
            role,
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
        self.encode_queries(&[text], is_late)
    }

    /// [`Self::encode_query`] of some searches at once, on the calling thread: together they
    /// take less time than one after the other.
    ///
    /// # Shapes
    /// n texts → \[n, 384\].
    ///
    /// # Errors
    /// As [`Self::encode_query`].
    pub fn encode_queries(
        &self,
        texts: &[&str],
        is_late: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, EncoderError> {
        let (mut all_ids, mut lengths) = (Vec::new(), Vec::with_capacity(texts.len()));
        for text in texts {
            let mut token_ids = self.tokenise(text, TextRole::Query)?;
            if token_ids.len() > QUERY_TOKENS_MAX {
                // The last token says that the text ends.
                token_ids.drain(QUERY_TOKENS_MAX - 1..token_ids.len() - 1);
            }
            lengths.push(token_ids.len());
            all_ids.append(&mut token_ids);
        }
        let vectors = self.network.forward_while(&all_ids, &lengths, is_late);
        vectors.ok_or(EncoderError::Cancelled { n_done: 0, n_total: texts.len() })
    }

    /// Whether a word in lower case is a whole one of the model's vocabulary: a
    /// frequent word of English or a well-known name, and so no slip.
    pub fn knows_word(&self, word: &str) -> bool {
        self.tokeniser.has(word)
    }

    /// A text with the prefix of its role.
    pub(crate) fn as_read<'a>(&self, text: &'a str, role: TextRole) -> Cow<'a, str> {
        let prefix = match role {
            TextRole::Query => self.config.query_prefix(),
            TextRole::Passage => self.config.passage_prefix(),
        };
        if prefix.is_empty() { text.into() } else { format!("{prefix}{text}").into() }
    }

    /// Ids of 2 to [`TOKENS_MAX`] tokens.
    pub(crate) fn tokenise(&self, text: &str, role: TextRole) -> Result<Vec<u32>, EncoderError> {
        let ids = self.tokeniser.encode(&self.as_read(text, role))?;
        let n_words = self.config.n_words();
        match ids.iter().find(|id| **id as usize >= n_words) {
            None => Ok(ids),
            Some(id) => Err(EncoderError::UnsupportedModel {
                field: "vocab_size",
                found: n_words.to_string(),
                needed: format!("more than {id}, an id of tokenizer.json"),
            }),
        }
    }
}

/// The id of a model with these files and this adapter, see [`TextEncoder::model_id`].
pub(crate) fn model_id(files: [&[u8]; 3], adapter: Option<&ReadAdapter>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(COMPUTATION);
    for bytes in files {
        hasher.update(blake3::hash(bytes).as_bytes());
    }
    if let Some(read) = adapter {
        hasher.update(read.name.as_bytes());
    }
    hasher.finalize().into()
}
