//! Groups of synonyms as a file that a shop can extend.

use serde::Deserialize;

use super::{PHRASE_WORDS_MAX, Synonyms, stems};

/// The groups that ship with Vitrine.
const DEFAULT: &str = include_str!("../synonyms.toml");
/// Most groups of one file.
const GROUPS_MAX: usize = 10_000;
/// Why a file of synonyms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SynonymError {
    /// It is not the TOML that is asked for; the message names the line.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// Too many groups.
    #[error("{n} groups of synonyms are more than {GROUPS_MAX}")]
    TooMany {
        /// How many there are.
        n: usize,
    },
    /// A phrase is empty or too long.
    #[error("“{0}” has no word, or more than {PHRASE_WORDS_MAX}")]
    Phrase(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Phrases of one group stand for each other.
    #[serde(default)]
    same: Vec<Vec<String>>,
    /// The first stands for the others, not they for it.
    #[serde(default)]
    wider: Vec<Vec<String>>,
}

impl Synonyms {
    /// The groups that ship with Vitrine, and those of a shop's own file.
    ///
    /// # Errors
    /// The file is not what is asked for.
    pub fn with(own: Option<&str>) -> Result<Self, SynonymError> {
        let mut synonyms = Self::default();
        synonyms.add(DEFAULT)?;
        own.map_or(Ok(()), |own| synonyms.add(own))?;
        Ok(synonyms)
    }

    fn add(&mut self, text: &str) -> Result<(), SynonymError> {
        let document: Document = toml::from_str(text)?;
        let n = document.same.len() + document.wider.len();
        if n > GROUPS_MAX {
            return Err(SynonymError::TooMany { n });
        }
        for group in &document.same {
            for typed in group {
                self.add_pairs(typed, group)?;
            }
        }
        for group in &document.wider {
            if let Some((typed, others)) = group.split_first() {
                self.add_pairs(typed, others)?;
            }
        }
        Ok(())
    }

    fn add_pairs(&mut self, typed: &str, others: &[String]) -> Result<(), SynonymError> {
        let key = |phrase: &str| match stems(phrase) {
            stems if (1..=PHRASE_WORDS_MAX).contains(&stems.len()) => Ok(stems.join(" ")),
            _ => Err(SynonymError::Phrase(phrase.to_owned())),
        };
        let own = key(typed)?;
        for other in others {
            let is_other = key(other)? != own;
            let known = self.phrases.entry(own.clone()).or_default();
            if is_other && !known.contains(other) {
                known.push(other.clone());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"
        same = [["tv", "television"], ["hard drive", "hdd"]]
        wider = [["soda", "soft drink", "cola"]]
    "#;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let mut synonyms = Synonyms::default();
        synonyms.add(OWN).expect("a valid file");
        synonyms.of(text).into_iter().map(|s| (s.typed, s.used)).collect()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
    }

    #[test]
    fn groups_stand_for_each_other_and_wider_words_one_way() {
        assert_eq!(pairs("Flat TV"), owned(&[("tv", "television")]));
        assert_eq!(pairs("Televisions"), owned(&[("televisions", "tv")]));
        assert_eq!(pairs("external hard drives"), owned(&[("hard drives", "hdd")]));
        assert_eq!(pairs("soda"), owned(&[("soda", "soft drink"), ("soda", "cola")]));
        assert_eq!(pairs("cola hard"), []);
        assert_eq!(pairs("\"tv\""), []);
    }

    #[test]
    fn the_shipped_file_is_valid_and_a_bad_one_is_refused() {
        let shipped = Synonyms::with(None).expect("valid");
        assert!(!shipped.of("tv").is_empty());
        let error = Synonyms::with(Some("same = [[\"tv\"\n]")).expect_err("not TOML");
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(matches!(Synonyms::with(Some("same = [[\"!\"]]")), Err(SynonymError::Phrase(_))));
        assert!(matches!(Synonyms::with(Some("other = 1")), Err(SynonymError::Toml(_))));
    }
}
