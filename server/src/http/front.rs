//! `GET /front.html`: the first tiles of the shop's page as HTML, for the seconds until the
//! program that ranks on the device is there.
//!
//! Like the manifest it is the same for everyone and asked for by every page, whatever its
//! shopper did. It is a document of its own since the kept page (`web/sw.js`) would
//! otherwise change with every price.

pub(super) mod html;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use vitrine_publish::compress_quickly;

use super::assets::accepts_brotli;
use super::error::ApiError;
use super::state::AppState;
use crate::clock::now_seconds;
use crate::live::Front;

/// The fragment, never cached: what a browser need not ask for again would tell when it
/// was here last.
pub async fn front(
    State(state): State<Arc<AppState>>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let live = state.live()?;
    let front = live.front.get_or_init(|| {
        let rows = live.rows.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bytes = html::front(&live.manifest, &rows, now_seconds()).into_bytes();
        Front { compressed: compress_quickly(&bytes).into(), bytes: bytes.into() }
    });
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
