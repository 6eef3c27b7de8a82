//! The contract: `GET /openapi.json`, and `GET /docs` for people.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../openapi.json");
const STYLE: &str = include_str!("docs.css");

/// `GET /openapi.json`.
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

/// `GET /docs/style.css`.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], STYLE).into_response()
}

/// `GET /docs`: the same document, readable.
pub async fn page() -> Response {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    Html(render(&document)).into_response()
}

fn render(document: &Value) -> String {
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Vitrine: HTTP interface</title>\
         <link rel=\"stylesheet\" href=\"/docs/style.css\"><main><h1>Vitrine: HTTP interface</h1>",
    );
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let _ = write!(out, "<p>{}</p>", text(&document["info"]["description"]));
    out.push_str("<p>For machines: <a href=\"/openapi.json\">openapi.json</a>.</p>");
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let _ = write!(
                out,
                "<section><h2><code>{} {}</code></h2><p>{}.</p><p>{}</p>",
                method.to_uppercase(),
                escape(path),
                text(&operation["summary"]),
                text(&operation["description"])
            );
            if let Some(needed) = needed(&operation["security"]) {
                let _ =
                    write!(out, "<p>Needs <code>Authorization: Bearer</code> with {needed}.</p>");
            }
            examples(&mut out, "Sends", &operation["requestBody"]["content"]);
            examples(&mut out, "Gets", &operation["responses"]["200"]["content"]);
            out.push_str("<ul>");
            for status in operation["responses"].as_object().into_iter().flatten().map(|r| r.0) {
                let _ = write!(out, "<li><code>{status}</code></li>");
            }
            out.push_str("</ul></section>");
        }
    }
    out.push_str("<h2>Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            out,
            "<details id=\"{0}\"><summary><code>{0}</code></summary><pre tabindex=\"0\">{1}</pre></details>",
            escape(name),
            escape(&pretty)
        );
    }
    out.push_str("</main></html>");
    out
}

/// What opens an operation; `None` where nothing is needed.
fn needed(security: &Value) -> Option<String> {
    let (scheme, scopes) = security.get(0)?.as_object()?.iter().next()?;
    let scopes: Vec<_> = scopes.as_array()?.iter().filter_map(Value::as_str).collect();
    match scheme.as_str() {
        "key" => Some(format!("an API key for <code>{}</code>", escape(&scopes.join(" ")))),
        _ => Some("the admin token".to_owned()),
    }
}

/// The examples of a body, each with its media type.
fn examples(out: &mut String, verb: &str, content: &Value) {
    for (media_type, body) in content.as_object().into_iter().flatten() {
        let example = match &body["example"] {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            example => serde_json::to_string_pretty(example).unwrap_or_default(),
        };
        let (media_type, example) = (escape(media_type), escape(&example));
        let _ = write!(
            out,
            "<p>{verb} <code>{media_type}</code>:</p><pre tabindex=\"0\">{example}</pre>"
        );
    }
}

/// Text inside an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
