//! Reads what a shopper wants: an answer, products, a comparison, a person.

use crate::lexicon::{Lexicon, Meaning, Role};
use crate::text::{Token, tokens};

use super::form::{form, is_marked, opener};
use super::{ProductQuestion, read_question};

/// By what products are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedBy {
    /// A line of `properties.txt`: "weight".
    pub property: &'static str,
    /// Whether the one with most of it is asked for.
    pub wants_most: bool,
}

/// What a shopper wants.
#[derive(Clone, Debug, PartialEq)]
pub enum ShopperRequest {
    /// Nothing that is understood.
    Nothing,
    /// Something about a product.
    Ask(ProductQuestion),
    /// Products, or others than those shown.
    Find,
    /// How products differ, or which has more or less of something.
    Compare(Option<ComparedBy>),
    /// Cheaper ones than those shown.
    Cheaper,
    /// Dearer ones than those shown.
    Dearer,
    /// The last condition is taken back.
    ForgetLast,
    /// Everything is forgotten.
    ForgetAll,
    /// What was asked does not matter to them.
    Indifferent,
    /// A person of the shop.
    HandOver,
    /// A greeting.
    Greeting,
    /// Thanks, or good-bye.
    Thanks,
}

/// Reads what a shopper wants, in English, German or Chinese.
pub fn read_request(lexicon: &Lexicon, text: &str) -> ShopperRequest {
    let tokens = tokens(text);
    let has = |role| lexicon.has_role(&tokens, role);
    let is_only = |roles: &[Role]| lexicon.is_only(&tokens, roles);
    if !tokens.iter().any(Token::is_said) {
        return ShopperRequest::Nothing;
    }
    if has(Role::HandOver) {
        return ShopperRequest::HandOver;
    }
    if is_only(&[Role::Greeting]) {
        return ShopperRequest::Greeting;
    }
    if has(Role::Thanks) && is_only(&[Role::Thanks, Role::Greeting, Role::Stop]) {
        return ShopperRequest::Thanks;
    }
    if has(Role::ForgetAll) {
        return ShopperRequest::ForgetAll;
    }
    if has(Role::ForgetLast) {
        return ShopperRequest::ForgetLast;
    }
    if has(Role::Indifferent) && is_only(&[Role::Indifferent, Role::Stop]) {
        return ShopperRequest::Indifferent;
    }
    compared(lexicon, &tokens)
        .or_else(|| has(Role::Cheaper).then_some(ShopperRequest::Cheaper))
        .or_else(|| has(Role::Dearer).then_some(ShopperRequest::Dearer))
        .unwrap_or_else(|| asked_or_found(lexicon, text, &tokens))
}

/// "Which is lighter", "compare these two".
fn compared(lexicon: &Lexicon, tokens: &[Token]) -> Option<ShopperRequest> {
    let is_degree = |meaning| matches!(meaning, Meaning::Less(_) | Meaning::More(_));
    let degree = (0..tokens.len()).find_map(|at| lexicon.at(tokens, at, &is_degree));
    let by = degree.and_then(|(_, meaning)| match meaning {
        Meaning::Less(id) => Some((id, false)),
        Meaning::More(id) => Some((id, true)),
        _ => None,
    });
    let by =
        by.map(|(id, wants_most)| ComparedBy { property: lexicon.property(id).name, wants_most });
    let is_choice = lexicon.has_role(tokens, Role::Which) && by.is_some();
    (is_choice || lexicon.has_role(tokens, Role::Compare)).then_some(ShopperRequest::Compare(by))
}

fn asked_or_found(lexicon: &Lexicon, text: &str, tokens: &[Token]) -> ShopperRequest {
    let has_words = !lexicon.terms(tokens).is_empty();
    match opener(lexicon, tokens) {
        Some((_, Role::Finding)) if has_words => return ShopperRequest::Find,
        // "A blanket that is washable" is no question.
        Some((at, Role::YesNo))
            if !is_marked(text)
                && !tokens.iter().any(Token::is_unspaced)
                && !lexicon.terms(&tokens[..at]).is_empty() =>
        {
            return ShopperRequest::Find;
        }
        _ => {}
    }
    if form(lexicon, text, tokens).is_some() || is_marked(text) {
        let question = read_question(lexicon, text);
        return match question.terms.is_empty() {
            true => ShopperRequest::Nothing,
            false => ShopperRequest::Ask(question),
        };
    }
    ShopperRequest::Find
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> &'static str {
        match read_request(&Lexicon::new(), text) {
            ShopperRequest::Nothing => "nothing",
            ShopperRequest::Ask(_) => "ask",
            ShopperRequest::Find => "find",
            ShopperRequest::Compare(None) => "compare",
            ShopperRequest::Compare(Some(by)) => by.property,
            ShopperRequest::Cheaper => "cheaper",
            ShopperRequest::Dearer => "dearer",
            ShopperRequest::ForgetLast => "forget last",
            ShopperRequest::ForgetAll => "forget all",
            ShopperRequest::Indifferent => "indifferent",
            ShopperRequest::HandOver => "hand over",
            ShopperRequest::Greeting => "greeting",
            ShopperRequest::Thanks => "thanks",
        }
    }

    #[test]
    fn requests_in_three_languages_are_told_apart() {
        for (text, expected) in [
            ("something warm for hiking under 80, not wool", "find"),
            ("Ich suche einen Rucksack", "find"),
            ("我想买一个背包", "find"),
            ("do you have it in blue?", "find"),
            ("red running shoes", "find"),
            ("a blanket that is machine washable", "find"),
            ("hey is it machine washable", "ask"),
            ("is it waterproof?", "ask"),
            ("Kann man es waschen?", "ask"),
            ("能机洗吗", "ask"),
            ("which of these two is lighter?", "weight"),
            ("welches ist leichter?", "weight"),
            ("哪个更轻？", "weight"),
            ("which one is cheaper", "price"),
            ("compare these two", "compare"),
            ("what's the difference?", "compare"),
            ("cheaper please", "cheaper"),
            ("etwas günstiger bitte", "cheaper"),
            ("便宜一点的", "cheaper"),
            ("forget that", "forget last"),
            ("start over", "forget all"),
            ("it doesn't matter", "indifferent"),
            ("I want to talk to someone", "hand over"),
            ("Ich möchte mit jemandem sprechen", "hand over"),
            ("转人工", "hand over"),
            ("Hello!", "greeting"),
            ("你好", "greeting"),
            ("thanks, bye", "thanks"),
            ("?!", "nothing"),
            ("is it?", "nothing"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
