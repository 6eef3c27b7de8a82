//! Questions about a product, put to the shop's own language model. Nothing else of an assistant
//! is sent, and this only at the word of the shopper, in a shop that offers it.

use vitrine_domain::ItemId;
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_wire::{ModelAnswer, ModelQuestion, decode_model_answer};

use crate::ledger::Request;
use crate::{Session, SessionError};

impl Session {
    /// Whether the shop's language model may be asked about products ([`Session::ask_model`]). Off
    /// unless the shopper has turned it on; kept on the device. Sends nothing.
    pub async fn set_language_model(&self, is_allowed: bool) {
        self.inner.state.borrow_mut().settings.language_model = is_allowed;
        self.store_settings().await;
    }

    /// Puts a question about a card to the shop's language model: sends the question and the id of
    /// the card to the shop's server, which gives them to the model with what is published of the
    /// card. Neither history nor basket nor wishes are in it, and it is in no log but the list of
    /// requests. [`Session::ask`] answers without it.
    ///
    /// # Errors
    /// Nothing is sent where the shopper has not allowed it, the shop does not offer it, the card
    /// is not here, or the question is empty or too long. The server cannot be reached, has no
    /// place or no answer, or what it answers cannot be read.
    pub async fn ask_model(&self, id: ItemId, question: &str) -> Result<ModelAnswer, SessionError> {
        if !self.inner.state.borrow().settings.language_model {
            return Err(SessionError::ModelNotAllowed);
        }
        let pair = self.active().ok_or(SessionError::NotSynced)?;
        if !pair.manifest.has_language_model {
            return Err(SessionError::ModelNotOffered);
        }
        pair.catalogue.index_of(id).ok_or(SessionError::NotSynced)?;
        let question = ModelQuestion { item: id, question: question.trim().to_owned() };
        if !question.is_valid() {
            return Err(SessionError::QuestionLength { limit: QUERY_CHARS_MAX });
        }
        let request = Request::AskModel(question);
        let bytes = self.send(&request).await?;
        decode_model_answer(&bytes)
            .map_err(|source| SessionError::Wire { path: request.path(), source })
    }
}
