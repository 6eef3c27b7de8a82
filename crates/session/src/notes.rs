//! How a search was understood otherwise than typed, in sentences.

use vitrine_domain::{Constraint, FreeOfCount};
use vitrine_words::session::{n, t};

use crate::SearchResults;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchNoteKind {
    /// How far results say that they are free of what must be absent.
    FreeOf,
    /// Words that no product has, and what was searched for in their place.
    Corrections,
    /// Words that were left out.
    WordsLeftOut,
    /// Conditions that were left out.
    ConditionsLeftOut,
    /// Words that were also searched for.
    Synonyms,
}

impl SearchNoteKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::FreeOf => "free-of",
            Self::Corrections => "corrections",
            Self::WordsLeftOut => "words-left-out",
            Self::ConditionsLeftOut => "conditions-left-out",
            Self::Synonyms => "synonyms",
        }
    }
}

/// One sentence about a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchNote {
    /// What it is about.
    pub kind: SearchNoteKind,
    /// What it says.
    pub words: String,
}

impl SearchResults {
    /// What could not be met, and which words were taken for others: what one must know first
    /// comes first.
    pub fn notes(&self) -> Vec<SearchNote> {
        let quoted = |words: &mut dyn Iterator<Item = &String>| {
            words.map(|word| quote(word)).collect::<Vec<_>>().join(", ")
        };
        let mut notes = free_of_notes(&self.free_of, self.n_total);
        if !self.corrections.is_empty() {
            let typed = quoted(&mut self.corrections.iter().map(|correction| &correction.typed));
            let used = quoted(&mut self.corrections.iter().map(|correction| &correction.used));
            notes.push(note(
                SearchNoteKind::Corrections,
                t!("note.corrections", typed = typed, used = used),
            ));
        }
        let left_out = |is: fn(Constraint) -> bool| {
            self.relaxed.iter().filter(move |relaxed| is(relaxed.constraint))
        };
        let is_word = |constraint| constraint == Constraint::Word;
        let words = quoted(&mut left_out(is_word).map(|relaxed| &relaxed.typed));
        if !words.is_empty() {
            notes
                .push(note(SearchNoteKind::WordsLeftOut, t!("note.words_left_out", words = words)));
        }
        let conditions: Vec<String> = left_out(|constraint| constraint != Constraint::Word)
            .map(|relaxed| match relaxed.constraint {
                Constraint::Word | Constraint::ReadFilter => quote(&relaxed.typed),
                Constraint::Availability => t!("note.available").to_owned(),
                Constraint::Price => t!("note.price").to_owned(),
                Constraint::Brand => t!("note.brand").to_owned(),
                Constraint::Department => t!("note.department").to_owned(),
                Constraint::Category => t!("note.category").to_owned(),
            })
            .collect();
        if !conditions.is_empty() {
            let conditions = conditions.join(", ");
            notes.push(note(
                SearchNoteKind::ConditionsLeftOut,
                t!("note.conditions_left_out", conditions = conditions),
            ));
        }
        if !self.synonyms.is_empty() {
            let used = quoted(&mut self.synonyms.iter().map(|synonym| &synonym.used));
            notes.push(note(SearchNoteKind::Synonyms, t!("note.synonyms", used = used)));
        }
        notes
    }
}

fn quote(word: &str) -> String {
    t!("note.quote", word = word)
}

fn note(kind: SearchNoteKind, words: String) -> SearchNote {
    SearchNote { kind, words }
}

/// What a result does not say of itself, where it was asked: "Does not say whether it
/// is free of peanut". Empty where it says everything.
pub fn doubt(unconfirmed: &[String]) -> String {
    match unconfirmed {
        [] => String::new(),
        names => t!("note.doubt", names = names.join(", ")),
    }
}

/// How far the results say that they are free of what was asked to be absent.
fn free_of_notes(free_of: &[FreeOfCount], n_total: u32) -> Vec<SearchNote> {
    let words = |FreeOfCount { name, n_results }: &FreeOfCount| match *n_results {
        _ if n_total == 0 => t!("note.free_of_nothing", name = name),
        n if n == n_total => t!("note.free_of_all", name = name),
        0 => t!("note.free_of_none", name = name),
        n => n!("note.free_of_some", n, name = name),
    };
    free_of.iter().map(|count| note(SearchNoteKind::FreeOf, words(count))).collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{CatalogueVersion, Correction, Relaxed};

    use super::*;
    use crate::{Backend, SearchOrder};

    #[test]
    fn what_could_not_be_met_is_said_and_allergens_come_first() {
        let relaxed = |constraint, typed: &str| Relaxed { constraint, typed: typed.to_owned() };
        let results = SearchResults {
            tiles: Vec::new(),
            banners: Vec::new(),
            n_total: 3,
            corrections: vec![Correction { typed: "choclate".into(), used: "chocolate".into() }],
            filters_read: Vec::new(),
            synonyms: Vec::new(),
            relaxed: vec![relaxed(Constraint::Word, "zzq"), relaxed(Constraint::Price, "")],
            free_of: vec![FreeOfCount { name: "peanut".into(), n_results: 1 }],
            intent: None,
            facets: None,
            order: SearchOrder::Server,
            offline: false,
            private: false,
            catalogue: CatalogueVersion(1),
            backend: Backend::Cpu,
            ranking_ms: 0.0,
            total_ms: 0.0,
        };
        let notes = results.notes();
        let words: Vec<&str> = notes.iter().map(|note| note.words.as_str()).collect();
        assert!(words[0].starts_with("1 result says that it is free of peanut"), "{words:?}");
        assert_eq!(
            words[1..],
            [
                "No product has “choclate”: these are for “chocolate”.",
                "Nothing here has “zzq”: left out.",
                "Nothing meets every condition. These leave out: the price.",
            ]
        );
        assert_eq!(
            SearchResults { free_of: Vec::new(), ..results }.notes()[0].kind.name(),
            "corrections"
        );
        assert_eq!(doubt(&[]), "");
    }
}
