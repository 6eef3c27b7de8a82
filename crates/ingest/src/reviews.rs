//! The reader of reviews.

use std::path::Path;

use serde_json::Value;

use crate::ORIGINAL_CHARS_MAX;
use crate::convert;
use crate::error::{IngestError, Problem, RowError};
use crate::html::resolved;
use crate::interactions::read_time;
use crate::mapping::Mapping;
use crate::records::{self, Field, Layout, Plan, Records, Row, Slot};
use crate::time::TimeReader;

/// Words for a purchase that the shop has confirmed, folded.
const YES: [&str; 8] = ["1", "true", "yes", "y", "ja", "verified", "是", "verified purchase"];
/// Words for one that it has not.
const NO: [&str; 7] = ["0", "false", "no", "n", "nein", "unverified", "否"];

/// A review, not yet checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawReview {
    /// Of which product.
    pub sku: String,
    /// Stars, 1 to 5; may be nonsense.
    pub rating: Option<f64>,
    /// Its heading; may be empty.
    pub title: String,
    /// What it says; may be empty.
    pub text: String,
    /// How many found it helpful; may be nonsense.
    pub helpful: Option<f64>,
    /// When it was written, in seconds since 1970-01-01 UTC; `None` where no more than the day is said.
    pub written_seconds: Option<i64>,
    /// On which day that was where the mapping's time zone is, in days since 1970-01-01.
    pub written_day: Option<i64>,
    /// Whether its author bought the product, as far as the shop knows.
    pub is_verified: bool,
    /// Who wrote it, by any identifier. Reviews of one author are told by it; it is kept nowhere.
    pub author: String,
}

/// Streams the reviews. See [`open_reviews`].
pub struct Reviews {
    records: Box<dyn Records>,
    sku: Slot,
    rating: Slot,
    rating_best: f64,
    title: Option<Slot>,
    text: Option<Slot>,
    helpful: Option<Slot>,
    written: Option<(Slot, TimeReader)>,
    verified: Option<Slot>,
    author: Option<Slot>,
}

/// Opens a file of reviews.
///
/// # Errors
/// When the mapping describes none, or the file is missing, of unknown format,
/// damaged or lacks a mapped column.
pub fn open_reviews(path: &Path, mapping: &Mapping) -> Result<Reviews, IngestError> {
    let Some(columns) = &mapping.reviews else {
        return Err(IngestError::NoTable { mapping: mapping.name.clone(), table: "reviews" });
    };
    let mut plan = Plan::default();
    let (sku, rating) = (plan.slot(&columns.sku, true), plan.slot(&columns.rating, true));
    let written = match &columns.written {
        Some(column) => {
            let slot = plan.slot(&column.column, true);
            Some((slot, TimeReader::new(&column.format, &column.zone)?))
        }
        None => None,
    };
    let mut optional = |column: &Option<String>| plan.optional(column.as_ref());
    let (title, text) = (optional(&columns.title), optional(&columns.text));
    let (helpful, verified, author) =
        (optional(&columns.helpful), optional(&columns.verified), optional(&columns.author));
    let layout = Layout {
        format: columns.format,
        encoding: columns.encoding,
        records: columns.records.as_deref(),
    };
    let records = records::open(path, layout, &plan.columns)?;
    let rating_best = columns.rating_best;
    Ok(Reviews {
        records,
        sku,
        rating,
        rating_best,
        title,
        text,
        helpful,
        written,
        verified,
        author,
    })
}

impl Reviews {
    /// The row that was yielded last (JSON), for the quarantine: what the mapping names of it, but
    /// who wrote it.
    pub fn original(&self) -> Value {
        let named = [
            Some(&self.sku),
            Some(&self.rating),
            self.title.as_ref(),
            self.text.as_ref(),
            self.helpful.as_ref(),
            self.written.as_ref().map(|(slot, _)| slot),
            self.verified.as_ref(),
        ];
        let records = self.records.as_ref();
        let shown = |slot: &Slot| {
            let text = convert::text(records, Some(slot)).unwrap_or_default();
            let text: String = text.chars().take(ORIGINAL_CHARS_MAX).collect();
            (slot.name.clone(), Value::String(text))
        };
        Value::Object(named.into_iter().flatten().map(shown).collect())
    }

    fn read(&self) -> Result<RawReview, RowError> {
        let records = self.records.as_ref();
        let text = |slot: &Option<Slot>| convert::text(records, slot.as_ref());
        let number = |slot: Option<&Slot>| match slot {
            Some(slot) if !convert::text(records, Some(slot))?.trim().is_empty() => {
                convert::number(records, slot)
            }
            _ => Ok(None),
        };
        let (written_seconds, written_day) = self.written()?;
        Ok(RawReview {
            sku: convert::identifier(records, Some(&self.sku))?,
            rating: number(Some(&self.rating))?.map(|rating| self.stars(rating)),
            title: resolved(&text(&self.title)?),
            text: resolved(&text(&self.text)?),
            helpful: number(self.helpful.as_ref())?,
            written_seconds,
            written_day,
            is_verified: match &self.verified {
                Some(slot) => yes_or_no(&convert::text(records, Some(slot))?, slot)?,
                None => false,
            },
            // Whatever is wrong with it, it is for telling reviews apart alone.
            author: convert::identifier(records, self.author.as_ref()).unwrap_or_default(),
        })
    }

    /// The moment at which it was written, where that is said, and the day.
    fn written(&self) -> Result<(Option<i64>, Option<i64>), RowError> {
        let Some((slot, time)) = &self.written else { return Ok((None, None)) };
        let records = self.records.as_ref();
        let field = records.field(slot.idx);
        if matches!(field, Field::Missing) {
            return Ok((None, None));
        }
        let seconds = read_time(records, slot, time)?;
        let moment = (!time.is_day_alone(&field, seconds)).then_some(seconds);
        Ok((moment, Some(time.local_day(seconds))))
    }

    /// An error that does not show who wrote the review: of a whole row that cannot be read nothing
    /// is shown.
    fn without_author(&self, error: RowError) -> RowError {
        let is_authors = self.author.as_ref().is_some_and(|slot| slot.name == error.column);
        let is_private = error.column.is_empty() || is_authors;
        if is_private { RowError { text: String::new(), ..error } } else { error }
    }

    /// Stars out of five, of a rating from 1 to the best.
    fn stars(&self, rating: f64) -> f64 {
        1.0 + (rating - 1.0) * 4.0 / (self.rating_best - 1.0)
    }
}

fn yes_or_no(text: &str, slot: &Slot) -> Result<bool, RowError> {
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "" => Ok(false),
        word if YES.contains(&word) => Ok(true),
        word if NO.contains(&word) => Ok(false),
        _ => Err(RowError::new(&slot.name, text, Problem::UnknownValue)),
    }
}

impl Iterator for Reviews {
    type Item = Result<Row<RawReview>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.records.advance()?;
        Some(advanced.map(|record| Row {
            line: self.records.line(),
            record: record.and_then(|()| self.read()).map_err(|error| self.without_author(error)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(columns: &str, file: &str) -> Vec<Row<RawReview>> {
        let mapping = format!(
            "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n[reviews]\nsku = 'product'\n{columns}"
        );
        let mapping = Mapping::from_toml(&mapping).expect("a mapping");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("reviews.csv");
        std::fs::write(&path, file).expect("writes");
        let rows = open_reviews(&path, &mapping).expect("opens");
        rows.collect::<Result<_, _>>().expect("reads")
    }

    #[test]
    fn every_column_is_read_and_what_is_not_there_is_empty() {
        let columns = "rating = 'stars'\ntitle = 'head'\ntext = 'body'\nhelpful = 'votes'\n\
            written = { column = 'on' }\nverified = 'bought'\nauthor = 'who'\n";
        let file = "product,stars,head,body,votes,on,bought,who\n\
            7,4,Fine,\"Warm, and light.\",3,2026-01-02,yes,u1\n\
            8,,,It doesn&#39;t fit &amp; scratches.,,,,\n";
        let rows = read(columns, file);
        let first = RawReview {
            sku: "7".into(),
            rating: Some(4.0),
            title: "Fine".into(),
            text: "Warm, and light.".into(),
            helpful: Some(3.0),
            written_seconds: None,
            written_day: Some(20_455),
            is_verified: true,
            author: "u1".into(),
        };
        assert_eq!(rows[0], Row { line: 2, record: Ok(first) });
        let second = RawReview {
            sku: "8".into(),
            text: "It doesn't fit & scratches.".into(),
            ..RawReview::default()
        };
        assert_eq!(rows[1], Row { line: 3, record: Ok(second) });
    }

    #[test]
    fn ratings_of_other_scales_become_stars_and_what_cannot_be_read_says_why() {
        let columns = "rating = 'points'\nrating_best = 10\nverified = 'bought'\ntext = 'body'\n";
        let file = "product,points,bought,body\n1,10,0,a\n1,5.5,1,b\n1,many,1,c\n1,3,perhaps,d\n";
        let rows = read(columns, file);
        let stars = |n: usize| rows[n].record.as_ref().expect("a review").rating;
        assert_eq!((stars(0), stars(1)), (Some(5.0), Some(3.0)));
        let error = |n: usize| rows[n].record.as_ref().expect_err("none").to_string();
        assert!(error(2).contains("many") && error(2).contains("not a number"), "{}", error(2));
        assert!(error(3).contains("perhaps"), "{}", error(3));
    }

    #[test]
    fn who_wrote_a_review_is_not_in_the_original() {
        let text = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n\
            [reviews]\nsku = 'product'\nrating = 'stars'\ntext = 'body'\nauthor = 'who'\n";
        let mapping = Mapping::from_toml(text).expect("a mapping");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("reviews.csv");
        std::fs::write(&path, "product,stars,body,who,mail\n7,x,Fine,Ann,a@b.c\n").expect("writes");
        let mut rows = open_reviews(&path, &mapping).expect("opens");
        assert!(rows.next().expect("a row").expect("reads").record.is_err());
        let original = rows.original();
        assert_eq!(original, serde_json::json!({"product": "7", "stars": "x", "body": "Fine"}));
    }

    #[test]
    fn no_error_shows_who_wrote_a_review() {
        let columns = "rating = 'stars'\ntext = 'body'\nauthor = 'who'\n";
        let rows = read(columns, "product,stars,body,who\n7,5,Fine,Ann,too,many\n7,5,Fine,Ben\n");
        let error = rows[0].record.as_ref().expect_err("too many fields").to_string();
        assert!(error.contains("fields") && !error.contains("Ann"), "{error}");
        assert_eq!(rows[1].record.as_ref().expect("a review").author, "Ben");

        let mapping = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n[reviews]\n\
            sku = 'product'\nrating = 'stars'\nauthor = 'who'\n";
        let mapping = Mapping::from_toml(mapping).expect("a mapping");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("reviews.jsonl");
        let line = r#"{"product":"7","stars":4,"who":{"name":"Ann","mail":"a@b.c"}}"#;
        std::fs::write(&path, format!("{line}\n{{\"who\": \"Ann\", broken\n")).expect("writes");
        let rows = open_reviews(&path, &mapping).expect("opens");
        let rows: Vec<_> = rows.collect::<Result<_, _>>().expect("reads");
        assert_eq!(rows[0].record.as_ref().expect("a review").author, "");
        let error = rows[1].record.as_ref().expect_err("no JSON").to_string();
        assert!(!error.contains("Ann"), "{error}");
    }

    #[test]
    fn the_day_is_that_of_the_mappings_zone_and_days_alone_have_no_seconds() {
        for (zone, seconds) in [("Asia/Shanghai", 1_767_289_517), ("+05:30", 1_767_298_517)] {
            let columns =
                format!("rating = 'stars'\nwritten = {{ column = 'on', zone = '{zone}' }}\n");
            let file = "product,stars,on\n7,5,2026-01-02\n7,5,2026-01-02 01:45:17\n7,5,\n";
            let rows = read(&columns, file);
            let written = |n: usize| {
                let review = rows[n].record.as_ref().expect("a review");
                (review.written_day, review.written_seconds)
            };
            assert_eq!(written(0), (Some(20_455), None), "{zone}");
            assert_eq!(written(1), (Some(20_455), Some(seconds)), "{zone}");
            assert_eq!(written(2), (None, None), "{zone}");
        }
    }

    #[test]
    fn a_mapping_without_them_says_what_to_add() {
        let text = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n";
        let mapping = Mapping::from_toml(text).expect("a mapping");
        let error = open_reviews(Path::new("reviews.csv"), &mapping).err().expect("refused");
        assert!(error.to_string().contains("[reviews]"), "{error}");
    }
}
