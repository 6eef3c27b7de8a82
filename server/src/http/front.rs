//! `GET /front.html`: the first tiles of the shop's page as HTML, for the seconds until the
//! program that ranks on the device is there.
//!
//! Like the manifest it is the same for everyone and asked for by every page, whatever its
//! shopper did. It is a document of its own since the kept page (`web/sw.js`) would
//! otherwise change with every price.

pub(super) mod html;

use std::sync::{Arc, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use vitrine_publish::compress_quickly;

use super::assets::accepts_brotli;
use super::error::ApiError;
use super::state::AppState;
use crate::clock::now_seconds;
use crate::live::{Front, Live};
use crate::rules::PageRules;

/// The fragment, never cached: what a browser need not ask for again would tell when it
/// was here last.
pub async fn front(
    State(state): State<Arc<AppState>>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let live = state.live()?;
    let front = made(&live);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Encoding"),
    ];
    Ok(match accepts_brotli(&asked) {
        true => {
            let encoding = [(header::CONTENT_ENCODING, "br")];
            (headers, encoding, front.compressed.clone()).into_response()
        }
        false => (headers, front.bytes.clone()).into_response(),
    })
}

/// The fragment of what is served, made once until a rule begins or ends.
fn made(live: &Live) -> Arc<Front> {
    let now_seconds = now_seconds();
    let mut kept = live.front.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(front) = kept.as_ref().filter(|front| now_seconds < front.until_seconds) {
        return Arc::clone(front);
    }
    let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
    let rules = &*live.rules;
    let locale = live.language.code();
    let page = PageRules { rules, rows: &rows, locale, now_seconds };
    let bytes = html::front(&live.manifest, &page).into_bytes();
    let front = Arc::new(Front {
        until_seconds: rules.next_change_seconds(now_seconds).unwrap_or(i64::MAX),
        compressed: compress_quickly(&bytes).into(),
        bytes: bytes.into(),
    });
    *kept = Some(Arc::clone(&front));
    front
}
