//! What a listing lacks.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::script::is_unspaced;

use crate::sources::{ATTRIBUTES_READ_MAX, ListingSources, SIBLINGS_READ_MAX, SiblingListing};
use crate::text::{cleaned, tokens};
use crate::words::{attribute_key, compared, is_only_codes, is_placeholder};

/// Shortest description that says something, in letters and digits; a Chinese character counts as
/// [`CHARACTER_LETTERS`].
pub const DESCRIPTION_LETTERS_MIN: usize = 80;
/// What a character of a script without spaces counts as.
pub const CHARACTER_LETTERS: usize = 3;
/// Share of similar products that have an attribute, for its absence to be a lack.
pub const SIBLING_SHARE_MIN: f64 = 0.8;
/// Similar products that must be there for their attributes to count.
pub const SIBLINGS_COMPARED_MIN: usize = 5;
/// Share of a description's words that are the title's, for it to repeat the title.
const REPEATED_SHARE_MIN: f64 = 0.9;

/// Something that a listing lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListingNeed {
    /// There is no description.
    NoDescription,
    /// The description is shorter than [`DESCRIPTION_LETTERS_MIN`].
    ShortDescription {
        /// Its letters and digits.
        n_letters: usize,
    },
    /// The title is only codes and abbreviations, or there is none.
    UnreadableTitle,
    /// The description says what the title says.
    RepeatedTitle,
    /// Nearly all similar products have an attribute of this name.
    MissingAttribute {
        /// Its name, as most similar products write it.
        name: String,
    },
}

/// Names of the attributes that nearly all listings of a category have, read once for many products.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonAttributes {
    /// How a name is compared, and how most write it.
    names: Vec<(String, String)>,
}

/// What a listing lacks, the texts first. Of similar products only names of attributes are told.
pub fn listing_needs(sources: &ListingSources<'_>) -> Vec<ListingNeed> {
    listing_needs_among(sources, &CommonAttributes::of(sources.siblings))
}

/// As [`listing_needs`], with similar products that were read before; those of the sources are not
/// looked at.
pub fn listing_needs_among(
    sources: &ListingSources<'_>,
    common: &CommonAttributes,
) -> Vec<ListingNeed> {
    let mut needs = Vec::new();
    let description = compared(sources.description);
    let title = compared(sources.title);
    let n_letters = n_letters(&description);
    if description.is_empty() {
        needs.push(ListingNeed::NoDescription);
    } else if n_letters < DESCRIPTION_LETTERS_MIN {
        needs.push(ListingNeed::ShortDescription { n_letters });
    }
    if is_only_codes(sources.title) {
        needs.push(ListingNeed::UnreadableTitle);
    }
    let of_title: BTreeSet<&str> = title.split(' ').collect();
    let words: Vec<&str> = description.split(' ').filter(|word| !word.is_empty()).collect();
    let n_repeated = words.iter().filter(|word| of_title.contains(*word)).count();
    if !words.is_empty() && n_repeated as f64 >= REPEATED_SHARE_MIN * words.len() as f64 {
        needs.push(ListingNeed::RepeatedTitle);
    }
    if !common.names.is_empty() {
        let own: BTreeSet<String> =
            sources.known_attributes().map(|(name, _)| attribute_key(name)).collect();
        let missing = common.names.iter().filter(|(key, _)| !own.contains(key));
        needs.extend(missing.map(|(_, name)| ListingNeed::MissingAttribute { name: name.clone() }));
    }
    needs
}

fn n_letters(text: &str) -> usize {
    let counted = tokens(text).into_iter().filter(|token| token.is_said());
    counted
        .flat_map(|token| token.word.chars().collect::<Vec<_>>())
        .map(|c| if is_unspaced(c) { CHARACTER_LETTERS } else { 1 })
        .sum()
}

impl CommonAttributes {
    /// Those that [`SIBLING_SHARE_MIN`] of the listings have; none of fewer than
    /// [`SIBLINGS_COMPARED_MIN`] listings.
    pub fn of(siblings: &[SiblingListing<'_>]) -> Self {
        let siblings = &siblings[..siblings.len().min(SIBLINGS_READ_MAX)];
        if siblings.len() < SIBLINGS_COMPARED_MIN {
            return Self::default();
        }
        let mut found: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for sibling in siblings {
            let mut seen = BTreeSet::new();
            for (name, value) in sibling.attributes.iter().take(ATTRIBUTES_READ_MAX) {
                let key = attribute_key(crate::sources::clipped(name));
                if !key.is_empty() && !is_placeholder(value) && seen.insert(key.clone()) {
                    *found.entry(key).or_default().entry(cleaned(name)).or_default() += 1;
                }
            }
        }
        let wanted = SIBLING_SHARE_MIN * siblings.len() as f64;
        let common =
            found.into_iter().filter(|(_, names)| names.values().sum::<usize>() as f64 >= wanted);
        let named = common.filter_map(|(key, names)| {
            // The most frequent writing; of equals, the first of the alphabet.
            let (name, _) = names.into_iter().rev().max_by_key(|(_, n)| *n)?;
            Some((key, name))
        });
        Self { names: named.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poor_listing_is_told_what_it_lacks() {
        let attributes =
            [("Weight".to_owned(), "2 kg".to_owned()), ("Fuel".to_owned(), "n/a".to_owned())];
        let own = [("weight".to_owned(), "1 kg".to_owned())];
        let more =
            [("Weight".to_owned(), "2 kg".to_owned()), ("Power".to_owned(), "5 W".to_owned())];
        let sibling = SiblingListing { attributes: &attributes, ..Default::default() };
        let rich = SiblingListing { attributes: &more, ..Default::default() };
        let siblings = [sibling, rich, rich, rich, rich];
        let sources = ListingSources {
            title: "BX-200 PRO",
            description: "Pro BX 200",
            attributes: &own,
            siblings: &siblings,
            ..Default::default()
        };
        assert_eq!(
            listing_needs(&sources),
            [
                ListingNeed::ShortDescription { n_letters: 8 },
                ListingNeed::UnreadableTitle,
                ListingNeed::RepeatedTitle,
                ListingNeed::MissingAttribute { name: "Power".to_owned() },
            ]
        );
        let common = CommonAttributes::of(&siblings);
        let alone = ListingSources { siblings: &[], ..sources };
        assert_eq!(listing_needs_among(&alone, &common), listing_needs(&sources));
        let few = ListingSources { siblings: &siblings[1..], ..sources };
        assert_eq!(listing_needs(&few).len(), 3, "four are too few");
    }

    #[test]
    fn a_good_listing_lacks_nothing() {
        let sources = ListingSources {
            title: "保温杯",
            description: "这款保温杯采用不锈钢内胆，双层结构，可以长时间保持饮品温度，适合办公室和户外使用。",
            ..Default::default()
        };
        assert_eq!(listing_needs(&sources), []);
        let none = ListingSources { title: "Warm jacket", ..Default::default() };
        assert_eq!(listing_needs(&none), [ListingNeed::NoDescription]);
    }
}
