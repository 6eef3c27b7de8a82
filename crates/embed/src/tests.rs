//! The engine of a page that has no catalogue yet, and no network; and of one that is synced.

mod served;

use std::rc::Rc;

use pollster::block_on;
use serde_json::{Value, json};
use vitrine_session::{
    Adapters, FixedClock, LoneTab, MemoryStorage, Response, Session, Settings, Storage, StoreName,
    Transport, TransportError,
};

use super::*;
use crate::cards::number;
use served::{Served, sku};

struct Offline;

#[async_trait::async_trait(?Send)]
impl Transport for Offline {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        Err(TransportError { path: path.into(), reason: "no network".into() })
    }

    async fn post_json(&self, path: &str, _: &str) -> Result<Response, TransportError> {
        self.get(path).await
    }
}

/// An engine whose shopper has to be asked, and where it keeps things.
async fn asking() -> (Engine, Rc<MemoryStorage>) {
    engine_on(Rc::new(Offline)).await
}

async fn engine_on(transport: Rc<dyn Transport>) -> (Engine, Rc<MemoryStorage>) {
    let storage = Rc::new(MemoryStorage::new("a test"));
    let clock = Rc::new(FixedClock::new(1_700_000_000_000));
    let adapters = Adapters {
        transport,
        storage: storage.clone(),
        clock: clock.clone(),
        tab: Rc::new(LoneTab::default()),
    };
    let session = Session::open(adapters, Settings::default()).await.expect("opens");
    session.require_consent();
    let platform = Platform {
        price: |minor, currency| format!("{minor} {currency}"),
        day: |at_ms| at_ms.to_string(),
        photo: |_, _, _| None,
    };
    (Engine::new(session, clock, platform), storage)
}

async fn call(engine: &Engine, method: &str, params: Value) -> Result<Value, EngineError> {
    let call = json!({ "method": method, "params": params });
    let call = serde_json::from_value(call).map_err(EngineError::Call)?;
    Ok(serde_json::to_value(engine.answer(call).await?).expect("JSON"))
}

#[test]
fn consent_is_unanswered_until_it_is_given_or_refused() {
    block_on(async {
        let (engine, storage) = asking().await;
        assert_eq!(call(&engine, "consent", json!({})).await.expect("said"), "unanswered");
        let unasked = storage.usage().await.expect("readable");
        assert!(unasked.iter().all(|store| store.n_entries == 0), "{unasked:?}");
        for (granted, answer) in [(true, "given"), (false, "refused")] {
            let done = call(&engine, "set_consent", json!({ "granted": granted })).await;
            assert_eq!(done.expect("kept"), Value::Null);
            assert_eq!(call(&engine, "consent", json!({})).await.expect("said"), answer);
        }
        let kept = storage.keys(StoreName::Meta).await.expect("readable");
        assert_eq!(kept, ["settings"], "the answer is kept, and nothing else");
    });
}

#[test]
fn what_cannot_be_done_has_a_code_and_says_what_to_do() {
    block_on(async {
        let (engine, _) = asking().await;
        for (method, params, code, advice) in [
            ("record", json!({ "type": "view_item", "id": 7 }), "unknown_product", "give the sku"),
            (
                "record",
                json!({ "type": "purchase", "sku": "x" }),
                "unknown_product",
                "the shop's feed",
            ),
            ("record", json!({ "type": "view_item" }), "bad_request", "its sku"),
            ("record", json!({ "type": "look" }), "bad_request", "index.d.ts"),
            ("why", json!({ "id": 7 }), "unknown_product", "the id 7"),
            ("why", json!({ "sku": "x" }), "unknown_product", "the sku \"x\""),
            ("why", json!({}), "bad_request", "its sku"),
            ("related", json!({ "id": 7, "limit": 3 }), "unknown_product", "the id 7"),
            ("related", json!({ "sku": "x" }), "unknown_product", "the shop's feed"),
            ("related", json!({ "limit": 3 }), "bad_request", "its sku"),
            ("related", json!({ "product": 7 }), "bad_request", "index.d.ts"),
            ("search", json!({ "query": "tea" }), "server_unreachable", "cannot be reached"),
            ("search", json!({ "query": "x".repeat(501) }), "bad_request", "longer"),
        ] {
            let error = call(&engine, method, params).await.expect_err(method);
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(advice), "{error}");
        }
    });
}

#[test]
fn without_a_catalogue_lists_are_empty_and_requests_are_listed() {
    block_on(async {
        let (engine, _) = asking().await;
        let feed = call(&engine, "feed", json!({})).await.expect("a feed");
        assert_eq!(feed, json!({ "cards": [], "order": "popular" }));
        let suggestions = call(&engine, "suggest", json!({ "text": "te" })).await;
        assert_eq!(suggestions.expect("a list"), json!([]));
        let _ = call(&engine, "search", json!({ "query": "tea", "page": 2, "limit": 10 })).await;
        let profile = call(&engine, "profile", json!({})).await.expect("a profile");
        assert_eq!((&profile["recorded"], &profile["lines"]), (&json!(0), &json!([])));
        let sent = &profile["ledger"][0];
        assert_eq!((&sent["path"], &sent["status"]), (&json!("/v1/search"), &Value::Null));
        let body: Value =
            serde_json::from_str(sent["body"].as_str().expect("a body")).expect("JSON");
        assert_eq!(body["page"], json!({ "offset": 10, "limit": 10 }));
        assert!(body.get("facets").is_none(), "only the first page counts them: {body}");
    });
}

#[test]
fn a_product_page_names_its_product_by_the_shops_own_number() {
    block_on(async {
        let (engine, _) = engine_on(Rc::new(Served::new())).await;
        engine.session.sync_head().await.expect("served");
        engine.session.sync_rest(|_| {}).await.expect("served");
        let [first, second] = [1, 2].map(vitrine_domain::ItemId);
        let by_sku = json!({ "sku": sku(first) });
        let by_id = json!({ "id": number(first) });
        let related = call(&engine, "related", by_sku.clone()).await.expect("related cards");
        assert_eq!(related[0]["sku"], sku(second));
        assert_eq!(call(&engine, "related", by_id.clone()).await.expect("the same"), related);
        let why = call(&engine, "why", by_sku.clone()).await.expect("sentences");
        assert!(why[0].as_str().is_some_and(|line| !line.is_empty()), "{why}");
        assert_eq!(call(&engine, "why", by_id).await.expect("the same"), why);
        // Of both, the number names the card, as it does in an event.
        let both = json!({ "id": number(second), "sku": sku(first) });
        assert_eq!(call(&engine, "related", both).await.expect("none"), json!([]));
        let error = call(&engine, "related", json!({ "sku": "none" })).await.expect_err("unknown");
        assert_eq!(error.code(), "unknown_product");
    });
}
