//! Cases of rewriting a search.

mod support;

use support::*;
use vitrine_rules::*;

fn rewritten(query: &str, rules: &[Rule]) -> RewrittenSearch {
    let set = RewriteRules::new(&PublicRules { rules: rules.to_vec() });
    rewrite(query, &set, &RewriteContext::default())
}

fn text(query: &str, then: Vec<RuleAction>) -> String {
    rewritten(query, &[rule(1, then)]).text
}

fn replace(from: &str, to: &str) -> RuleAction {
    RuleAction::ReplaceWords { from: from.into(), to: to.into() }
}

fn ignore(word: &str) -> RuleAction {
    RuleAction::IgnoreWords { words: vec![word.into()] }
}

fn add(word: &str) -> RuleAction {
    RuleAction::AddWords { words: vec![word.into()] }
}

#[test]
fn words_are_replaced_left_out_and_added() {
    assert_eq!(text("Soda pop, cold", vec![replace("soda pop", "lemonade")]), "lemonade, cold");
    assert_eq!(text("the best tea", vec![ignore("BEST"), ignore("the")]), "tea");
    assert_eq!(text("tea  under 5", vec![add("green")]), "tea under 5 green");
    assert_eq!(text("green tea", vec![add("green")]), "green tea");
    assert_eq!(text("红手机壳", vec![replace("手机壳", "手机套")]), "红手机套");
}

#[test]
fn where_no_rule_changes_words_the_text_is_as_typed() {
    assert_eq!(text("  Tea  \"x\" ", vec![replace("coffee", "tea")]), "  Tea  \"x\" ");
    assert_eq!(text("tea", vec![ignore("tea")]), "tea", "something must be left");
    let long = "x".repeat(99);
    let query = vec!["ab"; 60].join(" ");
    assert_eq!(text(&query, vec![replace("ab", &long)]), query);
}

#[test]
fn there_is_no_circle_and_the_first_rule_counts() {
    assert_eq!(text("a b", vec![replace("a", "b"), replace("b", "a")]), "b a");
    let rules = [
        rule(1, vec![replace("tea", "chai")]),
        Rule { priority: 1, ..rule(2, vec![replace("tea", "mate")]) },
    ];
    let found = rewritten("tea", &rules);
    assert_eq!((found.text.as_str(), found.rules), ("mate", vec![RuleId(2)]));
}

#[test]
fn a_redirect_and_filters_come_from_the_first_rules() {
    let redirect = |name: &str| RuleAction::Redirect { to: ShopRoute::Category(name.into()) };
    let only = RuleAction::IncludeOnly { target: RuleTarget::brand("Acme") };
    let filters = RuleFilters { price_minor_max: Some(500), ..RuleFilters::default() };
    let rules = [
        rule(1, vec![redirect("Tea"), RuleAction::Filter { filters }]),
        Rule { when: of_search("tea"), ..rule(2, vec![redirect("Milk"), only]) },
    ];
    let found = rewritten("Tea", &rules);
    assert_eq!(found.redirect, Some(ShopRoute::Category("Milk".into())));
    assert_eq!(found.filters.brands, ["Acme"]);
    assert_eq!(found.filters.price_minor_max, Some(500));
    assert_eq!(found.rules, [RuleId(2), RuleId(1)]);
    let other = rewritten("milk", &rules);
    assert_eq!(other.redirect, Some(ShopRoute::Category("Tea".into())));
    assert!(other.filters.brands.is_empty());
}

#[test]
fn rules_of_other_lists_languages_and_times_do_nothing() {
    let mut of_feed = rule(1, vec![add("x")]);
    of_feed.when.placements.push(Placement::Feed);
    let mut of_german = rule(2, vec![add("y")]);
    of_german.when.locales.push("de".into());
    let mut later = rule(3, vec![add("z")]);
    later.window.start_seconds = Some(10);
    let rules = RewriteRules::new(&PublicRules { rules: vec![of_feed, of_german, later] });
    let of = |locale, now_seconds| {
        rewrite("tea", &rules, &RewriteContext { locale, now_seconds, ..Default::default() }).text
    };
    assert_eq!(of("en", 9), "tea");
    assert_eq!(of("de-AT", 9), "tea y");
    assert_eq!(of("en", 10), "tea z");
}

#[test]
fn a_rule_for_an_audience_that_was_not_checked_rewrites_nothing() {
    let sold = Rule { audience: Some(bought("Tea")), ..rule(1, vec![add("cup")]) };
    assert_eq!(
        rewritten("tea", &[sold]),
        RewrittenSearch { text: "tea".into(), ..Default::default() }
    );
}

#[test]
fn a_reply_carries_what_any_device_could_place() {
    let mut german = Rule { when: of_search("tea"), ..rule(1, vec![pin(1, 1)]) };
    german.when.locales.push("de".into());
    let audience = Rule { audience: Some(bought("Tea")), ..rule(2, vec![pin(2, 1), pin(1, 2)]) };
    let category = Rule { when: of_category("Milk"), ..rule(3, vec![sponsored(3, 1)]) };
    let other = Rule { when: of_search("coffee"), ..rule(4, vec![pin(4, 1)]) };
    let mut feed = rule(5, vec![pin(5, 1)]);
    feed.when.placements.push(Placement::Feed);
    let rules = compiled(&[german, audience, category, other, feed]);
    assert_eq!(cards_needed(&rules, "TEA"), [id(1), id(3), id(2)]);
    let many: Vec<Rule> =
        (0..50).map(|n| rule(n, (0..9).map(|i| pin(n * 9 + i, 1)).collect())).collect();
    assert_eq!(cards_needed(&compiled(&many), "tea").len(), CARDS_NEEDED_MAX);
}
