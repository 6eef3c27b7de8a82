//! Whether a question wants yes or no, or a value.

use crate::lexicon::{Lexicon, Meaning, Role};
use crate::text::{Token, TokenKind};

use super::QuestionForm;

/// Words before the one that opens a question: "hi, is it …".
const OPENER_TOKENS_MAX: usize = 6;

/// The first word that opens a question or a request: its place, and the role of the longest
/// phrase there.
pub(super) fn opener(lexicon: &Lexicon, tokens: &[Token]) -> Option<(usize, Role)> {
    let opens = |meaning| {
        use Role::{Finding, Has, What, YesNo};
        matches!(meaning, Meaning::Role(YesNo | Has | What | Finding))
    };
    (0..tokens.len().min(OPENER_TOKENS_MAX)).find_map(|at| {
        match lexicon.at(tokens, at, &opens)? {
            (_, Meaning::Role(role)) => Some((at, role)),
            _ => None,
        }
    })
}

/// Whether it ends as questions do.
pub(super) fn is_marked(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | ')'));
    end.ends_with(['?', '？', '吗', '呢', '么'])
}

/// How a question is meant; `None` where no word says.
pub(super) fn form(lexicon: &Lexicon, text: &str, tokens: &[Token]) -> Option<QuestionForm> {
    if tokens.iter().any(Token::is_unspaced) {
        // Chinese does not begin with the word that asks.
        let bare = text.trim_end_matches(['?', '？', '。', ' ']);
        let is_choice = bare.ends_with(['吗', '么']);
        if !is_choice && lexicon.has_role(tokens, Role::What) {
            return Some(QuestionForm::What);
        }
        if lexicon.has_role(tokens, Role::Has) {
            return Some(QuestionForm::Has);
        }
        let asks = is_choice || lexicon.has_role(tokens, Role::YesNo);
        return asks.then_some(QuestionForm::YesNo);
    }
    let first = tokens.iter().position(|token| token.kind != TokenKind::Break)?;
    Some(match opener(lexicon, &tokens[first..])?.1 {
        Role::YesNo => QuestionForm::YesNo,
        Role::Has => QuestionForm::Has,
        Role::What => QuestionForm::What,
        _ => return None,
    })
}
