//! Brands that a search leaves out: "not apple", "without Acme", "-acme".

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use vitrine_domain::Filters;

use crate::languages::longest;
use crate::tokens::{Kind, Token, folded_phrase};

/// Most words of a brand that is looked for.
const BRAND_WORDS_MAX: usize = 5;

/// Brands that are left out and the tokens that say it.
#[derive(Debug, PartialEq)]
pub(crate) struct BrandsFound {
    pub tokens: Range<usize>,
    pub filters: Filters,
    /// Whether a minus sign leaves no doubt.
    pub is_clear: bool,
}

/// The brands of a catalogue by how they are written in a search.
#[derive(Debug, Default)]
pub(crate) struct BrandReader {
    /// Names in the catalogue by folded name: "hp" may be "HP" and "Hp".
    names: HashMap<String, Vec<String>>,
}

impl BrandReader {
    /// Knows the brands of a catalogue.
    pub fn new<'a>(brands: impl Iterator<Item = &'a str>) -> Self {
        let distinct: BTreeSet<&str> = brands.filter(|brand| !brand.is_empty()).collect();
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        for brand in distinct {
            names.entry(folded_phrase(brand)).or_default().push(brand.to_owned());
        }
        names.remove("");
        Self { names }
    }

    /// The condition that begins at a token, if one does.
    pub fn at(&self, tokens: &[Token], start: usize) -> Option<BrandsFound> {
        let is_minus = tokens.get(start).is_some_and(|t| t.kind == Kind::Minus && !t.quoted);
        let word = |at: usize| tokens.get(at).and_then(Token::word);
        let n_words = match is_minus {
            true => 1,
            false => longest(|language| language.brand_negations, &|n| word(start + n))?,
        };
        let mut end = start + n_words;
        // "non-apple".
        end += usize::from(!is_minus && tokens.get(end).is_some_and(|t| t.kind == Kind::Dash));
        let mut brands_excluded = Vec::new();
        let mut next = end;
        while let Some((names, n_tokens)) = self.brand_at(tokens, next) {
            brands_excluded.extend(names.iter().cloned());
            end = next + n_tokens;
            match longest(|language| language.links, &|n| word(end + n)).filter(|_| !is_minus) {
                Some(n_link) => next = end + n_link,
                None => break,
            }
        }
        (!brands_excluded.is_empty()).then(|| BrandsFound {
            tokens: start..end,
            filters: Filters { brands_excluded, ..Filters::default() },
            is_clear: is_minus,
        })
    }

    /// The longest brand that begins at a token.
    fn brand_at(&self, tokens: &[Token], start: usize) -> Option<(&[String], usize)> {
        (1..=BRAND_WORDS_MAX).rev().find_map(|n_tokens| {
            let part = tokens.get(start..start + n_tokens)?;
            let words: Option<Vec<&str>> = part
                .iter()
                .filter(|token| token.kind != Kind::Dash)
                .map(|token| token.text().filter(|_| !token.quoted))
                .collect();
            let names = self.names.get(&words?.join(" "))?;
            (part.last()?.kind != Kind::Dash).then_some((names.as_slice(), n_tokens))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    fn read(text: &str) -> Option<(Vec<String>, bool)> {
        let brands = ["Apple", "Bowers & Wilkins", "HP", "Hp", "Coca-Cola", "Ben & Jerry's", ""];
        let (reader, tokens) = (BrandReader::new(brands.into_iter()), tokens(text));
        let found = (0..tokens.len()).find_map(|start| reader.at(&tokens, start))?;
        Some((found.filters.brands_excluded, found.is_clear))
    }

    #[test]
    fn named_brands_are_left_out() {
        for (text, brands, is_clear) in [
            ("phone not apple", &["Apple"][..], false),
            ("phone -Apple", &["Apple"], true),
            ("laptop without hp", &["HP", "Hp"], false),
            ("non-apple phone", &["Apple"], false),
            ("cola except coca-cola", &["Coca-Cola"], false),
            ("cola -coca cola", &["Coca-Cola"], true),
            ("speaker not from bowers & wilkins", &["Bowers & Wilkins"], false),
            ("ice cream not ben & jerrys or apple", &["Ben & Jerry's", "Apple"], false),
        ] {
            let brands = brands.iter().map(|brand| (*brand).to_owned()).collect();
            assert_eq!(read(text), Some((brands, is_clear)), "{text}");
        }
    }

    #[test]
    fn other_negations_are_words() {
        for text in ["tea without sugar", "apple", "not \"apple\"", "wi-apple", "not", "-"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
