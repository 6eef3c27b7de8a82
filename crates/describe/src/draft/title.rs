//! A title from slots.

use super::facts::{FactGroup, ListingFact, localised, sayable};
use super::{DraftFragment, Writer};
use crate::learned::{TITLE_CHARS_MAX, TitleSlot};
use crate::sources::FactSource;
use crate::templates::{Template, template};
use crate::vocabulary::{VOCABULARY, WordList};
use crate::words::{compared, has_words, is_only_codes, is_terse, place_of};

/// Longest value of an attribute in a title, in characters.
const TITLE_VALUE_CHARS_MAX: usize = 30;

/// What the product is, without its brand.
pub(super) fn kind(writer: &Writer<'_>) -> Option<DraftFragment> {
    let sources = writer.sources;
    let title = sayable(sources.title, TITLE_CHARS_MAX);
    let is_readable = |title: &String| !is_only_codes(title) && !is_terse(title);
    let readable = title.as_ref().filter(|title| is_readable(title));
    let title_of = |title: &String| (without_brand(title, sources.brand), FactSource::Title);
    let group = || {
        let category =
            sayable(sources.category, TITLE_CHARS_MAX).map(|text| (text, FactSource::Category));
        category.or_else(|| {
            sayable(sources.department, TITLE_CHARS_MAX).map(|text| (text, FactSource::Department))
        })
    };
    let found = [readable.map(title_of), group(), title.as_ref().map(title_of)];
    let mut fitting = found.into_iter().flatten().map(|(text, source)| {
        let text = localised(&text, writer.language);
        DraftFragment::of(&text, &source)
    });
    fitting.find(|kind| !compared(&kind.text).is_empty() && writer.is_supported(&kind.text))
}

/// A title without the brand that it begins with.
fn without_brand(title: &str, brand: &str) -> String {
    if place_of(title, brand) != Some(0) || compared(title) == compared(brand) {
        return title.to_owned();
    }
    let words = crate::text::tokens(brand).iter().filter(|token| token.is_said()).count();
    let tokens: Vec<_> =
        crate::text::tokens(title).into_iter().filter(|token| token.is_said()).collect();
    let rest = tokens.get(words).map_or(title, |token| &title[token.span.start..]);
    rest.to_owned()
}

/// The brand, if it can be said.
pub(super) fn brand(writer: &Writer<'_>) -> Option<DraftFragment> {
    let brand = sayable(writer.sources.brand, TITLE_CHARS_MAX / 2)?;
    Some(DraftFragment::of(&brand, &FactSource::Brand))
        .filter(|brand| writer.is_supported(&brand.text))
}

/// The title: slots in the order of the shop's own titles, as long as they fit.
pub(super) fn title(writer: &Writer<'_>, facts: &[ListingFact]) -> Vec<DraftFragment> {
    let Some(kind) = kind(writer) else { return Vec::new() };
    let mut chosen: Vec<(bool, DraftFragment)> = vec![(false, kind.clone())];
    let brand = brand(writer).filter(|brand| !has_words(&kind.text, &brand.text));
    let mut at_kind = 0;
    let slots = &writer.patterns.title_slots;
    let place_of_kind = slots.iter().position(|slot| *slot == TitleSlot::Kind).unwrap_or(0);
    for (at, slot) in slots.iter().enumerate() {
        let part = match slot {
            TitleSlot::Kind => continue,
            TitleSlot::Brand => brand.clone(),
            TitleSlot::Attribute(key) => value_of(facts, key),
        };
        let Some(part) = part else { continue };
        let is_there = chosen.iter().any(|(_, chosen)| has_words(&chosen.text, &part.text));
        if is_there {
            continue;
        }
        let place = if at < place_of_kind { at_kind } else { chosen.len() };
        let mut with = chosen.clone();
        with.insert(place, (matches!(slot, TitleSlot::Attribute(_)), part));
        let text = text_of(&fragments(writer, &with));
        if text.chars().count() <= writer.patterns.title_chars_max && writer.is_supported(&text) {
            at_kind += usize::from(at < place_of_kind);
            chosen = with;
        }
    }
    fragments(writer, &chosen)
}

/// The one value of an attribute that a title may have.
fn value_of(facts: &[ListingFact], key: &str) -> Option<DraftFragment> {
    let group = [
        (WordList::ColourNames, FactGroup::Colour),
        (WordList::SizeNames, FactGroup::Size),
        (WordList::MaterialNames, FactGroup::Material),
    ];
    let group =
        group.into_iter().find(|(list, _)| VOCABULARY.list(*list).has(key)).map(|(_, group)| group);
    let is_of = |fact: &&ListingFact| {
        fact.key == key && fact.group != FactGroup::Feature || Some(fact.group) == group
    };
    let mut found = facts.iter().filter(is_of);
    let fact = found.next()?;
    // Of several colours, none is the product's.
    let is_single = found.next().is_none() || group.is_none();
    let is_short = fact.value.chars().count() <= TITLE_VALUE_CHARS_MAX && !fact.value.contains(',');
    (is_single && is_short).then(|| DraftFragment::of(&fact.value, &fact.source))
}

/// Parts with what stands between them. `true` marks values of attributes.
fn fragments(writer: &Writer<'_>, parts: &[(bool, DraftFragment)]) -> Vec<DraftFragment> {
    let plain = template(writer.language, Template::TitleSeparator);
    let own = template(writer.language, Template::TitlePartSeparator);
    let learned = writer.patterns.title_separator.as_deref().unwrap_or(own);
    let mut out = Vec::new();
    for (at, (is_value, part)) in parts.iter().enumerate() {
        let is_before_kind = parts[at..].iter().any(|(is_value, _)| !is_value);
        if at > 0 {
            let separator = if *is_value && !is_before_kind { learned } else { plain };
            out.push(DraftFragment::connecting(separator));
        }
        out.push(part.clone());
    }
    out
}

fn text_of(fragments: &[DraftFragment]) -> String {
    fragments.iter().map(|fragment| fragment.text.as_str()).collect()
}
