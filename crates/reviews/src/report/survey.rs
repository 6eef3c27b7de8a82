//! Counting of a shop's reviews, product by product.

use std::collections::BTreeMap;

use super::blame::{BlamedAspect, CategoryBlame};
use super::drops::{DropSubject, RECENT_DAYS, ReviewDrop, TwoTimes, told};
use super::product::SurveyedProduct;

/// What a shop's reviews tell its people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurveyedReviews {
    /// The first and the last of the days that are compared with all before; `None` where no review
    /// has a day.
    pub recent_days: Option<(i64, i64)>,
    /// Aspects that are blamed, those of one category together, the category with the worst one first.
    pub worst: Vec<BlamedAspect>,
    /// What became worse, the surest first.
    pub drops: Vec<ReviewDrop>,
}

/// Counts the reviews of a shop.
pub struct ReviewSurvey {
    recent_days: Option<(i64, i64)>,
    categories: BTreeMap<u32, (CategoryBlame, TwoTimes)>,
    compared: Vec<ReviewDrop>,
}

impl ReviewSurvey {
    /// Of a shop whose newest review is of `last_day`, in days since 1970-01-01; `None` where none has
    /// a day.
    pub fn new(last_day: Option<i64>) -> Self {
        let recent_days = last_day.map(|last| (last.saturating_sub(RECENT_DAYS - 1), last));
        Self { recent_days, categories: BTreeMap::new(), compared: Vec::new() }
    }

    /// Counts a product, of which all reviews come at once.
    ///
    /// # Panics
    /// When there are not as many lists of mentions as reviews.
    pub fn add(&mut self, product: &SurveyedProduct<'_>) {
        assert_eq!(product.reviews.len(), product.mentions.len(), "the mentions of each review");
        let (blame, times) = self.categories.entry(product.category).or_default();
        blame.add(product);
        let Some((recent_from, _)) = self.recent_days else { return };
        let mut own = TwoTimes::default();
        own.add(product, recent_from);
        own.compare(DropSubject::Product(product.product), &mut self.compared);
        times.merge(&own);
    }

    /// What is to be told.
    pub fn finish(mut self) -> SurveyedReviews {
        let mut worst: Vec<Vec<BlamedAspect>> = Vec::new();
        for (number, (blame, times)) in self.categories {
            times.compare(DropSubject::Category(number), &mut self.compared);
            worst.push(blame.worst(number));
        }
        let share =
            |aspects: &[BlamedAspect]| aspects.first().map_or(0.0, |one| one.share_at_least);
        worst.sort_by(|a, b| share(b).total_cmp(&share(a)));
        SurveyedReviews {
            recent_days: self.recent_days,
            worst: worst.into_iter().flatten().collect(),
            drops: told(self.compared),
        }
    }
}
