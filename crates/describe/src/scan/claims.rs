//! Claims that the vocabulary has no concept for, by the way they are worded: "bulletproof",
//! "free of xylitol", "the softest".

use std::ops::Range;

use vitrine_domain::script::is_unspaced;

use super::mentions::PlacedPhrases;
use super::{ClaimKey, Mention, Polarity, ScannedText};
use crate::language::ListingLanguage;
use crate::vocabulary::{ConceptKind, VOCABULARY, WordList, forms};

/// Letters of a superlative, its ending included.
const SUPERLATIVE_LETTERS_MIN: usize = 6;
/// Letters of what something is proof against.
const PROOF_LETTERS_MIN: usize = 3;
/// Longest Chinese word behind "free of", in characters.
const FREE_CHARACTERS: usize = 2;

/// All of them.
pub(super) fn claims(text: &ScannedText, phrases: &PlacedPhrases) -> Vec<Mention> {
    let is_taken = |at: usize| phrases.iter().any(|(range, _)| range.contains(&at));
    let free: Vec<usize> = (0..text.tokens.len()).filter(|at| !is_taken(*at)).collect();
    let mut found = Vec::new();
    for at in free {
        found.extend(proof(text, at, &is_taken));
        found.extend(superlative(text, at));
        found.extend(free_of(text, at, &is_taken));
    }
    found
}

fn mention(text: &ScannedText, tokens: Range<usize>, key: String, kind: ConceptKind) -> Mention {
    Mention {
        span: text.span(tokens.clone()),
        tokens,
        keys: vec![ClaimKey::Word(key)],
        kind,
        polarity: Polarity::Affirmed,
    }
}

/// "Bulletproof", "flame-resistant", "anti-theft", "sturmfest", 防蚊.
fn proof(text: &ScannedText, at: usize, is_taken: &dyn Fn(usize) -> bool) -> Option<Mention> {
    let word = text.word(at)?;
    let starts = VOCABULARY.list(WordList::ProofStarts);
    if starts.has(word) && word.chars().all(is_unspaced) {
        let next = text.word(at + 1).filter(|next| next.starts_with(is_unspaced))?;
        let key = format!("proof {word}{next}");
        return (!is_taken(at + 1)).then(|| mention(text, at..at + 2, key, ConceptKind::Property));
    }
    let is_start = VOCABULARY.list(WordList::ClaimStarts).has(word);
    if let Some(next) = text.word(at + 1).filter(|_| is_start && text.tokens[at + 1].is_joined) {
        let key = format!("proof {word} {next}");
        return Some(mention(text, at..at + 2, key, ConceptKind::Property));
    }
    let is_noun = text.raw(at).starts_with(char::is_uppercase);
    let endings = VOCABULARY.list(WordList::ProofEndings);
    for form in forms(word) {
        let ending = endings.words().find(|ending| {
            form.strip_suffix(*ending).is_some_and(|rest| rest.chars().count() >= PROOF_LETTERS_MIN)
        });
        if ending.is_some() && !(is_noun && text.language != Some(ListingLanguage::English)) {
            let key = format!("proof {form}");
            return Some(mention(text, at..at + 1, key, ConceptKind::Property));
        }
    }
    let before = at.checked_sub(1).filter(|_| text.tokens[at].is_joined)?;
    let ending = endings.words().find(|ending| *ending == word)?;
    let key = format!("proof {}{ending}", text.word(before)?);
    Some(mention(text, before..at + 1, key, ConceptKind::Property))
}

/// "The softest", "am weichsten", 最柔软.
fn superlative(text: &ScannedText, at: usize) -> Option<Mention> {
    let word = text.word(at)?;
    let raw = &text.reading.text;
    let starts = VOCABULARY.list(WordList::SuperlativeStarts);
    let exceptions = VOCABULARY.list(WordList::NotSuperlative);
    if word.chars().all(is_unspaced) {
        let is_start = starts.has(word) && exceptions.length_at(raw, &text.tokens, at).is_none();
        let next = text.word(at + 1).filter(|_| is_start)?;
        let key = format!("superlative {next}");
        return Some(mention(text, at..at + 2, key, ConceptKind::Superlative));
    }
    starts.length_before(raw, &text.tokens, at)?;
    let is_long = word.chars().count() >= SUPERLATIVE_LETTERS_MIN;
    let endings = ["est", "ste", "sten", "ster", "stes", "stem"];
    let is_one = is_long
        && endings.iter().any(|ending| word.ends_with(ending))
        && text.raw(at).starts_with(char::is_lowercase)
        && !exceptions.words().any(|exception| exception == word);
    is_one.then(|| {
        let stem = word.rfind("st").map_or(word, |end| &word[..end]);
        mention(text, at..at + 1, format!("superlative {stem}"), ConceptKind::Superlative)
    })
}

/// "Xylitol-free", "frei von Xylit", "hefefrei", 不含木糖醇.
fn free_of(text: &ScannedText, at: usize, is_taken: &dyn Fn(usize) -> bool) -> Option<Mention> {
    let word = text.word(at)?;
    let raw = &text.reading.text;
    let after = VOCABULARY.list(WordList::FreeAfter);
    let names = VOCABULARY.list(WordList::FreeNames);
    let key = |what: &str| {
        let stem = forms(what).last().unwrap_or(what);
        format!("free of {stem}")
    };
    if let Some(what) = after.words().find_map(|free| word.strip_suffix(free)) {
        let is_known = what.chars().count() >= PROOF_LETTERS_MIN;
        return is_known.then(|| denied(text, at..at + 1, what, key(what)));
    }
    if text.tokens[at].is_joined && after.words().any(|free| free == word) && at > 0 {
        let before = text.word(at - 1).filter(|_| !is_taken(at - 1))?;
        return Some(mention(text, at - 1..at + 1, key(before), ConceptKind::Property));
    }
    let n = names.length_at(raw, &text.tokens, at)?;
    let first = at + n;
    // "Without" alone begins much that is no claim; in German, a noun behind it is one.
    let is_noun = text.language == Some(ListingLanguage::German)
        && text.raw(first).starts_with(char::is_uppercase);
    let is_plain = n == 1 && !word.starts_with(is_unspaced) && !is_noun && text.language.is_some();
    if is_plain || is_taken(first) {
        return None;
    }
    let what = text.word(first)?;
    let end = match what.starts_with(is_unspaced) {
        true => {
            (first..first + FREE_CHARACTERS).take_while(|at| text.word(*at).is_some()).count()
                + first
        }
        false => first + 1,
    };
    let what: String = (first..end).filter_map(|at| text.word(at)).collect();
    Some(mention(text, at..end, key(&what), ConceptKind::Property))
}

/// "Glutenfrei": a known substance is denied, another is a claim of its own.
fn denied(text: &ScannedText, tokens: Range<usize>, what: &str, key: String) -> Mention {
    let known = crate::text::tokens(what);
    let found = VOCABULARY.phrases().at(what, &known, 0, None);
    let concepts = found.map(|found| found.concepts).unwrap_or_default();
    let concept = concepts.iter().find(|concept| {
        matches!(VOCABULARY.kind(**concept), ConceptKind::Material | ConceptKind::Substance)
    });
    let mut mention = mention(text, tokens, key, ConceptKind::Property);
    if let Some(concept) = concept {
        mention.keys = vec![ClaimKey::Concept(*concept)];
        mention.kind = VOCABULARY.kind(*concept);
        mention.polarity = Polarity::Denied;
    }
    mention
}
