//! `POST /v1/ask`.

use serde_json::json;
use vitrine_domain::Rating;
use vitrine_wire::QuoteRow;

use super::*;
use crate::http::ask::{ASK_BYTES_MAX, ASKED_PRODUCTS_MAX, QUESTIONS_MAX};
use crate::keys::{self, KeyScope, Keys};

pub const TRAIL: &str = "0000000000000001";
pub const CITY: &str = "0000000000000002";

/// Two backpacks of which something is written.
pub fn backpacks() -> TestCatalogue<'static> {
    let trail = "A backpack for long hikes. It is not waterproof.";
    let city = "Made for the office. The lining is grün.";
    let review = QuoteRow { text: "The straps are comfortable.".to_owned(), ..QuoteRow::default() };
    let reviews = vec![ReviewRow {
        id: ItemId(1),
        stars: [0, 0, 0, 1, 1],
        quotes: vec![review],
        ..ReviewRow::default()
    }];
    let items = vec![
        Item { brand: "Acme".to_owned(), ..backpack(1, "Trail backpack", "1.8 kg", trail) },
        Item { brand: "Bolt".to_owned(), ..backpack(2, "City backpack", "1.2 kg", city) },
    ];
    TestCatalogue { items: Some(items), reviews, ..TestCatalogue::default() }
}

fn backpack(id: u64, title: &str, weight: &str, description: &str) -> Item {
    let price_minor = 1_000 * id as u32;
    Item {
        id: ItemId(id),
        title: title.to_owned(),
        department: "Outdoor".to_owned(),
        category: "Bags".to_owned(),
        description: description.to_owned(),
        characteristics: vec![("Weight".to_owned(), weight.to_owned())],
        rating: Some(Rating { hundredths: 450, n: 2 }),
        price_minor,
        variants: vec![Variant {
            sku: format!("BP-{id}"),
            size: "30 l".to_owned(),
            price_minor,
            ..Variant::default()
        }],
        ..Item::default()
    }
}

/// The shop of backpacks, and a key that may ask.
struct AskShop {
    shop: TestShop,
    key: String,
}

impl AskShop {
    fn new() -> Self {
        Self::with(&[KeyScope::CatalogueAsk])
    }

    fn with(scopes: &[KeyScope]) -> Self {
        let mut shop = shop();
        shop.publish(backpacks());
        let key = keys::add(shop.dir.path(), "desk", scopes, 1_000, 7).unwrap();
        let keys = Keys::open(shop.dir.path()).unwrap();
        Arc::get_mut(&mut shop.state).unwrap().keys = keys;
        Self { shop, key }
    }

    async fn ask(&self, body: impl Into<String>) -> Answer {
        let request = Request::post("/v1/ask")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        self.shop.send(request.body(Body::from(body.into())).unwrap()).await
    }

    async fn products(&self, body: Value) -> Value {
        let answer = self.ask(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&answer.body));
        answer.json()["products"].clone()
    }
}

#[tokio::test]
async fn products_answer_word_for_word_with_their_sources() {
    let shop = AskShop::new();
    let asked = json!({ "question": "How heavy is it?", "items": [CITY, TRAIL] });
    let weight = |text: &str| json!([{ "source": "attribute", "attribute": "Weight", "text": text, "span": [0, 6] }]);
    let products = shop.products(asked).await;
    let expected = json!([
        { "item": CITY, "title": "City backpack", "verdict": "quoted", "quotes": weight("1.2 kg") },
        { "item": TRAIL, "title": "Trail backpack", "verdict": "quoted", "quotes": weight("1.8 kg") },
    ]);
    assert_eq!(products, expected);

    let products =
        shop.products(json!({ "question": "Is it waterproof?", "skus": ["BP-1", "BP-2"] })).await;
    assert_eq!((&products[0]["item"], &products[0]["verdict"]), (&json!(TRAIL), &json!("no")));
    let quote = &products[0]["quotes"][0];
    assert_eq!((&quote["source"], quote.get("attribute")), (&json!("description"), None));
    assert_eq!(quote["text"], "It is not waterproof.");
    assert_eq!((&products[1]["verdict"], &products[1]["quotes"]), (&json!("unsaid"), &json!([])));
}

#[tokio::test]
async fn what_buyers_wrote_is_quoted_as_theirs_and_spans_are_characters() {
    let shop = AskShop::new();
    let asked = json!({ "question": "Are the straps comfortable?", "items": [TRAIL] });
    let quote = shop.products(asked).await[0]["quotes"][0].clone();
    assert_eq!(
        (&quote["source"], &quote["text"]),
        (&json!("review"), &json!("The straps are comfortable."))
    );
    let asked = json!({ "question": "Which colour is the lining?", "items": [CITY] });
    let quote = shop.products(asked).await[0]["quotes"][0].clone();
    assert_eq!(quote["text"], "The lining is grün.");
    assert_eq!(quote["span"], json!([14, 18]), "grün has four characters, and five bytes");
}

#[tokio::test]
async fn who_has_no_key_for_it_is_refused_before_the_body_is_read() {
    let other = AskShop::with(&[KeyScope::CatalogueRead]);
    let refused = other.ask("{").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "scope_missing"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("catalogue:ask"));
    let request = Request::post("/v1/ask").header(header::CONTENT_TYPE, "application/json");
    let refused = other.shop.send(request.body(Body::from("{")).unwrap()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "api_key_missing"));
}

#[tokio::test]
async fn what_is_no_question_is_a_problem_with_its_code() {
    let shop = AskShop::new();
    let many = vec![TRAIL; ASKED_PRODUCTS_MAX + 1];
    let cases = [
        ("{".to_owned(), 400, "body_invalid"),
        (json!({ "question": "How heavy?", "items": ["milk"] }).to_string(), 400, "body_invalid"),
        (json!({ "question": "How heavy?", "shopper": 7 }).to_string(), 400, "body_invalid"),
        (json!({ "question": "How heavy?" }).to_string(), 422, "question_invalid"),
        (json!({ "question": " ", "items": [TRAIL] }).to_string(), 422, "question_invalid"),
        (
            json!({ "question": "a".repeat(501), "items": [TRAIL] }).to_string(),
            422,
            "question_invalid",
        ),
        (json!({ "question": "How?", "items": many }).to_string(), 422, "question_invalid"),
        (
            json!({ "question": "How?", "items": [TRAIL], "skus": ["BP-1"] }).to_string(),
            422,
            "question_invalid",
        ),
        (
            json!({ "question": "How?", "items": ["00000000000000ff"] }).to_string(),
            404,
            "product_not_published",
        ),
        (
            json!({ "question": "How?", "skus": ["BP-1", "BP-9"] }).to_string(),
            404,
            "product_not_published",
        ),
        (" ".repeat(ASK_BYTES_MAX + 1), 413, "body_too_large"),
    ];
    for (body, status, code) in cases {
        let answer = shop.ask(body.as_str()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    let plain =
        Request::post("/v1/ask").header(header::AUTHORIZATION, format!("Bearer {}", shop.key));
    let answer = shop.shop.send(plain.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.code(), "not_json");
    assert_eq!(shop.shop.get("/v1/ask").await.code(), "api_key_missing");
}

#[tokio::test]
async fn questions_have_places_of_their_own_and_are_in_no_metric() {
    let shop = AskShop::new();
    let asked = json!({ "question": "Is it waterproof?", "items": [TRAIL] });
    let places = shop.shop.state.questions.clone();
    let all = places.acquire_many(QUESTIONS_MAX as u32).await.unwrap();
    let busy = shop.ask(asked.to_string()).await;
    assert_eq!((busy.status.as_u16(), busy.code().as_str()), (429, "too_many_questions"));
    assert_eq!(busy.headers[header::RETRY_AFTER], "1");
    drop(all);
    assert_eq!(shop.products(asked).await[0]["verdict"], "no");
    assert_eq!(shop.shop.state.questions.available_permits(), QUESTIONS_MAX);
    let metrics = String::from_utf8(shop.shop.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("route=\"/v1/ask\"") && !metrics.contains("waterproof"), "{metrics}");
}
