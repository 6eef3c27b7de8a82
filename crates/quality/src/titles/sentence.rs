//! The rules: from a terse text to a phrase in sentence case.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Vocabulary;

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../tables/words.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// Names by their readable form.
static PROPER: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<_> =
        WORDS.values().copied().filter(|word| word.contains(char::is_uppercase)).collect();
    names.sort_unstable();
    names
});

/// Words that cannot end a phrase.
const DANGLING: [&str; 16] = [
    "AND", "OR", "OF", "WITH", "WITHOUT", "W/", "W/O", "THE", "A", "IN", "&", "/", "-", ":", "+",
    "NOT",
];

/// Whether a readable word is a name, to be left with its capital.
pub(super) fn is_proper(word: &str) -> bool {
    PROPER.binary_search(&word).is_ok()
}

/// Whether the table explains an upper-case word.
pub(super) fn is_known(word: &str) -> bool {
    WORDS.contains_key(word)
}

/// A terse text, made readable. May be empty when nothing usable is left.
pub(super) fn sentence(vocabulary: &Vocabulary, text: &str, category: &str) -> String {
    let text = without_cut_end(vocabulary, text);
    let text = without_parentheses(&text);
    let text = text
        .replace(" W/O ", " WITHOUT ")
        .replace(" W/ ", " WITH ")
        .replace(" W/", " WITH ")
        .replace(" S ", "S ");
    capitalised(&around_category(&text, category))
}

/// Drops an open parenthesis with what follows, and completes or drops a cut last word.
fn without_cut_end(vocabulary: &Vocabulary, text: &str) -> String {
    let open = text.rfind('(').filter(|&at| !text[at..].contains(')'));
    if let Some(at) = open {
        return text[..at].to_owned();
    }
    if !vocabulary.is_cut(text) {
        return text.to_owned();
    }
    let start = text.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
    let (head, stump) = text.split_at(start);
    if stump.is_empty() || stump.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    match vocabulary.complete(stump) {
        Some(word) => format!("{head}{word}"),
        None if head.is_empty() => text.to_owned(),
        None => without_dangling(head),
    }
}

fn without_dangling(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while words.last().is_some_and(|word| DANGLING.contains(word)) {
        words.pop();
    }
    let joined = words.join(" ");
    joined.trim_end_matches(['/', '-', '&', ':', ',', ' ']).to_owned()
}

/// "(HOT)" and "(COLD)" say something to a shopper; other parentheses are
/// notes for the till ("(BULK&BAG)") and go.
fn without_parentheses(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once('(') {
        out.push_str(before);
        let Some((inside, after)) = after.split_once(')') else {
            rest = "";
            break;
        };
        if matches!(inside, "HOT" | "COLD") {
            out.truncate(out.trim_end_matches([' ', '-']).len());
            out.push_str(", ");
            out.push_str(inside);
        }
        rest = after;
    }
    out.push_str(rest);
    if out.len() == text.len() { out } else { without_dangling(&out) }
}

/// Takes "BREAD:ITALIAN" in the category BREAD to "Italian bread", other
/// prefixes to "Ham, spiral", and a suffix that repeats the category
/// ("FOOD-MAGAZINE") to "food magazines".
fn around_category(text: &str, category: &str) -> String {
    if let Some((kind, "")) = text.rsplit_once(category).filter(|_| !category.is_empty())
        && let Some(kind) = kind.strip_suffix('-')
    {
        return format!("{} {}", expanded(kind), plural(&expanded(category)));
    }
    if let Some(inverted) = inverted(text, category) {
        return inverted;
    }
    let split = text.split_once(':').or_else(|| text.split_once(" - "));
    let Some((prefix, rest)) = split.or_else(|| text.split_once("- ")) else {
        return expanded(text);
    };
    let (prefix, rest) = (prefix.trim(), rest.trim().trim_start_matches('-').trim());
    if prefix.is_empty() || rest.is_empty() {
        return expanded(&format!("{prefix} {rest}"));
    }
    let (noun, kind) = (expanded(prefix), expanded(rest));
    if !repeats(prefix, category) {
        return format!("{noun}, {kind}");
    }
    let last = noun.split_whitespace().next_back().unwrap_or("").to_owned();
    if words_of(&kind).any(|word| stem(word) == stem(&last)) {
        kind
    } else {
        format!("{kind} {noun}")
    }
}

/// "PEARS ANJOU" in the category PEARS is "Anjou pears": the plural in front is
/// the noun.
fn inverted(text: &str, category: &str) -> Option<String> {
    let (noun, rest) = text.split_once(' ')?;
    let marks = |c: char| !c.is_alphanumeric() && c != ' ';
    let is_noun = noun.ends_with('S') && category == noun;
    (is_noun && !rest.contains(marks)).then(|| format!("{} {}", expanded(rest), expanded(noun)))
}

/// Whether every word of `prefix` is also one of `category`.
fn repeats(prefix: &str, category: &str) -> bool {
    let category = expanded(category);
    let prefix = expanded(prefix);
    let mut words = words_of(&prefix).peekable();
    words.peek().is_some()
        && words.all(|word| words_of(&category).any(|other| stem(word) == stem(other)))
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Without the ending of a plural, roughly: enough to compare.
fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    let word = word.trim_end_matches('s');
    match word.strip_suffix('y') {
        Some(stem) => format!("{stem}ie"),
        None => word.to_owned(),
    }
}

fn plural(noun: &str) -> String {
    if noun.ends_with('s') { noun.to_owned() } else { format!("{noun}s") }
}

/// Every word expanded and in lower case, names with their capital.
fn expanded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for token in text.split_whitespace() {
        if !out.is_empty() && !token.starts_with(',') {
            out.push(' ');
        }
        expand_token(token, &mut out);
    }
    out
}

/// A token is words between `/`, `&`, `+`, `,` and hyphens; `&` gets blanks around it.
fn expand_token(token: &str, out: &mut String) {
    let token = token.trim_end_matches('.');
    if let Some(word) = WORDS.get(token) {
        out.push_str(word);
        return;
    }
    let mut rest = token;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '\'').unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        match WORDS.get(word) {
            Some(readable) => out.push_str(readable),
            None => out.push_str(&word.to_lowercase()),
        }
        let Some(mark) = tail.chars().next() else { break };
        rest = &tail[mark.len_utf8()..];
        match mark {
            '&' | '+' if !(word.is_empty() && rest.is_empty()) => {
                out.truncate(out.trim_end().len());
                out.push_str(" & ");
            }
            '.' if !rest.is_empty() && rest.starts_with(|c: char| c.is_alphabetic()) => {
                out.push(' ');
            }
            mark => out.push(mark),
        }
    }
}

fn capitalised(text: &str) -> String {
    let text = super::collapsed(text);
    let text = text.trim_matches(|c: char| matches!(c, ',' | '-' | '/' | '&' | ':' | ' '));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, category: &str) -> String {
        sentence(&Vocabulary::default(), text, category)
    }

    #[test]
    fn rules_read_what_no_table_lists() {
        for (text, category, readable) in [
            ("BREAD:RAISIN/NUT", "BREAD", "Raisin/nut bread"),
            ("SOUP - TOMATO", "SOUP", "Tomato soup"),
            ("PIES: APPLE PIE", "PIES", "Apple pie"),
            ("HAM - SPIRAL", "SMOKED MEATS", "Ham, spiral"),
            ("FOOD-MAGAZINE", "MAGAZINE", "Food magazines"),
            ("PEARS (BULK&BAG)", "PEARS", "Pears"),
            ("PEARS ANJOU (BULK)", "PEARS", "Anjou pears"),
            ("CHICKEN WINGS", "CHICKEN", "Chicken wings"),
            ("BREAST BONE IN", "CHICKEN", "Breast bone in"),
            ("CUBE/STW/STRP", "", "Cube/stew/strips"),
            ("NOODLES (HOT)", "DELI", "Noodles, hot"),
            ("FRZN CHOC CKE (EX", "CAKES", "Frozen chocolate cake"),
            ("MISC. MEXICAN SNKS&DRNKS", "", "Other Mexican snacks & drinks"),
            ("COOKIES W/O SUGAR", "", "Cookies without sugar"),
        ] {
            assert_eq!(read(text, category), readable, "{text}");
        }
    }

    #[test]
    fn marks_alone_leave_nothing() {
        for text in ["(", "- -", "&", "(COLD", ":"] {
            assert_eq!(read(text, "X"), "", "{text}");
        }
    }
}
