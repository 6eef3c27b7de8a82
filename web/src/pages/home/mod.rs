//! What the front page has besides its feed: carousels, a newcomer's choice, and cards that
//! are not wanted.

mod carousels;
mod signals;
mod starters;
mod unwanted;

pub use carousels::Carousels;
pub use signals::{HomeSignals, not_interested};
pub use starters::Starters;
pub use unwanted::{UndoToast, UnwantedList};
