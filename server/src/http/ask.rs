//! `POST /v1/ask`: what is written of some products says to a question, for whoever looks after a
//! catalogue. Shoppers have no need of it: their questions are answered on their device, by the
//! same function.
//!
//! Nothing of a question is kept, and none of it is in a log or a metric.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use vitrine_assistant::{AnswerVerdict, Lexicon, ProductAnswer, Quote, TextOrigin};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::{CatalogueVersion, ItemId};
use vitrine_recall::Deadline;

use super::clients::AuthorisedClient;
use super::error::ApiError;
use super::published::{self, ProductName};
use super::state::AppState;
use super::{body, work};
use crate::live::Live;

/// Largest body of a question, in bytes.
pub const ASK_BYTES_MAX: usize = 16 << 10;
/// Most products that one question is about.
pub const ASKED_PRODUCTS_MAX: usize = 8;
/// Questions that are answered or wait for it at once; more are told to come again.
pub const QUESTIONS_MAX: usize = 16;

/// A question about some products, named by their cards or by their variants.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// In any of the languages that the assistant reads.
    pub question: String,
    /// Ids of cards.
    #[serde(default)]
    pub items: Vec<ItemId>,
    /// The shop's identifiers, in place of `items`.
    #[serde(default)]
    pub skus: Vec<String>,
}

/// What the texts say, product by product.
#[derive(Debug, Default, Serialize)]
pub struct AskReply {
    /// Version of the catalogue that answered.
    pub catalogue: CatalogueVersion,
    /// One for each product, in the order in which they were asked about.
    pub products: Vec<ProductAnswerReply>,
}

/// What is said of one product.
#[derive(Debug, Serialize)]
pub struct ProductAnswerReply {
    /// Its card.
    pub item: ItemId,
    /// Its title.
    pub title: String,
    /// `yes`, `no`, `quoted`, `disputed` or `unsaid`.
    pub verdict: &'static str,
    /// The text that answers; two where texts contradict each other; none where none answers.
    pub quotes: Vec<AnswerQuote>,
}

/// A text word for word, and where it comes from.
#[derive(Debug, Serialize)]
pub struct AnswerQuote {
    /// `title`, `attribute`, `description` or `review`.
    pub source: &'static str,
    /// Name of the attribute; left out elsewhere.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub attribute: String,
    /// The title, the value of the attribute, or the sentence.
    pub text: String,
    /// Where in the text the answer begins and ends, in Unicode characters.
    pub span: [usize; 2],
}

/// Answers one question.
pub async fn ask(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<AskReply>, ApiError> {
    // Whoever has no key was refused before the body was read.
    request.extensions().get::<AuthorisedClient>().ok_or(ApiError::KeyMissing)?;
    let deadline: Deadline = request.extensions().get().copied().unwrap_or_default();
    let asked: AskRequest = body::json(request, ASK_BYTES_MAX).await?;
    answered(&state, asked, deadline).await.map(Json)
}

/// Answers a question with a place of its own.
///
/// # Errors
/// The question breaks a limit, a product is not published, too many ask, it takes too long.
pub async fn answered(
    state: &Arc<AppState>,
    asked: AskRequest,
    deadline: Deadline,
) -> Result<AskReply, ApiError> {
    let names = asked.names()?;
    let live = state.live()?;
    let slot = work::question_slot(state).await?;
    let state = Arc::clone(state);
    work::in_slot(slot, move || {
        let lexicon = state.lexicon.get_or_init(Lexicon::new);
        reply(&live, lexicon, &names, &asked.question, deadline)
    })
    .await
}

impl AskRequest {
    /// The products, once the question keeps its limits.
    fn names(&self) -> Result<Vec<ProductName>, ApiError> {
        let n_chars = self.question.chars().count();
        if self.question.trim().is_empty() || n_chars > QUERY_CHARS_MAX {
            let reason =
                format!("it has 1 to {QUERY_CHARS_MAX} characters, and this one {n_chars}");
            return Err(ApiError::Question(reason));
        }
        let items = self.items.iter().map(|id| ProductName::Item(*id));
        let skus = self.skus.iter().map(|sku| ProductName::Sku(sku.clone()));
        let names: Vec<ProductName> = match (self.items.is_empty(), self.skus.is_empty()) {
            (false, true) => items.collect(),
            (true, false) => skus.collect(),
            _ => return Err(ApiError::Question("name products by items or by skus".to_owned())),
        };
        if names.len() > ASKED_PRODUCTS_MAX {
            let n = names.len();
            let reason = format!("it is about 1 to {ASKED_PRODUCTS_MAX} products, not {n}");
            return Err(ApiError::Question(reason));
        }
        Ok(names)
    }
}

fn reply(
    live: &Live,
    lexicon: &Lexicon,
    names: &[ProductName],
    question: &str,
    deadline: Deadline,
) -> Result<AskReply, ApiError> {
    let ids = {
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        published::ids(&rows, names)?
    };
    let product = |id: ItemId| {
        deadline.check()?;
        published::with_card(live, id, |_, card, written| {
            let ProductAnswer { verdict, quotes, .. } = written.answer(lexicon, question);
            ProductAnswerReply {
                item: id,
                title: card.title.clone(),
                verdict: verdict_name(verdict),
                quotes: quotes.into_iter().map(AnswerQuote::from).collect(),
            }
        })
    };
    let products = ids.into_iter().map(product).collect::<Result<_, ApiError>>()?;
    Ok(AskReply { catalogue: live.manifest.catalogue.version, products })
}

fn verdict_name(verdict: AnswerVerdict) -> &'static str {
    match verdict {
        AnswerVerdict::Yes => "yes",
        AnswerVerdict::No => "no",
        AnswerVerdict::Quoted => "quoted",
        AnswerVerdict::Disputed => "disputed",
        AnswerVerdict::Unsaid => "unsaid",
    }
}

impl From<Quote> for AnswerQuote {
    fn from(quote: Quote) -> Self {
        let chars_until =
            |end: usize| quote.text.char_indices().take_while(|(start, _)| *start < end).count();
        Self {
            source: match quote.origin {
                TextOrigin::Title => "title",
                TextOrigin::Attribute => "attribute",
                TextOrigin::Description => "description",
                TextOrigin::Review => "review",
            },
            span: [chars_until(quote.span.start), chars_until(quote.span.end)],
            attribute: quote.name,
            text: quote.text,
        }
    }
}
