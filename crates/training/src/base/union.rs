//! Several shops as one.

use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
use vitrine_ranking::PurchaseLog;
use vitrine_ranking::text::TEXT_DIM;

use crate::config::{Config, FORMAT};
use crate::samples::Sample;
use crate::{PreparedData, TrainingError};

/// The catalogues and logs of several shops as one.
#[derive(Default)]
pub struct Union {
    /// \[n_items · 384\]
    pub vectors: Vec<f32>,
    lines: Vec<Interaction>,
    n_shoppers: u32,
}

impl Union {
    pub fn n_items(&self) -> usize {
        self.vectors.len() / TEXT_DIM
    }

    pub fn add(&mut self, data: &PreparedData<'_>, until_seconds: i64) {
        let from = self.n_items() as u64;
        for shopper in 0..data.log.n_shoppers() {
            let entries = data.log.before(shopper, until_seconds);
            self.lines.extend(entries.iter().map(|entry| Interaction {
                shopper: ShopperId(self.n_shoppers + shopper as u32),
                item: ItemId(from + u64::from(entry.item_idx)),
                kind: EventKind::Purchase,
                at_seconds: entry.at_seconds,
                basket: entry.basket,
                quantity: 1,
                price_minor: 0,
            }));
        }
        self.n_shoppers += data.log.n_shoppers() as u32;
        self.vectors.extend_from_slice(data.vectors);
    }

    /// A sample of the shop that is added next.
    pub fn shifted(&self, mut sample: Sample) -> Sample {
        let from = self.n_items() as u32;
        sample.items.iter_mut().chain(&mut sample.candidates).for_each(|item| *item += from);
        sample
    }

    pub fn log(&self) -> Result<PurchaseLog, TrainingError> {
        let ids: Vec<ItemId> = (0..self.n_items() as u64).map(ItemId).collect();
        Ok(PurchaseLog::new(&ids, &self.lines)?)
    }

    /// Names a run: a checkpoint of another is not gone on with.
    pub fn fingerprint(&self, config: &Config, samples: &[Sample]) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("base {FORMAT} {config:?}").as_bytes());
        for sample in samples {
            hasher.update(&crate::checkpoint::bytes_of(&sample.scalars));
            hasher.update(&crate::checkpoint::bytes_of(&sample.bought));
        }
        hasher.update(&crate::checkpoint::bytes_of(&self.vectors));
        for line in &self.lines {
            hasher.update(&line.item.0.to_le_bytes());
            hasher.update(&line.at_seconds.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}
