//! Drafts: what ships of them, and every problem by one planted case.

#![cfg(feature = "authoring")]

mod support;

use jiff::civil::{DateTime, date};
use support::*;
use vitrine_rules::authoring::*;
use vitrine_rules::*;

/// 2026-06-15 12:00 UTC.
const NOW_SECONDS: i64 = 1_781_524_800;

fn at(day: i8, hour: i8) -> Option<DateTime> {
    Some(date(2026, 6, day).at(hour, 0, 0, 0))
}

fn record(id: u32, then: Vec<RuleAction>) -> RuleRecord {
    RuleRecord {
        id: RuleId(id),
        name: "Internal name".into(),
        note: "Because the supplier asked".into(),
        author: AuthorId(7),
        then,
        label: "Chosen by the shop".into(),
        ..RuleRecord::default()
    }
}

fn scheduled(id: u32, start: Option<DateTime>, end: Option<DateTime>) -> RuleRecord {
    let schedule = LocalWindow { start, end, time_zone: "Europe/Berlin".into() };
    RuleRecord { schedule, ..record(id, vec![pin(id, 1)]) }
}

/// Twelve cards; the category "Cold & flu" is all of the department "Health", and of "Bolt".
fn catalogue() -> CatalogueNames {
    let mut cards: Vec<CatalogueCard> = (0..12)
        .map(|index| CatalogueCard {
            id: id(index),
            department: Cards::default().department(index).into(),
            category: Cards::default().category(index).into(),
            brand: "Acme".into(),
            price_minor: 100 * (index + 1),
            is_on_offer: false,
        })
        .collect();
    cards.push(CatalogueCard {
        id: id(12),
        department: "Health".into(),
        category: "Drops".into(),
        brand: "Bolt".into(),
        ..CatalogueCard::default()
    });
    CatalogueNames::new(cards)
}

fn problems(records: &[RuleRecord]) -> Vec<(u32, RuleProblemKind)> {
    let catalogue = catalogue();
    let never_recommended = ["Soap".to_owned()];
    let context = CheckContext {
        catalogue: &catalogue,
        never_recommended: &never_recommended,
        now_seconds: NOW_SECONDS,
    };
    check(records, context).into_iter().map(|found| (found.rule.0, found.problem)).collect()
}

fn of(then: Vec<RuleAction>) -> Vec<RuleProblemKind> {
    problems(&[record(1, then)]).into_iter().map(|(_, problem)| problem).collect()
}

fn ids(set: &PublicRules) -> Vec<u32> {
    set.rules.iter().map(|rule| rule.id.0).collect()
}

#[test]
fn what_holds_within_a_day_ships_in_utc_without_names_and_notes() {
    let records = [
        scheduled(9, at(15, 13), at(15, 15)),
        scheduled(8, None, None),
        scheduled(7, None, at(15, 14)),
        scheduled(6, at(16, 13), None),
        scheduled(5, at(16, 14), None),
        scheduled(4, at(1, 0), at(2, 0)),
    ];
    let set = publish(&records, NOW_SECONDS, &[]).unwrap();
    assert_eq!(ids(&set), [6, 8, 9], "14:00 in Berlin is 12:00 in UTC");
    let (start, end) = (Some(NOW_SECONDS - 3_600), Some(NOW_SECONDS + 3_600));
    assert_eq!(set.rules[2].window, RuleWindow { start_seconds: start, end_seconds: end });
    let shipped = serde_json::to_string(&set).unwrap();
    for secret in ["Internal", "supplier", "Berlin", "author"] {
        assert!(!shipped.contains(secret), "{shipped}");
    }
}

#[test]
fn what_is_not_valid_does_not_ship() {
    let mut records = vec![record(1, vec![pin(1, 0)])];
    let invalid = publish(&records, NOW_SECONDS, &[]).unwrap_err();
    assert!(matches!(invalid, RulePublishError::Invalid(RulesError::Rule { rule: RuleId(1), .. })));
    records[0] = record(1, vec![pin(1, 1)]);
    records[0].audience = Some(bought("Tea"));
    assert!(publish(&records, NOW_SECONDS, &[]).is_ok());
    assert!(publish(&records, NOW_SECONDS, &["Tea".to_owned()]).is_err());
    records[0].schedule.time_zone = "Nowhere".into();
    let unknown = publish(&records, NOW_SECONDS, &[]).unwrap_err();
    assert!(matches!(unknown, RulePublishError::TimeZone { rule: RuleId(1), .. }));
}

#[test]
fn a_draft_without_faults_has_no_problem() {
    let mut all = record(1, vec![pin(1, 1), boost(RuleTarget::category("Tea"), Strength::Clear)]);
    all.audience = Some(bought("Milk"));
    all.when = of_category("Coffee");
    let words = RuleAction::ReplaceWords { from: "tee".into(), to: "tea".into() };
    let to = RuleAction::Redirect { to: ShopRoute::Search("tea".into()) };
    let search = RuleRecord { when: of_search("char"), ..record(2, vec![words, to, pin(2, 2)]) };
    assert_eq!(problems(&[all, search]), []);
}

#[test]
fn what_there_is_not_is_said() {
    use RuleProblemKind::{MatchesNothing, UnknownItem, UnknownName};
    let unknown = |kind, name: &str| vec![UnknownName { kind, name: name.into() }];
    assert_eq!(of(vec![pin(99, 1)]), [UnknownItem { item: id(99) }]);
    assert_eq!(of(vec![hide(RuleTarget::brand("acme"))]), unknown(RuleNameKind::Brand, "acme"));
    let to = ShopRoute::Category("Teas".into());
    assert_eq!(of(vec![RuleAction::Redirect { to }]), unknown(RuleNameKind::Category, "Teas"));
    let when = RuleCondition { departments: vec!["Foods".into()], ..RuleCondition::default() };
    let found = problems(&[RuleRecord { when, ..record(1, vec![pin(1, 1)]) }]);
    let kind = RuleNameKind::Department;
    assert_eq!(found, [(1, UnknownName { kind, name: "Foods".into() })]);
    let audience = RuleRecord { audience: Some(bought("Teas")), ..record(1, vec![pin(1, 1)]) };
    assert_eq!(problems(&[audience]).len(), 1);

    let none = RuleTarget { price_minor_min: Some(5_000), ..RuleTarget::category("Tea") };
    assert_eq!(of(vec![hide(none)]), [MatchesNothing { action: ActionKind::Hide }]);
    let brands_excluded = vec!["Acme".to_owned()];
    let departments = vec!["Food".to_owned()];
    let filters = RuleFilters { brands_excluded, departments, ..RuleFilters::default() };
    let found = of(vec![RuleAction::Filter { filters }]);
    assert_eq!(found, [MatchesNothing { action: ActionKind::Filter }]);
}

#[test]
fn what_can_never_ship_is_refused() {
    use RuleProblemKind::{Invalid, TooManyRules, UnknownTimeZone};
    let of = |change: &dyn Fn(&mut RuleRecord)| {
        let mut record = record(1, vec![pin(1, 1)]);
        change(&mut record);
        let found = problems(&[record]);
        assert!(found.iter().all(|(_, problem)| problem.is_refused()), "{found:?}");
        found.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>()
    };
    let sensitive = |name: &str| vec![Invalid(RuleFault::SensitiveAudience { name: name.into() })];
    let facts = |group: CardGroup| {
        let facts = vec![AudienceFact { deed: Deed::Bought, of: group, within_days: 9 }];
        Some(Audience { facts })
    };
    let category = |name: &str| facts(CardGroup::Category(name.into()));
    assert_eq!(of(&|record| record.audience = category("Soap")), sensitive("Soap"));
    assert_eq!(of(&|record| record.audience = category("Drops")), sensitive("Drops"));
    let brand = || facts(CardGroup::Brand("Bolt".into()));
    assert_eq!(of(&|record| record.audience = brand()), sensitive("Bolt"));
    let not_allowed = Invalid(RuleFault::NotForAudiences { action: ActionKind::Redirect });
    let redirect = RuleAction::Redirect { to: ShopRoute::Home };
    let found = of(&|record| {
        record.audience = category("Tea");
        record.then.push(redirect.clone());
    });
    assert_eq!(found, [not_allowed]);
    assert_eq!(of(&|record| record.then.clear()), [Invalid(RuleFault::NoAction)]);
    let ends = |record: &mut RuleRecord| {
        record.schedule.start = at(20, 1);
        record.schedule.end = at(20, 0);
    };
    assert_eq!(of(&ends), [Invalid(RuleFault::EndsBeforeItStarts)]);
    let zone = |record: &mut RuleRecord| record.schedule.time_zone = "Nowhere".into();
    assert_eq!(of(&zone), [UnknownTimeZone { name: "Nowhere".into() }]);
    let twice = problems(&[record(1, vec![pin(1, 1)]), record(1, vec![pin(1, 2)])]);
    assert_eq!(twice, [(1, Invalid(RuleFault::RepeatedId))]);
    let banner = || vec![RuleAction::Banner { text: "Hello".into(), link: None }];
    let many: Vec<RuleRecord> = (0..=RULES_MAX as u32).map(|id| record(id, banner())).collect();
    let n = RULES_MAX + 1;
    assert_eq!(problems(&many), [(RULES_MAX as u32, TooManyRules { n, max: RULES_MAX })]);
}

#[test]
fn a_rule_whose_time_is_over_is_said_and_in_nobodys_way() {
    let over = scheduled(1, at(1, 0), at(15, 14));
    assert_eq!(problems(std::slice::from_ref(&over)), [(1, RuleProblemKind::IsOver)]);
    let hides = record(2, vec![hide(RuleTarget::items([id(1)])), pin(2, 1)]);
    assert_eq!(problems(&[over, hides]), [(1, RuleProblemKind::IsOver)]);
    assert_eq!(problems(&[scheduled(1, None, at(15, 15))]), []);
}

#[test]
fn two_rules_of_a_level_at_a_place_are_said_of_both() {
    let same = |other| RuleProblemKind::SamePlace { place: 1, other: RuleId(other) };
    let both = [(1, same(2)), (2, same(1))];
    let pair = |change: &dyn Fn(&mut RuleRecord, &mut RuleRecord)| {
        let mut pair = [record(1, vec![pin(1, 1)]), record(2, vec![sponsored(2, 1)])];
        let [first, second] = &mut pair;
        change(first, second);
        problems(&pair)
    };
    assert_eq!(pair(&|_, _| {}), both);
    let times = |end_hour| {
        move |first: &mut RuleRecord, second: &mut RuleRecord| {
            first.schedule.end = at(20, end_hour);
            second.schedule.start = at(20, 12);
        }
    };
    assert_eq!(pair(&times(13)), both);
    assert_eq!(pair(&times(12)), []);
    assert_eq!(pair(&|_, second| second.when = of_category("Tea")), [], "another level");
    assert_eq!(pair(&|_, second| second.then = vec![pin(2, 2)]), []);
    let placed = |a: Placement, b: Placement| {
        pair(&|first, second| {
            first.when.placements = vec![a.clone()];
            second.when.placements = vec![b.clone()];
        })
    };
    assert_eq!(placed(Placement::Feed, Placement::Search), []);
    assert_eq!(placed(Placement::AllCarousels, Placement::Carousel("new".into())), both);
    let searches = |a: RuleCondition, b: RuleCondition| {
        pair(&|first, second| {
            (first.when, second.when) = (a.clone(), b.clone());
        })
    };
    assert_eq!(searches(of_search("Tea"), of_search("coffee")), []);
    assert_eq!(searches(of_search("Tea"), of_search("TEA!")), both);
    let mut words = of_search("");
    words.query = Some(QueryCondition::HasWords(vec!["green".into()]));
    assert_eq!(searches(of_search("tea, green"), words.clone()), both);
    assert_eq!(searches(of_search("tea, black"), words), []);
    let german = |tag: &str| RuleCondition { locales: vec![tag.into()], ..Default::default() };
    assert_eq!(searches(german("de"), german("de-AT")), both);
    assert_eq!(searches(german("de"), german("en")), []);
}

#[test]
fn a_card_that_one_places_and_another_leaves_out_is_said() {
    let found = RuleProblemKind::PlacedAndHidden { item: id(1), other: RuleId(2) };
    let with =
        |action: RuleAction| problems(&[record(1, vec![pin(1, 1)]), record(2, vec![action])]);
    assert_eq!(with(hide(RuleTarget::category("Coffee"))), [(1, found.clone())]);
    assert_eq!(with(hide(RuleTarget::category("Tea"))), []);
    let only = |target| RuleAction::IncludeOnly { target };
    assert_eq!(with(only(RuleTarget::category("Tea"))), [(1, found.clone())]);
    assert_eq!(with(only(RuleTarget::category("Coffee"))), []);
    let filters = RuleFilters { price_minor_max: Some(150), ..RuleFilters::default() };
    assert_eq!(with(RuleAction::Filter { filters }), [(1, found)]);
}

#[test]
fn words_and_redirects_in_a_circle_are_said() {
    let replace = |id, from: &str, to: &str| {
        record(id, vec![RuleAction::ReplaceWords { from: from.into(), to: to.into() }])
    };
    let circle = [
        replace(1, "soda", "pop"),
        replace(2, "Pop", "fizzy drink"),
        replace(3, "fizzy drink", "SODA"),
        replace(4, "cola", "soda"),
    ];
    let said = [1, 2, 3].map(|id| (id, RuleProblemKind::SynonymLoop));
    assert_eq!(problems(&circle), said);
    assert_eq!(problems(&circle[1..]), []);
    let redirect = |id, from: &str, to: &str| {
        let to = RuleAction::Redirect { to: ShopRoute::Search(to.into()) };
        RuleRecord { when: of_search(from), ..record(id, vec![to]) }
    };
    let circle = [redirect(1, "a", "b"), redirect(2, "b", "a"), redirect(3, "c", "a")];
    assert_eq!(problems(&circle), [1, 2].map(|id| (id, RuleProblemKind::RedirectLoop)));
}

#[test]
fn a_difference_is_told_by_rule_and_by_part() {
    let old = [record(1, vec![pin(1, 1)]), record(2, vec![pin(2, 2)]), record(3, vec![pin(3, 3)])];
    let mut new = vec![old[2].clone(), old[0].clone(), record(4, vec![pin(4, 4)])];
    new[0].author = AuthorId(9);
    assert_eq!(
        difference(&old, &new),
        [RuleChange::Removed(RuleId(2)), RuleChange::Added(RuleId(4))]
    );
    type Change = fn(&mut RuleRecord);
    let changes: [(RuleField, Change); 8] = [
        (RuleField::Name, |record| record.name.push('!')),
        (RuleField::Note, |record| record.note.clear()),
        (RuleField::Priority, |record| record.priority = 3),
        (RuleField::Condition, |record| record.when = of_search("tea")),
        (RuleField::Actions, |record| record.then[0] = pin(1, 2)),
        (RuleField::Schedule, |record| record.schedule.end = at(20, 0)),
        (RuleField::Audience, |record| record.audience = Some(bought("Tea"))),
        (RuleField::Label, |record| record.label = "Other".into()),
    ];
    for (field, change) in changes {
        let mut changed = old.clone();
        change(&mut changed[0]);
        let expected = RuleChange::Changed { id: RuleId(1), fields: vec![field] };
        assert_eq!(difference(&old, &changed), [expected]);
    }
    assert_eq!(difference(&old, &old), []);
}

#[test]
fn drafts_are_read_as_they_were_written() {
    let mut draft = scheduled(3, at(15, 13), None);
    draft.audience = Some(bought("Tea"));
    let text = serde_json::to_string(&draft).unwrap();
    assert!(text.contains("\"2026-06-15T13:00:00\""), "{text}");
    assert_eq!(serde_json::from_str::<RuleRecord>(&text).unwrap(), draft);
    let with_more = text.replacen('{', "{\"price\":1,", 1);
    assert!(serde_json::from_str::<RuleRecord>(&with_more).is_err());
}
