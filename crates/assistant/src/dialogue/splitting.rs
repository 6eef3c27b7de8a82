//! The one question whose answer tells most about which candidate is meant.

use std::collections::BTreeMap;

use vitrine_domain::Filters;
use vitrine_domain::facets::price_ranges;
use vitrine_domain::sorting::sort_by;

use crate::lexicon::{Lexicon, Term};
use crate::text::tokens;

use super::shelf::ShelfCard;

/// Most answers of a question.
pub const SPLIT_OPTIONS_MAX: usize = 4;
/// Candidates up to which nothing is asked: they can be looked at.
const CARDS_MAX_UNASKED: usize = 3;
/// What share of the candidates must have the facet.
const KNOWN_SHARE_MIN: f64 = 0.5;
/// What an answer must tell, in bits.
const GAIN_BITS_MIN: f64 = 0.4;
/// Longest value that can be an answer, in bytes.
const VALUE_BYTES_MAX: usize = 40;

/// By what candidates differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SplitFacet {
    /// The department.
    Department,
    /// The category.
    Category,
    /// An attribute by its name, in lower case; of properties with several names
    /// (`properties.txt`), by that of the property.
    Attribute(String),
    /// The price.
    Price,
    /// The brand.
    Brand,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitOption {
    /// The value as a card has it; empty for prices.
    pub label: String,
    /// The bounds of a price; no condition for other facets.
    pub filters: Filters,
    /// How many candidates have it.
    pub n_cards: u32,
}

impl SplitOption {
    /// Whether both answer the same, however many candidates have it.
    pub(super) fn is_same_answer(&self, other: &Self) -> bool {
        self.label == other.label && self.filters == other.filters
    }
}

/// A question with its answers, those of most candidates first, prices ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplittingQuestion {
    /// What is asked for.
    pub facet: SplitFacet,
    /// At most [`SPLIT_OPTIONS_MAX`] answers.
    pub options: Vec<SplitOption>,
}

/// The value of a card's facet; `None` where it has none, and for prices.
pub(super) fn value_of<'a>(
    lexicon: &Lexicon,
    card: &'a ShelfCard,
    facet: &SplitFacet,
) -> Option<&'a str> {
    let value: &str = match facet {
        SplitFacet::Department => &card.department,
        SplitFacet::Category => &card.category,
        SplitFacet::Brand => &card.brand,
        SplitFacet::Price => return None,
        SplitFacet::Attribute(wanted) => {
            let mut all = card.texts.attributes().iter();
            let (_, value) =
                all.find(|(name, _)| facet_name(lexicon, name).as_ref() == Some(wanted))?;
            value
        }
    };
    (!value.is_empty()).then_some(value)
}

/// What an attribute is called as a facet; `None` for what nobody asks for.
fn facet_name(lexicon: &Lexicon, name: &str) -> Option<String> {
    let terms = lexicon.terms(&tokens(name));
    match terms.as_slice() {
        [only] => match only.term {
            Term::Property(id) => {
                let property = lexicon.property(id);
                (property.wanted > 1).then(|| property.name.to_owned())
            }
            Term::Word(_) => Some(name.to_lowercase()),
        },
        several => {
            let wanted = |term: &Term| match term {
                Term::Property(id) => lexicon.property(*id).wanted > 1,
                Term::Word(_) => true,
            };
            several.iter().all(|placed| wanted(&placed.term)).then(|| name.to_lowercase())
        }
    }
}

/// The question that splits candidates best by expected information, `None` where there are few
/// or no answer tells much. Facets that `is_known` are not asked for.
///
/// The information of an answer is the entropy of the groups that the options make, all other
/// values being one group, times the share of candidates of which the value is known. Ties go to
/// the first facet in the order of [`SplitFacet`].
///
/// # Units
/// Entropy in bits.
///
/// # Source
/// Quinlan, "Induction of Decision Trees", Machine Learning 1 (1986): information gain.
pub(super) fn question(
    lexicon: &Lexicon,
    cards: &[&ShelfCard],
    is_known: &dyn Fn(&SplitFacet) -> bool,
) -> Option<SplittingQuestion> {
    if cards.len() <= CARDS_MAX_UNASKED {
        return None;
    }
    let mut values: BTreeMap<SplitFacet, BTreeMap<String, (String, u32)>> = BTreeMap::new();
    for card in cards {
        for (facet, value) in facets(lexicon, card) {
            let group = values.entry(facet).or_default().entry(value.to_lowercase());
            group.or_insert_with(|| (value.to_owned(), 0)).1 += 1;
        }
    }
    let by_value = values.into_iter().map(|(facet, groups)| {
        let mut options: Vec<SplitOption> = groups
            .into_values()
            .map(|(label, n_cards)| SplitOption { label, filters: Filters::default(), n_cards })
            .collect();
        sort_by(&mut options, |a, b| b.n_cards.cmp(&a.n_cards).then_with(|| a.label.cmp(&b.label)));
        (facet, options)
    });
    let all = by_value.chain([(SplitFacet::Price, prices(cards))]);
    let mut best: Option<(f64, SplittingQuestion)> = None;
    for (facet, mut options) in all.filter(|(facet, _)| !is_known(facet)) {
        let gain = gain_bits(&options, cards.len());
        let is_better = best.as_ref().is_none_or(|(most, _)| gain > *most);
        if gain >= GAIN_BITS_MIN && is_better {
            options.truncate(SPLIT_OPTIONS_MAX);
            best = Some((gain, SplittingQuestion { facet, options }));
        }
    }
    best.map(|(_, question)| question)
}

/// The facets of a card, each once.
fn facets<'a>(lexicon: &Lexicon, card: &'a ShelfCard) -> BTreeMap<SplitFacet, &'a str> {
    let mut out = BTreeMap::new();
    for (facet, value) in [
        (SplitFacet::Department, card.department.as_str()),
        (SplitFacet::Category, card.category.as_str()),
        (SplitFacet::Brand, card.brand.as_str()),
    ] {
        out.insert(facet, value);
    }
    for (name, value) in card.texts.attributes() {
        if let Some(name) = facet_name(lexicon, name) {
            out.entry(SplitFacet::Attribute(name)).or_insert(value.as_str());
        }
    }
    out.retain(|_, value| !value.is_empty() && value.len() <= VALUE_BYTES_MAX);
    out
}

fn prices(cards: &[&ShelfCard]) -> Vec<SplitOption> {
    let mut ranges = price_ranges(cards.iter().map(|card| card.price_minor).collect());
    while ranges.len() > SPLIT_OPTIONS_MAX {
        // The two dearest become one.
        let Some(last) = ranges.pop() else { break };
        if let Some(before) = ranges.last_mut() {
            before.price_minor_max = last.price_minor_max;
            before.n_items += last.n_items;
        }
    }
    let option = |range: vitrine_domain::PriceRange| SplitOption {
        label: String::new(),
        filters: Filters {
            price_minor_min: range.price_minor_min,
            price_minor_max: range.price_minor_max,
            ..Filters::default()
        },
        n_cards: range.n_items,
    };
    ranges.into_iter().map(option).collect()
}

/// What an answer tells, in bits; 0 where too few candidates have the facet.
fn gain_bits(options: &[SplitOption], n_cards: usize) -> f64 {
    let n_known: u32 = options.iter().map(|option| option.n_cards).sum();
    let share = f64::from(n_known) / n_cards as f64;
    if share < KNOWN_SHARE_MIN {
        return 0.0;
    }
    let (offered, rest) = options.split_at(options.len().min(SPLIT_OPTIONS_MAX));
    let rest: u32 = rest.iter().map(|option| option.n_cards).sum();
    let groups = offered.iter().map(|option| option.n_cards).chain([rest]);
    let entropy = |n: u32| {
        let p = f64::from(n) / f64::from(n_known);
        if n > 0 { -p * p.log2() } else { 0.0 }
    };
    share * groups.map(entropy).sum::<f64>()
}
