//! The network through `fetch`: same origin, no credentials, no referrer.

use async_trait::async_trait;
use js_sys::Uint8Array;
use vitrine_session::{Response, Transport, TransportError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit,
    RequestMode, RequestRedirect,
};

/// An answer that takes longer counts as none.
const TIMEOUT_MS: u32 = 30_000;
/// Shards never change, so the browser may keep them; all else is asked anew.
const SHARD_PATH: &str = "/v1/shards/";

/// `fetch` of the page's own origin. Sends no cookie, credential or referrer,
/// follows no redirect, and adds no header but the content type of a search.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

#[async_trait(?Send)]
impl Transport for FetchTransport {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        fetch(path, None).await.map_err(|error| no_answer(path, &error))
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        fetch(path, Some(body)).await.map_err(|error| no_answer(path, &error))
    }
}

async fn fetch(path: &str, body: Option<&str>) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or_else(|| JsValue::from_str("no window"))?;
    let request = Request::new_with_str_and_init(path, &options(path, body)?)?;
    let response = JsFuture::from(window.fetch_with_request(&request)).await?;
    let response: web_sys::Response = response.dyn_into()?;
    let bytes_on_wire = response.headers().get("content-length")?;
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Response {
        status: response.status(),
        body: Uint8Array::new(&buffer).to_vec(),
        bytes_on_wire: bytes_on_wire.and_then(|length| length.parse().ok()),
    })
}

fn options(path: &str, body: Option<&str>) -> Result<RequestInit, JsValue> {
    let options = RequestInit::new();
    options.set_mode(RequestMode::SameOrigin);
    options.set_credentials(RequestCredentials::Omit);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_redirect(RequestRedirect::Error);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let keep = path.starts_with(SHARD_PATH);
    options.set_cache(if keep { RequestCache::Default } else { RequestCache::NoStore });
    if let Some(body) = body {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        options.set_method("POST");
        options.set_headers(&headers);
        options.set_body(&JsValue::from_str(body));
    }
    Ok(options)
}

fn no_answer(path: &str, error: &JsValue) -> TransportError {
    TransportError { path: path.to_owned(), reason: crate::indexed_db::describe(error) }
}
