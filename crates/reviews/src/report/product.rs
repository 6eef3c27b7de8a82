//! What a survey is told of a product.

use crate::aspects::AspectMention;
use crate::record::ReviewRecord;

/// The reviews of one product.
///
/// # Shapes
/// `reviews` and `mentions` \[n\].
#[derive(Clone, Copy, Debug)]
pub struct SurveyedProduct<'a> {
    /// Number of the product.
    pub product: u32,
    /// Number of its category.
    pub category: u32,
    /// What was written.
    pub reviews: &'a [ReviewRecord<'a>],
    /// What each speaks about.
    pub mentions: &'a [Vec<AspectMention>],
}
