//! The training material, checked and indexed.

use candle_core::{Device, Tensor};

use vitrine_domain::{Event, Interaction, Item, ItemId};
use vitrine_ranking::{Neighbours, PurchaseLog, components, text};

use crate::TrainingError;
use crate::non_purchases::NonPurchases;

/// What a model is trained from.
#[derive(Clone, Copy, Debug)]
pub struct TrainingData<'a> {
    /// Cards, distinct ids.
    pub items: &'a [Item],
    /// Text vectors \[n_items, 384\], unit length.
    pub vectors: &'a [f32],
    /// The shop's log, in any order.
    pub interactions: &'a [Interaction],
}

/// The material, indexed once for all stages.
#[derive(Clone, Debug)]
pub struct PreparedData<'a> {
    /// The cards.
    pub items: &'a [Item],
    /// Their text vectors \[n_items, 384\].
    pub vectors: &'a [f32],
    /// Ids by index.
    pub ids: Vec<ItemId>,
    /// Purchases by shopper, or clicks where almost nobody bought anything.
    pub log: PurchaseLog,
    /// Their other events: views and changes of the basket.
    pub non_purchases: NonPurchases,
    /// Nearest texts by card.
    pub by_text: Neighbours,
}

impl<'a> PreparedData<'a> {
    /// Checks and indexes the material.
    ///
    /// # Errors
    /// [`TrainingError::Data`] for doubled ids or vectors of another number of items.
    pub fn new(data: TrainingData<'a>) -> Result<Self, TrainingError> {
        let ids: Vec<ItemId> = data.items.iter().map(|item| item.id).collect();
        let log = PurchaseLog::new(&ids, data.interactions)?;
        let n_text_neighbours = components::ComponentsConfig::default().n_text_neighbours;
        text::check(data.vectors, ids.len())?;
        let vectors = Tensor::from_slice(data.vectors, (ids.len(), text::TEXT_DIM), &Device::Cpu)?;
        // A failed product is an invariant broken, and a slow answer is still right.
        let by_text = text::neighbours(ids.len(), n_text_neighbours, |from, to| {
            cosines(&vectors, from, to).unwrap_or_else(|_| text::cosines(data.vectors, from, to))
        });
        Ok(Self {
            items: data.items,
            vectors: data.vectors,
            non_purchases: NonPurchases::new(&ids, &log, data.interactions),
            ids,
            log,
            by_text,
        })
    }

    /// What the `n`th shopper of the log did before a moment, as their device would have
    /// it: positives and non-purchase events, oldest first.
    pub fn events_before(&self, n: usize, until_seconds: i64) -> Vec<Event> {
        let kind = self.log.positives().logged_as();
        let event = |kind, item_idx: u32, at_seconds: i64| Event {
            kind,
            item: self.ids[item_idx as usize],
            at_ms: at_seconds * 1_000,
        };
        let entries = self.log.before(n, until_seconds).iter();
        let mut events: Vec<Event> =
            entries.map(|entry| event(kind, entry.item_idx, entry.at_seconds)).collect();
        let others = self.non_purchases.between(n, i64::MIN, until_seconds).iter();
        events.extend(others.map(|other| event(other.kind, other.item_idx, other.at_seconds)));
        events.sort_by_key(|event| event.at_ms);
        events
    }

    /// How many cards there are.
    pub fn n_items(&self) -> usize {
        self.ids.len()
    }
}

fn cosines(vectors: &Tensor, from: usize, to: usize) -> candle_core::Result<Vec<f32>> {
    vectors.narrow(0, from, to - from)?.matmul(&vectors.t()?)?.flatten_all()?.to_vec1()
}
