//! An assistant that answers from what is written of products, on the shopper's device.
//!
//! A [`ProductDigest`] is what a server writes of a card: attributes and sentences, word for
//! word. [`answer()`] finds in it what answers a question, with its source, or says that the shop
//! doesn't say. A [`Dialogue`] keeps what a shopper wants over several turns, asks the one question
//! that splits the candidates best, and says what a search would send ([`ToSearch`]); nothing
//! else of it ever has to leave the device. There is no model, no clock and no network in it: the
//! same words and the same products give the same answer.
//!
//! ```
//! use vitrine_assistant::{
//!     AnswerVerdict, AskedProduct, DigestInput, Lexicon, answer, build_digest, read_question,
//! };
//!
//! let lexicon = Lexicon::new();
//! let attributes = [("Weight".to_owned(), "1.8 kg".to_owned())];
//! let digest = build_digest(
//!     &lexicon,
//!     &DigestInput {
//!         attributes: &attributes,
//!         description: "A backpack for long hikes. It is not waterproof.",
//!         reviews: &[],
//!     },
//! );
//! let product = AskedProduct { title: "Backpack", digest: &digest };
//! let ask = |text: &str| answer(&lexicon, &product, &read_question(&lexicon, text), None);
//!
//! assert_eq!(ask("How heavy is it?").quotes[0].text, "1.8 kg");
//! assert_eq!(ask("Is it under 2 kg?").verdict, AnswerVerdict::Yes);
//! assert_eq!(ask("Is it waterproof?").verdict, AnswerVerdict::No);
//! assert_eq!(ask("Is it machine washable?").verdict, AnswerVerdict::Unsaid);
//! ```
#![deny(missing_docs)]

mod answer;
mod dialogue;
mod digest;
mod lexicon;
mod quantities;
mod question;
mod text;

pub use answer::{
    ANSWER_SCORE_MIN, AnswerVerdict, AskedProduct, ProductAnswer, Quote, QuoteSource, Similarity,
    answer,
};
pub use dialogue::{
    CandidateShelf, CardAnswer, ComparisonRow, ComparisonTable, Dialogue, DialogueTurn,
    HandOverDraft, HandOverLine, HandOverPart, SPLIT_OPTIONS_MAX, ShelfCard, SplitFacet,
    SplitOption, SplittingQuestion, ToSearch, TurnReply, WishKind,
};
pub use digest::{
    DIGEST_BYTES_MAX, DigestError, DigestInput, DigestSentence, ProductDigest, TextOrigin,
    build_digest,
};
pub use lexicon::{Dimension, Lexicon};
pub use quantities::{Quantity, QuantityBound, TextMeasure};
pub use question::{
    ComparedBy, ProductQuestion, QuestionForm, ShopperRequest, read_question, read_request,
};
