//! Errors as JSON-RPC has them, each with what to do next.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, RequestId};
use serde_json::{Value, json};

/// Longest problem that is read to be told anew.
const PROBLEM_BYTES_MAX: usize = 16 << 10;
const PROBLEM: &str = "application/problem+json";

/// An error of JSON-RPC with the status of its answer.
#[derive(Clone, Debug)]
pub struct RpcProblem {
    /// Status of the answer.
    pub status: StatusCode,
    /// Code of the error.
    pub code: ErrorCode,
    /// What is wrong, and what to do about it.
    pub message: String,
    /// More for programs.
    pub data: Option<Value>,
    /// Of the request, where it could be read.
    pub id: Option<RequestId>,
}

impl RpcProblem {
    /// A request that cannot be taken.
    pub fn request(status: StatusCode, message: impl Into<String>) -> Self {
        let code = ErrorCode::INVALID_REQUEST;
        Self { status, code, message: message.into(), data: None, id: None }
    }

    /// The answer.
    pub fn into_response(self) -> Response {
        let error = ErrorData::new(self.code, self.message, self.data);
        let body = serde_json::to_vec(&JsonRpcError::new(self.id, error)).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A problem of the server's other routes, such as a body that is too large, as an error of
/// JSON-RPC; other answers as they are.
pub async fn told_anew(response: Response) -> Response {
    let is_problem = response.headers().get(header::CONTENT_TYPE);
    if is_problem.is_none_or(|value| value != PROBLEM) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let is_servers =
        parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
    let told = RpcProblem {
        status: parts.status,
        code: if is_servers { ErrorCode::INTERNAL_ERROR } else { ErrorCode::INVALID_REQUEST },
        message: problem["detail"].as_str().unwrap_or_default().to_owned(),
        data: Some(json!({ "code": problem["code"] })),
        id: None,
    };
    let (told, body) = told.into_response().into_parts();
    // Such as when to come again, or that the connection ends.
    parts.headers.extend(told.headers);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::new(body))
}
