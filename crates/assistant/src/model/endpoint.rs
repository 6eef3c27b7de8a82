//! How a model is reached, which is for others to do.

use crate::lexicon::Lexicon;

use super::{GroundedAnswer, ModelError, ModelPrompt, ModelReply, ground};

/// An endpoint for chat completions. It gets one body at a time, may take as long as it wants, and
/// keeps nothing.
pub trait ChatEndpoint {
    /// The name of the model, as the endpoint knows it.
    fn model(&self) -> &str;

    /// Sends a body and gives back that of the reply, of which
    /// [`REPLY_BYTES_MAX`](super::REPLY_BYTES_MAX) bytes are of use.
    ///
    /// # Errors
    /// It could not be reached, or did not answer.
    fn send(&self, body: &str) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;
}

/// Asks a model, and keeps what of its answer the texts of the prompt say.
///
/// # Errors
/// The endpoint could not be asked, or its reply cannot be read.
pub fn ask_model(
    endpoint: &dyn ChatEndpoint,
    lexicon: &Lexicon,
    prompt: &ModelPrompt,
) -> Result<GroundedAnswer, ModelError> {
    let bytes = endpoint.send(&prompt.to_json(endpoint.model())).map_err(ModelError::Endpoint)?;
    Ok(ground(lexicon, prompt, &ModelReply::read(&bytes)?))
}
