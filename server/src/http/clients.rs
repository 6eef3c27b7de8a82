//! The shop's own systems, told by their API keys.

use axum::http::{HeaderMap, header};

use super::error::ApiError;
use super::state::AppState;
use crate::keys::KeyScope;

/// Among the extensions of a request that an API key let in before its body was read.
#[derive(Clone, Copy, Debug)]
pub struct AuthorisedClient;

/// Lets in whoever has a key with `scope`; the name of the key.
///
/// # Errors
/// There is no key, it is unknown, it is for something else, or it asks too often.
pub fn authorise(
    state: &AppState,
    headers: &HeaderMap,
    scope: KeyScope,
) -> Result<String, ApiError> {
    let token = bearer(headers).ok_or(ApiError::KeyMissing)?;
    Ok(state.keys.authorise(token, scope, state.uptime_ms())?)
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim_start())
}
