//! The network through `fetch`, of a page or of a worker: no credentials, no referrer.

use async_trait::async_trait;
use js_sys::{Promise, Uint8Array};
use vitrine_session::{Response, Transport, TransportError};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit,
    RequestMode, RequestRedirect,
};

use crate::globals;

/// An answer that takes longer counts as none.
const TIMEOUT_MS: u32 = 30_000;
/// What never changes, so that the browser may keep it; all else is asked anew.
const IMMUTABLE: [&str; 2] = ["/v1/shards/", "/v1/pictures/"];

/// `fetch` of one origin. Sends no cookie, credential or referrer, follows no redirect, and
/// adds no header but the content type of a search.
#[derive(Clone, Debug, Default)]
pub struct FetchTransport {
    server: Option<String>,
}

impl FetchTransport {
    /// Asks the page's own origin.
    pub fn same_origin() -> Self {
        Self::default()
    }

    /// Asks another origin ("https://search.shop.example"), which has to allow it by CORS.
    /// The browser tells it the page's origin, and no more of its address.
    pub fn of_server(origin: impl Into<String>) -> Self {
        Self { server: Some(origin.into()) }
    }

    fn call<'a>(&'a self, path: &'a str, body: Option<&'a str>) -> Call<'a> {
        Call { server: self.server.as_deref(), path, body, replaces: false, bearer: None }
    }
}

#[wasm_bindgen]
extern "C" {
    /// The global function, which windows and workers have.
    #[wasm_bindgen(catch)]
    fn fetch(request: &Request) -> Result<Promise, JsValue>;
}

#[async_trait(?Send)]
impl Transport for FetchTransport {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        self.call(path, None).send().await
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        self.call(path, Some(body)).send().await
    }

    /// `navigator.connection` (Network Information, where the browser has it): its
    /// `saveData`, or an `effectiveType` below 4g.
    fn saves_data(&self) -> bool {
        let of = |object: &JsValue, name: &str| {
            js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
        };
        let Some(navigator) = globals::property::<JsValue>("navigator") else { return false };
        let connection = of(&navigator, "connection");
        if !connection.is_object() {
            return false;
        }
        let speed = of(&connection, "effectiveType").as_string();
        of(&connection, "saveData").is_truthy() || speed.is_some_and(|speed| speed != "4g")
    }
}

/// One request.
pub(crate) struct Call<'a> {
    /// Origin that it goes to; `None` is the page's own.
    pub server: Option<&'a str>,
    /// Absolute path.
    pub path: &'a str,
    /// JSON to POST; without it the request is a GET.
    pub body: Option<&'a str>,
    /// Whether the body is PUT.
    pub replaces: bool,
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
        let address = format!("{}{}", self.server.unwrap_or_default(), self.path);
        let request = Request::new_with_str_and_init(&address, &self.options()?)?;
        let response = JsFuture::from(fetch(&request)?).await?;
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
        options.set_mode(match self.server {
            None => RequestMode::SameOrigin,
            Some(_) => RequestMode::Cors,
        });
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
            options.set_method(if self.replaces { "PUT" } else { "POST" });
            options.set_body(&JsValue::from_str(body));
        }
        options.set_headers(&headers);
        Ok(options)
    }
}
