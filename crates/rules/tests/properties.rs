//! What holds for all rules and all lists.

mod support;

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use support::*;
use vitrine_rules::*;

/// A case, with the shopper who buys tea.
fn arranged_for_buyer(
    list: &[RankedCard],
    extras: &[u32],
    cards: &Cards,
    context: ListContext<'_>,
    rules: &[Rule],
) -> ArrangedList {
    let shopper = Shopper { bought: vec!["Tea", "Soap"], ..Shopper::default() };
    let context = ListContext { shopper: Some(&shopper), ..context };
    arranged(list, extras, cards, &context, rules)
}

fn cards() -> impl Strategy<Value = Cards> {
    proptest::collection::vec(0..60u32, 0..12).prop_map(|unavailable| Cards { unavailable })
}

/// The list that an arranged one is, as input; `score` is of what was not in the list.
fn as_list(arranged: &ArrangedList, list: &[RankedCard], score: f32) -> Vec<RankedCard> {
    let scores: HashMap<u32, f32> = list.iter().map(|card| (card.index, card.score)).collect();
    let of = |index: &u32| RankedCard {
        index: *index,
        score: scores.get(index).copied().unwrap_or(score),
    };
    arranged.order.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn generated_rules_are_valid(rules in rules(12)) {
        prop_assert_eq!(PublicRules { rules }.validate(&[]), Ok(()));
    }

    #[test]
    fn without_rules_nothing_is_moved(list in lists(), context in contexts(), cards in cards()) {
        let context = ListContext { diversity: None, ..context };
        let arranged = arranged(&list, &[1, 2, 3], &cards, &context, &[]);
        let order = list.iter().map(|card| card.index).collect();
        prop_assert_eq!(arranged, ArrangedList { order, ..ArrangedList::default() });
    }

    /// Every card of the list is shown once or hidden, and what else is shown is an extra card
    /// that a rule placed.
    #[test]
    fn nothing_is_lost_or_repeated(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
    ) {
        let extras: Vec<u32> = (0..60).collect();
        let arranged = arranged_for_buyer(&list, &extras, &cards, context, &rules);
        let shown: BTreeSet<u32> = arranged.order.iter().copied().collect();
        prop_assert_eq!(shown.len(), arranged.order.len());
        let hidden: BTreeSet<u32> = arranged.hidden.iter().map(|(index, _)| *index).collect();
        prop_assert!(shown.is_disjoint(&hidden));
        let known: BTreeSet<u32> = list.iter().map(|card| card.index).collect();
        let all: BTreeSet<u32> = shown.union(&hidden).copied().collect();
        prop_assert!(known.is_subset(&all));
        for index in all.difference(&known) {
            let touched = arranged.touched.iter().find(|touched| touched.index == *index);
            let how = touched.map(|touched| touched.how.clone());
            let is_placed = matches!(how, Some(RuleTouch::Pinned | RuleTouch::Sponsored { .. }));
            prop_assert!(is_placed, "{index}: {how:?}");
        }
    }

    #[test]
    fn applied_to_its_own_result_it_changes_nothing(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
        score in -50..200i32,
    ) {
        let extras: Vec<u32> = (0..60).step_by(2).collect();
        let once = arranged_for_buyer(&list, &extras, &cards, context, &rules);
        let again = as_list(&once, &list, score as f32);
        let twice = arranged_for_buyer(&again, &extras, &cards, context, &rules);
        prop_assert_eq!(&once.order, &twice.order);
        let without = arranged_for_buyer(&again, &[], &cards, context, &rules);
        prop_assert_eq!(&once.order, &without.order);
        prop_assert_eq!(once.touched, twice.touched);
        prop_assert_eq!(twice.hidden, vec![]);
    }

    #[test]
    fn the_order_of_the_set_does_not_matter(
        list in lists(), context in contexts(), cards in cards(),
        (rules, shuffled) in rules(12).prop_flat_map(|rules| {
            (Just(rules.clone()), Just(rules).prop_shuffle())
        }),
    ) {
        let extras: Vec<u32> = (0..60).collect();
        let one = arranged_for_buyer(&list, &extras, &cards, context, &rules);
        prop_assert_eq!(one, arranged_for_buyer(&list, &extras, &cards, context, &shuffled));
        let rewritten = |rules: &[Rule]| {
            let rules = RewriteRules::new(&PublicRules { rules: rules.to_vec() });
            rewrite("cheap tee", &rules, &RewriteContext::default())
        };
        prop_assert_eq!(rewritten(&rules), rewritten(&shuffled));
    }

    /// What a rule leaves out, or cannot be bought, no rule places or moves up.
    #[test]
    fn what_is_hidden_or_out_of_stock_is_never_placed(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
        hidden in proptest::sample::select(&CATEGORIES[..]),
    ) {
        let mut rules = rules;
        rules.push(rule(999, vec![hide(RuleTarget::category(hidden))]));
        let extras: Vec<u32> = (0..60).collect();
        let arranged = arranged_for_buyer(&list, &extras, &cards, context, &rules);
        for index in &arranged.order {
            prop_assert!(cards.category(*index) != hidden);
        }
        for touched in &arranged.touched {
            let is_down = matches!(touched.how, RuleTouch::Buried | RuleTouch::SpreadOut);
            prop_assert!(is_down || cards.is_available(touched.index), "{touched:?}");
        }
    }

    #[test]
    fn rules_take_no_more_of_a_page_than_they_may(
        list in lists(), context in contexts(), cards in cards(), rules in rules(30),
    ) {
        let extras: Vec<u32> = (0..60).collect();
        let arranged = arranged_for_buyer(&list, &extras, &cards, context, &rules);
        let how = |index: &u32| {
            let touched = arranged.touched.iter().find(|touched| touched.index == *index);
            touched.map(|touched| &touched.how)
        };
        let mut n_sponsored_in_all = 0;
        for page in arranged.order.chunks(context.page_places) {
            let is_sponsored =
                |index: &&u32| matches!(how(index), Some(RuleTouch::Sponsored { .. }));
            let n_sponsored = page.iter().filter(is_sponsored).count();
            let is_pinned = |index: &&u32| matches!(how(index), Some(RuleTouch::Pinned));
            let n = page.iter().filter(is_pinned).count() + n_sponsored;
            prop_assert!(n <= RULE_PLACES_MAX.min(context.page_places.div_ceil(2)));
            prop_assert!(n_sponsored <= SPONSORED_PER_PAGE_MAX);
            n_sponsored_in_all += n_sponsored;
        }
        prop_assert!(n_sponsored_in_all <= context.sponsored_left);
        prop_assert!(arranged.banners.len() <= BANNERS_MAX);
    }

    /// A search is rewritten the same with and without the rules for an audience, and without a
    /// shopper a list is arranged as if there were none.
    #[test]
    fn rules_for_an_audience_change_no_search_and_no_list_of_a_server(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
        query in "(cheap|tee|mug|a| ){1,5}",
    ) {
        let mut for_all = rules.clone();
        for_all.retain(|rule| rule.audience.is_none());
        let rewritten = |rules: &[Rule]| {
            let set = RewriteRules::new(&PublicRules { rules: rules.to_vec() });
            rewrite(&query, &set, &RewriteContext { now_seconds: 15, ..RewriteContext::default() })
        };
        prop_assert_eq!(rewritten(&rules), rewritten(&for_all));
        let of_server = |rules: &[Rule]| arranged(&list, &[], &cards, &context, rules);
        prop_assert_eq!(of_server(&rules), of_server(&for_all));
    }

    /// Whatever a device places beside a search's results, the reply has it.
    #[test]
    fn a_reply_has_every_card_that_a_device_places(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
    ) {
        let context = ListContext { surface: Surface::Search, ..context };
        let all: Vec<u32> = (0..60).collect();
        let arranged = arranged_for_buyer(&list, &all, &cards, context, &rules);
        let needed = cards_needed(&compiled(&rules), context.query);
        let is_placed = |touched: &&TouchedCard| {
            matches!(touched.how, RuleTouch::Pinned | RuleTouch::Sponsored { .. })
        };
        for touched in arranged.touched.iter().filter(is_placed) {
            prop_assert!(needed.contains(&id(touched.index)));
        }
    }

    /// Scores count by their proportions alone: another scale of the ranker changes nothing.
    #[test]
    fn the_scale_of_the_scores_does_not_matter(
        list in lists(), context in contexts(), cards in cards(), rules in rules(12),
    ) {
        let scaled: Vec<RankedCard> =
            list.iter().map(|card| RankedCard { score: card.score * 8.0, ..*card }).collect();
        let of = |list: &[RankedCard]| {
            arranged_for_buyer(list, &[], &cards, context, &rules).order
        };
        prop_assert_eq!(of(&list), of(&scaled));
    }

    #[test]
    fn rules_survive_their_encodings(rules in rules(12)) {
        let set = PublicRules { rules };
        let bytes = postcard::to_allocvec(&set).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<PublicRules>(&bytes).unwrap(), &set);
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PublicRules>(&json).unwrap(), &set);
    }
}
