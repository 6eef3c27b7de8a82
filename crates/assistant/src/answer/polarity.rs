//! Whether a text says that something is so, is not so, or only speaks of it.

use crate::lexicon::{Lexicon, PlacedTerm, Role};
use crate::text::Token;

/// Words between a negation and what it denies.
const NEGATION_REACH: usize = 4;
/// Words for what only looks like what follows.
const IMITATIONS: [&str; 6] = ["faux", "vegan", "imitation", "fake", "artificial", "synthetic"];
/// In a script without spaces a negation stands close by.
const NEGATION_REACH_UNSPACED: usize = 2;

/// What tokens say of a term: `Some(false)` where a negation reaches it, `None` where the clause
/// only supposes it ("if it had pockets", "I wish it were lined").
pub(crate) fn says(lexicon: &Lexicon, tokens: &[Token], placed: &PlacedTerm) -> Option<bool> {
    if supposes(lexicon, tokens, placed.start) || is_imitation(tokens, placed.start) {
        return None;
    }
    let is_denied = is_negated(lexicon, tokens, placed.start, placed.end);
    if !is_denied && is_in_denied_list(lexicon, tokens, placed.start) {
        return None;
    }
    Some(is_denied == placed.denies)
}

/// Whether the word before says that it only looks like it: "faux leather".
fn is_imitation(tokens: &[Token], start: usize) -> bool {
    start.checked_sub(1).is_some_and(|before| IMITATIONS.contains(&tokens[before].whole.as_str()))
}

/// Whether a negation stands earlier in the sentence with commas alone in between, so that it may
/// reach over a list: "no zips, pockets or lining".
fn is_in_denied_list(lexicon: &Lexicon, tokens: &[Token], start: usize) -> bool {
    let ends = |token: &Token| parts(token) && !is_comma(token);
    let from = tokens[..start].iter().rposition(ends).map_or(0, |last| last + 1);
    let mut at = from;
    while at < clause_start(tokens, start) {
        match lexicon.role_at(tokens, at, Role::NotNegation) {
            Some(n) => at += n,
            None if lexicon.role_at(tokens, at, Role::Negation).is_some() => return true,
            None => at += 1,
        }
    }
    false
}

fn is_comma(token: &Token) -> bool {
    matches!(token.whole.as_str(), "," | "，" | "、")
}

/// Whether it joins what is said of two things, so that a negation of one is none of the other.
fn joins(token: &Token) -> bool {
    matches!(token.whole.as_str(), "and" | "und" | "且" | "并")
}

/// Whether a negation before or behind some tokens reaches them within their clause.
fn is_negated(lexicon: &Lexicon, tokens: &[Token], start: usize, end: usize) -> bool {
    let is_unspaced = tokens.get(start).is_some_and(Token::is_unspaced);
    let reach = if is_unspaced { NEGATION_REACH_UNSPACED } else { NEGATION_REACH };
    let mut n_negations = 0;
    let mut at = clause_start(tokens, start);
    while at < start {
        if let Some(n) = lexicon.role_at(tokens, at, Role::NotNegation) {
            at += n;
            continue;
        }
        match lexicon.role_at(tokens, at, Role::Negation) {
            Some(n) if at + n <= start && tokens[at + n..start].iter().any(joins) => at += n,
            Some(n) if at + n <= start && start - (at + n) < reach => {
                n_negations += 1;
                at += n;
            }
            Some(n) => at += n,
            None => at += 1,
        }
    }
    let is_after = lexicon.role_at(tokens, end, Role::NegationAfter).is_some()
        || (end..(end + NEGATION_REACH).min(clause_end(tokens, end)))
            .take_while(|at| !joins(&tokens[*at]))
            .any(|at| tokens[at].whole == "not" || tokens[at].whole == "nicht")
            && !tokens[end..].iter().take(NEGATION_REACH).any(|token| token.whole == "only");
    n_negations % 2 == 1 || n_negations == 0 && is_after
}

/// Whether the clause of a token supposes what it speaks of.
fn supposes(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let start = clause_start(tokens, at);
    (start..at).any(|before| lexicon.role_at(tokens, before, Role::Hypothetical).is_some())
}

/// Whether the writer speaks of a person's own measures in the clause of a token.
pub(super) fn is_of_person(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let start = clause_start(tokens, at);
    (start..at).any(|before| lexicon.role_at(tokens, before, Role::Person).is_some())
}

/// Words that begin a clause that what stands before does not reach.
fn parts(token: &Token) -> bool {
    token.is_break()
        || matches!(
            token.whole.as_str(),
            "but"
                | "although"
                | "though"
                | "however"
                | "aber"
                | "sondern"
                | "because"
                | "since"
                | "so"
                | "weil"
        )
        || token.whole == "但"
}

fn clause_start(tokens: &[Token], at: usize) -> usize {
    tokens[..at].iter().rposition(parts).map_or(0, |last| last + 1)
}

fn clause_end(tokens: &[Token], at: usize) -> usize {
    let rest = tokens.get(at..).unwrap_or_default();
    rest.iter().position(parts).map_or(tokens.len(), |next| at + next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Term;
    use crate::text::tokens;

    fn of(property: &str, text: &str) -> Option<bool> {
        let lexicon = Lexicon::new();
        let tokens = tokens(text);
        let id = Term::Property(lexicon.property_named(property).unwrap());
        let placed = lexicon.terms(&tokens).into_iter().find(|placed| placed.term == id).unwrap();
        says(&lexicon, &tokens, &placed)
    }

    #[test]
    fn negations_reach_what_stands_in_their_clause() {
        for (property, text, expected) in [
            ("waterproof", "It is waterproof.", Some(true)),
            ("waterproof", "It is not waterproof.", Some(false)),
            ("waterproof", "It is waterproof and does not smell.", Some(true)),
            ("waterproof", "It does not smell and is waterproof.", Some(true)),
            ("washable", "Machine washable and will not shrink", Some(true)),
            ("waterproof", "wasserdicht und nicht schwer", Some(true)),
            ("pocket", "No zips, pockets or lining", None),
            ("pocket", "Without hood, pockets or belt", None),
            ("waterproof", "It is not, unfortunately, waterproof", None),
            ("waterproof", "It isn't really waterproof", Some(false)),
            ("waterproof", "Not only is it light, it is waterproof", Some(true)),
            ("waterproof", "Not only waterproof but warm", Some(true)),
            ("waterproof", "It's not pretty, but waterproof", Some(true)),
            ("pocket", "A jacket without pockets", Some(false)),
            ("pocket", "I wish it had pockets", None),
            ("pocket", "It has two pockets, not a zip", Some(true)),
            ("lining", "The skirt is unlined", Some(false)),
            ("lining", "The skirt is not unlined", Some(true)),
            ("washable", "Dry clean only", Some(false)),
            ("waterproof", "Die Jacke ist nicht wasserdicht", Some(false)),
            ("pocket", "Ohne Taschen", Some(false)),
            ("waterproof", "这款不防水", Some(false)),
            ("waterproof", "防水", Some(true)),
            ("battery", "battery not included", Some(false)),
        ] {
            assert_eq!(of(property, text), expected, "{text}");
        }
    }
}
