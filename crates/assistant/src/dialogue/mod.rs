//! What a shopper wants, kept over several turns: a state machine without clock and network.

mod comparing;
mod hand_over;
mod matching;
mod reading;
mod referring;
mod shelf;
mod splitting;
mod state;
mod wishes;

pub use comparing::{ComparisonRow, ComparisonTable};
pub use hand_over::{HandOverDraft, HandOverLine, HandOverPart};
pub use shelf::{CandidateShelf, ShelfCard};
pub use splitting::{SPLIT_OPTIONS_MAX, SplitFacet, SplitOption, SplittingQuestion};
pub use state::{CardAnswer, Dialogue, DialogueTurn, ToSearch, TurnReply};
pub use wishes::WishKind;
