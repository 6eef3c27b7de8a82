//! What a page shows of rules: why a card stands where it does, and what is said above a list.

use vitrine_rules::{CompiledRules, RuleId, RuleTouch, ShopRoute, ShownBanner, TouchedCard};
use vitrine_words::session::t;

/// What a rule of the shop did to a card of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedBy {
    /// The rule, as the Studio numbers them.
    pub rule: RuleId,
    /// What it did.
    pub how: PlacedHow,
    /// What shoppers read of the rule, in the language of the interface.
    pub label: String,
    /// Who paid for the place, likewise; it is said wherever the card is shown. Only of
    /// [`PlacedHow::Sponsored`].
    pub paid_by: Option<String>,
}

/// How a rule gave a card its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacedHow {
    /// Put there.
    Pinned,
    /// Put there for money.
    Sponsored,
    /// Moved up.
    Boosted,
    /// Moved down.
    Buried,
    /// Moved down because there were enough of its category.
    SpreadOut,
}

/// Something that a rule says above a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleBanner {
    /// The rule.
    pub rule: RuleId,
    /// What it says, in the language of the interface.
    pub text: String,
    /// Where it leads, within the shop.
    pub link: Option<ShopRoute>,
}

impl PlacedBy {
    pub(crate) fn of(touched: &TouchedCard, rules: &CompiledRules, language: &str) -> Self {
        let (how, paid_by) = match &touched.how {
            RuleTouch::Pinned => (PlacedHow::Pinned, None),
            RuleTouch::Sponsored { paid_by } => {
                (PlacedHow::Sponsored, Some(paid_by.text(language).to_owned()))
            }
            RuleTouch::Boosted => (PlacedHow::Boosted, None),
            RuleTouch::Buried => (PlacedHow::Buried, None),
            RuleTouch::SpreadOut => (PlacedHow::SpreadOut, None),
        };
        let label = rules.label(touched.rule).map_or("", |label| label.text(language));
        Self { rule: touched.rule, how, label: label.to_owned(), paid_by }
    }

    /// Whether the card has its place for money.
    pub fn is_sponsored(&self) -> bool {
        self.how == PlacedHow::Sponsored
    }

    /// Whether the shop, or who paid, wants the card seen.
    pub fn is_wanted(&self) -> bool {
        matches!(self.how, PlacedHow::Pinned | PlacedHow::Sponsored | PlacedHow::Boosted)
    }

    /// Why the card stands where it does, in words: that somebody paid for it, or that the shop
    /// wants it so, with the rule's label.
    pub fn words(&self) -> String {
        let Self { label, .. } = self;
        match (&self.paid_by, self.how) {
            (Some(paid_by), _) => t!("placed.sponsored", paid_by = paid_by, label = label),
            (None, PlacedHow::Pinned | PlacedHow::Sponsored) => {
                t!("placed.pinned", label = label)
            }
            (None, PlacedHow::Boosted) => t!("placed.boosted", label = label),
            (None, PlacedHow::Buried) => t!("placed.buried", label = label),
            (None, PlacedHow::SpreadOut) => t!("placed.spread", label = label),
        }
    }
}

impl RuleBanner {
    pub(crate) fn of(ShownBanner { rule, text, link }: ShownBanner, language: &str) -> Self {
        Self { rule, text: text.text(language).to_owned(), link }
    }
}
