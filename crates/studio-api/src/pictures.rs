//! What an import found out about the shop's pictures.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

/// Pictures that deserve a look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureReport {
    /// Cards whose picture was looked at.
    pub n_seen: u32,
    /// Why nothing, or only some of it, was looked for; empty where all was.
    pub missing: String,
    /// Pictures that do not look like their card's category, the worst first.
    pub wrong: Vec<WrongPicture>,
    /// Pictures that several cards have, those of most cards first.
    pub repeated: Vec<RepeatedPicture>,
}

/// A picture that does not look like the category of its card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrongPicture {
    /// The card.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: String,
    /// The category that its picture looks like.
    pub looks_like: String,
    /// Log of how many times as probable that one is.
    pub margin: f32,
}

/// All but the same picture on several cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepeatedPicture {
    /// How many cards.
    pub n_cards: u32,
    /// The first of them, with their titles.
    pub cards: Vec<(ItemId, String)>,
}
