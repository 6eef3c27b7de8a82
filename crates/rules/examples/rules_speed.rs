//! How long one list takes: 5,000 rules, 500 candidates. `cargo run --release -p vitrine-rules
//! --example rules_speed`.

#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::time::Instant;

use vitrine_domain::ItemId;
use vitrine_rules::{
    CardFacts, CompiledRules, Diversity, ListContext, ListToArrange, Placement, PublicRules,
    QueryCondition, RankedCard, Rule, RuleAction, RuleCondition, RuleId, RuleTarget, Strength,
    Surface, arrange,
};

const N_RULES: u32 = 5_000;
const N_CANDIDATES: u32 = 500;
const N_RUNS: usize = 201;

/// Cards of 12 departments, 120 categories and 300 brands.
struct Cards {
    names: Vec<String>,
}

impl CardFacts for Cards {
    fn id(&self, index: u32) -> ItemId {
        ItemId(u64::from(index))
    }
    fn department(&self, index: u32) -> &str {
        &self.names[(index % 12) as usize]
    }
    fn category(&self, index: u32) -> &str {
        &self.names[(index % 120) as usize]
    }
    fn brand(&self, index: u32) -> &str {
        &self.names[(index.wrapping_mul(7_919) % 300) as usize]
    }
    fn price_minor(&self, index: u32) -> u32 {
        index % 97 * 10
    }
    fn is_on_offer(&self, index: u32) -> bool {
        index.is_multiple_of(9)
    }
    fn is_available(&self, index: u32) -> bool {
        !index.is_multiple_of(31)
    }
}

/// What the rules of a set are like.
#[derive(Clone, Copy, Debug)]
enum Mix {
    /// Of searches, categories and all pages, as a shop has them.
    Mixed,
    /// All hold on the page, each for another category, brand or card.
    AllHold,
    /// All hold, and all are about one category.
    OneCategory,
}

fn rule(id: u32, mix: Mix, names: &[String]) -> Rule {
    let name = |n: u32| names[(id.wrapping_mul(2_654_435_761) % n) as usize].clone();
    let target = match (mix, id % 3) {
        (Mix::OneCategory, _) => RuleTarget::category(&names[5]),
        (_, 0) => RuleTarget::category(&name(120)),
        (_, 1) => RuleTarget::brand(&name(300)),
        _ => RuleTarget::items([ItemId(u64::from(id % 900))]),
    };
    let strength = Strength::Slight;
    let action = match id % 10 {
        0 => RuleAction::Pin { item: ItemId(u64::from(id % 900)), place: (id % 60 + 1) as u16 },
        1 => RuleAction::Bury { target, strength },
        2 if id.is_multiple_of(500) => RuleAction::Hide { target },
        _ => RuleAction::Boost { target, strength },
    };
    let mut when = RuleCondition::default();
    match (mix, id % 5) {
        (Mix::Mixed, 0 | 1) => when.query = Some(QueryCondition::Is(vec![format!("word {id}")])),
        (Mix::Mixed, 2) => {
            when.query = Some(QueryCondition::HasWords(vec![format!("coffee {}", id % 700)]));
        }
        (Mix::Mixed, 3) => when.categories.push(name(120)),
        (Mix::Mixed, _) => when.placements.push(Placement::Feed),
        _ => {}
    }
    let (then, label) = (vec![action], "Chosen by the shop".into());
    Rule { id: RuleId(id), when, then, label, ..Rule::default() }
}

fn main() {
    let cards = Cards { names: (0..300).map(|i| format!("Name of something {i}")).collect() };
    let ranked: Vec<RankedCard> =
        (0..N_CANDIDATES).map(|i| RankedCard { index: i * 3, score: -(i as f32) / 50.0 }).collect();
    let extras: Vec<u32> = (0..200).map(|i| i * 3 + 1).collect();
    for mix in [Mix::Mixed, Mix::AllHold, Mix::OneCategory] {
        let rules = (0..N_RULES).map(|id| rule(id, mix, &cards.names)).collect();
        let started = Instant::now();
        let compiled = CompiledRules::new(PublicRules { rules });
        let compile_us = started.elapsed().as_secs_f64() * 1e6;
        for (surface, query) in [(Surface::Feed, ""), (Surface::Search, "coffee 14 word")] {
            let context = ListContext {
                surface,
                query,
                category: &cards.names[7],
                page_places: 60,
                diversity: Some(Diversity::default()),
                ..ListContext::default()
            };
            let list = ListToArrange { ranked: &ranked, extras: &extras, cards: &cards };
            let mut us: Vec<f64> = Vec::new();
            let mut n_touched = 0;
            for _ in 0..N_RUNS {
                let started = Instant::now();
                n_touched = arrange(list, &context, &compiled).touched.len();
                us.push(started.elapsed().as_secs_f64() * 1e6);
            }
            us.sort_by(f64::total_cmp);
            println!(
                "{mix:?}, {surface:?}: median {:.0} µs, longest {:.0} µs a list, {n_touched} cards \
                 touched; compiled once in {compile_us:.0} µs",
                us[N_RUNS / 2],
                us[N_RUNS - 1]
            );
        }
    }
}
