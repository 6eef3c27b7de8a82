//! A language model of the shop's own: its settings, and questions that are put to it.
//!
//! Off without a url. The url is the only address that is ever asked; the key is in a file of its
//! own, which is read when the server starts. What the model is told is in
//! [`vitrine_assistant::model`]: the question and the texts of one product.

mod settings;

use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use vitrine_assistant::model::{
    ChatEndpoint, GroundedAnswer, ModelError, ModelPrompt, PromptText, REPLY_BYTES_MAX, ask_model,
};
use vitrine_assistant::{AskedProduct, Lexicon, TextOrigin, WrittenCard};
use vitrine_fetch::{EndpointClient, EndpointOptions};
use vitrine_wire::{CitedOrigin, CitedText, ModelAnswer, ModelSentence};

pub use settings::{LanguageModelError, LanguageModelSettings, ModelUrl};

/// Longest wait for the model, in milliseconds, from the look-up of its name to the last byte.
pub const MODEL_MS_MAX: u64 = 30_000;
/// Questions that the model works at, at once; more are told to come again.
pub const MODEL_QUESTIONS_MAX: usize = 8;
/// Largest key file, in bytes.
const KEY_FILE_BYTES_MAX: u64 = 4_096;
/// Who asks.
const USER_AGENT: &str = concat!("Vitrine/", env!("CARGO_PKG_VERSION"), " (language model)");

/// The shop's language model, ready to be asked.
pub struct LanguageModel {
    endpoint: ShopEndpoint,
    lexicon: Lexicon,
    /// Held by each question until the model has answered.
    pub places: Arc<Semaphore>,
}

/// Where it is asked.
struct ShopEndpoint {
    client: EndpointClient,
    model: String,
}

impl LanguageModel {
    /// The model of the settings; `None` without a url. Asks nothing yet.
    ///
    /// # Errors
    /// The key file cannot be read or holds no key.
    pub fn open(settings: &LanguageModelSettings) -> Result<Option<Self>, LanguageModelError> {
        Self::open_within(settings, Duration::from_millis(MODEL_MS_MAX))
    }

    /// The same with another longest wait.
    pub(crate) fn open_within(
        settings: &LanguageModelSettings,
        total_timeout: Duration,
    ) -> Result<Option<Self>, LanguageModelError> {
        let Some(url) = &settings.url else { return Ok(None) };
        let key = settings.key_file.as_deref().map(read_key).transpose()?;
        let options = EndpointOptions {
            user_agent: USER_AGENT.to_owned(),
            total_timeout,
            reply_bytes_max: REPLY_BYTES_MAX as u64,
            idle_connections_max: MODEL_QUESTIONS_MAX,
        };
        let client = EndpointClient::new(url.as_url().clone(), key.as_deref(), &options);
        let client = client.map_err(|_| LanguageModelError::Key {
            path: settings.key_file.clone().unwrap_or_default(),
        })?;
        Ok(Some(Self {
            endpoint: ShopEndpoint { client, model: settings.model.clone() },
            lexicon: Lexicon::new(),
            places: Arc::new(Semaphore::new(MODEL_QUESTIONS_MAX)),
        }))
    }

    /// What is asked of the model: a question, and what is written of a card, as devices and
    /// `/v1/ask` read it.
    pub fn prompt(&self, written: &WrittenCard<'_>, question: &str) -> ModelPrompt {
        let texts = written.texts();
        let (title, category) = (written.title, written.category);
        let product = AskedProduct { title, category, texts: &texts };
        ModelPrompt::new(&self.lexicon, &product, question)
    }

    /// Asks the model and keeps what of its answer the texts of the prompt say. Blocks.
    ///
    /// # Errors
    /// It gave no answer.
    pub fn ask(&self, prompt: &ModelPrompt) -> Result<ModelAnswer, ModelError> {
        let grounded = ask_model(&self.endpoint, &self.lexicon, prompt)?;
        Ok(with_texts(&grounded, prompt.texts()))
    }
}

impl ChatEndpoint for ShopEndpoint {
    fn model(&self) -> &str {
        &self.model
    }

    fn send(&self, body: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.client.post_json(body)?)
    }
}

/// An answer with the texts that it cites.
fn with_texts(grounded: &GroundedAnswer, texts: &[PromptText]) -> ModelAnswer {
    let cited = |place: &usize| {
        let PromptText { origin, name, text } = texts.get(*place)?;
        let origin = match origin {
            TextOrigin::Title => CitedOrigin::Title,
            TextOrigin::Attribute => CitedOrigin::Attribute,
            TextOrigin::Description => CitedOrigin::Description,
            TextOrigin::Review => CitedOrigin::Review,
        };
        Some(CitedText { origin, name: name.clone(), text: text.clone() })
    };
    let sentences = grounded.sentences.iter().map(|sentence| ModelSentence {
        text: sentence.text.clone(),
        cited: sentence.cited.iter().filter_map(cited).collect(),
    });
    let n_dropped = u32::try_from(grounded.n_dropped).unwrap_or(u32::MAX);
    ModelAnswer { sentences: sentences.collect(), n_dropped }
}

/// The key in a file: one line.
fn read_key(path: &Path) -> Result<String, LanguageModelError> {
    let failed = |source| LanguageModelError::KeyFile { path: path.to_owned(), source };
    let no_key = || LanguageModelError::Key { path: path.to_owned() };
    let file = File::open(path).map_err(failed)?;
    warn_if_open(path, &file);
    let mut bytes = Vec::new();
    file.take(KEY_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > KEY_FILE_BYTES_MAX {
        return Err(no_key());
    }
    let text = String::from_utf8(bytes).map_err(|_| no_key())?;
    Ok(text.trim().to_owned())
}

/// Says so where every user of the machine can read a key.
#[cfg(unix)]
fn warn_if_open(path: &Path, file: &File) {
    use std::os::unix::fs::PermissionsExt as _;
    const READ_BY_OTHERS: u32 = 0o004;
    let mode = file.metadata().map_or(0, |metadata| metadata.permissions().mode());
    if mode & READ_BY_OTHERS != 0 {
        let path = path.display();
        tracing::warn!(%path, "every user can read the language model's key: chmod 600");
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Path, _: &File) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(key_file: Option<&Path>) -> LanguageModelSettings {
        let url = "https://model.example/v1/chat/completions".to_owned();
        LanguageModelSettings {
            url: Some(url.try_into().unwrap()),
            model: "m".to_owned(),
            key_file: key_file.map(Path::to_owned),
        }
    }

    #[test]
    fn there_is_none_without_a_url() {
        assert!(LanguageModel::open(&LanguageModelSettings::default()).unwrap().is_none());
        assert!(LanguageModel::open(&settings(None)).unwrap().is_some());
    }

    #[test]
    fn a_key_file_is_checked_at_the_start_and_its_key_is_in_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let open = || LanguageModel::open(&settings(Some(&path)));
        let missing = open().err().unwrap();
        assert!(matches!(missing, LanguageModelError::KeyFile { .. }), "{missing}");
        assert!(missing.to_string().contains("can't be read"), "{missing}");
        std::fs::write(&path, "sk-1234\n").unwrap();
        assert!(open().unwrap().is_some());
        let long = "k".repeat(KEY_FILE_BYTES_MAX as usize + 1);
        for key in ["", " \n", "sk-1234 sk-5678", "sk-1234\nsk-5678", "schlüssel", &long] {
            std::fs::write(&path, key).unwrap();
            let error = open().err().unwrap();
            assert!(matches!(error, LanguageModelError::Key { .. }), "{key:?}: {error}");
            assert!(!error.to_string().contains("1234"), "{error}");
        }
    }
}
