//! Errors of the HTTP interface: RFC 9457 problem details with stable codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vitrine_catalogue::CatalogueError;
use vitrine_catalogue::limits::{CHANGES_MAX, KEY_BYTES_MAX, REQUEST_BYTES_MAX};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_recall::RecallError;
use vitrine_studio_api::{DraftProblem, OpenClaim, PresentTexts, RULE_NOTE_CHARS_MAX, RuleDraft};
use vitrine_wire::ProblemDetails;

use crate::keys::KeyRefusal;
use crate::rules::RuleStoreError;

/// Seconds after which a refused request may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("there is nothing at this address; see /docs for what there is")]
    NotFound,
    #[error("this address does not take this method; see /docs")]
    MethodNotAllowed,
    #[error("no shard of this name is kept: fetch the manifest again")]
    ShardNotFound,
    #[error("a shard's name is 64 lower-case hexadecimal digits")]
    ShardName,
    #[error("the shard is damaged on disk and is not served: publish again")]
    ShardDamaged(#[source] anyhow::Error),
    #[error("no product of the catalogue has a picture of this name: fetch the manifest again")]
    PictureNotFound,
    #[error("a picture is called by 64 lower-case hexadecimal digits")]
    PictureName,
    #[error("send the body as application/json")]
    NotJson,
    #[error("the body is not what this address takes: {0}")]
    Body(serde_json::Error),
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    #[error("the body broke off or is malformed")]
    BodyBroken,
    #[error("the body did not come in time")]
    BodyTooSlow,
    #[error("the search breaks a limit: {0}")]
    Query(String),
    #[error("no price is at least {min} and at most {max} (minor units)")]
    PricesInverted { min: u32, max: u32 },
    #[error("too many searches at once: try again in a moment")]
    TooManySearches,
    #[error("the server is busy: try again in a moment")]
    Overloaded,
    #[error("the request took too long: try again in a moment")]
    Timeout,
    #[error("nothing is published yet: run `vitrine import`, or wait for it to end")]
    NotReady,
    #[error("this page needs the admin token")]
    Unauthorized,
    #[error("the Studio is closed: start the server with --admin-token")]
    StudioClosed,
    #[error("no such persona: shoppers are numbered from 0 to {0}")]
    NoSuchShopper(u32),
    #[error("a persona is named by its number, from 0")]
    ShopperNumber,
    #[error("send an API key, Authorization: Bearer vitrine_…; `vitrine keys add` makes one")]
    KeyMissing,
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    #[error("send application/x-ndjson, one object a line, or application/json, an array")]
    NotPushable,
    #[error("the body is no JSON array: {0}")]
    NotArray(serde_json::Error),
    #[error("the body has no line: nothing was pushed")]
    EmptyPush,
    #[error("Idempotency-Key has 1 to {KEY_BYTES_MAX} visible ASCII characters")]
    IdempotencyKey,
    #[error(
        "this Idempotency-Key came with another body before: give each request a key of its own"
    )]
    KeyReused,
    #[error("a request has at most {CHANGES_MAX} lines: split it")]
    TooManyLines,
    #[error(
        "the lines of a request are at most {REQUEST_BYTES_MAX} bytes as they are kept: split it"
    )]
    PushTooLarge,
    #[error("too many pushes at once: try again in a moment")]
    TooManyPushes,
    #[error("the server's disk is full: nothing was written; free space and send it again")]
    DiskFull(#[source] anyhow::Error),
    #[error(
        "the log cannot be written, and the server's own log says why: nothing of this request \
         is known to be kept; send it again"
    )]
    LogFailed(#[source] anyhow::Error),
    #[error("another server on the same data folder takes what is pushed: send it there")]
    LogInUse,
    #[error("the log could not be opened when the server started; its own log says why")]
    LogUnavailable,
    #[error(
        "the log of changes ends before what the published catalogue has of it, as after its \
         folder was emptied: put the folder back, or import again"
    )]
    LogBehind,
    #[error("no product of this sku was ever pushed")]
    NoSuchProduct,
    #[error("the question breaks a limit: {0}")]
    Question(String),
    #[error(
        "no product {0} is published: ids are those of /v1/search, skus those of the feed's variants"
    )]
    ProductNotPublished(String),
    #[error("too many questions at once: try again in a moment")]
    TooManyQuestions,
    #[error("this shop offers no language model: fetch the manifest again")]
    ModelNotOffered,
    #[error("only the page of this server puts questions to its language model")]
    OtherOrigin,
    #[error("a question has 1 to {QUERY_CHARS_MAX} characters: shorten it")]
    QuestionLength,
    #[error("the catalogue has no such product: fetch the manifest again")]
    NoSuchCard,
    #[error("the language model is busy: ask again in a moment")]
    ModelBusy,
    #[error("the language model gave no answer: ask again later, or do without")]
    ModelFailed,
    #[error("no card of the catalogue has this number")]
    NoSuchListing,
    #[error("no edit of this number is kept for this product")]
    NoSuchEdit,
    #[error("{0}")]
    ListingText(String),
    #[error("somebody else has changed the text since: look at the newer one")]
    ListingConflict(Box<PresentTexts>),
    #[error("nothing that the shop knows says so: {}", words_of(.0))]
    ListingClaims(Vec<OpenClaim>),
    #[error("it was not published: {0}")]
    ListingRefused(String),
    #[error("somebody else has saved the draft since: look at the newer one")]
    RulesConflict(Box<RuleDraft>),
    #[error("it cannot be published: {}", first_of(.0))]
    RulesRefused(Vec<DraftProblem>),
    #[error("these are too many rules: {0}")]
    RulesTooLarge(String),
    #[error("no version {0} of the rules is kept")]
    NoSuchRuleVersion(u64),
    #[error("a version of the rules is called by its number, from 1")]
    RuleVersionNumber,
    #[error("a note has at most {RULE_NOTE_CHARS_MAX} characters: shorten it")]
    RuleNote,
    #[error("no season is known: {0}")]
    UnknownSeason(String),
    #[error("{0}")]
    RulesDamaged(RuleStoreError),
    #[error(
        "the rules cannot be written, and the server's own log says why: nothing of this request \
         is kept; send it again"
    )]
    RulesFailed(#[source] anyhow::Error),
    #[error("something failed inside; the log has the cause")]
    Internal(#[source] anyhow::Error),
}

impl ApiError {
    /// Logs what caused an error of the server's own; callers are not told.
    pub fn log_cause(&self) {
        if let Self::Internal(source)
        | Self::ShardDamaged(source)
        | Self::DiskFull(source)
        | Self::LogFailed(source)
        | Self::RulesFailed(source) = self
        {
            let code = self.parts().1;
            tracing::error!(code, error = format!("{source:#}"), "request failed");
        }
    }

    /// Status, stable code and title.
    pub fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NotFound => (S::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed")
            }
            Self::ShardNotFound => (S::NOT_FOUND, "shard_not_found", "No such shard"),
            Self::ShardName => (S::BAD_REQUEST, "shard_name_invalid", "Not a shard's name"),
            Self::ShardDamaged(_) => (S::INTERNAL_SERVER_ERROR, "shard_damaged", "Damaged shard"),
            Self::PictureNotFound => (S::NOT_FOUND, "picture_not_found", "No such picture"),
            Self::PictureName => (S::BAD_REQUEST, "picture_name_invalid", "Not a picture's name"),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, "not_json", "JSON expected"),
            Self::Body(_) => (S::BAD_REQUEST, "body_invalid", "Invalid body"),
            Self::BodyTooLarge(_) => (S::PAYLOAD_TOO_LARGE, "body_too_large", "Body too large"),
            Self::BodyBroken => (S::BAD_REQUEST, "body_broken", "Broken body"),
            Self::BodyTooSlow => (S::REQUEST_TIMEOUT, "body_too_slow", "Body too slow"),
            Self::Query(_) => (S::UNPROCESSABLE_ENTITY, "query_invalid", "Invalid search"),
            Self::PricesInverted { .. } => {
                (S::UNPROCESSABLE_ENTITY, "prices_inverted", "Contradictory prices")
            }
            Self::TooManySearches => {
                (S::TOO_MANY_REQUESTS, "too_many_searches", "Too many searches")
            }
            Self::Overloaded => (S::SERVICE_UNAVAILABLE, "overloaded", "Server busy"),
            Self::Timeout => (S::SERVICE_UNAVAILABLE, "timeout", "Took too long"),
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not_ready", "Nothing published yet"),
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "Admin token needed"),
            Self::StudioClosed => (S::FORBIDDEN, "studio_closed", "Studio closed"),
            Self::NoSuchShopper(_) => (S::NOT_FOUND, "no_such_shopper", "No such persona"),
            Self::ShopperNumber => (S::BAD_REQUEST, "persona_invalid", "Not a persona's number"),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            _ => self.ask_parts(),
        }
    }

    /// Status, stable code and title of errors of questions to the shop's language model.
    fn ask_parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::ModelNotOffered => (S::NOT_FOUND, "model_not_offered", "No language model"),
            Self::OtherOrigin => (S::FORBIDDEN, "other_origin", "Another page"),
            Self::QuestionLength => {
                (S::UNPROCESSABLE_ENTITY, "question_length", "Question too long or empty")
            }
            Self::NoSuchCard => (S::NOT_FOUND, "no_such_card", "No such product"),
            Self::ModelBusy => (S::SERVICE_UNAVAILABLE, "model_busy", "Language model busy"),
            Self::ModelFailed => (S::BAD_GATEWAY, "model_failed", "Language model failed"),
            _ => self.push_parts(),
        }
    }

    /// Status, stable code and title of errors that only the shop's own systems meet.
    fn push_parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::KeyMissing => (S::UNAUTHORIZED, "api_key_missing", "API key needed"),
            Self::Key(KeyRefusal::Unknown) => {
                (S::UNAUTHORIZED, "api_key_unknown", "Unknown API key")
            }
            Self::Key(KeyRefusal::Scope { .. }) => (S::FORBIDDEN, "scope_missing", "Scope missing"),
            Self::Key(KeyRefusal::TooOften { .. }) => {
                (S::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests")
            }
            Self::NotPushable => {
                (S::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "NDJSON or JSON expected")
            }
            Self::NotArray(_) => (S::BAD_REQUEST, "body_invalid", "Invalid body"),
            Self::Question(_) => (S::UNPROCESSABLE_ENTITY, "question_invalid", "Invalid question"),
            Self::ProductNotPublished(_) => {
                (S::NOT_FOUND, "product_not_published", "No such product")
            }
            Self::TooManyQuestions => {
                (S::TOO_MANY_REQUESTS, "too_many_questions", "Too many questions")
            }
            Self::EmptyPush => (S::BAD_REQUEST, "body_empty", "Empty body"),
            Self::IdempotencyKey => {
                (S::BAD_REQUEST, "idempotency_key_invalid", "Invalid Idempotency-Key")
            }
            Self::KeyReused => {
                (S::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency-Key reused")
            }
            Self::TooManyLines => (S::PAYLOAD_TOO_LARGE, "too_many_lines", "Too many lines"),
            Self::PushTooLarge => (S::PAYLOAD_TOO_LARGE, "push_too_large", "Push too large"),
            Self::TooManyPushes => (S::TOO_MANY_REQUESTS, "too_many_pushes", "Too many pushes"),
            Self::DiskFull(_) => (S::INSUFFICIENT_STORAGE, "disk_full", "Disk full"),
            Self::LogFailed(_) => (S::SERVICE_UNAVAILABLE, "log_failed", "Log not writable"),
            Self::LogInUse => (S::SERVICE_UNAVAILABLE, "log_in_use", "Another server has the log"),
            Self::LogUnavailable => (S::SERVICE_UNAVAILABLE, "log_unavailable", "No log"),
            Self::LogBehind => (S::SERVICE_UNAVAILABLE, "log_behind", "Log of changes emptied"),
            Self::NoSuchProduct => (S::NOT_FOUND, "no_such_product", "No such product"),
            _ => self.listing_parts(),
        }
    }

    /// Status, stable code and title of errors of texts that are written in the Studio.
    fn listing_parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoSuchListing => (S::NOT_FOUND, "no_such_listing", "No such listing"),
            Self::NoSuchEdit => (S::NOT_FOUND, "no_such_edit", "No such edit"),
            Self::ListingText(_) => (S::UNPROCESSABLE_ENTITY, "text_invalid", "Invalid text"),
            Self::ListingConflict(_) => (S::CONFLICT, "text_changed", "Changed by somebody else"),
            Self::ListingClaims(_) => {
                (S::UNPROCESSABLE_ENTITY, "claims_unsupported", "Claims without a source")
            }
            Self::ListingRefused(_) => {
                (S::UNPROCESSABLE_ENTITY, "listing_refused", "Not published")
            }
            _ => self.rule_parts(),
        }
    }

    /// Status, stable code and title of errors of the shop's rules.
    fn rule_parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::RulesConflict(_) => (S::CONFLICT, "rules_changed", "Changed by somebody else"),
            Self::RulesRefused(_) => {
                (S::UNPROCESSABLE_ENTITY, "rules_refused", "Rules that cannot be published")
            }
            Self::RulesTooLarge(_) => {
                (S::UNPROCESSABLE_ENTITY, "rules_too_large", "Too many rules")
            }
            Self::NoSuchRuleVersion(_) => {
                (S::NOT_FOUND, "no_such_rule_version", "No such version of the rules")
            }
            Self::RuleVersionNumber => {
                (S::BAD_REQUEST, "rule_version_invalid", "Not a version's number")
            }
            Self::RuleNote => (S::UNPROCESSABLE_ENTITY, "note_invalid", "Invalid note"),
            Self::UnknownSeason(_) => (S::UNPROCESSABLE_ENTITY, "season_unknown", "Unknown season"),
            Self::RulesDamaged(_) => (S::SERVICE_UNAVAILABLE, "rules_damaged", "Damaged rules"),
            Self::RulesFailed(_) => {
                (S::SERVICE_UNAVAILABLE, "rules_failed", "Rules cannot be written")
            }
            // Those that the others have.
            _ => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    /// What a problem says beside the members that all have: its name and its value.
    fn extension(&self) -> Option<(&'static str, Value)> {
        let (name, value) = match self {
            Self::ListingConflict(present) => ("present", serde_json::to_value(present)),
            Self::ListingClaims(claims) => ("claims", serde_json::to_value(claims)),
            Self::RulesConflict(present) => ("present", serde_json::to_value(present)),
            Self::RulesRefused(problems) => ("problems", serde_json::to_value(problems)),
            _ => return None,
        };
        Some((name, value.ok()?))
    }

    /// Seconds after which the same request may be let in; `None` where waiting is no help.
    fn retry_after_seconds(&self, status: StatusCode) -> Option<u64> {
        match self {
            Self::Key(KeyRefusal::TooOften { retry_ms, .. }) => Some(retry_ms.div_ceil(1_000)),
            _ => matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
                .then_some(RETRY_AFTER_SECONDS),
        }
    }
}

/// The words of the first claims.
fn words_of(claims: &[OpenClaim]) -> String {
    const TOLD_MAX: usize = 5;
    const CHARS_MAX: usize = 80;
    let words = claims.iter().take(TOLD_MAX);
    let words = words.map(|claim| claim.text.chars().take(CHARS_MAX).collect());
    words.collect::<Vec<String>>().join(", ")
}

/// The first problem, of which rule it is, and how many others there are.
fn first_of(problems: &[DraftProblem]) -> String {
    let Some(first) = problems.first() else { return String::new() };
    let more = match problems.len() - 1 {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    format!("{}: {}{more}", first.rule, first.detail)
}

impl From<RuleStoreError> for ApiError {
    fn from(error: RuleStoreError) -> Self {
        match error {
            RuleStoreError::Conflict(present) => {
                let present = *present;
                Self::RulesConflict(Box::new(RuleDraft {
                    revision: present.revision,
                    saved_at_seconds: present.saved_at_seconds,
                    by: present.by,
                    records: present.records,
                    problems: Vec::new(),
                }))
            }
            RuleStoreError::NoSuchVersion { number } => Self::NoSuchRuleVersion(number),
            RuleStoreError::TooLarge { .. } => Self::RulesTooLarge(error.to_string()),
            RuleStoreError::Damaged { .. } => Self::RulesDamaged(error),
            _ if error.is_disk_full() => Self::DiskFull(error.into()),
            _ => Self::RulesFailed(error.into()),
        }
    }
}

impl From<CatalogueError> for ApiError {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::TooManyChanges => Self::TooManyLines,
            CatalogueError::RequestTooLarge => Self::PushTooLarge,
            CatalogueError::KeyReused => Self::KeyReused,
            _ if error.is_disk_full() => Self::DiskFull(error.into()),
            _ => Self::LogFailed(error.into()),
        }
    }
}

impl From<RecallError> for ApiError {
    fn from(error: RecallError) -> Self {
        match error {
            RecallError::Late => Self::Timeout,
            RecallError::PricesInverted { min, max } => Self::PricesInverted { min, max },
            _ => Self::Query(error.to_string()),
        }
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        error.downcast::<RecallError>().map_or_else(Self::Internal, Self::from)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, title) = self.parts();
        self.log_cause();
        let problem = ProblemDetails {
            kind: format!("/docs#{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            code: code.to_owned(),
        };
        let mut body = serde_json::to_value(&problem).unwrap_or_default();
        if let (Some((name, value)), Some(members)) = (self.extension(), body.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds(status) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What is left of a body would be taken for the next request.
        if matches!(self, Self::BodyTooLarge(_) | Self::BodyTooSlow | Self::BodyBroken) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
