//! The phrase table: whole texts whose reading no rule can guess.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sentence::is_proper;

/// A readable text in which `{c}` stands for the category, `{C}` for it with a capital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Template(pub(super) &'static str);

struct Table {
    /// By text.
    anywhere: HashMap<&'static str, Template>,
    /// By category and text.
    in_category: HashMap<(&'static str, &'static str), Template>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(include_str!("../../tables/phrases.tsv")));

/// Lines of `category TAB text TAB readable`; `#` starts a comment.
fn parse(text: &'static str) -> Table {
    let mut table = Table { anywhere: HashMap::new(), in_category: HashMap::new() };
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        let mut columns = line.split('\t');
        let mut next = || columns.next().expect("three columns a line, as tested");
        match (next(), next(), Template(next())) {
            ("", text, template) => table.anywhere.insert(text, template),
            (category, text, template) => table.in_category.insert((category, text), template),
        };
    }
    table
}

/// The phrase for `text`, first the one for its category.
pub(super) fn find(text: &str, category: &str) -> Option<Template> {
    let table = &*TABLE;
    table.in_category.get(&(category, text)).or_else(|| table.anywhere.get(text)).copied()
}

/// The template with the category `noun` in its place; "Other" is no noun.
pub(super) fn fill(template: &str, noun: &str) -> String {
    let noun = if noun.is_empty() || noun == "Other" { "Items" } else { noun };
    template.replace("{c}", &lower_first(noun)).replace("{C}", noun)
}

/// With a small first letter, unless the first word is a name.
fn lower_first(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or("");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_proper(word) => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let mut seen = HashSet::new();
        let text = include_str!("../../tables/phrases.tsv");
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 3, "{line:?}");
            assert!(seen.insert((columns[0], columns[1])), "twice: {line:?}");
            assert_eq!(columns[1], columns[1].to_uppercase(), "{line:?}");
            assert!(!columns[2].is_empty() && !super::super::is_terse(columns[2]), "{line:?}");
        }
    }

    #[test]
    fn templates_take_the_category_in() {
        assert_eq!(fill("Marinated {c}", "Pork"), "Marinated pork");
        assert_eq!(fill("{C} patties", "Turkey"), "Turkey patties");
        assert_eq!(fill("Other {c}", "Mexican foods"), "Other Mexican foods");
        assert_eq!(fill("Specialty {c}", "Other"), "Specialty items");
    }
}
