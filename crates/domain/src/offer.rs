//! By how much an offer is cheaper.

use serde::{Deserialize, Serialize};

/// By how much an offer is cheaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferAmount {
    /// The shop does not say.
    #[default]
    Unsaid,
    /// By so many percent, 1 to 100.
    Percent(u8),
    /// By so many minor units a piece, above 0; of the currency of the standard prices.
    Minor(u32),
}

impl OfferAmount {
    /// The amount of an offer of several variants: theirs where it is one for all, else
    /// [`Self::Unsaid`].
    pub fn common(self, other: Self) -> Self {
        if self == other { self } else { Self::Unsaid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_with_different_amounts_have_none_in_common() {
        let ten = OfferAmount::Percent(10);
        assert_eq!(ten.common(ten), ten);
        assert_eq!(ten.common(OfferAmount::Minor(10)), OfferAmount::Unsaid);
        assert_eq!(ten.common(OfferAmount::Unsaid), OfferAmount::Unsaid);
    }
}
