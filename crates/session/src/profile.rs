//! What the device has learned of the shopper, in words: each line only when the log bears it
//! out, and with what has to be forgotten for it to go.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::{EventKind, ItemId, sorting::sort_by_key};
use vitrine_words::session::t;

use crate::DeviceEvent;
use crate::session::Session;
use crate::state::State;
use crate::subject::{EventsOf, ProfileSubject};

/// Purchases of a card, or from a department, before a line names it.
pub const PROFILE_NAMED_MIN: usize = 3;
/// Purchases in all before a line says what most of them are.
pub const PROFILE_PURCHASES_MIN: usize = 5;
/// Gaps between purchase days before a line says how long they usually are.
pub const PROFILE_GAPS_MIN: usize = 3;
/// Cards that a line names at most.
const CARDS_MAX: usize = 3;
/// Departments that a line names at most.
const DEPARTMENTS_MAX: usize = 2;
const DAY_MS: i64 = 86_400_000;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileTrait {
    /// These cards are bought often.
    OftenBought,
    /// More than half of the purchases are from these departments.
    MostlyFrom,
    /// More than half of the purchases are of this brand.
    MostlyOfBrand,
    /// The median gap between two days with purchases, in days.
    EveryDays(u32),
    /// Three of four prices paid are no higher, in minor units of the standard prices.
    UsuallyUnder(u32),
}

/// Something that a line names, and how it is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfilePart {
    /// What is forgotten.
    pub subject: ProfileSubject,
    /// What it is called.
    pub name: String,
    /// How many events go with it.
    pub n_events: usize,
}

/// One line of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileLine {
    /// What it says.
    pub says: ProfileTrait,
    /// Of what, the most bought first; at least one.
    pub parts: Vec<ProfilePart>,
}

impl ProfileLine {
    /// The line in words; `price` writes minor units of the standard prices.
    pub fn words(&self, price: impl Fn(u32) -> String) -> String {
        let names = named(&self.parts);
        match self.says {
            ProfileTrait::OftenBought => t!("profile.often", names = names),
            ProfileTrait::MostlyFrom => t!("profile.mostly_from", names = names),
            ProfileTrait::MostlyOfBrand => t!("profile.mostly_brand", names = names),
            ProfileTrait::EveryDays(1) => t!("profile.every_day").to_owned(),
            ProfileTrait::EveryDays(n) => t!("profile.every_days", n = in_words(n)),
            ProfileTrait::UsuallyUnder(minor) => t!("profile.under", price = price(minor)),
        }
    }
}

/// "a", "a and b", "a, b and c".
fn named(parts: &[ProfilePart]) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            t!("profile.and", first = rest.join(", "), last = last)
        }
        _ => names.concat(),
    }
}

fn in_words(n: u32) -> String {
    let word = match n {
        2 => t!("profile.number_2"),
        3 => t!("profile.number_3"),
        4 => t!("profile.number_4"),
        5 => t!("profile.number_5"),
        6 => t!("profile.number_6"),
        7 => t!("profile.number_7"),
        8 => t!("profile.number_8"),
        9 => t!("profile.number_9"),
        _ => return n.to_string(),
    };
    word.to_owned()
}

impl Session {
    /// What the device has learned of the shopper, from log and catalogue. Sends nothing.
    pub fn profile(&self) -> Vec<ProfileLine> {
        let state = self.inner.state.borrow();
        let facts = state.facts();
        let purchases: Vec<&DeviceEvent> =
            state.log.events.iter().filter(|event| event.kind == EventKind::Purchase).collect();
        let part = |name: String, subject: ProfileSubject| {
            let of = EventsOf::new(&subject, &state.log, facts.clone());
            let n_events = state.log.events.iter().filter(|event| of.has(event)).count();
            ProfilePart { subject, name, n_events }
        };
        let all = || vec![part(t!("profile.purchases").to_owned(), ProfileSubject::Purchases)];
        let mut lines = Vec::new();
        let often = often_bought(&purchases).into_iter();
        let often: Vec<ProfilePart> = often
            .filter_map(|item| Some(part(state.item(item)?.title, ProfileSubject::Card(item))))
            .take(CARDS_MAX)
            .collect();
        if !often.is_empty() {
            lines.push(ProfileLine { says: ProfileTrait::OftenBought, parts: often });
        }
        let of = |event: &&DeviceEvent| facts.get(&event.item);
        let departments = purchases.iter().filter_map(|e| Some(of(e)?.0.as_str()));
        let departments = majority(departments, purchases.len(), DEPARTMENTS_MAX).into_iter();
        let parts: Vec<ProfilePart> = departments
            .map(|name| part(name.to_owned(), ProfileSubject::Department(name.to_owned())))
            .collect();
        if !parts.is_empty() {
            lines.push(ProfileLine { says: ProfileTrait::MostlyFrom, parts });
        }
        let brands = purchases.iter().filter_map(|e| Some(of(e)?.1.as_str()));
        if let Some(name) = majority(brands, purchases.len(), 1).first() {
            let parts = vec![part((*name).to_owned(), ProfileSubject::Brand((*name).to_owned()))];
            lines.push(ProfileLine { says: ProfileTrait::MostlyOfBrand, parts });
        }
        if let Some(days) = usual_gap_days(&purchases) {
            lines.push(ProfileLine { says: ProfileTrait::EveryDays(days), parts: all() });
        }
        if let Some(minor) = usual_price(&state, &purchases) {
            lines.push(ProfileLine { says: ProfileTrait::UsuallyUnder(minor), parts: all() });
        }
        lines
    }
}

impl State {
    /// Department and brand of each card of the log, where the card is known.
    pub fn facts(&self) -> BTreeMap<ItemId, (String, String)> {
        let items = self.log.items().into_iter();
        let facts = |item| self.item(item).map(|card| (item, (card.department, card.brand)));
        items.filter_map(facts).collect()
    }
}

/// Cards that were bought often enough to be named, the most bought first.
fn often_bought(purchases: &[&DeviceEvent]) -> Vec<ItemId> {
    let mut counts: BTreeMap<ItemId, (usize, i64)> = BTreeMap::new();
    for event in purchases {
        let (n, last_ms) = counts.entry(event.item).or_insert((0, event.at_ms));
        (*n, *last_ms) = (*n + 1, event.at_ms.max(*last_ms));
    }
    let mut often: Vec<(ItemId, (usize, i64))> =
        counts.into_iter().filter(|(_, (n, _))| *n >= PROFILE_NAMED_MIN).collect();
    sort_by_key(&mut often, |(item, counts)| (std::cmp::Reverse(*counts), *item));
    often.into_iter().map(|(item, _)| item).collect()
}

/// The fewest names, `n_max` at most, that more than half of all `n` have; none when there
/// are too few to say, or when it takes more names.
fn majority<'a>(names: impl Iterator<Item = &'a str>, n: usize, n_max: usize) -> Vec<&'a str> {
    if n < PROFILE_PURCHASES_MIN {
        return Vec::new();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    names.filter(|name| !name.is_empty()).for_each(|name| *counts.entry(name).or_default() += 1);
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    sort_by_key(&mut counts, |(name, n)| (std::cmp::Reverse(*n), *name));
    let (mut chosen, mut n_chosen) = (Vec::new(), 0);
    for (name, n_of) in counts.into_iter().take(n_max).filter(|(_, n)| *n >= PROFILE_NAMED_MIN) {
        chosen.push(name);
        n_chosen += n_of;
        if n_chosen * 2 > n {
            return chosen;
        }
    }
    Vec::new()
}

/// The median gap between two UTC days with purchases, in days, rounded.
fn usual_gap_days(purchases: &[&DeviceEvent]) -> Option<u32> {
    let days: BTreeSet<i64> = purchases.iter().map(|e| e.at_ms.div_euclid(DAY_MS)).collect();
    let days: Vec<i64> = days.into_iter().collect();
    let mut gaps: Vec<i64> = days.windows(2).map(|days| days[1] - days[0]).collect();
    if gaps.len() < PROFILE_GAPS_MIN {
        return None;
    }
    gaps.sort_unstable();
    let (low, high) = (gaps[(gaps.len() - 1) / 2], gaps[gaps.len() / 2]);
    u32::try_from((low + high + 1) / 2).ok()
}

/// The upper quartile of the prices paid, so that "usually" is true of three in four.
fn usual_price(state: &State, purchases: &[&DeviceEvent]) -> Option<u32> {
    let paid = |event: &&DeviceEvent| match &event.variant {
        Some(variant) => Some(variant.price_minor),
        None => Some(state.item(event.item)?.price_minor),
    };
    let mut prices: Vec<u32> = purchases.iter().filter_map(paid).filter(|p| *p > 0).collect();
    if prices.len() < PROFILE_PURCHASES_MIN {
        return None;
    }
    prices.sort_unstable();
    prices.get((prices.len() * 3).div_ceil(4) - 1).copied()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Event;

    use super::*;

    fn purchases(days: &[i64]) -> Vec<DeviceEvent> {
        let event = |day: &i64| {
            Event { kind: EventKind::Purchase, item: ItemId(1), at_ms: day * DAY_MS }.into()
        };
        days.iter().map(event).collect()
    }

    fn gap(days: &[i64]) -> Option<u32> {
        usual_gap_days(&purchases(days).iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_usual_gap_is_the_median_between_distinct_days() {
        assert_eq!(gap(&[0, 9, 18]), None, "two gaps are too few");
        assert_eq!(gap(&[0, 9, 9, 18, 60]), Some(9), "a holiday does not count");
        assert_eq!(gap(&[0, 2, 5, 9, 14]), Some(4), "(3 + 4) / 2, rounded");
    }

    #[test]
    fn most_is_more_than_half() {
        let names = ["a", "a", "a", "b", "b", "b", "c", ""];
        let of = |n_max| majority(names.into_iter(), names.len(), n_max);
        assert_eq!(of(2), ["a", "b"]);
        assert_eq!(of(1), [""; 0], "three of eight are not most");
        assert_eq!(majority(["a"; 4].into_iter(), 4, 1), [""; 0], "four are too few");
        assert_eq!(majority(["a"; 5].into_iter(), 10, 1), [""; 0], "half is not most");
        assert_eq!(majority(["a"; 6].into_iter(), 10, 1), ["a"]);
    }

    #[test]
    fn lines_are_sentences() {
        let part = |name: &str| ProfilePart {
            subject: ProfileSubject::Purchases,
            name: name.into(),
            n_events: 1,
        };
        let words = |says, names: &[&str]| {
            let parts = names.iter().map(|name| part(name)).collect();
            ProfileLine { says, parts }.words(|minor| format!("${}", minor / 100))
        };
        let often = words(ProfileTrait::OftenBought, &["Bananas", "White milk", "Large eggs"]);
        assert_eq!(often, "You often buy Bananas, White milk and Large eggs");
        assert_eq!(words(ProfileTrait::MostlyFrom, &["Grocery"]), "Mostly from Grocery");
        assert_eq!(words(ProfileTrait::EveryDays(9), &[""]), "About every nine days");
        assert_eq!(words(ProfileTrait::EveryDays(10), &[""]), "About every 10 days");
        assert_eq!(words(ProfileTrait::UsuallyUnder(300), &[""]), "Usually not over $3");
    }
}
