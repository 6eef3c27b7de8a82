//! Every reason to refuse a rule, each by one case that nothing else decides.

mod support;

use support::*;
use vitrine_rules::*;

fn fault(rule: Rule) -> Option<RuleFault> {
    rule.validate(&["Beers".to_owned()]).err()
}

fn of(then: Vec<RuleAction>) -> Option<RuleFault> {
    fault(rule(1, then))
}

fn with(change: impl FnOnce(&mut Rule)) -> Option<RuleFault> {
    let mut rule = rule(1, vec![pin(1, 1)]);
    change(&mut rule);
    fault(rule)
}

#[test]
fn a_set_is_bounded_and_its_ids_are_different() {
    let set = |n: u32| PublicRules { rules: (0..n).map(|id| rule(id, vec![pin(1, 1)])).collect() };
    let max = RULES_MAX as u32;
    assert_eq!(set(max).validate(&[]), Ok(()));
    let refused = set(max + 1).validate(&[]);
    assert_eq!(refused, Err(RulesError::TooManyRules { n: RULES_MAX + 1, max: RULES_MAX }));
    let twice = PublicRules { rules: vec![rule(3, vec![pin(1, 1)]), rule(3, vec![pin(2, 1)])] };
    let refused = RulesError::Rule { rule: RuleId(3), fault: RuleFault::RepeatedId };
    assert_eq!(twice.validate(&[]), Err(refused));
}

#[test]
fn actions_are_bounded_and_mean_something() {
    use RuleFault::*;
    assert_eq!(of(vec![]), Some(NoAction));
    assert_eq!(of(vec![pin(1, 1); ACTIONS_MAX]), None);
    let too_many = TooMany { what: RuleList::Actions, n: ACTIONS_MAX + 1, max: ACTIONS_MAX };
    assert_eq!(of(vec![pin(1, 1); ACTIONS_MAX + 1]), Some(too_many));
    assert_eq!(of(vec![pin(1, 0)]), Some(NoSuchPlace { place: 0, max: PLACE_MAX }));
    let place = PLACE_MAX + 1;
    assert_eq!(of(vec![sponsored(1, place)]), Some(NoSuchPlace { place, max: PLACE_MAX }));
    let all = TargetsEverything { action: ActionKind::Hide };
    assert_eq!(of(vec![hide(RuleTarget::default())]), Some(all));
    let all = TargetsEverything { action: ActionKind::Filter };
    assert_eq!(of(vec![RuleAction::Filter { filters: RuleFilters::default() }]), Some(all));
    let inverted =
        RuleTarget { price_minor_min: Some(2), price_minor_max: Some(1), ..RuleTarget::default() };
    assert_eq!(of(vec![hide(inverted)]), Some(InvertedPrices { min: 2, max: 1 }));
    let quota = |most_of_a_category, of_places| {
        of(vec![RuleAction::Diversify(Diversity { most_of_a_category, of_places })])
    };
    assert_eq!(quota(4, 4), None);
    assert_eq!(quota(0, 4), Some(NoQuota { most: 0, of_places: 4 }));
    assert_eq!(quota(5, 4), Some(NoQuota { most: 5, of_places: 4 }));
}

#[test]
fn texts_and_lists_are_bounded_and_say_something() {
    use RuleFault::*;
    let name = |n: usize| "x".repeat(n);
    assert_eq!(of(vec![hide(RuleTarget::brand(&name(NAME_CHARS_MAX)))]), None);
    let long = TooLong { what: RuleText::Name, n_chars: NAME_CHARS_MAX + 1, max: NAME_CHARS_MAX };
    assert_eq!(of(vec![hide(RuleTarget::brand(&name(NAME_CHARS_MAX + 1)))]), Some(long));
    let items = RuleTarget::items((0..=TARGET_IDS_MAX as u32).map(id));
    let many = TooMany { what: RuleList::Names, n: TARGET_IDS_MAX + 1, max: TARGET_IDS_MAX };
    assert_eq!(of(vec![hide(items)]), Some(many));
    let paid = RuleAction::Sponsored { item: id(1), place: 1, paid_by: " ".into() };
    assert_eq!(of(vec![paid]), Some(Empty { what: RuleText::PaidBy }));
    let unsaid = RuleAction::Banner { text: RuleLabel::Languages(vec![]), link: None };
    assert_eq!(of(vec![unsaid]), Some(None { what: RuleList::Languages }));
    assert_eq!(with(|rule| rule.label = "".into()), Some(Empty { what: RuleText::Label }));
    let tags = ["en", "de", "zh", "fr"].map(|tag| (tag.to_owned(), "x".to_owned()));
    let many = TooMany { what: RuleList::Languages, n: 4, max: LABEL_LANGUAGES_MAX };
    assert_eq!(with(|rule| rule.label = RuleLabel::Languages(tags.to_vec())), Some(many));
    let words = |words: Vec<String>| of(vec![RuleAction::IgnoreWords { words }]);
    assert_eq!(words(vec![]), Some(None { what: RuleList::Words }));
    assert_eq!(words(vec!["!".into()]), Some(Empty { what: RuleText::QueryText }));
    let search = |texts| with(|rule| rule.when.query = Some(QueryCondition::HasWords(texts)));
    assert_eq!(search(vec![]), Some(None { what: RuleList::QueryTexts }));
    let n_chars = QUERY_TEXT_CHARS_MAX + 1;
    let long = TooLong { what: RuleText::QueryText, n_chars, max: QUERY_TEXT_CHARS_MAX };
    assert_eq!(search(vec![name(n_chars)]), Some(long.clone()));
    let to = ShopRoute::Search(name(n_chars));
    assert_eq!(of(vec![RuleAction::Redirect { to }]), Some(long));
    let ended = |rule: &mut Rule| {
        rule.window = RuleWindow { start_seconds: Some(5), end_seconds: Some(5) };
    };
    assert_eq!(with(ended), Some(EndsBeforeItStarts));
}

#[test]
fn an_audience_may_only_move_hide_and_say() {
    let target = || RuleTarget::category("Tea");
    let filters = RuleFilters { available_only: true, ..RuleFilters::default() };
    let words = vec!["tea".to_owned()];
    let all = vec![
        (pin(1, 1), true),
        (boost(target(), Strength::Slight), true),
        (RuleAction::Bury { target: target(), strength: Strength::Slight }, true),
        (hide(target()), true),
        (RuleAction::Banner { text: "Hello".into(), link: None }, true),
        (RuleAction::IncludeOnly { target: target() }, false),
        (RuleAction::Redirect { to: ShopRoute::Home }, false),
        (RuleAction::Filter { filters }, false),
        (RuleAction::ReplaceWords { from: "a".into(), to: "b".into() }, false),
        (RuleAction::IgnoreWords { words: words.clone() }, false),
        (RuleAction::AddWords { words }, false),
        (sponsored(1, 1), false),
        (RuleAction::Diversify(Diversity::default()), false),
    ];
    for (action, is_allowed) in all {
        let kind = action.kind();
        assert_eq!(of(vec![action.clone()]), None, "{kind:?} for everyone");
        let found = fault(Rule { audience: Some(bought("Tea")), ..rule(1, vec![action]) });
        let refused = RuleFault::NotForAudiences { action: kind };
        assert_eq!(found, (!is_allowed).then_some(refused), "{kind:?}");
    }
}

#[test]
fn an_audience_is_of_a_few_harmless_facts() {
    use RuleFault::*;
    let of = |facts: Vec<AudienceFact>| with(|rule| rule.audience = Some(Audience { facts }));
    let fact = |name: &str, within_days| AudienceFact {
        deed: Deed::LookedAt,
        of: CardGroup::Department(name.into()),
        within_days,
    };
    assert_eq!(of(vec![fact("Food", 365)]), Option::None);
    assert_eq!(of(vec![]), Some(None { what: RuleList::AudienceFacts }));
    let n = AUDIENCE_FACTS_MAX + 1;
    let many = TooMany { what: RuleList::AudienceFacts, n, max: AUDIENCE_FACTS_MAX };
    assert_eq!(of(vec![fact("Food", 1); n]), Some(many));
    for days in [0, 366] {
        let refused = NoSuchDays { days, max: AUDIENCE_DAYS_MAX };
        assert_eq!(of(vec![fact("Food", days)]), Some(refused));
    }
    for name in ["Women's Health", "beers"] {
        let refused = SensitiveAudience { name: name.into() };
        assert_eq!(of(vec![fact("Food", 1), fact(name, 1)]), Some(refused));
    }
}
