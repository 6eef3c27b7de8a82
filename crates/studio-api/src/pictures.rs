//! What an import found out about the shop's pictures.

use serde::{Deserialize, Deserializer, Serialize};
use vitrine_domain::ItemId;

/// Pictures that deserve a look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureReport {
    /// Cards whose picture was looked at.
    pub n_seen: u32,
    /// Why nothing, or only some of it, was looked for; empty where all was.
    #[serde(deserialize_with = "read_gaps")]
    pub missing: Vec<PictureGap>,
    /// Pictures that do not look like their card's category.
    pub n_wrong: u32,
    /// The worst of them, the worst first.
    pub wrong: Vec<WrongPicture>,
    /// Pictures that several cards have.
    pub n_repeated: u32,
    /// Those of them that most cards have, those of most cards first.
    pub repeated: Vec<RepeatedPicture>,
}

/// Why something was not looked for in pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PictureGap {
    /// The network that looks at pictures is not there.
    NoNetwork,
    /// There are too few pictures to compare any.
    FewPictures {
        /// How many there are.
        n_pictures: u32,
        /// How many it takes.
        n_pictures_min: u32,
    },
    /// Pictures are in fewer than two categories, so none can be of another one.
    FewCategories,
    /// There are too many pictures and categories to compare all.
    ManyCategories {
        /// Pictures of cards with a category.
        n_pictures: u32,
        /// Their categories.
        n_categories: u32,
    },
    /// There are too many pictures to compare each with each: of those on several cards only the
    /// very same files are told.
    ManyPictures {
        /// Different pictures.
        n_pictures: u32,
        /// How many are compared.
        n_pictures_max: u32,
    },
    /// A reason that this program does not know.
    #[serde(other)]
    Other,
}

/// Reasons, or the sentence that older versions wrote in their place; an empty one stood for none.
fn read_gaps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PictureGap>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum StoredGaps {
        Gaps(Vec<PictureGap>),
        Sentence(String),
    }
    Ok(match StoredGaps::deserialize(deserializer)? {
        StoredGaps::Gaps(gaps) => gaps,
        StoredGaps::Sentence(sentence) if sentence.is_empty() => Vec::new(),
        StoredGaps::Sentence(_) => vec![PictureGap::Other],
    })
}

/// A picture that does not look like the category of its card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrongPicture {
    /// The card.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: String,
    /// The category that its picture looks like.
    pub looks_like: String,
    /// Log of how many times as probable that one is.
    pub margin: f32,
}

/// All but the same picture on several cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepeatedPicture {
    /// How many cards.
    pub n_cards: u32,
    /// The first of them, with their titles.
    pub cards: Vec<(ItemId, String)>,
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn reasons_are_read_as_they_are_written_and_unknown_ones_are_told_as_such() {
        let gaps = vec![
            PictureGap::NoNetwork,
            PictureGap::FewPictures { n_pictures: 3, n_pictures_min: 8 },
            PictureGap::ManyCategories { n_pictures: 9_000, n_categories: 400 },
            PictureGap::ManyPictures { n_pictures: 300_000, n_pictures_max: 200_000 },
        ];
        let report = PictureReport { missing: gaps, ..PictureReport::default() };
        let json = to_value(&report).expect("written");
        assert_eq!(json["missing"][1]["why"], "few-pictures");
        assert_eq!(from_value::<PictureReport>(json).expect("read"), report);
        let later = json!({ "missing": [{ "why": "no-light", "lux": 3 }] });
        let later: PictureReport = from_value(later).expect("read");
        assert_eq!(later.missing, [PictureGap::Other]);
    }

    #[test]
    fn reports_of_older_versions_are_read() {
        for (sentence, gaps) in
            [("", vec![]), ("pictures are in fewer than two categories", vec![PictureGap::Other])]
        {
            let old = json!({ "n_seen": 60, "missing": sentence, "wrong": [], "repeated": [] });
            let old: PictureReport = from_value(old).expect("read");
            assert_eq!((old.n_seen, old.missing), (60, gaps));
        }
        assert_eq!(from_value::<PictureReport>(json!({})).expect("read"), PictureReport::default());
    }
}
