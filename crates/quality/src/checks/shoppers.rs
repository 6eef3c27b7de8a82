//! Shoppers that are no people: machines by their rate and variety, resellers by
//! the size of what they buy at once.

use super::declare::Check;
use super::hashing::IdMap;
use super::kinds::Kind;
use super::log_profile::{LogProfile, Shopper};
use super::robust::{Robust, median};

/// Days from which on a shopper is a regular.
const REGULAR_DAYS_MIN: usize = 3;
/// Shoppers that there must be before one stands out.
const SHOPPERS_MIN: usize = 20;
/// Spreads of the logarithms of counts are never taken to be smaller.
const LOG_SIGMA_MIN: f64 = 0.3;
/// People do fewer things than this in a day.
const BOT_DAY_LINES_MIN: f64 = 150.0;
/// Share of the greatest possible entropy from which someone takes all sorts of things.
const BOT_EVENNESS_MIN: f64 = 0.75;
/// One large basket is a party; from so many on it is a habit.
const RESELLER_BASKETS_MIN: usize = 3;
/// Households buy fewer pieces of one product than this at once.
const RESELLER_PIECES_MIN: f64 = 30.0;

/// Why each flagged shopper was flagged, by the hash of the identifier.
pub(crate) fn flagged(check: &Check, profile: &LogProfile) -> IdMap<String> {
    let sizes = match check.kind {
        Kind::Bot => profile.shoppers.iter().map(|(who, s)| (*who, busiest_day(s))).collect(),
        _ => usual_lines(profile),
    };
    if sizes.len() < SHOPPERS_MIN {
        return IdMap::default();
    }
    // Who came once or twice does not say what is usual, as long as others do.
    let is_regular = |who: &u64| profile.shoppers[who].days.len() >= REGULAR_DAYS_MIN;
    let log = |size: &f64| size.max(1.0).ln();
    let regulars = sizes.iter().filter(|(who, _)| is_regular(who));
    let mut logs: Vec<f64> = regulars.map(|(_, size)| log(size)).collect();
    if logs.len() < SHOPPERS_MIN {
        logs = sizes.values().map(log).collect();
    }
    let usual = Robust::of(&mut logs, LOG_SIGMA_MIN);
    let (middle, is_bot) = (usual.median.exp(), check.kind == Kind::Bot);
    let size_min = if is_bot { BOT_DAY_LINES_MIN } else { RESELLER_PIECES_MIN };
    let unusual =
        sizes.into_iter().filter(|(_, size)| *size >= size_min && usual.z(log(size)) > check.limit);
    unusual
        .filter(|(who, _)| !is_bot || evenness(&profile.shoppers[who]) >= BOT_EVENNESS_MIN)
        .map(|(who, size)| {
            let reason = if is_bot {
                format!("the shopper has {size:.0} lines in a day, others {middle:.0}")
            } else {
                format!("the shopper takes {size:.0} pieces of a product, others {middle:.0}")
            };
            (who, reason)
        })
        .collect()
}

fn busiest_day(shopper: &Shopper) -> f64 {
    f64::from(shopper.days.values().copied().max().unwrap_or(0))
}

/// Median of the largest lines of each shopper's baskets, in pieces.
fn usual_lines(profile: &LogProfile) -> IdMap<f64> {
    let mut by_shopper: IdMap<Vec<f64>> = IdMap::default();
    for basket in profile.baskets.values() {
        by_shopper.entry(basket.shopper).or_default().push(basket.largest as f64);
    }
    by_shopper
        .into_iter()
        .filter(|(_, sizes)| sizes.len() >= RESELLER_BASKETS_MIN)
        .map(|(who, mut sizes)| (who, median(&mut sizes)))
        .collect()
}

/// Entropy of a shopper's products, as a share of the greatest that so many
/// lines can have.
fn evenness(shopper: &Shopper) -> f64 {
    let total: f64 = shopper.buckets.iter().map(|&n| f64::from(n)).sum();
    let entropy: f64 = shopper
        .buckets
        .iter()
        .filter(|&&n| n > 0)
        .map(|&n| f64::from(n) / total)
        .map(|share| -share * share.ln())
        .sum();
    let greatest = total.min(shopper.buckets.len() as f64).ln();
    if greatest > 0.0 { entropy / greatest } else { 0.0 }
}
