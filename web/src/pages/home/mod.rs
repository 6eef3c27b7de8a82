//! What the front page has besides its feed: carousels, a newcomer's choice, and what was said
//! of cards.

mod carousels;
mod opinions;
mod signals;
mod starters;

pub use carousels::Carousels;
pub use opinions::{ChosenList, UndoToast, UnwantedList};
pub use signals::{HomeSignals, not_interested};
pub use starters::Starters;
