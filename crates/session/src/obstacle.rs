//! What keeps something from being bought.

/// Why a variant of a card cannot be bought now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// The catalogue does not list it any more.
    Gone,
    /// It is out of stock.
    SoldOut,
    /// It has no price, in a shop that has prices.
    NotPriced,
}
