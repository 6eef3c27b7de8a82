//! The server's ranker: parts that count and learn, combined by weights that were learned
//! on the shop's own windows.
//!
//! [`shape`] says which parts make sense for a shop → [`windows`] are what the weights are
//! learned from → [`parts`] are fitted on the past of each → [`crate::next::blend`] combines them →
//! [`fit`] does it all, and fits the parts once more on everything → [`store`] keeps them.
//!
//! The teacher may use all data and never leaves the server: it is what students are
//! distilled from, and what the Studio explains.

mod explain;
mod fit;
pub mod parts;
pub mod shape;
mod store;
pub mod windows;

use std::sync::Arc;

use vitrine_domain::ItemId;
use vitrine_ranking::{FeatureWeights, PastPurchase, PurchaseLog};

pub use self::fit::TeacherConfig;
pub use self::store::PART_BYTES_MAX;

use self::parts::{PartKind, PartModel, combined};
use crate::TrainingError;
use crate::next::Scorer;
use crate::next::blend::Blend;

/// A fitted teacher: it ranks the items that it was fitted on.
#[derive(Clone)]
pub struct Teacher {
    /// Ids, ascending, in the order of scores.
    items: Arc<[ItemId]>,
    parts: Vec<(PartKind, Arc<PartModel>)>,
    blend: Blend,
    /// Weights of [`PartKind::Features`].
    features: FeatureWeights,
}

impl Teacher {
    /// The items that are scored, in the order of scores.
    pub fn items(&self) -> &[ItemId] {
        &self.items
    }

    /// The kinds of its parts.
    pub fn kinds(&self) -> Vec<PartKind> {
        self.parts.iter().map(|(kind, _)| *kind).collect()
    }

    /// How its parts are combined.
    pub fn blend(&self) -> &Blend {
        &self.blend
    }

    /// Scores of all items after a history (oldest first): the logarithm of how likely each
    /// is bought, up to a constant of the shopper.
    ///
    /// # Shapes
    /// → \[n_items\], in the order of [`Self::items`].
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn score_one(
        &self,
        history: &[PastPurchase],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        self.score(&[history], now_seconds)
    }

    /// These weights over other parts of the same kinds, fitted on another log.
    fn over(&self, parts: Vec<(PartKind, PartModel)>, log: &PurchaseLog) -> Self {
        let parts = shared(parts);
        let blend = self.blend.over(combined(&parts), log);
        Self { items: Arc::clone(&self.items), parts, blend, features: self.features }
    }
}

impl Scorer for Teacher {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        self.blend.score(histories, now_seconds)
    }
}

fn shared(parts: Vec<(PartKind, PartModel)>) -> Vec<(PartKind, Arc<PartModel>)> {
    parts.into_iter().map(|(kind, model)| (kind, Arc::new(model))).collect()
}
