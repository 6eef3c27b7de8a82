//! The web bundle, embedded in the binary, and its Content-Security-Policy.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// `web/dist` as Trunk left it, each file with a `.br` beside it.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Bundle;

const SHOP: &str = "index.html";
const STUDIO: &str = "studio/index.html";

/// The shop's page: the same document for every route, so that a route tells
/// the server nothing.
pub async fn shop(headers: HeaderMap) -> Result<Response, ApiError> {
    asset(SHOP, &headers)
}

/// The shop's page as text.
pub fn shop_page() -> String {
    let page = Bundle::get(SHOP).map(|file| file.data).unwrap_or_default();
    String::from_utf8_lossy(&page).into_owned()
}

/// The Studio's page.
pub async fn studio(headers: HeaderMap) -> Result<Response, ApiError> {
    asset(STUDIO, &headers)
}

/// Any other file of the bundle.
pub async fn file(
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(path) = path.map_err(|_| ApiError::NotFound)?;
    asset(&path, &headers)
}

fn asset(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    if path.ends_with(".br") {
        return Err(ApiError::NotFound);
    }
    let compressed = accepts_brotli(headers).then(|| Bundle::get(&format!("{path}.br"))).flatten();
    let encoded = compressed.is_some();
    let file = compressed.or_else(|| Bundle::get(path)).ok_or(ApiError::NotFound)?;
    let mut response = file.data.into_owned().into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if encoded {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(path)));
    Ok(response)
}

/// Whether the client takes brotli.
pub fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next().is_some_and(|coding| coding.eq_ignore_ascii_case("br"))
                && !words.any(is_refusal)
        })
}

/// Whether a parameter says that what it stands beside is not wanted: "q=0", "Q=0.000".
fn is_refusal(parameter: &str) -> bool {
    let weight =
        parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    weight.is_some_and(|(_, value)| value.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0))
}

/// Trunk puts a content hash in the names of scripts, wasm and styles.
fn cache_control(path: &str) -> &'static str {
    let hashed = path
        .split(['-', '.', '_'])
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if hashed { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// The policy of every response: nothing from elsewhere, no inline script but
/// those of the two pages, by hash.
pub fn content_security_policy() -> String {
    let hash = |script: &str| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
    let pages = [SHOP, STUDIO].into_iter().filter_map(Bundle::get);
    let hashes: String = pages
        .flat_map(|page| {
            let page = String::from_utf8_lossy(&page.data);
            inline_scripts(&page).map(hash).collect::<Vec<_>>()
        })
        .collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Bodies of `<script>` elements without `src`.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (body, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !body.is_empty()).then_some(body)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let page = "<script src=\"a.js\"></script><script type=\"module\">let a;</script>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["let a;"]);
    }

    #[test]
    fn brotli_is_sent_only_where_it_is_accepted() {
        let headers = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };
        for accepted in ["gzip, br;q=0.9", "br", "BR", "br ; q=1", "br;q=0.001"] {
            assert!(accepts_brotli(&headers(accepted)), "{accepted}");
        }
        for refused in ["gzip, br;q=0", "br;q=0.0", "br; q=0.000", "br ;Q = 0", "brx", ""] {
            assert!(!accepts_brotli(&headers(refused)), "{refused}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        assert!(cache_control("vitrine-0a1b2c3d4e5f_bg.wasm").contains("immutable"));
        assert_eq!(cache_control("index.html"), "no-cache");
        assert_eq!(cache_control("sw.js"), "no-cache");
    }
}
