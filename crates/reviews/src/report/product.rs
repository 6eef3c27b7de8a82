//! What a survey is told of a product.

use crate::aspects::AspectMention;
use crate::record::ReviewRecord;

/// The reviews of one product.
///
/// # Shapes
/// `reviews`, `days` and `mentions` \[n\].
#[derive(Clone, Copy, Debug)]
pub struct SurveyedProduct<'a> {
    /// Number of the product.
    pub product: u32,
    /// Number of its category.
    pub category: u32,
    /// What was written.
    pub reviews: &'a [ReviewRecord<'a>],
    /// On which day each was, in days since 1970-01-01; `None` where it is not known.
    pub days: &'a [Option<i64>],
    /// What each speaks about.
    pub mentions: &'a [Vec<AspectMention>],
}
