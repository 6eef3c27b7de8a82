//! Places, given once, over the whole list.
//!
//! Rules are taken in their order of precedence: narrower level, higher priority, lower id.
//! What they do is done in this order, whatever order they stand in:
//!
//! 1. *Filter* and *include only* leave out what does not meet them; all of them must be met.
//! 2. *Hide* leaves out.
//! 3. *Boost* and *bury* add to the score a share of the list's spread: the distance between
//!    the best score and the middle one ([`crate::Strength`]), of what no rule places. Shares of
//!    several rules add up, to at most [`SHARE_MAX_HUNDREDTHS`]. What cannot be bought is not
//!    moved up. Then the list is sorted by score, ties by id.
//! 4. *Diversity*: the quota of the rule that comes first, else that of the context.
//! 5. *Pins* take their places, the first rule first, and the others close ranks. A card whose
//!    place is taken gets the next one of the page, where none is left an earlier one.
//! 6. *Sponsored* cards take places that are left, likewise.
//!
//! A page has at most half its places, and at most [`crate::RULE_PLACES_MAX`], from pins and
//! sponsoring, at most [`crate::SPONSORED_PER_PAGE_MAX`] of them sponsored. What is over that,
//! left out, or cannot be bought, is not placed. A page that the list does not reach without
//! rules has no pins.
//!
//! The result depends on which cards there are, their scores and the rules, not on the order
//! that the cards came in (but where nothing is boosted, buried or spread, that order stays). So
//! it can be applied to its own result, and changes nothing.

mod places;
mod shifts;
mod sift;
mod stages;

use vitrine_domain::ItemId;

use crate::action::{RuleAction, ShopRoute};
use crate::compiled::{CompiledRules, EffectWork};
use crate::diversity::Diversity;
use crate::facts::{ListContext, ListToArrange};
use crate::index::PageFacts;
use crate::keys::KeyedCard;
use crate::label::RuleLabel;
#[cfg(doc)]
use crate::limits::BANNERS_MAX;
use crate::rule::RuleId;

pub use shifts::SHARE_MAX_HUNDREDTHS;
pub use stages::{HoldingRules, SiftedList};

/// A list with every card at its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrangedList {
    /// Indexes of the cards, in their order.
    pub order: Vec<u32>,
    /// What rules did to cards of the list, in the order of the list; at most one entry a card,
    /// of what decided its place.
    pub touched: Vec<TouchedCard>,
    /// Cards that were left out, with the rule, in the order that they came in.
    pub hidden: Vec<(u32, RuleId)>,
    /// What is said above the list, at most [`BANNERS_MAX`].
    pub banners: Vec<ShownBanner>,
}

/// What a rule did to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedCard {
    /// Index of the card.
    pub index: u32,
    /// The rule.
    pub rule: RuleId,
    /// What it did.
    pub how: RuleTouch,
}

/// How a rule gave a card its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleTouch {
    /// Put there.
    Pinned,
    /// Put there for money.
    Sponsored {
        /// Who paid; said wherever the card is shown.
        paid_by: RuleLabel,
    },
    /// Moved up by its score.
    Boosted,
    /// Moved down by its score.
    Buried,
    /// Moved down because there were enough of its category.
    SpreadOut,
}

/// Something that a rule says above a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBanner {
    /// The rule.
    pub rule: RuleId,
    /// What it says.
    pub text: RuleLabel,
    /// Where it leads.
    pub link: Option<ShopRoute>,
}

/// A card that is arranged.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    card: KeyedCard,
    id: ItemId,
    /// What does not come from the list has none.
    score: Option<f32>,
}

/// Gives the cards of a list their places. Where no rule holds and the context has no quota,
/// the order is that of the list.
pub fn arrange(
    list: ListToArrange<'_>,
    context: &ListContext<'_>,
    rules: &CompiledRules,
) -> ArrangedList {
    let holding = HoldingRules::of(context, rules);
    if holding.is_empty() && holding.quota.is_none() {
        let order = list.ranked.iter().map(|ranked| ranked.index).collect();
        return ArrangedList { order, ..ArrangedList::default() };
    }
    holding.sift(list).arranged()
}

/// Rules that hold on a list and may leave cards out of it: by *filter*, *include only* or *hide*,
/// what comes first first. Two lists of the same cards at the same moment with the same answer
/// leave out the same cards, so that a server need not look at each card for each search.
pub fn leaving_out(context: &ListContext<'_>, rules: &CompiledRules) -> Vec<RuleId> {
    let leaves_out = |place: &u32| {
        let mut effects = rules.effects_of(*place).map(|effect| &rules.effects[effect as usize]);
        effects.any(|effect| !matches!(effect.work, EffectWork::Shift(_)))
    };
    let holding = rules.holding(&page_of(context), context.shopper).into_iter();
    holding.filter(leaves_out).map(|place| rules.rule(place).id).collect()
}

fn page_of<'a>(context: &ListContext<'a>) -> PageFacts<'a> {
    PageFacts {
        category: context.category,
        department: context.department,
        locale: context.locale,
        now_seconds: context.now_seconds,
        ..PageFacts::of_search(context.surface, context.query)
    }
}

/// The quota of the rule that comes first.
fn quota(rules: &CompiledRules, holding: &[u32]) -> Option<(Diversity, Option<RuleId>)> {
    let first = |place: &u32| {
        let rule = rules.rule(*place);
        if rule.audience.is_some() {
            return None;
        }
        let quota = rule.then.iter().find_map(|action| match action {
            RuleAction::Diversify(quota) => Some(*quota),
            _ => None,
        });
        quota.map(|quota| (quota, Some(rule.id)))
    };
    holding.iter().find_map(first)
}
