//! An assistant that answers from what is written of products, on the shopper's device.
//!
//! [`ProductTexts`] are what is written of a card: attributes and sentences, word for word.
//! [`answer()`] finds in them what answers a question, with its source, or says that the shop
//! doesn't say. A [`Dialogue`] keeps what a shopper wants over several turns, asks the one question
//! that splits the candidates best, and looks for them by [`ToSearch`] on a [`ProductShelf`], which
//! a device fills from the cards that it has synced: nothing has to leave it. [`compare()`] puts
//! products side by side. There is no clock and no network in it: the same words and the same
//! products give the same answer.
//!
//! With the feature `model`, [`model`] makes the prompt for a shop's own language model and drops
//! of its answer what the texts do not say.
//!
//! ```
//! use vitrine_assistant::{
//!     AnswerVerdict, AskedProduct, DigestInput, Lexicon, answer, read_question, whole_texts,
//! };
//!
//! let lexicon = Lexicon::new();
//! let attributes = [("Weight".to_owned(), "1.8 kg".to_owned())];
//! let texts = whole_texts(&DigestInput {
//!     attributes: &attributes,
//!     description: "A backpack for long hikes. It is not waterproof.",
//!     reviews: &[],
//! });
//! let product = AskedProduct { title: "Backpack", category: "Bags", texts: &texts };
//! let ask = |text: &str| answer(&lexicon, &product, &read_question(&lexicon, text), None);
//!
//! assert_eq!(ask("How heavy is it?").quotes[0].text, "1.8 kg");
//! assert_eq!(ask("Is it under 2 kg?").verdict, AnswerVerdict::Yes);
//! assert_eq!(ask("Is it waterproof?").verdict, AnswerVerdict::No);
//! assert_eq!(ask("Is it machine washable?").verdict, AnswerVerdict::Unsaid);
//! ```
#![deny(missing_docs)]

mod answer;
mod card;
mod dialogue;
mod digest;
mod lexicon;
#[cfg(feature = "model")]
pub mod model;
mod quantities;
mod question;
mod text;

pub use answer::{
    ANSWER_SCORE_MIN, AnswerVerdict, AskedProduct, ProductAnswer, Quote, QuoteSource, Similarity,
    answer,
};
pub use card::{CardFieldNames, SIZES_TOLD_MAX, WrittenCard};
pub use dialogue::{
    CANDIDATES_MAX, COMPARED_MAX, CandidateShelf, CardAnswer, ComparisonAspect, ComparisonCell,
    ComparisonRow, ComparisonTable, Dialogue, DialogueContext, DialogueTurn, HandOverDraft,
    HandOverLine, HandOverPart, ProductShelf, SPLIT_OPTIONS_MAX, ShelfCard, SplitFacet,
    SplitOption, SplittingQuestion, ToSearch, TurnReply, WishKind, compare,
};
pub use digest::{
    DIGEST_BYTES_MAX, DigestInput, DigestSentence, ProductTexts, TEXTS_BYTES_MAX, TextOrigin,
    build_digest, whole_texts,
};
pub use lexicon::{Dimension, Lexicon};
pub use quantities::{Quantity, QuantityBound, TextMeasure};
pub use question::{
    ComparedBy, ProductQuestion, QuestionForm, ShopperRequest, read_question, read_request,
};
