//! What an import found out from the shop's reviews.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

/// What reviews say that deserves a look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewReport {
    /// Reviews that were kept.
    pub n_reviews: u32,
    /// Those of which the day is known.
    pub n_dated: u32,
    /// The first and the last day of the time that is compared with all before, in days since
    /// 1970-01-01; `None` where no review has a day.
    pub recent_days: Option<(i64, i64)>,
    /// Aspects that are blamed most, those of one category together.
    pub worst: Vec<WorstAspect>,
    /// What became worse of late, the surest first.
    pub drops: Vec<SuddenDrop>,
}

/// An aspect that reviews of a category blame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorstAspect {
    /// The category.
    pub category: String,
    /// The aspect, by its stable name or the word of the shop's buyers.
    pub aspect: String,
    /// Reviews that speak about it.
    pub n_reviews: u32,
    /// Those that blame it.
    pub n_blaming: u32,
    /// Their share at the lower end of its 95 % interval.
    pub share_at_least: f32,
    /// Sentences that blame it, word for word.
    pub quotes: Vec<String>,
    /// Products with most such reviews.
    pub products: Vec<BlamedProduct>,
}

/// A product with reviews that blame an aspect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlamedProduct {
    /// The card.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// Reviews of it that blame the aspect.
    pub n_blaming: u32,
}

/// A product or a category that is reviewed worse than before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuddenDrop {
    /// Which one.
    pub subject: DroppedSubject,
    /// What became worse.
    pub figure: DroppedFigure,
    /// Mean stars, or share of reviews that blame the aspect, before.
    pub before: f32,
    /// The same in the last days.
    pub recent: f32,
    /// Reviews before.
    pub n_before: u32,
    /// Reviews of the last days.
    pub n_recent: u32,
    /// How probable so much worse a figure is where nothing has changed.
    pub chance: f64,
}

/// What is reviewed worse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DroppedSubject {
    /// A card, with its title.
    Product(ItemId, String),
    /// A category.
    Category(String),
}

/// The figure that became worse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DroppedFigure {
    /// Mean stars.
    Stars,
    /// Share of reviews with words that blame an aspect, by its name.
    Blame(String),
}
