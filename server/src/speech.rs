//! The encoder of a version: what its searches and what is pushed to it are encoded with.
//!
//! Versions may differ in their adapter. A server loads that of a new one before it serves it, so
//! that a search is never compared with another encoder's vectors.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use vitrine_encoder::{EncoderStamp, TextEncoder};

use crate::adapters;
use crate::catalogue::ensure_encoded_by;
use crate::language::{ServedLanguage, SharedLanguage};
use crate::query_encoder::QueryEncoder;
use crate::settings::ServerSettings;
use crate::texts::{TextVectors, load_encoder};

/// Vectors \[n, 384\] of the passages of new cards.
pub type EncodePassages = Arc<dyn Fn(&[String]) -> Result<Vec<f32>> + Send + Sync>;

/// What one version is asked and told with.
pub struct Speech {
    /// Meanings and words of searches.
    pub language: Arc<SharedLanguage>,
    /// Encodes searches before they take a core; `None` in tests without an encoder.
    pub queries: Option<Arc<QueryEncoder>>,
    /// Encodes what is pushed.
    pub passages: EncodePassages,
}

/// Finds the speech of a version.
pub struct Speeches(From);

enum From {
    /// One for all, in tests.
    Fixed(Arc<Speech>),
    Disk {
        settings: Box<ServerSettings>,
        /// The newest, and which encoder it is.
        known: Mutex<(EncoderStamp, Arc<Speech>)>,
    },
}

impl Speeches {
    /// Those of a data folder; that of the published version is loaded.
    ///
    /// # Errors
    /// The weights or the adapter are missing, or a GPU that was asked for is.
    pub fn open(settings: &ServerSettings) -> Result<Self> {
        let encoder = load_encoder(settings, adapters::of_published(settings)?)?;
        let known = (encoder.stamp(), Arc::new(Speech::of(settings, encoder)?));
        let settings = Box::new(settings.clone());
        Ok(Self(From::Disk { settings, known: Mutex::new(known) }))
    }

    /// One for every version.
    pub fn fixed(language: Arc<SharedLanguage>, passages: EncodePassages) -> Self {
        Self(From::Fixed(Arc::new(Speech { language, queries: None, passages })))
    }

    /// That of a version whose vectors this encoder made.
    ///
    /// # Errors
    /// The encoder cannot be loaded, or the settings name another one.
    pub fn of(&self, encoded_by: Option<&EncoderStamp>) -> Result<Arc<Speech>> {
        let (settings, known) = match &self.0 {
            From::Fixed(speech) => return Ok(Arc::clone(speech)),
            From::Disk { settings, known } => (settings, known),
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.0.made(encoded_by) {
            let files = adapters::of_stamp(settings, encoded_by)?;
            let encoder = load_encoder(settings, files)?;
            let stamp = encoder.stamp();
            ensure_encoded_by(encoded_by, &stamp)?;
            *known = (stamp, Arc::new(Speech::of(settings, encoder)?));
        }
        Ok(Arc::clone(&known.1))
    }
}

impl Speech {
    fn of(settings: &ServerSettings, encoder: TextEncoder) -> Result<Self> {
        let encoder = Arc::new(encoder);
        let of_queries = Arc::clone(&encoder);
        let encode = move |texts: &[&str], is_late: &dyn Fn() -> bool| {
            of_queries.encode_queries(texts, is_late)
        };
        let queries = Arc::new(QueryEncoder::start(Arc::new(encode))?);
        let language =
            ServedLanguage { encoder: Arc::clone(&encoder), queries: Arc::clone(&queries) };
        Ok(Self {
            language: Arc::new(language),
            queries: Some(queries),
            passages: encode_pushed(settings.clone(), encoder),
        })
    }
}

/// Encodes what is pushed; its cache is opened with the first new text.
fn encode_pushed(settings: ServerSettings, encoder: Arc<TextEncoder>) -> EncodePassages {
    let opened: Mutex<Option<TextVectors>> = Mutex::new(None);
    Arc::new(move |texts| {
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let vectors_of = match &mut *opened {
            Some(vectors_of) => vectors_of,
            none => none.insert(TextVectors::of_pushed(&settings, Arc::clone(&encoder))?),
        };
        vectors_of.encode_quietly(texts, &AtomicBool::new(false))
    })
}

#[cfg(test)]
#[path = "../../crates/encoder/tests/made_up/mod.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
pub mod made_up;

#[cfg(test)]
mod tests {
    use std::fs;

    use vitrine_encoder::adapter::{AdapterConfig, TrainingPair, TrainingTexts, fit_adapter};
    use vitrine_encoder::{DeviceOptions, ModelFiles, TextRole};
    use vitrine_recall::Deadline;

    use super::made_up::KINDS;
    use super::*;
    use crate::adapter_choice::AdapterChoice;
    use crate::adapters::Candidate;

    /// An adapter that changes something.
    fn adapter(settings: &ServerSettings, encoder: &TextEncoder) -> Candidate {
        let pair = |text: &str, passage| TrainingPair {
            text: text.to_owned(),
            role: TextRole::Query,
            passage,
        };
        let pairs = [pair("milk", 1), pair("bread", 0)];
        let passages = ["milk of shoe", "red bread"];
        let vectors = |texts: &[&str]| encoder.encode(texts, TextRole::Query, &mut |_| {}).unwrap();
        let texts = TrainingTexts {
            passages: &passages,
            passage_vectors: &vectors(&passages),
            pairs: &pairs,
            pair_vectors: &vectors(&["milk", "bread"]),
        };
        let config = AdapterConfig { batch: 2, n_passes: 5, margin: -2.0, ..Default::default() };
        let dir = &settings.weights_dir;
        let fitted =
            fit_adapter(dir, encoder, texts, &config, &mut |_| {}, &AtomicBool::new(false));
        Candidate::write(&settings.data_dir, &fitted.unwrap()).unwrap()
    }

    #[test]
    fn a_version_is_asked_with_the_adapter_that_it_was_encoded_with() {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        let plain = TextEncoder::load(weights.path(), &DeviceOptions::cpu()).unwrap();
        let speeches = Speeches::open(&settings).unwrap();
        let candidate = adapter(&settings, &plain);
        let path = candidate.path.clone();
        assert_eq!(adapters::of_imports(&settings).unwrap().adapter, None, "it is not kept yet");
        candidate.keep(b"{}").unwrap();
        assert_eq!(adapters::of_imports(&settings).unwrap().adapter, Some(path.clone()));
        let files = ModelFiles { dir: weights.path().to_owned(), adapter: Some(path.clone()) };
        let adapted = TextEncoder::load(files, &DeviceOptions::cpu()).unwrap();
        let asked = |stamp: &EncoderStamp| {
            let speech = speeches.of(Some(stamp)).unwrap();
            speech.language.encode("milk", Deadline::NONE).unwrap().unwrap()
        };
        let of = |encoder: &TextEncoder| encoder.encode_query("milk", &|| false).unwrap();
        assert_ne!(of(&plain), of(&adapted));
        for encoder in [&plain, &adapted, &plain] {
            assert_eq!(asked(&encoder.stamp()), of(encoder));
        }
        settings.adapter = AdapterChoice::None;
        let none = Speeches::open(&settings).unwrap().of(Some(&adapted.stamp())).err().unwrap();
        assert!(none.to_string().contains("run `vitrine import`"), "{none}");
        fs::remove_file(path).unwrap();
        let gone = speeches.of(Some(&adapted.stamp())).err().unwrap();
        assert!(gone.to_string().contains("is gone"), "{gone}");
        assert_eq!(asked(&plain.stamp()), of(&plain), "what is there is served on");
    }

    #[test]
    fn what_is_not_kept_leaves_nothing() {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        let plain = TextEncoder::load(weights.path(), &DeviceOptions::cpu()).unwrap();
        adapter(&settings, &plain).refuse();
        assert_eq!(fs::read_dir(data.path().join("adapters")).unwrap().count(), 0);
        let kept = adapter(&settings, &plain);
        let path = kept.path.clone();
        kept.keep(b"{}").unwrap();
        adapter(&settings, &plain).refuse();
        assert!(path.is_file(), "an earlier fit gave the same one");
        fs::write(path.with_file_name("CURRENT"), "../x").unwrap();
        let named = adapters::of_imports(&settings).unwrap_err().to_string();
        assert!(named.contains("names no adapter"), "{named}");
    }
}
