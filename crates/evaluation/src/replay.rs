//! What another ranking would have earned, from a log of shown lists: clicks corrected
//! for the places at which things were shown.
//!
//! The model of a click is by position: it is looked at with the propensity of its
//! place, and clicked if it is liked. Where lists were shown in random order, the
//! propensities can be read off ([`propensities`]); with them another order is worth
//! what it would be if its items had been shown where it puts them ([`Replay`]).
//!
//! # Source
//! Joachims, Swaminathan and Schnabel, Unbiased learning-to-rank with biased feedback
//! (2017); Swaminathan and Joachims, The self-normalized estimator for counterfactual
//! learning (2015); Li et al., Offline evaluation of ranking policies with click models
//! (2018).

/// A list that was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownList {
    /// Items by place.
    pub items: Vec<u32>,
    /// Whether each was clicked (or bought), by place.
    pub clicked: Vec<bool>,
}

/// How often each place is looked at, relative to the first, from lists whose order was
/// random: then what differs between places is the place alone.
///
/// # Shapes
/// → \[longest list\]; all 0 when nothing was clicked at the first place.
pub fn propensities(shuffled: &[ShownList]) -> Vec<f64> {
    let n_places = shuffled.iter().map(|list| list.items.len()).max().unwrap_or(0);
    let rate = |place: usize| {
        let at = shuffled.iter().filter_map(|list| list.clicked.get(place));
        let (n, n_clicked) = at.fold((0u32, 0u32), |(n, c), hit| (n + 1, c + u32::from(*hit)));
        f64::from(n_clicked) / f64::from(n.max(1))
    };
    let first = if n_places == 0 { 0.0 } else { rate(0) };
    (0..n_places).map(|place| if first > 0.0 { rate(place) / first } else { 0.0 }).collect()
}

/// Estimates of clicks a list, gathered list by list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replay {
    n_lists: f64,
    clicks: f64,
    weights: f64,
    expected_weights: f64,
}

impl Replay {
    /// Adds a list that was shown, and where another ranking would have put its items:
    /// the propensity of that place, 0 for an item that it would not show.
    ///
    /// # Shapes
    /// `logged` \[items\]: the mean propensity at which the log shows each item, over all
    /// the lists that it might have shown; `wanted` \[items\]. `expected` is what
    /// Σ wanted / logged is on average over such lists.
    pub fn add(&mut self, list: &ShownList, logged: &[f64], wanted: &[f64], expected: f64) {
        self.n_lists += 1.0;
        self.expected_weights += expected;
        for ((clicked, logged), wanted) in list.clicked.iter().zip(logged).zip(wanted) {
            if *logged <= 0.0 {
                continue;
            }
            let weight = wanted / logged;
            self.clicks += if *clicked { weight } else { 0.0 };
            self.weights += weight;
        }
    }

    /// Clicks a list: inverse propensity scoring. Without bias, and noisy.
    pub fn ips(&self) -> f64 {
        self.clicks / self.n_lists.max(1.0)
    }

    /// The same, by how large the weights turned out against what they are on average:
    /// a little bias for less noise.
    pub fn snips(&self) -> f64 {
        if self.weights > 0.0 { self.ips() * self.expected_weights / self.weights } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::seq::SliceRandom;
    use rand::{Rng, SeedableRng};

    use super::*;

    const N_ITEMS: u32 = 30;
    const N_PLACES: usize = 10;

    fn looked_at(place: usize) -> f64 {
        1.0 / (place as f64 + 1.0).powf(0.7)
    }

    fn liked(item: u32) -> f64 {
        if item.is_multiple_of(7) { 0.6 } else { 0.05 }
    }

    /// Ten of thirty items in random order, clicked by the model.
    fn log(n_lists: usize) -> Vec<ShownList> {
        let mut rng = SmallRng::seed_from_u64(3);
        (0..n_lists)
            .map(|_| {
                let mut items: Vec<u32> = (0..N_ITEMS).collect();
                items.shuffle(&mut rng);
                items.truncate(N_PLACES);
                let click = |(place, item): (usize, &u32)| {
                    rng.random::<f64>() < looked_at(place) * liked(*item)
                };
                let clicked = items.iter().enumerate().map(click).collect();
                ShownList { items, clicked }
            })
            .collect()
    }

    #[test]
    fn a_known_propensity_is_recovered() {
        let found = propensities(&log(60_000));
        assert_eq!(found.len(), N_PLACES);
        for (place, found) in found.iter().enumerate() {
            assert!((found - looked_at(place)).abs() < 0.04, "place {place}: {found}");
        }
        assert!(propensities(&[]).is_empty());
    }

    #[test]
    fn another_order_is_worth_what_it_would_earn() {
        let log = log(60_000);
        let found = propensities(&log);
        // The other ranking shows the items in the order of their numbers.
        let order: Vec<u32> = (0..N_PLACES as u32).collect();
        let truth: f64 = order.iter().map(|i| looked_at(*i as usize) * liked(*i)).sum();
        let mean = found.iter().sum::<f64>() / f64::from(N_ITEMS);
        let (mut replay, mut naive) = (Replay::default(), 0.0);
        for list in &log {
            let wanted = |item: &u32| found.get(*item as usize).copied().unwrap_or(0.0);
            let wanted: Vec<f64> = list.items.iter().map(wanted).collect();
            // What is seen here is seen at one place of N_PLACES in N_ITEMS.
            let logged: Vec<f64> = vec![mean; list.items.len()];
            // Of each item N_PLACES in N_ITEMS lists show it.
            let shown = found.iter().sum::<f64>() / mean * N_PLACES as f64 / f64::from(N_ITEMS);
            replay.add(list, &logged, &wanted, shown);
            naive += list.clicked.iter().filter(|clicked| **clicked).count() as f64;
        }
        // Propensities are relative to the first place, which is always looked at here.
        assert!((replay.ips() - truth).abs() < 0.03, "{} for {truth}", replay.ips());
        assert!((replay.snips() - truth).abs() < 0.03, "{} for {truth}", replay.snips());
        assert!((naive / 60_000.0 - truth).abs() > 0.1, "the log itself earned something else");
    }
}
