//! `POST /v1/reviews`: what buyers wrote. Who wrote it is not written at all, and the review's
//! identifier not as it was sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use vitrine_catalogue::{ChangeError, LoggedReview, PushedReview, ReviewLog};

use super::error::ApiError;
use super::lines::{self, LinesReply, PushableLine};
use super::push::InvalidLine;
use super::state::AppState;
use crate::keys::KeyScope;
use crate::pushed::Pushed;

/// What an answer calls a review by.
#[derive(Debug, Serialize)]
pub struct NamedReview {
    /// The review, as far as the line says it.
    pub review_id: Option<String>,
    /// The product, as far as the line says it.
    pub sku: Option<String>,
}

/// Takes reviews.
pub async fn push_reviews(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<LinesReply<NamedReview>>, ApiError> {
    lines::take::<LoggedReview>(state, request).await
}

impl PushableLine for LoggedReview {
    type Named = NamedReview;
    const SCOPE: KeyScope = KeyScope::ReviewsWrite;
    const KIND: &'static str = "review";

    fn from_line(line: &[u8]) -> Result<PushedReview, ChangeError> {
        PushedReview::from_line(line)
    }

    fn named(line: &PushedReview) -> NamedReview {
        let sku = line.content.as_ref().map(|content| content.sku.clone());
        NamedReview { review_id: Some(line.review_id.clone()), sku }
    }

    fn named_invalid(line: &InvalidLine) -> NamedReview {
        NamedReview { review_id: line.text("review_id"), sku: line.text("sku") }
    }

    fn log(pushed: &Pushed) -> &ReviewLog {
        &pushed.reviews
    }
}
