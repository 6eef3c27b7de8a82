//! The encoder of a version: what its searches and what is pushed to it are encoded with.
//!
//! Versions may differ in their adapter. A server loads that of a new one before it serves it, so
//! that a search is never compared with another encoder's vectors.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use vitrine_encoder::{
    EncoderStamp, ModelFiles, TextEncoder, TextRole, VectorCache, encode_cached,
};

use crate::adapters;
use crate::catalogue::ensure_encoded_by;
use crate::language::{ServedLanguage, SharedLanguage};
use crate::query_encoder::QueryEncoder;
use crate::settings::ServerSettings;
use crate::texts::{self, load_encoder};

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
        pushed: PushedCache,
        /// The newest.
        known: Mutex<Known>,
    },
}

/// Vectors of what was pushed, whichever encoder made them; opened with the first new text.
type PushedCache = Arc<Mutex<Option<VectorCache>>>;

struct Known {
    files: ModelFiles,
    stamp: EncoderStamp,
    speech: Arc<Speech>,
}

impl Known {
    fn load(settings: &ServerSettings, files: ModelFiles, pushed: &PushedCache) -> Result<Self> {
        let encoder = load_encoder(settings, files.clone())?;
        let stamp = encoder.stamp();
        Ok(Self { files, stamp, speech: Arc::new(Speech::of(settings, encoder, pushed)?) })
    }
}

impl Speeches {
    /// Those of a data folder; that of the published version is loaded, or the plain model where
    /// it cannot be told or its adapter is gone: an older version may be whole.
    ///
    /// # Errors
    /// The weights are missing, or a GPU that was asked for is.
    pub fn open(settings: &ServerSettings) -> Result<Self> {
        let files = adapters::of_published(settings).unwrap_or_else(|error| {
            tracing::error!("which adapter the published version needs: {error:#}");
            ModelFiles::from(&settings.weights_dir)
        });
        let pushed = PushedCache::default();
        let known = Mutex::new(Known::load(settings, files, &pushed)?);
        Ok(Self(From::Disk { settings: Box::new(settings.clone()), pushed, known }))
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
        let (settings, pushed, known) = match &self.0 {
            From::Fixed(speech) => return Ok(Arc::clone(speech)),
            From::Disk { settings, pushed, known } => (settings, pushed, known),
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.stamp.made(encoded_by) {
            let files = adapters::of_stamp(settings, encoded_by)?;
            if files != known.files {
                let other = Known::load(settings, files, pushed)?;
                ensure_encoded_by(encoded_by, &other.stamp)?;
                *known = other;
            }
            ensure_encoded_by(encoded_by, &known.stamp)?;
        }
        Ok(Arc::clone(&known.speech))
    }
}

impl Speech {
    fn of(settings: &ServerSettings, encoder: TextEncoder, pushed: &PushedCache) -> Result<Self> {
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
            passages: encode_pushed(settings.data_dir.clone(), encoder, Arc::clone(pushed)),
        })
    }
}

/// Encodes what is pushed.
fn encode_pushed(
    data_dir: PathBuf,
    encoder: Arc<TextEncoder>,
    pushed: PushedCache,
) -> EncodePassages {
    Arc::new(move |texts| {
        let mut pushed = pushed.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = match &mut *pushed {
            Some(cache) => cache,
            none => none.insert(texts::open_cache(&data_dir, "pushed.bin")?),
        };
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let never = AtomicBool::new(false);
        let role = TextRole::Passage;
        Ok(encode_cached(&encoder, cache, &texts, role, &mut |_| {}, &never)?.vectors)
    })
}

#[cfg(test)]
#[path = "../../crates/encoder/tests/made_up/mod.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
pub mod made_up;

#[cfg(test)]
mod tests {
    use std::fs;

    use vitrine_encoder::DeviceOptions;
    use vitrine_encoder::adapter::{AdapterConfig, TrainingPair, TrainingTexts, fit_adapter};
    use vitrine_publish::Store;
    use vitrine_recall::Deadline;

    use super::made_up::KINDS;
    use super::*;
    use crate::adapter_choice::AdapterChoice;
    use crate::adapters::Candidate;
    use crate::commands::verify::verify;
    use crate::live::{Live, Newest};
    use crate::publishing::tests::{catalogue, publish};

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
        let of_adapted = speeches.of(Some(&adapted.stamp())).unwrap();
        let of_plain = speeches.of(Some(&plain.stamp())).unwrap();
        let said = ["milk of shoe".to_owned()];
        let vectors = [(of_plain.passages)(&said).unwrap(), (of_adapted.passages)(&said).unwrap()];
        assert_ne!(vectors[0], vectors[1], "both may be pushed to while they are swapped");
        fs::remove_file(path).unwrap();
        let gone = speeches.of(Some(&adapted.stamp())).err().unwrap();
        assert!(gone.to_string().contains("is gone"), "{gone}");
        assert_eq!(asked(&plain.stamp()), of(&plain), "what is there is served on");
    }

    #[test]
    fn a_server_starts_though_the_published_version_is_damaged() {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        let mut catalogue = catalogue(2);
        catalogue.encoded.by =
            Some(TextEncoder::load(weights.path(), &DeviceOptions::cpu()).unwrap().stamp());
        publish(data.path(), &catalogue);
        publish(data.path(), &catalogue);
        fs::write(data.path().join("store/manifests/2.json"), "{").unwrap();
        let store = Store::open(data.path().join("store")).unwrap();
        let speeches = Speeches::open(&settings).unwrap();
        let Newest::Loaded(loaded) = Live::newest(&settings, &store, &speeches, None).unwrap()
        else {
            panic!("the older one is whole")
        };
        assert_eq!(loaded.live.number, 1);
    }

    #[test]
    fn a_version_whose_adapter_is_gone_or_changed_is_not_whole() {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        let plain = TextEncoder::load(weights.path(), &DeviceOptions::cpu()).unwrap();
        let candidate = adapter(&settings, &plain);
        let path = candidate.path.clone();
        candidate.keep(b"{}").unwrap();
        let files = adapters::of_imports(&settings).unwrap();
        let mut catalogue = catalogue(2);
        catalogue.encoded.by =
            Some(TextEncoder::load(files, &DeviceOptions::cpu()).unwrap().stamp());
        publish(data.path(), &catalogue);
        let store = Store::open(data.path().join("store")).unwrap();
        let is_whole = || verify(data.path(), &store).unwrap().is_whole();
        assert!(is_whole());
        assert_eq!(adapters::of_published(&settings).unwrap().adapter, Some(path.clone()));
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[1..]).unwrap();
        assert!(!is_whole(), "it is damaged");
        // An adapter from elsewhere is copied to where the catalogue's is looked for.
        fs::remove_file(&path).unwrap();
        assert!(!is_whole(), "it is gone");
        let elsewhere = weights.path().join("mine.safetensors");
        fs::write(&elsewhere, bytes).unwrap();
        let named = ModelFiles { dir: weights.path().to_owned(), adapter: Some(elsewhere) };
        adapters::remember(data.path(), &named).unwrap();
        assert!(is_whole());
    }

    #[test]
    fn what_is_not_kept_leaves_nothing() {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        let plain = TextEncoder::load(weights.path(), &DeviceOptions::cpu()).unwrap();
        drop(adapter(&settings, &plain));
        assert_eq!(fs::read_dir(data.path().join("adapters")).unwrap().count(), 0);
        let kept = adapter(&settings, &plain);
        let path = kept.path.clone();
        kept.keep(b"{}").unwrap();
        drop(adapter(&settings, &plain));
        assert!(path.is_file(), "an earlier fit gave the same one");
        fs::write(path.with_file_name("CURRENT"), "../x").unwrap();
        let named = adapters::of_imports(&settings).unwrap_err().to_string();
        assert!(named.contains("names no adapter"), "{named}");
    }
}
