//! Products and categories whose reviews became worse of late.

use std::collections::BTreeMap;

use super::false_discovery::discoveries;
use super::permutation::probability_of_lower_mean;
use super::product::SurveyedProduct;
use crate::aspects::Aspect;
use crate::digest::{StarCounts, sides_by_aspect};

/// The last days with reviews, which are compared with all before.
pub const RECENT_DAYS: i64 = 28;
/// Reviews of these days, and of those before, from which on they are compared.
pub const RECENT_REVIEWS_MIN: u32 = 8;
/// See [`RECENT_REVIEWS_MIN`].
pub const BEFORE_REVIEWS_MIN: u32 = 20;
/// Share of what is told that may be chance.
pub const FALSE_ALARM_RATE: f64 = 0.05;
/// Reviews of both times that blame an aspect before its share is compared. It does not depend on when
/// they were written, so it makes no chance smaller.
const BLAMING_MIN: u32 = 5;
/// A drop that matters: stars, and share of reviews that blame an aspect.
const STARS_DROP_MIN: f64 = 0.25;
/// See [`STARS_DROP_MIN`].
const BLAME_RISE_MIN: f64 = 0.05;

/// What became worse.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewDrop {
    /// Of what.
    pub subject: DropSubject,
    /// Which figure.
    pub figure: DropFigure,
    /// Mean stars, or share of the reviews with words that blame the aspect, before.
    pub before: f64,
    /// The same in the last [`RECENT_DAYS`] days.
    pub recent: f64,
    /// Reviews that were compared, of before.
    pub n_before: u32,
    /// And of the last days.
    pub n_recent: u32,
    /// How probable so much worse a figure is where nothing has changed: the p-value of the permutation test.
    pub chance: f64,
}

/// A product or a category, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropSubject {
    /// A product.
    Product(u32),
    /// A category.
    Category(u32),
}

/// A figure that can become worse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DropFigure {
    /// Mean stars.
    Stars,
    /// Share of the reviews with words that blame an aspect.
    Blame(Aspect),
}

/// Dated reviews of two times: before, and of the last days.
#[derive(Clone, Default)]
pub(super) struct TwoTimes {
    stars: [[u32; 5]; 2],
    n_worded: [u32; 2],
    blaming: BTreeMap<Aspect, [u32; 2]>,
}

impl TwoTimes {
    /// Counts a product's reviews; recent ones are those of `recent_from` and later.
    pub(super) fn add(&mut self, product: &SurveyedProduct<'_>, recent_from: i64) {
        for (review, mentions) in product.reviews.iter().zip(product.mentions) {
            let Some(day) = review.day else { continue };
            let time = usize::from(day >= recent_from);
            let place = usize::from(review.stars).checked_sub(1);
            if let Some(count) = place.and_then(|place| self.stars[time].get_mut(place)) {
                *count += 1;
            }
            self.n_worded[time] += u32::from(review.has_words());
            for (aspect, [is_bad, _]) in sides_by_aspect(mentions) {
                if is_bad {
                    self.blaming.entry(aspect.clone()).or_default()[time] += 1;
                }
            }
        }
    }

    /// Adds what was counted of a product to what was counted of its category.
    pub(super) fn merge(&mut self, other: &Self) {
        for time in 0..2 {
            self.stars[time].iter_mut().zip(other.stars[time]).for_each(|(sum, n)| *sum += n);
            self.n_worded[time] += other.n_worded[time];
        }
        for (aspect, n) in &other.blaming {
            let sum = self.blaming.entry(aspect.clone()).or_default();
            sum.iter_mut().zip(n).for_each(|(sum, n)| *sum += n);
        }
    }

    /// Every comparison that there are enough reviews for, whatever comes out.
    pub(super) fn compare(&self, subject: DropSubject, compared: &mut Vec<ReviewDrop>) {
        let [before, recent] = self.stars.map(StarCounts);
        if are_enough([before.n(), recent.n()])
            && let (Some(mean_before), Some(mean_recent)) = (before.mean(), recent.mean())
        {
            compared.push(ReviewDrop {
                subject,
                figure: DropFigure::Stars,
                before: mean_before,
                recent: mean_recent,
                n_before: before.n(),
                n_recent: recent.n(),
                chance: probability_of_lower_mean(recent.0, before.0),
            });
        }
        if !are_enough(self.n_worded) {
            return;
        }
        for (aspect, [bad_before, bad_recent]) in &self.blaming {
            if bad_before + bad_recent < BLAMING_MIN {
                continue;
            }
            let [n_before, n_recent] = self.n_worded;
            // Blame counts as the lower of two values.
            let times =
                [[*bad_before, n_before - bad_before], [*bad_recent, n_recent - bad_recent]];
            let [before, recent] = times;
            compared.push(ReviewDrop {
                subject,
                figure: DropFigure::Blame(aspect.clone()),
                before: f64::from(*bad_before) / f64::from(n_before),
                recent: f64::from(*bad_recent) / f64::from(n_recent),
                n_before,
                n_recent,
                chance: probability_of_lower_mean(recent, before),
            });
        }
    }
}

fn are_enough([n_before, n_recent]: [u32; 2]) -> bool {
    n_before >= BEFORE_REVIEWS_MIN && n_recent >= RECENT_REVIEWS_MIN
}

/// Those of all comparisons that are no chance, and matter; the surest first.
pub(super) fn told(compared: Vec<ReviewDrop>) -> Vec<ReviewDrop> {
    let probabilities: Vec<f64> = compared.iter().map(|one| one.chance).collect();
    let is_found = discoveries(&probabilities, FALSE_ALARM_RATE);
    let mut told: Vec<ReviewDrop> = compared
        .into_iter()
        .zip(is_found)
        .filter_map(|(one, found)| found.then_some(one))
        .collect();
    told.retain(|one| match one.figure {
        DropFigure::Stars => one.before - one.recent >= STARS_DROP_MIN,
        DropFigure::Blame(_) => one.recent - one.before >= BLAME_RISE_MIN,
    });
    told.sort_by(|a, b| a.chance.total_cmp(&b.chance).then_with(|| a.subject.cmp(&b.subject)));
    told
}
