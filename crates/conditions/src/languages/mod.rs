//! Languages as data: a file each with its words. Plurals, "less" and "added" are read as English
//! has them, in code.
//!
//! Conditions are read by the words of all languages at once, because shoppers mix them and
//! a page cannot know which one comes. What a catalogue's texts are stemmed by is one language
//! ([`TextRules`]). A new language is a file here and its line in [`LANGUAGES`] and [`TEXTS`].
//!
//! A phrase is in lower case, with single spaces between words where the script has spaces.

mod de;
mod en;
mod zh;

use vitrine_domain::script::is_unspaced;

/// Words or phrases that mean the same to a reader.
pub(crate) type Phrases = &'static [&'static str];

/// The languages in which conditions are read.
pub(crate) const LANGUAGES: [&Language; 3] = [&en::LANGUAGE, &de::LANGUAGE, &zh::LANGUAGE];

/// How the texts of a catalogue are split and stemmed, by language; the first is that of texts
/// that show no other.
pub const TEXTS: [&TextRules; 3] = [&en::TEXTS, &de::TEXTS, &zh::TEXTS];

/// How a bound on a price is meant.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// What may follow words that negate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sure {
    /// Known names only.
    Names,
    /// Other words, too, unless titles have the phrase: "no show socks".
    Phrases,
    /// Any word.
    Words,
}

/// Phrases that bound an amount, and whether they speak of a price.
pub(crate) type Bounding = (Bound, bool, Phrases);

/// The words of one language in which conditions are said.
pub(crate) struct Language {
    /// Before an amount: "under".
    pub before_amount: &'static [Bounding],
    /// After an amount: "or less".
    pub after_amount: &'static [Bounding],
    /// Announces a price: "price".
    pub price_words: Phrases,
    /// Opens a range whether a currency is named or not: "between".
    pub between: Phrases,
    /// Opens a range of prices: "from".
    pub from: Phrases,
    /// Between the amounts of any range: "to".
    pub range_links: Phrases,
    /// Between those of a range that was opened by [`Self::between`]: "and".
    pub between_links: Phrases,
    /// Closes a range.
    pub range_ends: Phrases,
    /// Words for currencies, by their codes.
    pub currencies: &'static [(Phrases, Phrases)],
    /// Words that multiply the number before them.
    pub magnitudes: &'static [(&'static str, u32)],
    /// Before a brand that is left out: "not".
    pub brand_negations: Phrases,
    /// Between several brands or substances: "or".
    pub links: Phrases,
    /// Before a condition, and a part of it: "for".
    pub fillers_before: Phrases,
    /// After a condition, and a part of it.
    pub fillers_after: Phrases,
    /// Before what is not wanted: "without".
    pub free_before: &'static [(Sure, Phrases)],
    /// Between those and what they speak of: "any".
    pub articles: Phrases,
    /// After [`Self::free_before`] and no substance.
    pub not_without: Phrases,
    /// After any word that is not wanted: "free".
    pub free_after: Phrases,
    /// After the name of a substance that is not wanted: "allergy".
    pub absent_after_names: Phrases,
    /// Endings of a word that begins with a substance it is free of: "glutenfree".
    pub free_endings: Phrases,
    /// Words that say in one which substance they are free of.
    pub free_words: &'static [(&'static str, &'static str)],
    /// In a product's texts, before what it is free of.
    pub claims_before: Phrases,
    /// There, between several such things: "or".
    pub claims_links: Phrases,
    /// There, before what it is not, so that "not vegan" promises nothing.
    pub negations: Phrases,
    /// Begins a list of what is in a product: "contains".
    pub containing: Phrases,
    /// Ends such a list.
    pub list_ends: Phrases,
    /// What the substances of [`crate::substances`] are called, by their first name, and what
    /// they are in. Singular and plural are names of their own.
    pub substances: &'static [(&'static str, Phrases, Phrases)],
}

/// How texts of one language are split and stemmed.
#[derive(Debug)]
pub struct TextRules {
    /// ISO 639-1.
    pub code: &'static str,
    /// Name of a Snowball stemmer, which leaves other scripts alone.
    pub stemmer: &'static str,
    /// Frequent words that tell the language, without accents.
    pub stop_words: &'static [&'static str],
    /// Whether searches leave them out.
    pub drops_stop_words: bool,
    /// Letters with which those with accents are written where a keyboard lacks them: they
    /// become what is left of those without the accent, except after [`Self::no_digraph_after`].
    pub digraphs: &'static [(&'static str, &'static str)],
    /// Letters after which two letters are just that.
    pub no_digraph_after: &'static str,
}

/// The words from some place on, by their distance. Behind a pointer, so that the bundle has what
/// asks for them once.
pub(crate) type WordAt<'a, 'w> = &'a dyn Fn(usize) -> Option<&'w str>;

/// How many words a phrase takes, if it stands where `word` counts from.
pub(crate) fn n_taken<'w>(phrase: &str, word: WordAt<'_, 'w>) -> Option<usize> {
    let (mut rest, mut n) = (phrase, 0);
    while !rest.is_empty() {
        let own = word(n)?;
        let after = rest.strip_prefix(own)?;
        rest = match after.strip_prefix(' ') {
            Some(after) => after,
            None if after.is_empty() => after,
            None if own.starts_with(is_unspaced) || after.starts_with(is_unspaced) => after,
            None => return None,
        };
        n += 1;
    }
    Some(n)
}

/// The number of words of the longest of some phrases that stands where `word` counts from.
pub(crate) fn longest<'w>(
    phrases: fn(&'static Language) -> Phrases,
    word: WordAt<'_, 'w>,
) -> Option<usize> {
    let first = word(0)?;
    let all = LANGUAGES.into_iter().flat_map(phrases);
    let likely = all.filter(|phrase| phrase.starts_with(first));
    likely.filter_map(|phrase| n_taken(phrase, word)).max()
}

/// Whether a word is one of those that some language has.
pub(crate) fn has(phrases: fn(&'static Language) -> Phrases, word: &str) -> bool {
    LANGUAGES.into_iter().any(|language| phrases(language).contains(&word))
}

/// Words as one text: with spaces between them, but none within scripts that have none.
pub(crate) fn joined<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut out = String::new();
    for word in words {
        if !(out.is_empty() || out.ends_with(is_unspaced) && word.starts_with(is_unspaced)) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
