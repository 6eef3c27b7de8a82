//! What descriptions speak of, and in which order.

use std::collections::BTreeMap;

use super::DESCRIPTION_SHARE_MIN;
use crate::sources::{ATTRIBUTES_READ_MAX, SiblingListing, clipped};
use crate::text::cleaned;
use crate::words::{attribute_key, place_of, yes_no};

/// Attributes that many descriptions speak of, in the order of their mean places.
pub(super) fn order(listings: &[SiblingListing<'_>]) -> Vec<String> {
    let mut places: BTreeMap<String, (usize, Vec<f64>)> = BTreeMap::new();
    for listing in listings {
        let description = cleaned(clipped(listing.description));
        for (name, value) in listing.attributes.iter().take(ATTRIBUTES_READ_MAX) {
            let (name, value) = (clipped(name), clipped(value));
            let said = if yes_no(value).is_some() { name } else { value };
            let (n_having, found) = places.entry(attribute_key(name)).or_default();
            *n_having += 1;
            if let Some(place) = place_of(&description, said) {
                found.push(place as f64 / description.len().max(1) as f64);
            }
        }
    }
    let mut order: Vec<(f64, String)> = places
        .into_iter()
        .filter(|(_, (n_having, found))| {
            !found.is_empty() && found.len() as f64 >= DESCRIPTION_SHARE_MIN * *n_having as f64
        })
        .map(|(name, (_, mut found))| {
            found.sort_by(f64::total_cmp);
            (found.iter().sum::<f64>() / found.len() as f64, name)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    order.into_iter().map(|(_, name)| name).collect()
}
