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
/// What never changes, so that the browser may keep it; all else is asked anew.
const IMMUTABLE: [&str; 2] = ["/v1/shards/", "/v1/pictures/"];

/// `fetch` of the page's own origin. Sends no cookie, credential or referrer,
/// follows no redirect, and adds no header but the content type of a search.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

#[async_trait(?Send)]
impl Transport for FetchTransport {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        Call { path, body: None, bearer: None }.send().await
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        Call { path, body: Some(body), bearer: None }.send().await
    }

    /// `navigator.connection` (Network Information, where the browser has it): its
    /// `saveData`, or an `effectiveType` below 4g.
    fn saves_data(&self) -> bool {
        let of = |object: &JsValue, name: &str| {
            js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
        };
        let Some(window) = web_sys::window() else { return false };
        let connection = of(&window.navigator(), "connection");
        if !connection.is_object() {
            return false;
        }
        let speed = of(&connection, "effectiveType").as_string();
        of(&connection, "saveData").is_truthy() || speed.is_some_and(|speed| speed != "4g")
    }
}

/// One request to the page's own origin.
pub(crate) struct Call<'a> {
    /// Absolute path.
    pub path: &'a str,
    /// JSON to POST; without it the request is a GET.
    pub body: Option<&'a str>,
    /// The admin token. The shop's transport has none to send.
    pub bearer: Option<&'a str>,
}

impl Call<'_> {
    pub async fn send(&self) -> Result<Response, TransportError> {
        self.fetch().await.map_err(|error| TransportError {
            path: self.path.to_owned(),
            reason: crate::indexed_db::describe(&error),
        })
    }

    async fn fetch(&self) -> Result<Response, JsValue> {
        let window = web_sys::window().ok_or_else(|| JsValue::from_str("no window"))?;
        let request = Request::new_with_str_and_init(self.path, &self.options()?)?;
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

    fn options(&self) -> Result<RequestInit, JsValue> {
        let options = RequestInit::new();
        options.set_mode(RequestMode::SameOrigin);
        options.set_credentials(RequestCredentials::Omit);
        options.set_referrer_policy(ReferrerPolicy::NoReferrer);
        options.set_redirect(RequestRedirect::Error);
        options.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
        let keep = IMMUTABLE.iter().any(|path| self.path.starts_with(path));
        options.set_cache(if keep { RequestCache::Default } else { RequestCache::NoStore });
        if self.body.is_none() && self.bearer.is_none() {
            return Ok(options);
        }
        let headers = Headers::new()?;
        if let Some(token) = self.bearer {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        if let Some(body) = self.body {
            headers.set("content-type", "application/json")?;
            options.set_method("POST");
            options.set_body(&JsValue::from_str(body));
        }
        options.set_headers(&headers);
        Ok(options)
    }
}
