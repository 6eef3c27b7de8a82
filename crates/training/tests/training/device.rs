//! A trained model as a device has it, and what it shows to the shoppers of a shop.

use vitrine_domain::EventKind;
use vitrine_ranking::{Popularity, neighbour_lists, related_lists};
use vitrine_student::{ItemTable, LogEntry, Ranker, Shopper, Weights};
use vitrine_training::snapshots::item_table;
use vitrine_training::{PreparedData, Trained};

pub struct Device<'a> {
    data: PreparedData<'a>,
    pub until: i64,
    pub weights: Weights,
    pub table: ItemTable,
}

/// Cards at the top that are looked at.
pub const N_SHOWN: usize = 20;

impl<'a> Device<'a> {
    pub fn new(data: PreparedData<'a>, trained: &Trained) -> Self {
        let until = trained.until_seconds;
        let past = data.log.truncated(until);
        let codes = trained.model.codes_for(&data.ids, data.vectors);
        let weights = trained.model.packed.weights();
        let popularity = Popularity::new(&past, until);
        let related = related_lists(&past, &data.ids);
        let neighbours = neighbour_lists(&past, &data.ids);
        let table = item_table(&data, &popularity, (&related, &neighbours), &codes, &weights);
        Self { data, until, weights, table }
    }

    /// What the network says alone.
    pub fn without_last_layer(mut self) -> Self {
        self.weights = self.weights.with_last_layer(None);
        self
    }

    pub fn entry(&self, row: u32, kind: EventKind, at_seconds: i64) -> LogEntry {
        self.table.entry(row, kind, at_seconds * 1_000)
    }

    pub fn top(&self, log: &[LogEntry]) -> Vec<u32> {
        vitrine_evaluation::top_k(&self.scores(log), N_SHOWN)
    }

    fn scores(&self, log: &[LogEntry]) -> Vec<f32> {
        let shopper = Shopper::from_log(&self.weights, log);
        let everything: Vec<u32> = (0..self.table.n_items() as u32).collect();
        let (weights, table, now_ms) = (&self.weights, &self.table, self.until * 1_000);
        Ranker::new().rank(weights, table, &shopper, now_ms, &everything, None)
    }

    /// Scores of everything after purchases and clicks of one camp.
    pub fn scores_of_camp(&self, camp: u32) -> Vec<f32> {
        let entry = |n: u32| {
            let kind = if n < 4 { EventKind::Purchase } else { EventKind::ViewItem };
            self.entry(20 + 2 * n + camp, kind, self.until - 500 + i64::from(n))
        };
        self.scores(&(0..6).map(entry).collect::<Vec<_>>())
    }

    /// Share of what all shoppers are shown that is of their own camp.
    pub fn own_camp_share(&self) -> f64 {
        let past = self.data.log.truncated(self.until);
        let kind = past.positives().logged_as();
        let shares: Vec<f64> = (0..past.n_shoppers())
            .map(|n| past.of(n))
            .filter(|history| !history.is_empty())
            .map(|history| {
                let log: Vec<LogEntry> =
                    history.iter().map(|p| self.entry(p.item_idx, kind, p.at_seconds)).collect();
                in_camp(&self.top(&log), history[0].item_idx % 2) as f64 / N_SHOWN as f64
            })
            .collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    }
}

/// How many of the cards are of a camp.
pub fn in_camp(rows: &[u32], camp: u32) -> usize {
    rows.iter().filter(|row| **row % 2 == camp).count()
}
