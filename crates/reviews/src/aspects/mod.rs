//! What sentences say about a product: fit, material, price and other aspects, each praised, blamed
//! or both.

mod learn;
mod mention;
mod parts;
mod reader;
mod senses;

pub use learn::{LearnedAspects, LearnedTerm};
pub use mention::{ASPECT_NAME_CHARS_MAX, Aspect, AspectMention, KnownAspect, Polarity};
pub use reader::AspectReader;
