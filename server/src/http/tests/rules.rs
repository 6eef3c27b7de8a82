//! The shop's rules: saved, published, brought back, and what shoppers have of them.

use axum::http::Method;
use serde_json::json;
use vitrine_domain::{Manifest, ShardKind};
use vitrine_rules::authoring::RuleRecord;
use vitrine_rules::{
    Audience, AudienceFact, CardGroup, Deed, PublicRules, QueryCondition, RuleAction,
    RuleCondition, RuleId, RuleTarget, ShopRoute,
};
use vitrine_wire::{Shard, decode_manifest, decode_search_reply, decode_shard};

use super::*;
use crate::revising::Follower;

const RULES: &str = "/v1/studio/rules";
const MILK: ItemId = ItemId(4);
const BREAD: ItemId = ItemId(6);
const TEA: ItemId = ItemId(7);

/// A shop that follows its rules as a server does that has not the log.
struct RuledShop {
    shop: TestShop,
    follower: Follower,
}

impl RuledShop {
    fn new() -> Self {
        Self::of(shop())
    }

    fn of(shop: TestShop) -> Self {
        let follower = Follower::start(&shop.settings, &shop.state, None).unwrap();
        Self { shop, follower }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{RULES}{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        self.shop.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        well(self.call(Method::GET, path, &Value::Null).await)
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &body).await
    }

    async fn save(&self, records: &[RuleRecord]) -> Value {
        let revision = self.get("").await["draft"]["revision"].clone();
        let body = json!({"revision": revision, "records": records});
        well(self.call(Method::PUT, "/draft", &body).await)
    }

    /// Saves, publishes, and has it served.
    async fn publish(&mut self, records: &[RuleRecord]) -> Value {
        let saved = self.save(records).await;
        let body = json!({"revision": saved["draft"]["revision"], "note": "a secret note"});
        let state = well(self.post("/publish", body).await);
        self.follower.look();
        state
    }

    async fn restore(&mut self, version: u64) -> Value {
        let state = well(self.post("/restore", json!({"version": version})).await);
        self.follower.look();
        state
    }

    async fn manifest(&self) -> Manifest {
        decode_manifest(&self.shop.get("/v1/manifest").await.body).unwrap()
    }

    /// The bytes of the shards of rules, and the rules in them.
    async fn shipped(&self) -> (Vec<u8>, PublicRules) {
        let (mut all, mut set) = (Vec::new(), PublicRules::default());
        let shards = self.manifest().await.shards;
        for shard in shards.iter().filter(|shard| shard.kind == ShardKind::Rules) {
            let bytes = self.shop.get(&format!("/v1/shards/{}", shard.hash)).await.body;
            let Shard::Rules(part) = decode_shard(&bytes).unwrap() else { panic!("rules") };
            set.rules.extend(part.rules);
            all.extend(bytes);
        }
        (all, set)
    }

    async fn search(&self, text: &str) -> Value {
        self.shop.search(json!({"text": text})).await.json()
    }

    async fn front(&self) -> String {
        String::from_utf8(self.shop.get("/front.html").await.body).unwrap()
    }
}

fn well(answer: Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn rule(id: u32, then: Vec<RuleAction>) -> RuleRecord {
    RuleRecord {
        id: RuleId(id),
        name: "a secret name".to_owned(),
        then,
        label: "Picked by us".into(),
        ..RuleRecord::default()
    }
}

fn hide(item: ItemId) -> RuleAction {
    RuleAction::Hide { target: RuleTarget::items([item]) }
}

fn searched(text: &str) -> RuleCondition {
    let query = Some(QueryCondition::Is(vec![text.to_owned()]));
    RuleCondition { query, ..RuleCondition::default() }
}

fn bought(of: CardGroup) -> Audience {
    Audience { facts: vec![AudienceFact { deed: Deed::Bought, of, within_days: 30 }] }
}

fn titles(reply: &Value) -> Vec<&str> {
    let hits = reply["hits"].as_array().unwrap_or_else(|| panic!("{reply}"));
    let mut titles: Vec<&str> = hits.iter().map(|hit| hit["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    titles
}

#[tokio::test]
async fn a_draft_is_saved_published_and_taken_back() {
    let mut shop = RuledShop::new();
    let state = shop.get("").await;
    assert_eq!((&state["draft"]["revision"], &state["live"]), (&json!(0), &Value::Null));
    shop.publish(&[]).await;
    let saved = shop.save(&[rule(1, vec![hide(MILK)])]).await;
    assert_eq!(saved["changes"], json!([{"added": 1}]), "of what is live");
    assert_eq!(saved["live"]["number"], 1);
    let published = shop.publish(&[rule(1, vec![hide(MILK)]), rule(2, vec![hide(TEA)])]).await;
    assert_eq!((&published["live"]["number"], &published["changes"]), (&json!(2), &json!([])));
    assert_eq!(published["live"]["note"], "a secret note");
    let mut changed = rule(1, vec![hide(MILK)]);
    changed.priority = 4;
    shop.publish(&[changed]).await;
    let version = shop.get("/versions/3").await;
    let expected = json!([{"changed": {"id": 1, "fields": ["priority"]}}, {"removed": 2}]);
    assert_eq!(version["changes"], expected);
    assert_eq!(version["records"][0]["priority"], 4);
    let state = shop.restore(2).await;
    assert_eq!((&state["live"]["number"], &state["live"]["restored_from"]), (&json!(4), &json!(2)));
    assert_eq!(state["draft"]["records"].as_array().map(Vec::len), Some(2), "it was live");
    assert_eq!(state["versions"].as_array().map(Vec::len), Some(4));
    for (path, code) in
        [("/versions/9", "no_such_rule_version"), ("/versions/x", "rule_version_invalid")]
    {
        assert_eq!(shop.call(Method::GET, path, &Value::Null).await.code(), code);
    }
    let missing = shop.post("/restore", json!({"version": 9})).await;
    assert_eq!(missing.code(), "no_such_rule_version");
}

#[tokio::test]
async fn of_two_editors_the_second_is_shown_what_the_first_saved() {
    let shop = RuledShop::new();
    shop.save(&[rule(1, vec![hide(MILK)])]).await;
    let late = json!({"revision": 0, "records": [rule(2, vec![hide(TEA)])]});
    let refused = shop.call(Method::PUT, "/draft", &late).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "rules_changed"));
    let present = refused.json()["present"].clone();
    assert_eq!((&present["revision"], &present["records"][0]["id"]), (&json!(1), &json!(1)));
    assert!(present["saved_at_seconds"].as_i64().unwrap() > 0);
    assert_eq!(shop.get("").await["draft"]["records"], present["records"], "nothing is lost");
    let mut again = late.clone();
    again["revision"] = present["revision"].clone();
    well(shop.call(Method::PUT, "/draft", &again).await);
    let publish = shop.post("/publish", json!({"revision": 1})).await;
    assert_eq!(publish.code(), "rules_changed", "another draft than the one that was seen");
}

#[tokio::test]
async fn what_can_never_ship_is_said_at_saving_and_refused_at_publishing() {
    let shop = shop();
    let never_recommended = vec!["Food & drink".to_owned()];
    shop.publish(TestCatalogue { never_recommended, ..TestCatalogue::default() });
    let shop = RuledShop::of(shop);
    let redirect = RuleAction::Redirect { to: ShopRoute::Home };
    let for_some = Some(bought(CardGroup::Department("Grocery".to_owned())));
    let restricted = Some(bought(CardGroup::Category("Food & drink".to_owned())));
    for (faulty, code) in [
        (RuleRecord { audience: for_some, ..rule(1, vec![redirect]) }, "not_for_audiences"),
        (RuleRecord { audience: restricted, ..rule(1, vec![hide(MILK)]) }, "sensitive_audience"),
        (rule(1, Vec::new()), "invalid"),
    ] {
        let saved = shop.save(&[faulty]).await;
        let problem = &saved["draft"]["problems"][0];
        assert_eq!((&problem["code"], &problem["is_refused"]), (&json!(code), &json!(true)));
        let revision = saved["draft"]["revision"].clone();
        let refused = shop.post("/publish", json!({"revision": revision})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.code(), "rules_refused");
        assert_eq!(refused.json()["problems"][0]["code"], code);
    }
    assert_eq!(shop.get("").await["live"], Value::Null);
}

#[tokio::test]
async fn what_there_is_not_is_told_and_may_be_published() {
    let mut shop = RuledShop::new();
    let then = vec![
        RuleAction::Pin { item: ItemId(99), place: 1 },
        RuleAction::Hide { target: RuleTarget::category("Spirits") },
    ];
    let state = shop.publish(&[rule(1, then)]).await;
    let problems = state["draft"]["problems"].as_array().unwrap();
    let of = |code: &str| problems.iter().find(|problem| problem["code"] == code).unwrap();
    assert_eq!(of("unknown_item")["item"], serde_json::to_value(ItemId(99)).unwrap());
    assert_eq!(of("unknown_category")["name"], "Spirits");
    assert!(problems.iter().all(|problem| problem["is_refused"] == false), "{problems:?}");
    assert_eq!(state["live"]["number"], 1);
}

#[tokio::test]
async fn published_rules_are_a_shard_and_vanish_when_they_are_taken_back() {
    let mut shop = RuledShop::new();
    shop.publish(&[]).await;
    let before = shop.manifest().await;
    shop.save(&[rule(1, vec![hide(MILK)])]).await;
    shop.follower.look();
    assert_eq!(shop.manifest().await, before, "a draft is nobody's business");
    shop.publish(&[rule(1, vec![hide(MILK)])]).await;
    let (bytes, set) = shop.shipped().await;
    assert_eq!(set.rules.len(), 1);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("Picked by us") && !text.contains("secret"), "{text}");
    let with = shop.manifest().await;
    assert_eq!(with.catalogue, before.catalogue, "the same catalogue");
    shop.follower.look();
    assert_eq!(shop.manifest().await, with, "the same rules are no other revision");
    // A server that starts anew has them from its first answer on.
    let RuledShop { shop, follower } = shop;
    drop(follower);
    let mut shop = RuledShop::of(shop);
    assert_eq!(shop.shipped().await.1.rules.len(), 1);
    shop.restore(1).await;
    assert_eq!(shop.manifest().await, before);
}

#[tokio::test]
async fn an_import_is_served_with_the_rules() {
    let mut shop = RuledShop::new();
    shop.publish(&[rule(1, vec![hide(MILK)])]).await;
    shop.shop.publish_again(0);
    shop.follower.look_until_served(2);
    assert_eq!(shop.shipped().await.1.rules.len(), 1);
    assert!(!shop.front().await.contains("Whole milk"));
}

#[tokio::test]
async fn a_search_is_rewritten_and_led_elsewhere() {
    let mut shop = RuledShop::new();
    let before = shop.shop.search(json!({"text": "milk", "facets": true})).await.body;
    assert!(!titles(&shop.search("zzqxjv").await).contains(&"Green tea"));
    let replace = RuleAction::ReplaceWords { from: "zzqxjv".into(), to: "tea".into() };
    let redirect = RuleAction::Redirect { to: ShopRoute::Category("Food & drink".into()) };
    let offers = RuleRecord { when: searched("offers"), ..rule(2, vec![redirect]) };
    shop.publish(&[]).await;
    shop.publish(&[rule(1, vec![replace]), offers]).await;
    let reply = shop.search("zzqxjv").await;
    assert_eq!((titles(&reply), reply.get("redirect")), (vec!["Green tea"], None));
    assert_eq!(shop.search("Offers!").await["redirect"], json!({"category": "Food & drink"}));
    let same = shop.shop.search(json!({"text": "milk", "facets": true})).await.body;
    assert_eq!(same, before, "a search that no rule is about");
    let long = "x".repeat(501);
    assert_eq!(shop.shop.search(json!({"text": long})).await.code(), "query_invalid");
    shop.restore(1).await;
    let same = shop.shop.search(json!({"text": "milk", "facets": true})).await.body;
    assert_eq!(same, before, "without rules");
    assert!(!titles(&shop.search("zzqxjv").await).contains(&"Green tea"));
}

#[tokio::test]
async fn what_rules_leave_out_is_no_result() {
    let mut shop = RuledShop::new();
    let only = RuleAction::IncludeOnly { target: RuleTarget::items([TEA, BREAD]) };
    let cookies = RuleRecord { when: searched("cookies"), ..rule(2, vec![only]) };
    shop.publish(&[rule(1, vec![hide(MILK)]), cookies]).await;
    let body = json!({"text": "milk", "facets": true});
    let reply = shop.shop.search(body).await.json();
    assert_eq!(titles(&reply), ["Lactose free milk"]);
    assert_eq!((&reply["n_total"], &reply["facets"]["n_available"]), (&json!(1), &json!(1)));
    let all = shop.search("").await;
    assert_eq!((all["n_total"].as_u64(), titles(&all).len()), (Some(7), 7));
    let page = json!({"text": "", "page": {"offset": 4, "limit": 4}});
    assert_eq!(titles(&shop.shop.search(page).await.json()).len(), 3, "pages fit together");
    let cookies = shop.search("cookies").await;
    let is_left_out = |title: &&str| title.contains("cookies");
    assert!(!titles(&cookies).iter().any(is_left_out), "what is asked for less is the shopper's");
}

#[tokio::test]
async fn a_reply_has_the_cards_of_every_audience_and_is_the_same_for_everyone() {
    let mut shop = RuledShop::new();
    let pin = RuleAction::Pin { item: TEA, place: 1 };
    let audience = Some(bought(CardGroup::Department("Grocery".to_owned())));
    let for_some = RuleRecord { audience, when: searched("milk"), ..rule(1, vec![pin]) };
    let hidden = RuleRecord {
        audience: Some(bought(CardGroup::Department("Grocery".to_owned()))),
        ..rule(2, vec![hide(MILK)])
    };
    shop.publish(&[for_some, hidden]).await;
    let reply = shop.search("milk").await;
    assert_eq!(titles(&reply), ["Lactose free milk", "Whole milk"], "no audience is met here");
    let cards = reply["cards_for_rules"].as_array().unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!((&cards[0]["title"], &cards[0]["price_minor"]), (&json!("Green tea"), &json!(700)));
    assert_eq!(shop.search("bread").await.get("cards_for_rules"), None);
    let spared = json!({"text": "milk", "filters": {"price_minor_max": 600}});
    let spared = shop.shop.search(spared).await.json();
    assert_eq!(spared["cards_for_rules"], json!([]), "it costs more than was asked for");
    let of = |name: header::HeaderName, value: &'static str| {
        let mut request = search_request(json!({"text": "milk"}).to_string());
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let one = shop.shop.send(of(header::COOKIE, "shopper=1")).await.body;
    let other = shop.shop.send(of(header::USER_AGENT, "another")).await.body;
    assert_eq!(one, other);
    decode_search_reply(&one).unwrap();
}

#[tokio::test]
async fn pages_that_no_device_arranges_have_the_rules_for_everyone() {
    let mut shop = RuledShop::of(TestShop::with_origin("https://shop.example"));
    let before = shop.front().await;
    assert!(before.contains("Whole milk") && before.contains("Green tea"));
    let audience = Some(bought(CardGroup::Department("Grocery".to_owned())));
    let for_some = RuleRecord { audience, ..rule(2, vec![hide(TEA)]) };
    let pin = rule(3, vec![RuleAction::Pin { item: BREAD, place: 1 }]);
    shop.publish(&[]).await;
    shop.publish(&[rule(1, vec![hide(MILK)]), for_some, pin]).await;
    let front = shop.front().await;
    assert!(!front.contains("Whole milk"), "not among the choices of a newcomer either");
    assert!(front.contains("Green tea"), "no audience is met here");
    let place =
        |title: &str| front.find(&format!(">{title}<")).unwrap_or_else(|| panic!("{title}"));
    assert!(place("White bread") < place("Peanut butter cookies"));
    for path in [
        "/c/grocery/food-drink",
        "/p/0000000000000001-peanut-butter-cookies",
        "/p/00000000000000ff",
    ] {
        let page = String::from_utf8(shop.shop.get(path).await.body).unwrap();
        assert!(!page.contains("Whole milk") && page.contains("White bread"), "{path}");
    }
    let own = shop.shop.get("/p/0000000000000004-whole-milk").await;
    assert_eq!(own.status, StatusCode::OK, "who has its address is shown it");
    shop.restore(1).await;
    assert_eq!(shop.front().await, before);
}

#[tokio::test]
async fn rules_are_seen_before_they_are_published() {
    let shop = RuledShop::new();
    let mut faulty = rule(2, vec![hide(TEA)]);
    faulty.schedule.time_zone = "Mars/Olympus".to_owned();
    let body = json!({"records": [rule(1, vec![hide(MILK)]), faulty]});
    let preview = well(shop.post("/preview", body).await);
    assert_eq!(preview["rules"]["rules"].as_array().map(Vec::len), Some(1));
    assert_eq!(preview["rules"]["rules"][0]["label"], json!({"text": "Picked by us"}));
    let problem = &preview["problems"][0];
    assert_eq!((&problem["rule"], &problem["code"]), (&json!(2), &json!("unknown_time_zone")));
    assert_eq!(problem["name"], "Mars/Olympus");
    assert_eq!(shop.get("").await["draft"]["revision"], 0, "nothing is saved");
}

#[tokio::test]
async fn forms_are_told_names_and_seasons() {
    let shop = RuledShop::new();
    let names = shop.get("/names").await;
    assert_eq!(names["categories"], json!([{"name": "Food & drink", "n_items": 8}]));
    assert_eq!(
        (&names["departments"][0]["name"], &names["brands"]),
        (&json!("Grocery"), &json!([]))
    );
    let seasons = shop.get("/seasons/2026?time_zone=Europe%2FBerlin").await;
    let seasons = seasons.as_array().unwrap();
    let of = |season: &str| seasons.iter().find(|of| of["season"] == season).unwrap();
    let friday = json!({"start": "2026-11-27T00:00:00", "end": "2026-11-28T00:00:00",
        "time_zone": "Europe/Berlin"});
    assert_eq!(of("black_friday")["window"], friday);
    assert!(seasons.iter().any(|of| of["season"] == "chinese_new_year"));
    for path in ["/seasons/1066", "/seasons/x", "/seasons/2026?time_zone=Mars%2FOlympus"] {
        assert_eq!(shop.call(Method::GET, path, &Value::Null).await.code(), "season_unknown");
    }
    let wrong = shop.call(Method::GET, "/seasons/2026?zone=UTC", &Value::Null).await;
    assert_eq!(wrong.code(), "query_invalid");
}

#[tokio::test]
async fn a_damaged_draft_takes_nothing_else_with_it() {
    let mut shop = RuledShop::new();
    shop.publish(&[rule(1, vec![hide(MILK)])]).await;
    shop.publish(&[rule(1, vec![hide(MILK)]), rule(2, vec![hide(TEA)])]).await;
    std::fs::write(shop.shop.dir.path().join("rules/draft.json"), b"{").unwrap();
    let state = shop.get("").await;
    assert_eq!((&state["draft"], &state["live"]["number"]), (&Value::Null, &json!(2)));
    let said = state["damaged"][0].as_str().unwrap();
    assert!(said.contains("draft.json is damaged") && said.contains("move it away"), "{said}");
    let body = json!({"revision": 2, "records": []});
    for (method, path, body) in
        [(Method::PUT, "/draft", &body), (Method::POST, "/publish", &json!({"revision": 2}))]
    {
        let refused = shop.call(method, path, body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "rules_damaged")
        );
        assert!(refused.json()["detail"].as_str().unwrap().contains("move it away"));
    }
    let state = shop.restore(1).await;
    assert_eq!(state["live"]["number"], 3);
    assert_eq!(shop.shipped().await.1.rules.len(), 1);
}

#[tokio::test]
async fn what_is_no_such_request_is_refused() {
    let shop = RuledShop::new();
    let unknown = json!({"revision": 0, "records": [{"id": 1, "nmae": "x"}]});
    assert_eq!(shop.call(Method::PUT, "/draft", &unknown).await.code(), "body_invalid");
    let more = json!({"revision": 0, "records": [], "force": true});
    assert_eq!(shop.call(Method::PUT, "/draft", &more).await.code(), "body_invalid");
    let note = json!({"revision": 0, "note": "x".repeat(501)});
    assert_eq!(shop.post("/publish", note).await.code(), "note_invalid");
    let large = json!({"revision": 0, "note": "x".repeat(20_000)});
    assert_eq!(shop.post("/publish", large).await.code(), "body_too_large");
    let many: Vec<RuleRecord> = (0..10_001).map(|id| rule(id, Vec::new())).collect();
    let many = json!({"revision": 0, "records": many});
    assert_eq!(shop.call(Method::PUT, "/draft", &many).await.code(), "rules_too_large");
}

#[tokio::test]
async fn without_the_token_there_is_nothing() {
    let shop = RuledShop::new();
    let routes = [
        (Method::GET, ""),
        (Method::PUT, "/draft"),
        (Method::POST, "/publish"),
        (Method::POST, "/restore"),
        (Method::POST, "/preview"),
        (Method::GET, "/versions/1"),
        (Method::GET, "/names"),
        (Method::GET, "/seasons/2026"),
    ];
    for (method, path) in routes {
        for token in [None, Some("Bearer another")] {
            let mut request =
                Request::builder().method(method.clone()).uri(format!("{RULES}{path}"));
            if let Some(token) = token {
                request = request.header(header::AUTHORIZATION, token);
            }
            let answer = shop.shop.send(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.code(), "unauthorized", "{method} {path}");
        }
    }
}
