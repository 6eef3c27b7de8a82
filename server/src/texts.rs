//! Texts become vectors here, from the cache of the data folder where they are.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, ensure};
use vitrine_domain::Item;
use vitrine_encoder::{
    EncoderError, ModelFiles, TEXT_DIM, TextEncoder, TextRole, VectorCache, encode_cached,
    forget_other_texts,
};

use vitrine_reviews::ReviewText;

use crate::adapters;
use crate::catalogue::CatalogueEncoder;
use crate::likely::likely;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Searches that tell what is searched for, on the whole.
const LIKELY_QUERIES: usize = 2_500;

/// Loads the encoder, and says in the log where it encodes and why.
///
/// # Errors
/// The weights are missing, or a GPU that was asked for is.
pub fn load_encoder(settings: &ServerSettings, files: ModelFiles) -> Result<TextEncoder> {
    let options = settings.device_options();
    let loaded = TextEncoder::load(files, &options);
    let encoder = loaded.map_err(|error| match error {
        EncoderError::NoDevice { .. } | EncoderError::Adapter { .. } => error.into(),
        error => anyhow::Error::from(error).context("`vitrine fetch` gets the encoder's weights"),
    })?;
    tracing::info!(device = %options.choice, "texts are encoded by the {:#}", encoder.device());
    Ok(encoder)
}

/// Opens a cache of vectors in the data folder; one of its own for each who writes at the same time.
///
/// # Errors
/// It is in use, or none.
pub fn open_cache(data_dir: &Path, file: &str) -> Result<VectorCache> {
    let folder = data_dir.join("cache");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(VectorCache::open(&folder.join(file))?)
}

/// The encoder and the vectors that it made before.
pub struct TextVectors {
    pub encoder: Arc<TextEncoder>,
    cache: VectorCache,
}

impl TextVectors {
    /// Loads the model of the published catalogue and opens the cache.
    pub fn open(settings: &ServerSettings) -> Result<Self> {
        Self::of(settings, adapters::of_published(settings)?)
    }

    /// Loads a model and opens the cache.
    pub fn of(settings: &ServerSettings, files: ModelFiles) -> Result<Self> {
        Self::with_cache(settings, files, "vectors.bin")
    }

    /// Loads a model and opens a cache of that name.
    pub fn with_cache(settings: &ServerSettings, files: ModelFiles, cache: &str) -> Result<Self> {
        let encoder = Arc::new(load_encoder(settings, files)?);
        Ok(Self { encoder, cache: open_cache(&settings.data_dir, cache)? })
    }

    /// Vectors of what is said of items, `[n, 384]`. What was encoded before a stop is kept.
    pub fn encode<T: AsRef<str>>(&mut self, texts: &[T], stop: &Stop) -> Result<Vec<f32>> {
        self.encode_as(TextRole::Passage, texts, stop)
    }

    /// Vectors of what shoppers might type, `[n, 384]`. What was encoded before a stop is kept.
    pub fn encode_queries<T: AsRef<str>>(&mut self, texts: &[T], stop: &Stop) -> Result<Vec<f32>> {
        self.encode_as(TextRole::Query, texts, stop)
    }

    /// Vectors of reviews, for what is learned from them: of headline and text together and, where any
    /// has a headline, of the headline by itself behind it. `[n, 384]` or `[n, 768]`
    ///
    /// # Errors
    /// As [`TextVectors::encode`].
    pub fn encode_reviews(&mut self, reviews: &[ReviewText<'_>], stop: &Stop) -> Result<Vec<f32>> {
        let whole: Vec<String> = reviews.iter().map(ReviewText::joined).collect();
        let whole = self.encode(&whole, stop)?;
        if reviews.iter().all(|review| review.title.trim().is_empty()) {
            return Ok(whole);
        }
        let titles: Vec<&str> = reviews.iter().map(|review| review.title).collect();
        let titles = self.encode(&titles, stop)?;
        let rows = whole.chunks_exact(TEXT_DIM).zip(titles.chunks_exact(TEXT_DIM));
        Ok(rows.flat_map(|(whole, title)| [whole, title].concat()).collect())
    }

    /// Forgets, in the cache's file, too, all vectors but those of these reviews, of other encoders
    /// as well. For a cache that has nothing but reviews.
    ///
    /// # Errors
    /// The cache cannot be read or written.
    pub fn forget_other_reviews<'a>(
        &mut self,
        reviews: impl Iterator<Item = ReviewText<'a>>,
    ) -> Result<()> {
        let texts = reviews.flat_map(|review| [review.joined(), review.title.to_owned()]);
        let n = forget_other_texts(&self.encoder, &mut self.cache, texts, TextRole::Passage)?;
        if n > 0 {
            tracing::info!(n, "vectors of reviews forgotten that are no longer there");
        }
        Ok(())
    }

    /// What made the vectors of a catalogue, and the middle of the searches that it is likely
    /// to see.
    pub fn encoded(&mut self, items: &[Item], stop: &Stop) -> Result<CatalogueEncoder> {
        let queries = likely(items, LIKELY_QUERIES);
        let vectors = self.encode_queries(&queries, stop)?;
        let mut query_mean = vec![0.0; if queries.is_empty() { 0 } else { TEXT_DIM }];
        for vector in vectors.chunks_exact(TEXT_DIM) {
            for (mean, value) in query_mean.iter_mut().zip(vector) {
                *mean += value / queries.len() as f32;
            }
        }
        Ok(CatalogueEncoder { by: Some(self.encoder.stamp()), query_mean })
    }

    fn encode_as<T: AsRef<str>>(
        &mut self,
        role: TextRole,
        texts: &[T],
        stop: &Stop,
    ) -> Result<Vec<f32>> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let mut bar = WorkProgress::start("encoding", texts.len() as u64);
        let mut at =
            |progress: vitrine_encoder::EncodingProgress| bar.at(progress.n_done as u64, "");
        let encoded = encode_cached(&self.encoder, &mut self.cache, &texts, role, &mut at, stop)?;
        bar.finish();
        if encoded.n_encoded > 0 {
            let (n_encoded, device) = (encoded.n_encoded, self.encoder.device());
            tracing::info!(n_encoded, n_reused = encoded.n_reused, "encoded by the {device}");
        }
        ensure!(!stop.load(Ordering::SeqCst), "stopped; run it again to go on");
        Ok(encoded.vectors)
    }
}

/// The same for who may not need it: opened when it is first asked.
pub struct LazyTexts<'a> {
    settings: &'a ServerSettings,
    stop: &'a Stop,
    opened: RefCell<Option<TextVectors>>,
}

impl<'a> LazyTexts<'a> {
    /// Opens nothing yet.
    pub fn new(settings: &'a ServerSettings, stop: &'a Stop) -> Self {
        Self { settings, stop, opened: RefCell::new(None) }
    }

    /// As [`TextVectors::encode`].
    pub fn encode(&self, texts: &[String]) -> Result<Vec<f32>> {
        self.with(|opened| opened.encode(texts, self.stop))
    }

    /// Those of some words, in lower case, that the language has.
    pub fn known(&self, words: impl IntoIterator<Item = String>) -> Result<HashSet<String>> {
        let is_known = |opened: &TextVectors, word: &String| opened.encoder.knows_word(word);
        self.with(|opened| Ok(words.into_iter().filter(|word| is_known(opened, word)).collect()))
    }

    fn with<T>(&self, ask: impl FnOnce(&mut TextVectors) -> Result<T>) -> Result<T> {
        let mut opened = self.opened.borrow_mut();
        match &mut *opened {
            Some(texts) => ask(texts),
            none => ask(none.insert(TextVectors::open(self.settings)?)),
        }
    }
}
