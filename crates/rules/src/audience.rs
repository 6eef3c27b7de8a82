//! For whom a rule holds, as only the device can tell. What is asked here never leaves it:
//! an audience goes with actions alone that send nothing (`ActionKind::is_for_audiences`).

use serde::{Deserialize, Serialize};

/// Shoppers of whom all of these are true. There is no way to say a price or an amount here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// At least one, at most [`crate::AUDIENCE_FACTS_MAX`].
    pub facts: Vec<AudienceFact>,
}

/// Something that the log of a device tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AudienceFact {
    /// What was done.
    pub deed: Deed,
    /// With cards of what.
    pub of: CardGroup,
    /// In the last so many days, 1 to [`crate::AUDIENCE_DAYS_MAX`].
    pub within_days: u16,
}

/// What a shopper did, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Bought something.
    Bought,
    /// Opened the page of something.
    LookedAt,
    /// Bought nothing.
    NotBought,
}

/// Cards that have a name in common, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardGroup {
    /// Of a department.
    Department(String),
    /// Of a category.
    Category(String),
    /// Of a brand.
    Brand(String),
}

/// What a device knows of its shopper. Asked for rules with an audience alone, each fact at
/// most once a list.
pub trait ShopperFacts {
    /// Whether something of a group was bought in the last so many days.
    fn has_bought(&self, of: &CardGroup, within_days: u16) -> bool;

    /// Whether the page of something of a group was opened in the last so many days.
    fn has_looked_at(&self, of: &CardGroup, within_days: u16) -> bool;
}

impl AudienceFact {
    /// Whether it is true of a shopper.
    pub fn is_true_of(&self, shopper: &dyn ShopperFacts) -> bool {
        match self.deed {
            Deed::Bought => shopper.has_bought(&self.of, self.within_days),
            Deed::LookedAt => shopper.has_looked_at(&self.of, self.within_days),
            Deed::NotBought => !shopper.has_bought(&self.of, self.within_days),
        }
    }
}

impl CardGroup {
    /// The name that its cards have in common.
    pub fn name(&self) -> &str {
        match self {
            Self::Department(name) | Self::Category(name) | Self::Brand(name) => name,
        }
    }
}
