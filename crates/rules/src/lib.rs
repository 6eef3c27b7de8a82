//! Merchandising rules: what a shop wants to stand where.
//!
//! Rules are public data of the catalogue, the same for everyone ([`PublicRules`]). The server
//! applies to a search what concerns its words and conditions ([`rewrite`]); places are given
//! once, on the device, after ranking, over the whole list ([`arrange`]). An [`Audience`] is
//! something that the device alone can tell; what a rule for one may do sends nothing.
//!
//! ```
//! use vitrine_domain::ItemId;
//! use vitrine_rules::{PublicRules, Rule, RuleAction, RuleId, RuleTarget};
//!
//! let beer = RuleTarget::category("Beer");
//! let rule = Rule {
//!     id: RuleId(1),
//!     then: vec![RuleAction::Hide { target: beer }],
//!     label: "Not shown unasked".into(),
//!     ..Rule::default()
//! };
//! let mut rules = PublicRules { rules: vec![rule] };
//! assert!(rules.validate(&[]).is_ok());
//!
//! rules.rules[0].then.push(RuleAction::Pin { item: ItemId(7), place: 0 });
//! let refused = rules.validate(&[]).unwrap_err();
//! assert_eq!(refused.to_string(), "rule 1: place 0 is not from 1 to 1000");
//! ```
#![deny(missing_docs)]

mod action;
mod apply;
mod audience;
#[cfg(feature = "authoring")]
pub mod authoring;
mod compiled;
mod condition;
mod diversity;
mod facts;
mod fault;
mod index;
mod keys;
mod label;
mod limits;
mod rewrite;
mod rule;
mod sensitive;
mod target;
mod text;
mod validate;
mod window;

pub use action::{ActionKind, RuleAction, ShopRoute, Strength};
pub use apply::{
    ArrangedList, HoldingRules, RuleTouch, SHARE_MAX_HUNDREDTHS, ShownBanner, SiftedList,
    TouchedCard, arrange, leaving_out,
};
pub use audience::{Audience, AudienceFact, CardGroup, Deed, ShopperFacts};
pub use compiled::CompiledRules;
pub use condition::{Placement, QueryCondition, RuleCondition, RuleLevel, Surface};
pub use diversity::Diversity;
pub use facts::{CardFacts, ListContext, ListToArrange, RankedCard};
pub use fault::{RuleFault, RuleList, RuleText, RulesError};
pub use label::RuleLabel;
pub use limits::*;
pub use rewrite::{RewriteContext, RewriteRules, RewrittenSearch, cards_needed, rewrite};
pub use rule::{PublicRules, Rule, RuleId};
pub use sensitive::is_sensitive;
pub use target::{RuleFilters, RuleTarget};
pub use window::RuleWindow;
