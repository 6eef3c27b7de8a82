//! The document names what is on the wire.

use std::collections::BTreeSet;

use serde::Serialize;
use vitrine_catalogue::{
    ChangeAction, ChangeOutcome, LineOutcome, ProductChange, ProductState, PushedOrderLine,
    PushedReview,
};
use vitrine_domain::{
    CandidateSource, CategoryChance, Correction, Event, EventKind, Facet, Facets, Filters,
    FreeOfCount, ItemId, Page, PriceRange, Query, Ranked, ReadFilter, Relaxed, Sort, Synonym,
};
use vitrine_rules::authoring::{LocalWindow, RuleChange, RuleField, RuleRecord, Season};
use vitrine_rules::{RuleId, ShopRoute};
use vitrine_studio_api::{
    BackedClaim, CheckedTexts, ClaimTopic, ConfirmedClaim, Course, DraftProblem, FactOrigin,
    OpenClaim, PoorListing, PoorListings, PresentTexts, PreviewedRules, ProposedTexts,
    PublishedTexts, ReplacedText, RuleDraft, RuleNames, RuleVersion, RuleVersionInfo, RulesState,
    RulesToPreview, RulesToPublish, RulesToRestore, RulesToSave, SeasonWindow, SourcedPiece,
    StatedFact, TakenBack, TextsToCheck, TextsToPublish, VersionedText, WrittenEdit, WrittenEdits,
    WrittenField,
};
use vitrine_suggest::Suggestion;
use vitrine_wire::{
    CitedText, Contribution, ModelAnswer, ModelQuestion, ModelSentence, ProblemDetails,
    QueryIntent, SearchHit, SearchReply,
};

use super::*;

use crate::http::ask::{AnswerQuote, AskReply, AskRequest, ProductAnswerReply};
use crate::http::changes::{ChangeResult, ChangesReply};
use crate::http::lines::{LineResult, LinesReply};
use crate::http::orders::NamedOrder;
use crate::http::products::{CatalogueStatus, ProductReply};
use crate::http::quarantine::{QuarantineReply, StoppedChange};
use crate::http::reviews::NamedReview;
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
        redirect: Some(ShopRoute::Home),
        cards_for_rules: Some(Vec::new()),
        ..SearchReply::default()
    };
    assert_eq!(properties("SearchReply"), fields(&reply));
    let query = Query { sort: Sort::Popularity, explain: true, facets: true, ..Query::default() };
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
            stars_min: Some(4),
            ..Filters::default()
        })
    );
    let suggestion = Suggestion { item: Some(ItemId(1)), ..Suggestion::default() };
    assert_eq!(properties("Suggestion"), fields(&suggestion));
    assert_eq!(properties("SuggestReply"), fields(&SuggestReply::default()));
    assert_eq!(properties("Page"), fields(&Page::default()));
    assert_eq!(properties("Ranked"), fields(&Ranked { item: ItemId(1), score: 0.0 }));
    assert_eq!(properties("ModelQuestion"), fields(&ModelQuestion::default()));
    assert_eq!(properties("ModelAnswer"), fields(&ModelAnswer::default()));
    assert_eq!(properties("ModelSentence"), fields(&ModelSentence::default()));
    assert_eq!(properties("CitedText"), fields(&CitedText::default()));
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

/// The example of a body in the document.
fn example(path: &str, content: &str) -> Value {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let method = if content.starts_with("/requestBody") { "post" } else { "get" };
    let pointer = format!("/paths/{}/{method}{content}/example", path.replace('/', "~1"));
    document.pointer(&pointer).unwrap_or_else(|| panic!("{pointer}")).clone()
}

#[test]
fn the_document_names_every_field_of_the_catalogue_api() {
    let change = |line: &str| ProductChange::from_line(line.as_bytes()).unwrap();
    let upsert = change(
        r#"{"op": "upsert", "sku": "a", "revision": 1, "title": "t", "description": "d",
            "link": "https://a.b", "image_link": "https://a.b/i",
            "additional_image_link": ["https://a.b/j"], "brand": "b", "gtin": "g",
            "manufacturer": "m", "product_type": "p", "item_group_id": "i",
            "condition": "new", "age_group": "kids", "gender": "unisex", "color": "c",
            "size": "s", "material": "m", "unit_pricing_measure": "750 ml", "rating": 4.5,
            "rating_count": 2, "published_at": "2026-11-01T00:00:00Z",
            "attributes": {"a": "b"}, "price": "3.49 USD", "prices": {"trade": "2.49 USD"},
            "sale_price": "2.99 USD",
            "sale_price_effective_date": "2026-12-01T08:00:00Z/2026-12-05T20:00:00Z",
            "availability": "in_stock", "stock": 1}"#,
    );
    let patch = change(r#"{"op": "patch", "sku": "a", "offer": {"label": "o"}}"#);
    let mut named = fields(&upsert);
    named.extend(fields(&patch));
    named.insert("id".to_owned());
    assert_eq!(properties("ProductChange"), named);

    let outcome = ChangeOutcome::Invalid(String::new());
    let result = ChangeResult { line: 1, sku: None, revision: None, outcome };
    assert_eq!(properties("ChangeResult"), fields(&result));
    let results = Vec::new();
    let reply = ChangesReply { record: 0, is_repetition: false, n_applied: 0, results };
    assert_eq!(properties("ChangesReply"), fields(&reply));
    let outcome = LineOutcome::Invalid(String::new());
    let named = NamedOrder { order_id: None, sku: None };
    let result = LineResult { line: 1, named, outcome: outcome.clone() };
    assert_eq!(properties("OrderResult"), fields(&result));
    let named = NamedReview { review_id: None, sku: None };
    let result = LineResult { line: 1, named, outcome };
    assert_eq!(properties("ReviewResult"), fields(&result));
    let reply = LinesReply { is_repetition: false, n_applied: 0, results: vec![result] };
    for name in ["OrdersReply", "ReviewsReply"] {
        assert_eq!(properties(name), fields(&reply));
    }
    let lists = r#"{"of": {"trade": {"revision": 1, "value": "2.49 USD"}}}"#;
    let state = format!(r#"{{"sku": "a", "number": 1, "list_prices": {lists}}}"#);
    let state: ProductState = serde_json::from_str(&state).unwrap();
    let product = serde_json::to_value(ProductReply::from(&state)).unwrap();
    assert_eq!(properties("ProductReply"), fields(&product));
    assert_eq!(properties("StampedPart"), fields(&product["price"]));
    assert_eq!(properties("CatalogueStatus"), fields(&CatalogueStatus::default()));
    assert_eq!(properties("QuarantineReply"), fields(&QuarantineReply::default()));
    assert_eq!(properties("StoppedChange"), fields(&StoppedChange::default()));
    let reply = "/responses/200/content/application~1json";
    let status = example("/v1/catalogue/status", reply);
    assert_eq!(properties("CatalogueStatus"), fields(&status));
    let product = example("/v1/catalogue/products/{sku}", reply);
    assert_eq!(properties("ProductReply"), fields(&product));
}

#[test]
fn the_document_names_every_field_of_questions() {
    let quote = AnswerQuote {
        source: "attribute",
        attribute: "Weight".to_owned(),
        text: String::new(),
        span: [0, 0],
    };
    assert_eq!(properties("AnswerQuote"), fields(&quote));
    let quotes = vec![quote];
    let answer =
        ProductAnswerReply { item: ItemId(1), title: String::new(), verdict: "quoted", quotes };
    assert_eq!(properties("ProductAnswerReply"), fields(&answer));
    assert_eq!(properties("AskReply"), fields(&AskReply::default()));
    let asked = "/requestBody/content/application~1json";
    let asked: AskRequest = serde_json::from_value(example("/v1/ask", asked)).unwrap();
    assert_eq!((asked.items.len(), asked.skus.as_slice()), (0, &["BP-1".to_owned()][..]));
    let page = render(&serde_json::from_str(DOCUMENT).unwrap());
    assert!(page.contains("an API key for <code>catalogue:ask</code>"));
}

#[test]
fn examples_of_pushes_are_read() {
    let lines = "/requestBody/content/application~1x-ndjson";
    let changes = example("/v1/catalogue/changes", lines);
    let changes = changes.as_str().unwrap().lines();
    let read: Vec<_> =
        changes.map(|line| ProductChange::from_line(line.as_bytes()).unwrap()).collect();
    assert!(matches!(read[0].action, ChangeAction::Upsert(_)));
    let orders = example("/v1/orders", lines);
    let order = PushedOrderLine::from_line(orders.as_str().unwrap().as_bytes()).unwrap();
    let line: Value = serde_json::from_str(orders.as_str().unwrap()).unwrap();
    assert_eq!((order.line, properties("PushedOrderLine")), (1, fields(&line)));
    let reviews = example("/v1/reviews", lines);
    let mut named = BTreeSet::from(["author".to_owned(), "rating_best".to_owned()]);
    for line in reviews.as_str().unwrap().lines() {
        PushedReview::from_line(line.as_bytes()).unwrap();
        named.extend(fields(&serde_json::from_str::<Value>(line).unwrap()));
    }
    assert_eq!(properties("PushedReview"), named);
    let array = example("/v1/reviews", "/requestBody/content/application~1json");
    for line in array.as_array().unwrap() {
        PushedReview::from_line(line.to_string().as_bytes()).unwrap();
    }
    let page = render(&serde_json::from_str(DOCUMENT).unwrap());
    for scope in ["orders:write", "reviews:write"] {
        assert!(page.contains(&format!("an API key for <code>{scope}</code>")));
    }
    assert!(page.contains("application/x-ndjson") && page.contains("c-81"));
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

#[test]
fn the_document_names_every_field_of_listings() {
    let claim = ConfirmedClaim {
        field: WrittenField::Title,
        kind: ClaimTopic::Number,
        text: String::new(),
    };
    let open = OpenClaim {
        field: WrittenField::Title,
        kind: ClaimTopic::Number,
        text: String::new(),
        start: 0,
        end: 0,
    };
    let fact = StatedFact { kind: FactOrigin::Title, name: String::new(), said: String::new() };
    let backed = BackedClaim { field: WrittenField::Title, start: 0, end: 0, source: fact.clone() };
    assert_eq!(properties("PoorListings"), fields(&PoorListings::default()));
    assert_eq!(properties("PoorListing"), fields(&PoorListing::default()));
    assert_eq!(properties("PresentTexts"), fields(&PresentTexts::default()));
    assert_eq!(properties("VersionedText"), fields(&VersionedText::default()));
    assert_eq!(properties("ProposedTexts"), fields(&ProposedTexts::default()));
    assert_eq!(properties("SourcedPiece"), fields(&SourcedPiece::default()));
    assert_eq!(properties("StatedFact"), fields(&fact));
    assert_eq!(properties("TextsToCheck"), fields(&TextsToCheck::default()));
    assert_eq!(properties("CheckedTexts"), fields(&CheckedTexts::default()));
    assert_eq!(properties("OpenClaim"), fields(&open));
    assert_eq!(properties("BackedClaim"), fields(&backed));
    assert_eq!(properties("ConfirmedClaim"), fields(&claim));
    assert_eq!(properties("TextsToPublish"), fields(&TextsToPublish::default()));
    assert_eq!(properties("PublishedTexts"), fields(&PublishedTexts::default()));
    assert_eq!(properties("TakenBack"), fields(&TakenBack { edit: 1 }));
    assert_eq!(properties("WrittenEdits"), fields(&WrittenEdits::default()));
    assert_eq!(properties("WrittenEdit"), fields(&WrittenEdit::default()));
    assert_eq!(properties("ReplacedText"), fields(&ReplacedText::default()));
}

#[test]
fn the_document_names_every_field_of_rules() {
    assert_eq!(properties("RulesState"), fields(&RulesState::default()));
    assert_eq!(properties("RuleDraft"), fields(&RuleDraft::default()));
    assert_eq!(properties("RuleRecord"), fields(&RuleRecord::default()));
    assert_eq!(properties("LocalWindow"), fields(&LocalWindow::default()));
    let problem = DraftProblem {
        other: Some(RuleId(1)),
        item: Some(ItemId(1)),
        name: Some(String::new()),
        place: Some(1),
        ..DraftProblem::default()
    };
    assert_eq!(properties("DraftProblem"), fields(&problem));
    let info = RuleVersionInfo { restored_from: Some(1), ..RuleVersionInfo::default() };
    assert_eq!(properties("RuleVersionInfo"), fields(&info));
    let changed = RuleChange::Changed { id: RuleId(1), fields: vec![RuleField::Priority] };
    let mut changes = fields(&RuleChange::Added(RuleId(1)));
    changes.extend(fields(&RuleChange::Removed(RuleId(1))));
    changes.extend(fields(&changed));
    assert_eq!(properties("RuleChange"), changes);
    assert_eq!(properties("RuleVersion"), fields(&RuleVersion::default()));
    assert_eq!(properties("RulesToSave"), fields(&RulesToSave::default()));
    assert_eq!(properties("RulesToPublish"), fields(&RulesToPublish::default()));
    assert_eq!(properties("RulesToRestore"), fields(&RulesToRestore::default()));
    assert_eq!(properties("RulesToPreview"), fields(&RulesToPreview::default()));
    assert_eq!(properties("PreviewedRules"), fields(&PreviewedRules::default()));
    assert_eq!(properties("RuleNames"), fields(&RuleNames::default()));
    let season = SeasonWindow { season: Season::Easter, window: LocalWindow::default() };
    assert_eq!(properties("SeasonWindow"), fields(&season));
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let schemas = &document["components"]["schemas"];
    let seasons = schemas["SeasonWindow"]["properties"]["season"]["enum"].as_array().unwrap();
    assert_eq!(seasons.len(), Season::ALL.len());
    let named: Vec<Value> =
        Season::ALL.iter().map(|season| serde_json::to_value(season).unwrap()).collect();
    assert!(named.iter().all(|season| seasons.contains(season)));
}
