//! The transport: one message a POST, each answered with one JSON object. `rmcp` speaks the
//! protocol in all its revisions; what it would answer in plain words is put into JSON-RPC here.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use rmcp::ServerHandler;
use rmcp::model::{CallToolRequestParams, ErrorCode, RequestId};
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use serde_json::Value;

use super::errors::RpcProblem;

/// Most of a refusal in plain words that is read.
const REFUSAL_BYTES_MAX: usize = 16 << 10;
const JSON: &str = "application/json";

/// Answers messages by a handler that is made anew for each.
pub struct McpEndpoint<H: ServerHandler> {
    service: StreamableHttpService<H, NeverSessionManager>,
}

impl<H: ServerHandler + Send + 'static> McpEndpoint<H> {
    /// An endpoint without sessions and streams.
    pub fn new(handler: impl Fn() -> H + Send + Sync + 'static, bytes_max: usize) -> Self {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_sse_keep_alive(None)
            .with_sse_retry(None)
            .with_max_request_body_bytes(bytes_max)
            // Which name a shop is reached by is not known here. What a page of another site could
            // do with a name of its own, the check of origins forbids.
            .disable_allowed_hosts()
            .enforce_origin_validation();
        let sessions = Arc::new(NeverSessionManager::default());
        Self { service: StreamableHttpService::new(move || Ok(handler()), sessions, config) }
    }

    /// Answers one message, whose body was read within its limits.
    pub async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let message = match readable(&parts.headers, &bytes) {
            Ok(message) => message,
            Err(problem) => return problem.into_response(),
        };
        let request = Request::from_parts(parts, Body::from(bytes));
        let response = self.service.handle(request).await.map(Body::new);
        in_json_rpc(response, id_of(&message)).await
    }
}

/// Whether a request comes from a page: no page has any business here, and one that has a name
/// of its own point to this server is another site's (DNS rebinding).
pub fn comes_from_a_page(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
}

/// The message, once it is one that the protocol knows.
fn readable(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, RpcProblem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).map_or("", str::trim);
    if !media_type.eq_ignore_ascii_case(JSON) {
        let advice = "send the message as application/json";
        return Err(RpcProblem::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, advice));
    }
    let message: Value = serde_json::from_slice(bytes).map_err(|error| RpcProblem {
        code: ErrorCode::PARSE_ERROR,
        ..RpcProblem::request(StatusCode::BAD_REQUEST, format!("the body is no JSON: {error}"))
    })?;
    if message.is_array() {
        let advice = "batches are not part of the protocol any more: send each message by itself";
        return Err(RpcProblem::request(StatusCode::BAD_REQUEST, advice));
    }
    let is_call = message["method"] == "tools/call";
    let params = message.get("params").cloned().unwrap_or(Value::Null);
    if is_call && let Err(error) = serde_json::from_value::<CallToolRequestParams>(params) {
        let advice = format!(
            "params of tools/call are the name of a tool, a text, and its arguments, an object: {error}"
        );
        return Err(RpcProblem {
            code: ErrorCode::INVALID_PARAMS,
            id: id_of(&message),
            ..RpcProblem::request(StatusCode::BAD_REQUEST, advice)
        });
    }
    Ok(message)
}

fn id_of(message: &Value) -> Option<RequestId> {
    serde_json::from_value(message.get("id")?.clone()).ok()
}

/// A refusal in plain words as an error of JSON-RPC; other answers as they are.
async fn in_json_rpc(response: Response, id: Option<RequestId>) -> Response {
    let status = response.status();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let is_json = media_type.is_some_and(|value| value.as_bytes().starts_with(JSON.as_bytes()));
    if is_json || status.is_success() {
        return response;
    }
    let body = to_bytes(response.into_body(), REFUSAL_BYTES_MAX).await.unwrap_or_default();
    let words = String::from_utf8_lossy(&body).into_owned();
    let problem = match status {
        // The media type was right, so that the message was not.
        StatusCode::UNSUPPORTED_MEDIA_TYPE => RpcProblem::request(
            StatusCode::BAD_REQUEST,
            "this is no message of JSON-RPC 2.0: it has `jsonrpc`, `method`, and `id` if it is a request",
        ),
        _ => RpcProblem::request(status, words),
    };
    RpcProblem { id, ..problem }.into_response()
}
