//! Readable titles from terse, upper-case, truncated texts.
//!
//! Texts with a lower-case letter are taken as written by people and left
//! alone. The others are looked up in `tables/phrases.tsv`, and where that has
//! nothing, made readable by rules: a dangling parenthesis and a last word that
//! was cut off are dropped or completed from the catalogue's own words, a
//! prefix that repeats the category moves behind the noun, abbreviations
//! and misspellings are expanded by `tables/words.tsv`, and the whole is set in
//! sentence case. The same catalogue always gives the same titles.

mod phrases;
mod sentence;
mod size;
mod vocabulary;

pub use size::readable_size;
pub use vocabulary::Vocabulary;

use phrases::Template;

/// What a card shows of its product texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readable {
    /// Title; from the category or department when the feed's says nothing.
    pub title: String,
    /// Department, "Other" when the feed has none.
    pub department: String,
    /// Category; may be empty.
    pub category: String,
}

/// Makes texts readable with the words of one catalogue.
#[derive(Clone, Debug, Default)]
pub struct Titles {
    vocabulary: Vocabulary,
}

impl Titles {
    /// Titles of a catalogue that uses these words.
    pub fn new(vocabulary: Vocabulary) -> Self {
        Self { vocabulary }
    }

    /// The texts of a product as a shopper should read them.
    pub fn readable(&self, title: &str, category: &str, department: &str) -> Readable {
        let department = if says_nothing(department) {
            "Other".to_owned()
        } else {
            self.text(department, "", "")
        };
        let raw_category = if says_nothing(category) { "" } else { category };
        let category = self.text(raw_category, "", &department);
        let noun = if category.is_empty() { &department } else { &category };
        let title = match title {
            _ if says_nothing(title) => noun.clone(),
            _ => Some(self.text(title, raw_category, noun))
                .filter(|title| !title.is_empty())
                .unwrap_or_else(|| noun.clone()),
        };
        Readable { title, department, category }
    }

    /// One text; `noun` is what it is a kind of, for phrases that need it.
    fn text(&self, text: &str, raw_category: &str, noun: &str) -> String {
        let text = collapsed(text);
        if !is_terse(&text) {
            return text;
        }
        match phrases::find(&text, &collapsed(raw_category)) {
            Some(Template(template)) => phrases::fill(template, noun),
            None => sentence::sentence(&self.vocabulary, &text, &collapsed(raw_category)),
        }
    }
}

/// Whether a text was written for a till and not for a reader: capitals alone.
pub fn is_terse(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase()) && !text.chars().any(char::is_lowercase)
}

/// Whether a text is blank or a placeholder ("MISCELLANEOUS", "N/A", …).
pub fn says_nothing(text: &str) -> bool {
    let text = collapsed(text).to_uppercase();
    let words = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(
        words,
        "" | "-"
            | "MISC"
            | "MISCELLANEOUS"
            | "N/A"
            | "NA"
            | "NONE"
            | "NULL"
            | "OTHER"
            | "UNKNOWN"
            | "TBD"
            | "DEFAULT"
            | "UNCATEGORIZED"
            | "NO SUBCOMMODITY DESCRIPTION"
            | "NO COMMODITY DESCRIPTION"
            | "NO DESCRIPTION"
    )
}

/// Without blanks at the ends and with single ones inside.
pub(crate) fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_s_titles_are_left_alone() {
        let titles = Titles::default();
        for title in ["iPhone 15 Pro (128 GB)", "Organic  oat drink", "café au lait - 250 g"] {
            let read = titles.readable(title, "Phones", "Électronique");
            assert_eq!(read.title, collapsed(title));
            assert_eq!(read.category, "Phones");
            assert_eq!(read.department, "Électronique");
        }
    }

    #[test]
    fn what_says_nothing_falls_back() {
        let titles = Titles::default();
        let title =
            |title, category, department| titles.readable(title, category, department).title;
        assert_eq!(title("", "BUTTER", "GROCERY"), "Butter");
        assert_eq!(title("NO SUBCOMMODITY DESCRIPTION", "", "FLORAL"), "Flowers & plants");
        assert_eq!(title("Misc.", "Tea", "Drinks"), "Tea");
        assert_eq!(titles.readable("x", "", "").department, "Other");
    }
}
