//! The contract: `GET /openapi.json`, and `GET /docs` for people.

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
            if operation.get("security").is_some() {
                out.push_str(
                    "<p>Needs <code>Authorization: Bearer</code> with the admin token.</p>",
                );
            }
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

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Serialize;
    use vitrine_domain::{
        CandidateSource, CategoryChance, Correction, Event, EventKind, Facet, Facets, Filters,
        FreeOfCount, ItemId, Page, PriceRange, Query, Ranked, ReadFilter, Relaxed, Sort, Synonym,
    };
    use vitrine_studio_api::Course;
    use vitrine_suggest::Suggestion;
    use vitrine_wire::{Contribution, ProblemDetails, QueryIntent, SearchHit, SearchReply};

    use super::*;

    use crate::http::suggest::SuggestReply;

    fn properties(name: &str) -> BTreeSet<String> {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let schema = &document["components"]["schemas"][name]["properties"];
        schema.as_object().unwrap_or_else(|| panic!("{name}")).keys().cloned().collect()
    }

    fn fields(value: &impl Serialize) -> BTreeSet<String> {
        let value = serde_json::to_value(value).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_document_names_every_field_of_the_types_on_the_wire() {
        let hit = SearchHit {
            item: ItemId(1),
            score: 1.0,
            sources: vec![CandidateSource::Lexical],
            title: String::new(),
            department: String::new(),
            category: String::new(),
            brand: String::new(),
            size: String::new(),
            price_minor: 0,
            availability: vitrine_domain::Availability::InStock,
            n_buyers: 0,
            n_buyers_recent: 0,
            picture: 0,
            code: Vec::new(),
            unconfirmed: vec![String::new()],
            explanation: vec![Contribution::default()],
        };
        assert_eq!(properties("Contribution"), fields(&Contribution::default()));
        assert_eq!(properties("Correction"), fields(&Correction::default()));
        assert_eq!(properties("SearchHit"), fields(&hit));
        assert_eq!(properties("QueryIntent"), fields(&QueryIntent::default()));
        assert_eq!(properties("CategoryChance"), fields(&CategoryChance::default()));
        let reply = SearchReply {
            corrections: vec![Correction::default()],
            filters_read: vec![ReadFilter::default()],
            synonyms: vec![Synonym::default()],
            relaxed: vec![Relaxed::default()],
            free_of: vec![FreeOfCount::default()],
            intent: Some(QueryIntent::default()),
            facets: Some(Facets::default()),
            ..SearchReply::default()
        };
        assert_eq!(properties("SearchReply"), fields(&reply));
        let query =
            Query { sort: Sort::Popularity, explain: true, facets: true, ..Query::default() };
        assert_eq!(properties("Query"), fields(&query));
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let sorts = &document["components"]["schemas"]["Query"]["properties"]["sort"]["enum"];
        assert_eq!(*sorts, serde_json::json!(Sort::ALL.map(Sort::name)));
        assert_eq!(*sorts, serde_json::json!(Sort::ALL));
        assert_eq!(properties("ReadFilter"), fields(&ReadFilter::default()));
        assert_eq!(properties("Synonym"), fields(&Synonym::default()));
        assert_eq!(properties("Relaxed"), fields(&Relaxed::default()));
        assert_eq!(properties("FreeOfCount"), fields(&FreeOfCount::default()));
        assert_eq!(
            properties("Facets"),
            fields(&Facets { categories: vec![Facet::default()], ..Facets::default() })
        );
        assert_eq!(properties("Facet"), fields(&Facet::default()));
        assert_eq!(properties("PriceRange"), fields(&PriceRange::default()));
        assert_eq!(
            properties("Filters"),
            fields(&Filters {
                categories: vec![String::new()],
                free_of: vec![String::new()],
                ..Filters::default()
            })
        );
        let suggestion = Suggestion { item: Some(ItemId(1)), ..Suggestion::default() };
        assert_eq!(properties("Suggestion"), fields(&suggestion));
        assert_eq!(properties("SuggestReply"), fields(&SuggestReply::default()));
        assert_eq!(properties("Page"), fields(&Page::default()));
        assert_eq!(properties("Ranked"), fields(&Ranked { item: ItemId(1), score: 0.0 }));
        let problem = ProblemDetails {
            kind: String::new(),
            title: String::new(),
            status: 0,
            detail: String::new(),
            code: String::new(),
        };
        assert_eq!(properties("Problem"), fields(&problem));
        assert_eq!(properties("Course"), fields(&Course::default()));
        let event = Event { kind: EventKind::ViewItem, item: ItemId(1), at_ms: 0 };
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let described = &document["components"]["schemas"]["Persona"]["properties"]["events"];
        let described = described["items"]["properties"].as_object().unwrap();
        assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), fields(&event));
    }

    #[test]
    fn every_reference_in_the_document_resolves() {
        fn walk(document: &Value, value: &Value) {
            match value {
                Value::Object(map) => map.iter().for_each(|(key, value)| match value.as_str() {
                    Some(target) if key == "$ref" => {
                        assert!(document.pointer(&target[1..]).is_some(), "{target}");
                    }
                    _ => walk(document, value),
                }),
                Value::Array(list) => list.iter().for_each(|value| walk(document, value)),
                _ => {}
            }
        }
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        walk(&document, &document);
    }
}
