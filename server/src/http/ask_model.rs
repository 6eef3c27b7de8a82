//! `POST /v1/ask/model`: a question about one product, put to the language model of the shop. Only
//! the page of this server asks it, for shoppers who have allowed it.
//!
//! Question, product and answer are in no log and no metric; how questions ended is counted.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use vitrine_assistant::model::ModelError;
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_fetch::FetchFault;
use vitrine_wire::{ModelQuestion, encode_model_answer};

use super::error::ApiError;
use super::state::AppState;
use super::{body, published, work};
use crate::language_model::LanguageModel;
use crate::live::Live;

/// Largest body: a question whose every character is written as two escapes, and an item.
const QUESTION_BYTES_MAX: usize = 12 * QUERY_CHARS_MAX + 256;
/// Where a browser says whose page a request is of.
const FETCH_SITE: &str = "sec-fetch-site";

/// How a question to the model ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskOutcome {
    /// With sentences that texts say.
    Answered,
    /// Without one.
    Unsaid,
    /// No place was free.
    Busy,
    /// The model took too long.
    Late,
    /// It could not be reached.
    Unreachable,
    /// It answered with an error.
    Refused,
    /// It answered with what is no answer.
    Unreadable,
}

impl AskOutcome {
    /// As metrics call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Unsaid => "unsaid",
            Self::Busy => "busy",
            Self::Late => "late",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        }
    }

    /// Why there is no answer.
    fn of(error: &ModelError) -> Self {
        let ModelError::Endpoint(source) = error else {
            return if matches!(error, ModelError::Refused) {
                Self::Refused
            } else {
                Self::Unreadable
            };
        };
        match source.downcast_ref::<FetchFault>() {
            Some(FetchFault::TimedOut) => Self::Late,
            Some(FetchFault::Status { .. } | FetchFault::Redirects { .. }) => Self::Refused,
            Some(FetchFault::TooLarge { .. }) => Self::Unreadable,
            _ => Self::Unreachable,
        }
    }
}

/// Answers one question.
pub async fn ask(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Response, ApiError> {
    let Some(model) = state.language_model.clone() else { return Err(ApiError::ModelNotOffered) };
    check_own_page(request.headers())?;
    let question = read(&state, request).await?;
    let live = state.live()?;
    let place = work::accept_question(&model);
    let place = place.inspect_err(|_| state.metrics.asked(AskOutcome::Busy))?;
    let asked = AskedModel { state, model, live, question };
    let bytes = work::in_slot(place, move || asked.answer()).await?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}

/// Refuses what a page of another origin sends. Such a page cannot read the answer, nor send JSON
/// at all where the browser asks first; this is for the questions alone, which cost the shop money.
fn check_own_page(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(FETCH_SITE).map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(ApiError::OtherOrigin),
    }
}

async fn read(state: &AppState, request: Request) -> Result<ModelQuestion, ApiError> {
    if !body::media_type(request.headers()).eq_ignore_ascii_case("application/json") {
        return Err(ApiError::NotJson);
    }
    let bytes = body::in_time(state, request.into_body(), QUESTION_BYTES_MAX).await?;
    let question: ModelQuestion = serde_json::from_slice(&bytes).map_err(ApiError::Body)?;
    match question.is_valid() {
        true => Ok(question),
        false => Err(ApiError::QuestionLength),
    }
}

/// A question that has a place.
struct AskedModel {
    state: Arc<AppState>,
    model: Arc<LanguageModel>,
    live: Arc<Live>,
    question: ModelQuestion,
}

impl AskedModel {
    /// Retrieves, asks and grounds. Blocks until the model has answered.
    fn answer(&self) -> Result<Vec<u8>, ApiError> {
        let ModelQuestion { item, question } = &self.question;
        // Rows are held for this alone: revisions are not to wait for the model.
        let prompt = published::with_card(&self.live, *item, |_, _, written| {
            self.model.prompt(written, question)
        });
        let answered = self.model.ask(&prompt.map_err(|_| ApiError::NoSuchCard)?);
        let answer =
            answered.map_err(|error| self.failed(AskOutcome::of(&error), reason(&error)))?;
        let bytes = encode_model_answer(&answer);
        let too_long = |_| self.failed(AskOutcome::Unreadable, "it is too long".to_owned());
        let bytes = bytes.map_err(too_long)?;
        let is_unsaid = answer.sentences.is_empty();
        self.state.metrics.asked(if is_unsaid { AskOutcome::Unsaid } else { AskOutcome::Answered });
        Ok(bytes)
    }

    /// Counts a question without an answer and says why in the log.
    fn failed(&self, outcome: AskOutcome, reason: String) -> ApiError {
        self.state.metrics.asked(outcome);
        tracing::warn!(outcome = outcome.name(), reason, "the language model gave no answer");
        ApiError::ModelFailed
    }
}

/// Why there is no answer, for the log: never what came, which may repeat what was asked.
fn reason(error: &ModelError) -> String {
    match error {
        ModelError::Endpoint(source) => match source.downcast_ref::<FetchFault>() {
            Some(fault) => fault.to_string(),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}
