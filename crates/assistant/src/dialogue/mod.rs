//! What a shopper wants, kept over several turns: a state machine without clock and network.

mod comparing;
mod hand_over;
mod matching;
mod measuring;
mod pricing;
mod reading;
mod referring;
mod reply;
mod searching;
mod shelf;
mod splitting;
mod state;
mod turns;
mod wishes;

pub use comparing::{
    COMPARED_MAX, ComparisonAspect, ComparisonCell, ComparisonRow, ComparisonTable, compare,
};
pub use hand_over::{HandOverDraft, HandOverLine, HandOverPart};
pub use reply::{CardAnswer, DialogueTurn, TurnReply};
pub use searching::ToSearch;
pub use shelf::{CandidateShelf, ProductShelf, ShelfCard};
pub use splitting::{SPLIT_OPTIONS_MAX, SplitFacet, SplitOption, SplittingQuestion};
pub use state::{CANDIDATES_MAX, Dialogue, DialogueContext};
pub use wishes::WishKind;
