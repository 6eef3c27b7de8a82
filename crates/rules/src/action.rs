//! What a rule does.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

use crate::diversity::Diversity;
use crate::label::RuleLabel;
use crate::target::{RuleFilters, RuleTarget};

/// One thing that a rule does. Places count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    /// Puts a card at a place.
    Pin {
        /// The card.
        item: ItemId,
        /// Its place.
        place: u16,
    },
    /// Moves cards up.
    Boost {
        /// Which.
        target: RuleTarget,
        /// How far.
        strength: Strength,
    },
    /// Moves cards down.
    Bury {
        /// Which.
        target: RuleTarget,
        /// How far.
        strength: Strength,
    },
    /// Leaves cards out.
    Hide {
        /// Which.
        target: RuleTarget,
    },
    /// Leaves out all other cards.
    IncludeOnly {
        /// All but which.
        target: RuleTarget,
    },
    /// Leads a search elsewhere in the shop.
    Redirect {
        /// Where to.
        to: ShopRoute,
    },
    /// Says something above the list.
    Banner {
        /// What.
        text: RuleLabel,
        /// Where it leads, within the shop.
        link: Option<ShopRoute>,
    },
    /// Leaves out what does not meet conditions.
    Filter {
        /// Which.
        filters: RuleFilters,
    },
    /// Searches for other words instead.
    ReplaceWords {
        /// One or more words that stand beside each other.
        from: String,
        /// What to search for in their place.
        to: String,
    },
    /// Does not search for some words, unless nothing is left then.
    IgnoreWords {
        /// Which.
        words: Vec<String>,
    },
    /// Searches for more words.
    AddWords {
        /// Which.
        words: Vec<String>,
    },
    /// Puts a card at a place for money, and says so.
    Sponsored {
        /// The card.
        item: ItemId,
        /// Its place.
        place: u16,
        /// Who paid, as shoppers read it; never empty.
        paid_by: RuleLabel,
    },
    /// Bounds how many places a category has.
    Diversify(Diversity),
}

/// How far a boost or a burial moves cards: a share of the distance between the best score
/// and the middle one of the list, so that no model's scale is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// A fifth of it: past near neighbours.
    #[default]
    Slight,
    /// Half of it.
    Clear,
    /// All of it: the card in the middle of the list comes level with the best.
    Strong,
}

/// A place within the shop. There is none for other addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShopRoute {
    /// The feed.
    Home,
    /// Everything of a department.
    Department(String),
    /// Everything of a category.
    Category(String),
    /// Everything of a brand.
    Brand(String),
    /// A search for this text.
    Search(String),
    /// A product's page.
    Item(ItemId),
}

/// The sort of an action, without what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is told at the action of its name")]
pub enum ActionKind {
    Pin,
    Boost,
    Bury,
    Hide,
    IncludeOnly,
    Redirect,
    Banner,
    Filter,
    ReplaceWords,
    IgnoreWords,
    AddWords,
    Sponsored,
    Diversify,
}

impl RuleAction {
    /// Its sort.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Pin { .. } => ActionKind::Pin,
            Self::Boost { .. } => ActionKind::Boost,
            Self::Bury { .. } => ActionKind::Bury,
            Self::Hide { .. } => ActionKind::Hide,
            Self::IncludeOnly { .. } => ActionKind::IncludeOnly,
            Self::Redirect { .. } => ActionKind::Redirect,
            Self::Banner { .. } => ActionKind::Banner,
            Self::Filter { .. } => ActionKind::Filter,
            Self::ReplaceWords { .. } => ActionKind::ReplaceWords,
            Self::IgnoreWords { .. } => ActionKind::IgnoreWords,
            Self::AddWords { .. } => ActionKind::AddWords,
            Self::Sponsored { .. } => ActionKind::Sponsored,
            Self::Diversify(_) => ActionKind::Diversify,
        }
    }

    /// The cards that it is about, where it says them by a target.
    pub fn target(&self) -> Option<&RuleTarget> {
        match self {
            Self::Boost { target, .. }
            | Self::Bury { target, .. }
            | Self::Hide { target }
            | Self::IncludeOnly { target } => Some(target),
            _ => None,
        }
    }

    /// The card and the place that it gives it.
    pub fn placed(&self) -> Option<(ItemId, u16)> {
        match self {
            Self::Pin { item, place } | Self::Sponsored { item, place, .. } => {
                Some((*item, *place))
            }
            _ => None,
        }
    }
}

impl ActionKind {
    /// Whether a rule for an audience may do this. What changes a search, leads elsewhere or
    /// leaves out by a filter would tell the server who the shopper is; money is never bound
    /// to behaviour.
    pub fn is_for_audiences(self) -> bool {
        matches!(self, Self::Pin | Self::Boost | Self::Bury | Self::Hide | Self::Banner)
    }
}

impl Strength {
    /// The share of the distance between the best score and the middle one, in hundredths.
    pub fn hundredths(self) -> i32 {
        match self {
            Self::Slight => 20,
            Self::Clear => 50,
            Self::Strong => 100,
        }
    }
}
