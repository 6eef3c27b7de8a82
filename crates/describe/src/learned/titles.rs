//! What stands where in titles.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{TITLE_SLOT_SHARE_MIN, TitleSlot};
use crate::sources::{ATTRIBUTES_READ_MAX, SiblingListing, clipped};
use crate::text::{cleaned, tokens};
use crate::words::{attribute_key, place_of, yes_no};

/// The slots that many titles have, in the order of their mean places.
pub(super) fn slots(listings: &[SiblingListing<'_>]) -> Vec<TitleSlot> {
    let mut places: BTreeMap<TitleSlot, Vec<f64>> = BTreeMap::new();
    let mut n_having: BTreeMap<TitleSlot, usize> = BTreeMap::new();
    for listing in listings {
        let title = cleaned(clipped(listing.title));
        let mut taken: Vec<Range<usize>> = Vec::new();
        let mut seen = BTreeSet::new();
        for (slot, value) in values(listing) {
            if !seen.insert(slot.clone()) {
                continue;
            }
            *n_having.entry(slot.clone()).or_default() += 1;
            if let Some(place) = place_of(&title, &value) {
                taken.push(place..place + value.len());
                places.entry(slot).or_default().push(share(place, &title));
            }
        }
        let free = tokens(&title).into_iter().find(|token| {
            token.is_said() && !taken.iter().any(|range| range.contains(&token.span.start))
        });
        if let Some(kind) = free {
            places.entry(TitleSlot::Kind).or_default().push(share(kind.span.start, &title));
        }
    }
    let is_common = |slot: &TitleSlot, found: &[f64]| match slot {
        TitleSlot::Kind => true,
        _ => {
            found.len() as f64 >= TITLE_SLOT_SHARE_MIN * n_having[slot] as f64
                && found.len() as f64 >= TITLE_SLOT_SHARE_MIN * listings.len() as f64 / 2.0
        }
    };
    let mut slots: Vec<(f64, TitleSlot)> = places
        .into_iter()
        .filter(|(slot, found)| is_common(slot, found))
        .map(|(slot, mut found)| {
            // Sums of floats depend on their order, and that of listings must not matter.
            found.sort_by(f64::total_cmp);
            (found.iter().sum::<f64>() / found.len() as f64, slot)
        })
        .collect();
    slots.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let mut slots: Vec<TitleSlot> = slots.into_iter().map(|(_, slot)| slot).collect();
    if !slots.contains(&TitleSlot::Kind) {
        slots.push(TitleSlot::Kind);
    }
    slots
}

/// What stands in most titles before an attribute's value, where that is no space alone.
pub(super) fn separator(listings: &[SiblingListing<'_>]) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for listing in listings {
        let title = cleaned(clipped(listing.title));
        for (slot, value) in values(listing) {
            let place = place_of(&title, &value).filter(|_| slot != TitleSlot::Brand);
            let Some(before) =
                place.map(|place| &title[..place]).filter(|before| !before.is_empty())
            else {
                continue;
            };
            let letters = before.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')');
            let between = &before[letters.len()..];
            if matches!(between, " " | ", " | " - " | " – " | " | " | " / ") {
                *counts.entry(between.to_owned()).or_default() += 1;
            }
        }
    }
    let most = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    most.map(|(separator, _)| separator)
}

/// The median number of characters, the upper one of two.
pub(super) fn median_chars(listings: &[SiblingListing<'_>]) -> usize {
    let mut lengths: Vec<usize> =
        listings.iter().map(|listing| cleaned(clipped(listing.title)).chars().count()).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or_default()
}

/// What may stand in a slot of a title.
fn values(listing: &SiblingListing<'_>) -> Vec<(TitleSlot, String)> {
    let brand = [(TitleSlot::Brand, cleaned(clipped(listing.brand)))];
    let attributes = listing.attributes.iter().take(ATTRIBUTES_READ_MAX).map(|(name, value)| {
        (TitleSlot::Attribute(attribute_key(clipped(name))), cleaned(clipped(value)))
    });
    let is_value = |(_, value): &(TitleSlot, String)| !value.is_empty() && yes_no(value).is_none();
    brand.into_iter().chain(attributes).filter(is_value).collect()
}

fn share(place: usize, title: &str) -> f64 {
    place as f64 / title.len().max(1) as f64
}
