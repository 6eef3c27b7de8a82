//! Scores of the teacher on a small shop made from a seed, as they were last blessed:
//! `VITRINE_BLESS=1 cargo test -p vitrine-ranking --test golden`.

#[path = "../../../tests/golden_numbers.rs"]
mod golden_numbers;

use std::path::Path;

use vitrine_domain::{EventKind, Interaction, Item, ItemId, ShopperId};
use vitrine_ranking::text::{self, TEXT_DIM};
use vitrine_ranking::{
    Baseline, Components, ComponentsConfig, FeatureModel, FeatureWeights, PurchaseLog,
    related_lists,
};

const N_ITEMS: u32 = 48;
const N_SHOPPERS: u32 = 60;
const WEEK_SECONDS: i64 = 7 * 86_400;
const N_WEEKS: i64 = 20;
const NOW_SECONDS: i64 = (N_WEEKS - 4) * WEEK_SECONDS;

/// Linear congruential: the same numbers everywhere.
struct Generator(u32);

impl Generator {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 16_777_216.0
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.unit() * n as f32) as u32
    }
}

fn items() -> Vec<Item> {
    let item = |i: u32| Item {
        id: ItemId(100 + u64::from(i) * 3),
        title: format!("Item {i}"),
        department: format!("Department {}", i % 3),
        category: format!("Category {}", i % 7),
        price_minor: 100 + i * 13,
        ..Item::default()
    };
    (0..N_ITEMS).map(item).collect()
}

/// Texts of one category are close.
fn vectors(generator: &mut Generator) -> Vec<f32> {
    let mut vectors = vec![0.0; N_ITEMS as usize * TEXT_DIM];
    for (i, vector) in vectors.chunks_exact_mut(TEXT_DIM).enumerate() {
        vector[i % 7] = 1.0;
        vector.iter_mut().for_each(|x| *x += (generator.unit() - 0.5) * 0.1);
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    vectors
}

/// Shoppers with favourites of their own, who sometimes skip a week.
fn interactions(generator: &mut Generator) -> Vec<Interaction> {
    let mut lines = Vec::new();
    for shopper in 0..N_SHOPPERS {
        let favourites: Vec<u32> = (0..5).map(|_| generator.below(N_ITEMS)).collect();
        for week in 0..N_WEEKS {
            if generator.unit() < 0.3 {
                continue;
            }
            for _ in 0..3 {
                let item = match generator.below(3) {
                    0 => (generator.unit().powi(2) * N_ITEMS as f32) as u32,
                    _ => favourites[generator.below(5) as usize],
                };
                lines.push(Interaction {
                    shopper: ShopperId(shopper),
                    item: ItemId(100 + u64::from(item) * 3),
                    kind: EventKind::Purchase,
                    at_seconds: week * WEEK_SECONDS + i64::from(shopper) * 900,
                    basket: shopper * 100 + week as u32,
                    quantity: 1,
                    price_minor: 100,
                });
            }
        }
    }
    lines
}

#[test]
fn teacher_baselines_and_related_lists_are_what_they_were() {
    let mut generator = Generator(20_240_229);
    let (items, vectors) = (items(), vectors(&mut generator));
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let log = PurchaseLog::new(&ids, &interactions(&mut generator)).expect("distinct ids");
    let by_text = text::neighbours(ids.len(), 8, |from, to| text::cosines(&vectors, from, to));
    let config = ComponentsConfig::default();
    let components = Components::build(&items, by_text, &log, NOW_SECONDS, &config).expect("fits");
    let mut weights = FeatureWeights::zeros();
    let parts = weights.long.iter_mut().chain(weights.short.iter_mut());
    parts.for_each(|weight| *weight = generator.unit() * 2.0 - 0.5);
    let teacher = FeatureModel { components, weights };

    let mut lines = Vec::new();
    let popularity = &teacher.components.popularity;
    lines.push(golden_numbers::line("buyers", &popularity.n_buyers));
    lines.push(golden_numbers::line("buyers-recent", &popularity.n_buyers_recent));
    for shopper in [0, 7, 23, 59] {
        let whole = log.before(shopper, NOW_SECONDS);
        let histories = [("whole", whole), ("newcomer", &whole[whole.len() - 2..]), ("empty", &[])];
        for (name, history) in histories {
            let scores = teacher.score(history, NOW_SECONDS);
            lines.push(golden_numbers::line(&format!("teacher-{shopper}-{name}"), scores));
        }
        for baseline in Baseline::EACH {
            let scores = baseline.score(&teacher.components, whole);
            let name = baseline.name().replace(' ', "-");
            lines.push(golden_numbers::line(&format!("{name}-{shopper}"), scores));
        }
    }
    for (id, list) in related_lists(&log.truncated(NOW_SECONDS), &ids) {
        let numbers = list.iter().flat_map(|(other, byte)| [other.0, u64::from(*byte)]);
        lines.push(golden_numbers::line(&format!("related-{}", id.0), numbers));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/scores.txt");
    golden_numbers::check_within(&path, golden_numbers::DIFFERENCE_MAX, &lines);
}
