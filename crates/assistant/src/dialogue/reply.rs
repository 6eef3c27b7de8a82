//! What is said to a shopper.

use vitrine_domain::ItemId;

use crate::answer::ProductAnswer;

use super::comparing::ComparisonTable;
use super::hand_over::HandOverDraft;
use super::searching::ToSearch;
use super::splitting::SplittingQuestion;

/// The answer to a question about one card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardAnswer {
    /// The card.
    pub id: ItemId,
    /// What its texts say.
    pub answer: ProductAnswer,
}

/// What is said to a shopper.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnReply {
    /// It was not understood.
    Unclear,
    /// A greeting.
    Greeting,
    /// Thanks, or good-bye.
    Thanks,
    /// Which product is meant? A question came, or a comparison was wanted, with no product there
    /// to speak of.
    WhichProduct,
    /// What the texts of one product say, or of the first few that are shown.
    Answers(Vec<CardAnswer>),
    /// Prices in minor units, as the cards have them; 0 = not priced.
    Prices(Vec<(ItemId, u32)>),
    /// Candidates.
    Candidates {
        /// The best first, at most a dozen.
        ids: Vec<ItemId>,
        /// How many candidates break no wish; where none does, those shown break fewest.
        n_meeting: usize,
        /// A question that would tell most about which is meant.
        question: Option<SplittingQuestion>,
    },
    /// Products side by side.
    Comparison(ComparisonTable),
    /// What a person of the shop can be told.
    HandOver(HandOverDraft),
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub struct DialogueTurn {
    /// What is said.
    pub reply: TurnReply,
    /// What candidates were looked for by; `None` where nothing about what is looked for has
    /// changed, as after any question about a product.
    pub search: Option<ToSearch>,
}
