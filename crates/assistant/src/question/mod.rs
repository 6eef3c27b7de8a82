//! What a shopper says: a question about a product, or a request.

mod form;
mod read;
mod request;

pub(crate) use read::QuestionTerm;
pub use read::{ProductQuestion, QuestionForm, read_question};
pub use request::{ComparedBy, ShopperRequest, read_request};
