//! What a shop says of a product besides its texts: sale, content, rating.

use serde::{Deserialize, Serialize};

/// A lower price for a time (`sale_price` and `sale_price_effective_date` in the Merchant
/// product feed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Price in minor units, above 0.
    pub price_minor: u32,
    /// Its first moment, in seconds since 1970-01-01 UTC; `None` = has begun.
    pub from_seconds: Option<i64>,
    /// The moment after its last, likewise; `None` = until further notice.
    pub until_seconds: Option<i64>,
}

impl Sale {
    /// Whether the price holds at a moment, in seconds since 1970-01-01 UTC.
    pub fn is_on(&self, at_seconds: i64) -> bool {
        self.from_seconds.is_none_or(|from| from <= at_seconds)
            && self.until_seconds.is_none_or(|until| at_seconds < until)
    }
}

/// How much of a unit one piece holds, so that prices of sizes can be compared
/// (`unit_pricing_measure` and `unit_pricing_base_measure` in the Merchant product feed).
/// It does not depend on the price: one that changes needs no other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitMeasure {
    /// What the price is said for: "100 ml", "kg".
    pub per: String,
    /// That unit as a share of one piece, in millionths, above 0: 100 ml of a bottle of
    /// 750 ml are 133,333.
    pub share_millionths: u32,
}

impl UnitMeasure {
    /// Price of the unit in minor units, rounded, when a piece costs `price_minor`.
    pub fn price_minor(&self, price_minor: u32) -> u64 {
        (u64::from(price_minor) * u64::from(self.share_millionths) + 500_000) / 1_000_000
    }
}

/// The mean of what buyers gave, as the shop publishes it (schema.org/AggregateRating).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Mean of 1 to 5 stars, in hundredths: 100 to 500.
    pub hundredths: u16,
    /// How many people rated, at least 1.
    pub n: u32,
}

/// Ratings of 3.5 stars that are added to those of each product before products are ordered by
/// them, so that one review of five stars does not stand above hundreds of 4.8.
const PRIOR_RATINGS: u64 = 5;
const PRIOR_HUNDREDTHS: u64 = 350;

impl Rating {
    /// The mean in hundredths of stars, drawn towards 3.5 the fewer people rated.
    pub fn bayesian_hundredths(self) -> u32 {
        let n = u64::from(self.n);
        let sum = n * u64::from(self.hundredths) + PRIOR_RATINGS * PRIOR_HUNDREDTHS;
        u32::try_from(sum / (n + PRIOR_RATINGS)).unwrap_or(u32::MAX)
    }

    /// Of how many gave 1 to 5 stars; `None` where nobody did.
    pub fn of_stars(stars: [u32; 5]) -> Option<Self> {
        let n: u64 = stars.into_iter().map(u64::from).sum();
        let sum: u64 = stars.into_iter().zip(1..).map(|(n, stars)| u64::from(n) * stars).sum();
        let n_rated = u32::try_from(n).unwrap_or(u32::MAX);
        (n > 0).then(|| Self { hundredths: ((sum * 100 + n / 2) / n) as u16, n: n_rated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_holds_from_its_first_moment_to_before_its_end() {
        let sale = Sale { price_minor: 99, from_seconds: Some(10), until_seconds: Some(20) };
        let is_on = [9, 10, 19, 20].map(|at| sale.is_on(at));
        assert_eq!(is_on, [false, true, true, false]);
        assert!(Sale { price_minor: 99, ..Sale::default() }.is_on(0));
    }

    #[test]
    fn few_ratings_count_little() {
        let of = |stars| Rating::of_stars(stars).expect("somebody rated");
        assert_eq!(of([1, 0, 0, 0, 2]), Rating { hundredths: 367, n: 3 });
        assert_eq!(Rating::of_stars([0; 5]), None);
        let (one, many) = (of([0, 0, 0, 0, 1]), of([0, 0, 0, 40, 160]));
        assert!(one.hundredths > many.hundredths);
        assert!(one.bayesian_hundredths() < many.bayesian_hundredths());
        assert!(of([30, 0, 0, 0, 0]).bayesian_hundredths() < 200);
        let all = of([u32::MAX; 5]);
        assert_eq!((all.hundredths, all.n, all.bayesian_hundredths()), (300, u32::MAX, 300));
    }

    #[test]
    fn a_unit_price_is_rounded_and_does_not_overflow() {
        let bottle = UnitMeasure { per: "100 ml".into(), share_millionths: 133_333 };
        assert_eq!(bottle.price_minor(899), 120);
        let dear = UnitMeasure { per: "kg".into(), share_millionths: u32::MAX };
        assert_eq!(dear.price_minor(u32::MAX), 18_446_744_065_120);
    }
}
