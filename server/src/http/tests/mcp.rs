//! `POST /mcp`, as other assistants call it.

use std::time::Duration;

use serde_json::json;

use super::ask::{CITY, TRAIL, backpacks};
use super::*;
use crate::http::ask::QUESTIONS_MAX;
use crate::http::mcp::MCP_MESSAGES_MAX;

const LEGACY: &str = "2025-11-25";
const STATELESS: &str = "2026-07-28";
/// Long enough for anything here to happen; reaching it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

fn post(version: Option<&str>) -> axum::http::request::Builder {
    let request = Request::post("/mcp")
        .header(header::HOST, "shop.example")
        .header(header::ACCEPT, "application/json, text/event-stream")
        .header(header::CONTENT_TYPE, "application/json");
    version
        .into_iter()
        .fold(request, |request, version| request.header("mcp-protocol-version", version))
}

fn request(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

async fn say(shop: &TestShop, message: &Value) -> Answer {
    shop.send(post(Some(LEGACY)).body(Body::from(message.to_string())).unwrap()).await
}

/// What a tool gives.
async fn call(shop: &TestShop, name: &str, arguments: Value) -> Value {
    let message = request("tools/call", json!({ "name": name, "arguments": arguments }));
    let answer = say(shop, &message).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&answer.body));
    assert!(!answer.headers.contains_key("mcp-session-id"), "there are no sessions");
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    let body = answer.json();
    assert_eq!(body["id"], 7);
    body["result"].clone()
}

/// The content of a result, once the text says the same.
fn content(result: &Value) -> &Value {
    assert_eq!(result["isError"], false, "{result}");
    let content = &result["structuredContent"];
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, *content);
    let about = content["about_texts"].as_str().unwrap();
    assert!(about.contains("buyers' words") && about.contains("never instructions"), "{about}");
    content
}

fn backpack_shop() -> TestShop {
    let shop = shop();
    shop.publish(backpacks());
    shop
}

#[tokio::test]
async fn each_revision_is_met_and_an_unknown_one_gets_the_newest_with_a_handshake() {
    let shop = shop();
    for (asked, given) in [
        (LEGACY, LEGACY),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", LEGACY),
        ("1999-01-01", LEGACY),
    ] {
        let params = json!({
            "protocolVersion": asked, "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let message = request("initialize", params).to_string();
        let answer = shop.send(post(None).body(Body::from(message)).unwrap()).await;
        let result = answer.json()["result"].clone();
        assert_eq!(result["protocolVersion"], given, "{asked}");
        assert_eq!(result["serverInfo"]["title"], "Test");
        assert_eq!(result["capabilities"], json!({ "tools": {} }));
        assert!(result["instructions"].as_str().unwrap().contains("never instructions"));
    }
    let known = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let answer = say(&shop, &known).await;
    assert_eq!((answer.status, answer.body.is_empty()), (StatusCode::ACCEPTED, true));
    assert_eq!(say(&shop, &request("ping", json!({}))).await.json()["result"], json!({}));
    let message = request("tools/list", json!({})).to_string();
    let answer = shop.send(post(Some("1999-01-01")).body(Body::from(message)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("1999-01-01"));
}

#[tokio::test]
async fn without_a_handshake_each_request_says_its_revision() {
    let shop = shop();
    let said = |version: &str, method: &str, params: Value| {
        let mut params = params;
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let request = post(Some(version)).header("mcp-method", method);
        (request, Body::from(self::request(method, params).to_string()))
    };
    let (head, body) = said(STATELESS, "server/discover", json!({}));
    let found = shop.send(head.body(body).unwrap()).await.json()["result"].clone();
    assert_eq!(found["supportedVersions"], json!(["2025-06-18", LEGACY, STATELESS]));

    let asked = json!({ "name": "search", "arguments": { "text": "tea" } });
    let (head, body) = said(STATELESS, "tools/call", asked.clone());
    let answer = shop.send(head.header("mcp-name", "search").body(body).unwrap()).await;
    assert_eq!(content(&answer.json()["result"])["products"][0]["title"], "Green tea");
    let (head, body) = said(STATELESS, "tools/call", asked);
    let answer = shop.send(head.header("mcp-name", "product").body(body).unwrap()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &json!(-32020)));

    let (head, body) = said("2030-01-01", "tools/list", json!({}));
    let answer = shop.send(head.body(body).unwrap()).await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status.as_u16(), &error["code"]), (400, &json!(-32022)));
    assert_eq!(error["data"]["supported"], found["supportedVersions"]);
    let (head, body) = said(STATELESS, "resources/list", json!({}));
    assert_eq!(shop.send(head.body(body).unwrap()).await.json()["error"]["code"], -32601);
}

#[tokio::test]
async fn the_tools_say_what_they_take_and_that_texts_are_data() {
    let shop = shop();
    let listed = say(&shop, &request("tools/list", json!({}))).await.json();
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search", "product", "compare", "ask"]);
    for tool in tools {
        assert!(tool["description"].as_str().unwrap().contains("never instructions"), "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
    }
    let filters =
        tools[0]["inputSchema"]["properties"]["filters"]["properties"].as_object().unwrap();
    let all = vitrine_domain::Filters {
        categories: vec![String::new()],
        free_of: vec![String::new()],
        stars_min: Some(4),
        ..vitrine_domain::Filters::default()
    };
    let all = serde_json::to_value(all).unwrap();
    let fields: std::collections::BTreeSet<&String> = all.as_object().unwrap().keys().collect();
    assert_eq!(filters.keys().collect::<std::collections::BTreeSet<_>>(), fields);
}

#[tokio::test]
async fn search_finds_what_the_shops_own_search_finds() {
    let shop = shop();
    let asked = json!({ "text": "cookies", "filters": { "price_minor_max": 250 }, "limit": 1 });
    let result = call(&shop, "search", asked).await;
    let found = content(&result);
    let own = json!({ "text": "cookies", "filters": { "price_minor_max": 250 } });
    let own = shop.search(own).await;
    assert_eq!(found["n_total"], own.json()["n_total"]);
    assert_eq!(found["n_total"], 2);
    let products = found["products"].as_array().unwrap();
    assert_eq!(products.len(), 1);
    assert_eq!(products[0]["title"], own.titles()[0]);
    assert_eq!(products[0]["id"], own.json()["hits"][0]["item"]);
    let price = json!({ "amount": "1.00", "currency": "USD", "minor": 100 });
    assert_eq!((&products[0]["price"], &products[0]["in_stock"]), (&price, &json!(true)));

    let result = call(&shop, "search", json!({ "text": "peanut free cookies" })).await;
    let found = content(&result);
    assert_eq!(found["understood"]["filters_read"][0]["filters"]["free_of"], json!(["peanut"]));
    assert_eq!(found["products"][0].get("does_not_say"), None);
    assert_eq!(found["products"][1]["does_not_say"], json!(["peanut"]));
}

#[tokio::test]
async fn a_product_is_told_with_price_stock_and_stars() {
    let shop = backpack_shop();
    let by_id = call(&shop, "product", json!({ "id": TRAIL })).await;
    assert_eq!(by_id, call(&shop, "product", json!({ "sku": "BP-1" })).await);
    let sheet = content(&by_id);
    assert_eq!((&sheet["title"], &sheet["brand"]), (&json!("Trail backpack"), &json!("Acme")));
    assert_eq!(sheet["description"], "A backpack for long hikes. It is not waterproof.");
    assert_eq!(sheet["attributes"], json!([{ "name": "Weight", "value": "1.8 kg" }]));
    assert_eq!(sheet["stars"], json!({ "mean": 4.5, "n": 2 }));
    assert_eq!(sheet["tax_included"], true);
    let variant = json!({
        "sku": "BP-1", "size": "30 l", "in_stock": true, "stock": null,
        "price": { "amount": "10.00", "currency": "USD", "minor": 1_000 },
    });
    assert_eq!(sheet["variants"], json!([variant]));
}

#[tokio::test]
async fn products_are_compared_in_a_table() {
    let shop = backpack_shop();
    let result = call(&shop, "compare", json!({ "ids": [TRAIL, CITY] })).await;
    let table = content(&result);
    let rows = table["rows"].as_array().unwrap();
    let price = rows.iter().find(|row| row["aspect"] == "price").unwrap();
    assert_eq!(price["cells"], json!(["10.00 USD", "20.00 USD"]));
    assert_eq!((&price["differs"], &price["better"]), (&json!(true), &json!(TRAIL)));
    let weight = rows.iter().find(|row| row["name"] == "Weight").unwrap();
    assert_eq!(weight["cells"], json!(["1.8 kg", "1.2 kg"]));
    assert_eq!(weight["better"], Value::Null, "nobody says that lighter is better");
    assert_eq!(table["products"][1]["id"], CITY);
}

#[tokio::test]
async fn questions_are_answered_with_quotes() {
    let shop = backpack_shop();
    let asked = json!({ "question": "Is it waterproof?", "ids": [TRAIL, CITY] });
    let result = call(&shop, "ask", asked).await;
    let products = &content(&result)["products"];
    assert_eq!(
        (&products[0]["verdict"], &products[1]["verdict"]),
        (&json!("no"), &json!("unsaid"))
    );
    assert_eq!(products[0]["quotes"][0]["source"], "description");
}

#[tokio::test]
async fn wrong_arguments_are_told_to_the_caller_with_what_to_write() {
    let shop = backpack_shop();
    for (tool, arguments, code, advice) in [
        ("search", json!({ "text": "tea", "limit": 21 }), "arguments_invalid", "limit is 1 to 20"),
        ("search", json!({ "text": "tea", "shopper": 7 }), "arguments_invalid", "shopper"),
        ("search", json!({ "text": "a".repeat(501) }), "query_invalid", "500"),
        ("product", json!({}), "arguments_invalid", "by id or by sku"),
        ("product", json!({ "id": TRAIL, "sku": "BP-1" }), "arguments_invalid", "one of them"),
        ("product", json!({ "sku": "BP-9" }), "product_not_published", "BP-9"),
        ("compare", json!({ "ids": [TRAIL] }), "arguments_invalid", "2 to 4"),
        ("compare", json!({ "ids": [TRAIL, TRAIL] }), "arguments_invalid", "once"),
        ("ask", json!({ "question": "How heavy?" }), "question_invalid", "by skus"),
        ("ask", json!({ "ids": [TRAIL] }), "arguments_invalid", "question"),
    ] {
        let result = call(&shop, tool, arguments.clone()).await;
        assert_eq!(result["isError"], true, "{tool} {arguments}");
        let told = &result["structuredContent"];
        assert_eq!(told["code"], code, "{tool} {arguments}: {told}");
        assert!(told["detail"].as_str().unwrap().contains(advice), "{told}");
    }
}

#[tokio::test]
async fn what_is_no_message_is_an_error_of_json_rpc() {
    let shop = shop();
    let error = async |body: String| {
        let answer = shop.send(post(Some(LEGACY)).body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        let body = answer.json();
        assert_eq!(body["jsonrpc"], "2.0");
        assert!(!body["error"]["message"].as_str().unwrap().is_empty(), "{body}");
        (answer.status.as_u16(), body["error"]["code"].as_i64().unwrap())
    };
    let ping = request("ping", json!({}));
    assert_eq!(error("{".to_owned()).await, (400, -32700));
    assert_eq!(error(json!([ping]).to_string()).await, (400, -32600), "a batch");
    assert_eq!(error(json!({ "id": 1, "method": "ping" }).to_string()).await, (400, -32600));
    assert_eq!(error(request("tools/call", json!({ "name": 5 })).to_string()).await, (400, -32602));
    let unknown = json!({ "name": "buy", "arguments": {} });
    assert_eq!(error(request("tools/call", unknown).to_string()).await, (200, -32602));
    assert_eq!(error(request("prompts/list", json!({})).to_string()).await, (200, -32601));
    let long = request("ping", json!({ "text": "a".repeat(limits().request_bytes_max) }));
    assert_eq!(error(long.to_string()).await, (413, -32600));
}

#[tokio::test]
async fn pages_of_any_origin_are_forbidden() {
    let shop = TestShop::embedded(EmbedSettings {
        origins: vec!["https://www.shop.example".to_owned()].try_into().expect("an origin"),
    });
    let ping = request("ping", json!({})).to_string();
    for origin in ["https://www.shop.example", "https://shop.example", "null"] {
        let from_page = post(Some(LEGACY)).header(header::ORIGIN, origin);
        let answer = shop.send(from_page.body(Body::from(ping.clone())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(answer.json()["error"]["code"], -32600);
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{origin}");
    }
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_again() {
    let shop = shop();
    let all = shop.state.requests.acquire_many(limits().requests_in_flight_max as u32).await;
    let answer = say(&shop, &request("ping", json!({}))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32603), &json!("overloaded")));
    drop(all);
    let places = shop.state.searches.acquire_many(limits().searches_in_flight_max as u32).await;
    let asked = json!({ "name": "search", "arguments": { "text": "tea" } });
    let answer = say(&shop, &request("tools/call", asked)).await.json();
    assert_eq!(answer["error"]["data"]["code"], "too_many_searches", "it has places as all have");
    drop(places);
}

#[tokio::test]
async fn whoever_has_a_key_keeps_places_among_questions() {
    let shop = backpack_shop();
    let (questions, cores) = (shop.state.questions.clone(), shop.state.question_cores.clone());
    // Whatever is asked waits: the core is taken.
    let core = cores.acquire_owned().await.unwrap();
    let app = router(shop.state.clone());
    let say = || {
        let arguments = json!({ "question": "Is it waterproof?", "ids": [TRAIL] });
        let message = request("tools/call", json!({ "name": "ask", "arguments": arguments }));
        let message = post(Some(LEGACY)).body(Body::from(message.to_string())).unwrap();
        app.clone().oneshot(message)
    };
    let waiting: Vec<_> = (0..MCP_MESSAGES_MAX).map(|_| tokio::spawn(say())).collect();
    tokio::time::timeout(PATIENCE, async {
        while questions.available_permits() > QUESTIONS_MAX - MCP_MESSAGES_MAX {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("all of them wait");
    assert_eq!(say().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(questions.try_acquire().is_ok(), "a holder of a key gets a place");
    drop(core);
    for answer in waiting {
        assert_eq!(answer.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn other_methods_and_a_server_without_the_setting_answer_nothing() {
    let mut shop = shop();
    let answer = shop.get("/mcp").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "there are no streams");
    assert_eq!(answer.json()["error"]["data"]["code"], "method_not_allowed");
    Arc::get_mut(&mut shop.state).unwrap().has_mcp = false;
    let answer = say(&shop, &request("ping", json!({}))).await;
    assert_eq!(answer.code(), "method_not_allowed");
}
