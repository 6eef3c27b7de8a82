//! What reviews tell a shop's own people: which aspects of a category are blamed most, and what has become
//! worse of late.
//!
//! [`ReviewSurvey`] takes the products one by one and keeps counts alone.

mod blame;
mod drops;
mod false_discovery;
mod permutation;
mod product;
mod survey;

pub use blame::{
    BLAMED_ASPECTS_MAX, BlamedAspect, CATEGORY_REVIEWS_MIN, ProductBlame, SHARE_AT_LEAST_MIN,
};
pub use drops::{
    BEFORE_REVIEWS_MIN, DropFigure, DropSubject, FALSE_ALARM_RATE, RECENT_DAYS, RECENT_REVIEWS_MIN,
    ReviewDrop,
};
pub use product::SurveyedProduct;
pub use survey::{ReviewSurvey, SurveyedReviews};
