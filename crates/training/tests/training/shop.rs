//! A small shop with structure: two camps of shoppers, weekly baskets, favourites.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_domain::{EventKind, Interaction, Item, ItemId, ShopperId};
use vitrine_ranking::text::TEXT_DIM;
use vitrine_training::{PreparedData, TrainingData};

pub const N_ITEMS: usize = 160;
pub const WEEK_SECONDS: i64 = 7 * 86_400;
pub const N_WEEKS: i64 = 30;

pub struct Shop {
    pub items: Vec<Item>,
    pub vectors: Vec<f32>,
    pub interactions: Vec<Interaction>,
}

impl Shop {
    pub fn new(seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let items = (0..N_ITEMS)
            .map(|i| Item {
                id: ItemId(1_000 + i as u64 * 7),
                title: format!("Item {i}"),
                department: format!("Department {}", i % 2),
                category: format!("Category {}", i % 8),
                price_minor: 100 + i as u32,
                ..Item::default()
            })
            .collect::<Vec<_>>();
        let mut vectors = vec![0.0; N_ITEMS * TEXT_DIM];
        for (i, vector) in vectors.chunks_exact_mut(TEXT_DIM).enumerate() {
            vector[i % 8] = 1.0;
            vector.iter_mut().for_each(|x| *x += rng.random_range(-0.02..0.02));
            let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.iter_mut().for_each(|x| *x /= norm);
        }
        let mut interactions = Vec::new();
        for shopper in 0..80u32 {
            // Cards of the shopper's camp, the first ones more often.
            let favourites: Vec<usize> = (0..12).map(|_| card(&mut rng, shopper)).collect();
            for week in 0..N_WEEKS {
                if rng.random_bool(0.2) {
                    continue;
                }
                for line in 0..6 {
                    let i = if line < 4 {
                        favourites[rng.random_range(0..favourites.len())]
                    } else {
                        card(&mut rng, shopper)
                    };
                    interactions.push(Interaction {
                        shopper: ShopperId(shopper),
                        item: items[i].id,
                        kind: EventKind::Purchase,
                        at_seconds: week * WEEK_SECONDS + i64::from(shopper) * 1_000,
                        basket: shopper * 100 + week as u32,
                        quantity: 1,
                        price_minor: items[i].price_minor,
                    });
                }
            }
        }
        Self { items, vectors, interactions }
    }

    /// The same shop, with a log of views as well: two hours before each line its card, an
    /// hour before it another, the first into the basket a minute later, and one in the very
    /// second of the line.
    pub fn with_views(&self) -> Self {
        let mut interactions = self.interactions.clone();
        for line in &self.interactions {
            let other = self.items[(line.item.0 as usize * 5) % N_ITEMS].id;
            for (kind, item, seconds_before) in [
                (EventKind::ViewItem, line.item, 7_200),
                (EventKind::AddToCart, line.item, 7_140),
                (EventKind::ViewItem, other, 3_600),
                (EventKind::ViewItem, other, 0),
            ] {
                let at_seconds = line.at_seconds - seconds_before;
                interactions.push(Interaction { kind, item, at_seconds, ..*line });
            }
        }
        let (items, vectors) = (self.items.clone(), self.vectors.clone());
        Self { items, vectors, interactions }
    }

    /// The same shop, whose log has clicks and nothing else, each line by itself.
    pub fn with_clicks_only(&self) -> Self {
        let mut interactions = self.interactions.clone();
        for (n, line) in interactions.iter_mut().enumerate() {
            (line.kind, line.basket, line.price_minor) = (EventKind::ViewItem, n as u32, 0);
            // A minute or so between the clicks of a visit.
            line.at_seconds += (n % 6) as i64 * 70;
        }
        let (items, vectors) = (self.items.clone(), self.vectors.clone());
        Self { items, vectors, interactions }
    }

    /// The same shop, but everything at or after a moment is of another world.
    pub fn altered_from(&self, at_seconds: i64) -> Self {
        let mut interactions = self.interactions.clone();
        for (n, line) in interactions.iter_mut().enumerate() {
            if line.at_seconds >= at_seconds {
                line.item = self.items[(n * 31 + 5) % N_ITEMS].id;
                line.basket += 50_000;
            }
        }
        let (items, vectors) = (self.items.clone(), self.vectors.clone());
        Self { items, vectors, interactions }
    }

    pub fn data(&self) -> TrainingData<'_> {
        let Self { items, vectors, interactions } = self;
        TrainingData { items, vectors, interactions }
    }

    pub fn prepared(&self) -> PreparedData<'_> {
        PreparedData::new(self.data()).expect("the shop fits together")
    }
}

fn card(rng: &mut SmallRng, shopper: u32) -> usize {
    let skewed = (rng.random::<f32>().powi(2) * (N_ITEMS / 2) as f32) as usize;
    skewed * 2 + shopper as usize % 2
}
