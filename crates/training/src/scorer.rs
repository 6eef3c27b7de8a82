//! What every model that ranks a catalogue does.

use vitrine_ranking::PastPurchase;

use crate::TrainingError;

/// Ranks the catalogue for shoppers' histories.
pub trait Scorer: Send + Sync {
    /// Scores of all items after each history (oldest first) at one moment, higher is better.
    ///
    /// # Units
    /// `now_seconds` since 1970-01-01 UTC, not before any entry of the histories; where
    /// sequences have no times, the first second that no entry has.
    ///
    /// # Shapes
    /// → \[histories, n_items\].
    ///
    /// # Errors
    /// When a tensor operation fails.
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError>;
}
