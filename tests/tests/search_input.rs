//! Whatever is typed or sent, the server answers: with results, or with a
//! problem that has a code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::path::Path;

use serde_json::{Value, json};
use ureq::Agent;
use vitrine_tests::{Server, SmallShop};
use vitrine_wire::decode_search_reply;

/// Texts that must be answered like any other.
const TEXTS: [&str; 14] = [
    "",
    " \t\n",
    "\u{0}\u{1}\u{7f}",
    "مقال رقم",
    "\u{202e}elcitra\u{202c} number",
    "🍕🍕🍕",
    "👩‍👩‍👧‍👦 article",
    "'; DROP TABLE items; --",
    "<script>alert(1)</script>",
    "title:* AND (price:[0 TO 10]",
    "{\"$gt\": \"\"}",
    "../../etc/passwd%00",
    "under $ $ or less between and -",
    "\"\"\" \"under 5\" \"",
];

struct Client {
    server: Server,
    agent: Agent,
}

impl Client {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("search-input");
        let shop = SmallShop::create(&folder).unwrap();
        shop.import("Bad input").unwrap();
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { server: Server::start(&shop.data_dir).unwrap(), agent }
    }

    fn post(&self, body: &[u8]) -> (u16, Vec<u8>) {
        let request = self.agent.post(format!("{}/v1/search", self.server.base));
        let mut response = request.content_type("application/json").send(body).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    fn search(&self, query: &Value) -> (u16, Vec<u8>) {
        self.post(query.to_string().as_bytes())
    }

    fn suggest(&self, parameters: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/v1/suggest", self.server.base);
        let request = self.agent.get(url).query_pairs(parameters.iter().copied());
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_json().unwrap())
    }
}

fn code(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap();
    assert!(problem["detail"].as_str().is_some_and(|words| !words.is_empty()), "{problem}");
    problem["code"].as_str().unwrap().to_owned()
}

#[test]
fn any_text_is_answered_and_any_nonsense_is_a_typed_problem() {
    let client = Client::start();
    for text in TEXTS {
        let query = json!({ "text": text, "facets": true, "explain": true });
        let (status, body) = client.search(&query);
        assert_eq!(status, 200, "{text:?}: {}", String::from_utf8_lossy(&body));
        let reply = decode_search_reply(&body).unwrap();
        // Every product is an "article number"; nothing typed is every product.
        let words = ["article", "number"];
        if text.trim().is_empty() || words.iter().any(|word| text.contains(word)) {
            assert_eq!(reply.n_total, 200, "{text:?}");
        }
        let (status, _) = client.suggest(&[("q", text)]);
        assert_eq!(status, 200, "{text:?}");
    }

    let long = "article ".repeat(1_250);
    let (status, body) = client.search(&json!({ "text": long }));
    assert_eq!((status, code(&body).as_str()), (422, "query_invalid"));
    // Again and again over the same connection, which must not break off.
    for n_bytes in (100_000..1_000_000).step_by(30_000) {
        let (status, body) = client.search(&json!({ "text": "x".repeat(n_bytes) }));
        assert_eq!((status, code(&body).as_str()), (413, "body_too_large"), "{n_bytes}");
    }
    let (status, body) = client.post(b"{\"text\": \"\xff\xfe\x00\"}");
    assert_eq!((status, code(&body).as_str()), (400, "body_invalid"));
    let (status, body) = client.search(&json!({ "text": "article", "history": [1, 2] }));
    assert_eq!((status, code(&body).as_str()), (400, "body_invalid"));
    let (status, body) = client.search(&json!({ "text": "article", "sort": "by_colour" }));
    assert_eq!((status, code(&body).as_str()), (400, "body_invalid"));

    let prices = json!({ "price_minor_min": 500, "price_minor_max": 100 });
    let (status, body) = client.search(&json!({ "text": "article", "filters": prices }));
    assert_eq!((status, code(&body).as_str()), (422, "prices_inverted"));
    let brands = json!({ "departments": vec!["Tools"; 101] });
    let (status, body) = client.search(&json!({ "text": "article", "filters": brands }));
    assert_eq!((status, code(&body).as_str()), (422, "query_invalid"));

    for parameters in
        [&[("q", long.as_str())][..], &[("q", "a"), ("limit", "21")], &[], &[("p", "a")]]
    {
        let (status, problem) = client.suggest(parameters);
        assert_eq!((status, problem["code"].as_str()), (422, Some("query_invalid")), "{problem}");
    }
    let (status, reply) = client.suggest(&[("q", "art"), ("limit", "3")]);
    let suggestions = reply["suggestions"].as_array().unwrap();
    assert_eq!((status, suggestions.len()), (200, 3), "{reply}");
}
