//! A shop's own language model: what it is asked, and what of its reply holds.
//!
//! Nothing here sends anything. [`ModelPrompt`] has a question and the texts of one product, and no
//! field for anything else: not who asks, what they looked at or what they asked before.
//! [`ModelPrompt::to_json`] is the body of a request to an endpoint for chat completions in the
//! form that most servers of models speak; [`ModelReply::read`] reads what comes back; [`ground`]
//! keeps of it the sentences that the texts say. Texts may hold orders to the model. Whether it
//! obeys does not matter: what no cited text says is dropped.
//!
//! ```
//! use vitrine_assistant::model::{ModelPrompt, ModelReply, ground};
//! use vitrine_assistant::{AskedProduct, DigestInput, Lexicon, whole_texts};
//!
//! let lexicon = Lexicon::new();
//! let attributes = [("Weight".to_owned(), "1.8 kg".to_owned())];
//! let input = DigestInput { attributes: &attributes, description: "", reviews: &[] };
//! let texts = whole_texts(&input);
//! let product = AskedProduct { title: "Backpack", category: "", texts: &texts };
//! let prompt = ModelPrompt::new(&lexicon, &product, "How heavy is it?");
//! assert_eq!(prompt.texts()[1].text, "1.8 kg");
//!
//! let reply = br#"{"choices": [{"message": {"content": "It weighs 1.8 kg [2]. It is red [2]."}}]}"#;
//! let answer = ground(&lexicon, &prompt, &ModelReply::read(reply)?);
//! assert_eq!(answer.sentences[0].text, "It weighs 1.8 kg.");
//! assert_eq!((answer.sentences.len(), answer.n_dropped), (1, 1));
//! # Ok::<(), vitrine_assistant::model::ModelError>(())
//! ```

mod citations;
mod endpoint;
mod error;
mod grounding;
mod prompt;
mod reply;
mod support;

pub use endpoint::{ChatEndpoint, ask_model};
pub use error::ModelError;
pub use grounding::{GroundedAnswer, GroundedSentence, ground};
pub use prompt::{ModelPrompt, PROMPT_BYTES_MAX, PROMPT_TEXTS_MAX, PromptText};
pub use reply::{ModelReply, REPLY_BYTES_MAX};
