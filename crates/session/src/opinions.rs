//! What a shopper says of a card besides what they do with it: that they do not want to see
//! it, that they wish for it, or that they like it as a newcomer. Entries of the log of their own: the student
//! does not see them, nothing is learned from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpinionKind {
    /// The card is to be left out of the feed and of carousels.
    NotInterested,
    /// That no longer holds.
    InterestedAgain,
    /// The card is on the wish list.
    Wished,
    /// It no longer is.
    WishedNoMore,
    /// A newcomer chose the card of those that they were offered.
    Chosen,
    /// That no longer holds.
    ChosenNoMore,
}

/// An entry of the log that is no event.
///
/// It lies in the same store, with a `kind` that no event has: a tab of a version that knows no
/// opinions passes it over, and counts it among the entries that it could not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// What was said.
    pub kind: OpinionKind,
    /// Of which card.
    pub item: ItemId,
    /// When, in milliseconds since 1970-01-01 UTC by the device's clock.
    pub at_ms: i64,
    /// What the card cost then, for a wish whose card had a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceSeen>,
}

/// A price as the shopper saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSeen {
    /// Of one piece, in minor units, sales included.
    pub minor: u32,
    /// Key of the price list it was shown from; `None` for standard prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

/// Cards of which opinions, oldest first, leave standing what `said` says and `taken_back` takes
/// back, each with its last word.
pub(crate) fn standing<'a>(
    opinions: impl Iterator<Item = &'a Opinion>,
    [said, taken_back]: [OpinionKind; 2],
) -> BTreeMap<ItemId, &'a Opinion> {
    let mut standing = BTreeMap::new();
    for opinion in opinions {
        if opinion.kind == said {
            standing.insert(opinion.item, opinion);
        } else if opinion.kind == taken_back {
            standing.remove(&opinion.item);
        }
    }
    standing
}
