//! Some rows' words: which rows have a term, how often, and how long their texts are.

use std::collections::{BTreeSet, HashMap};
use vitrine_domain::sorting::sort_by;

use vitrine_domain::Item;
use vitrine_domain::pace::Pace;

use crate::analysis::{self, Analyzer};
use crate::measures::measures;
use crate::{Signal, TextLanguage};

/// Fields with a signal of their own, in the order of a segment's first fields.
pub(super) const FIELDS: [Signal; 4] =
    [Signal::Title, Signal::Brand, Signal::Description, Signal::Attributes];

/// A field of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field(usize);

impl Field {
    pub(super) const TITLE: Self = Self(0);
    pub(super) const BRAND: Self = Self(1);
    /// All texts of an item as one: those of [`FIELDS`], category and department.
    pub(super) const ALL: Self = Self(FIELDS.len());
    /// Sizes as terms, apart: within a text they would make it longer.
    pub(super) const SIZES: Self = Self(FIELDS.len() + 1);

    /// Those with a signal of their own.
    pub(super) fn with_signals() -> impl Iterator<Item = (Self, Signal)> {
        (0..).map(Self).zip(FIELDS)
    }
}

/// Terms that are written between two breaths.
const STRETCH_TERMS: usize = 1_024;

const N_FIELDS: usize = FIELDS.len() + 2;

/// Rows in succession.
pub(super) struct Segment {
    pub(super) first_row: u32,
    n_rows: u32,
    fields: [FieldPostings; N_FIELDS],
}

/// The postings of one field. Terms are in order, and so are the rows of each.
#[derive(Default)]
struct FieldPostings {
    /// All terms, one after the other.
    text: String,
    /// Where each term ends in [`Self::text`]. \[terms\]
    term_ends: Vec<u32>,
    /// Where the rows of each term end in [`Self::rows`]. \[terms\]
    row_ends: Vec<u32>,
    /// Rows, counted from the first of the segment.
    rows: Vec<u32>,
    /// Occurrences, up to 255, in the order of [`Self::rows`].
    counts: Vec<u8>,
    /// Tokens of each row. \[rows of the segment\]
    lengths: Vec<u32>,
    n_tokens: u64,
}

/// A field while its rows come, one after the other.
#[derive(Default)]
struct FieldWriter {
    number_of: HashMap<String, u32>,
    /// Rows and occurrences by the number of the term.
    postings: Vec<Vec<(u32, u8)>>,
    lengths: Vec<u32>,
}

/// The rows of a segment that have a term.
pub(super) struct TermRows<'a> {
    first_row: u32,
    rows: &'a [u32],
    counts: &'a [u8],
    lengths: &'a [u32],
}

/// A row that has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) row: u32,
    /// Occurrences of the term in the row's text, up to 255.
    pub(super) n_occurrences: u32,
    /// Tokens of the row's text.
    pub(super) n_tokens: u32,
}

impl Segment {
    /// Indexes items, in pieces.
    pub(super) async fn write(
        language: TextLanguage,
        items: &[&Item],
        first_row: u32,
        pace: &dyn Pace,
    ) -> Self {
        let analyzer = analysis::indexed(language.rules());
        let mut fields: [FieldWriter; N_FIELDS] = Default::default();
        for item in items {
            pace.breathe().await;
            push(&mut fields, &analyzer, item);
        }
        let mut written = <[FieldPostings; N_FIELDS]>::default();
        for (written, field) in written.iter_mut().zip(fields) {
            pace.breathe().await;
            *written = field.finish(pace).await;
        }
        Self { first_row, n_rows: items.len() as u32, fields: written }
    }

    pub(super) fn n_rows(&self) -> u32 {
        self.n_rows
    }

    /// Tokens of a field in all rows.
    pub(super) fn n_tokens(&self, field: Field) -> u64 {
        self.fields[field.0].n_tokens
    }

    /// The rows that have a term; `None` where none has.
    pub(super) fn rows_with(&self, field: Field, term: &str) -> Option<TermRows<'_>> {
        let field = &self.fields[field.0];
        let place = field.place(term)?;
        let from = place.checked_sub(1).map_or(0, |before| field.row_ends[before]) as usize;
        let range = from..field.row_ends[place] as usize;
        Some(TermRows {
            first_row: self.first_row,
            rows: &field.rows[range.clone()],
            counts: &field.counts[range],
            lengths: &field.lengths,
        })
    }
}

impl TermRows<'_> {
    pub(super) fn n_rows(&self) -> u32 {
        self.rows.len() as u32
    }

    /// The rows, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = Posting> {
        (0..self.rows.len()).map(|place| self.posting(place))
    }

    /// What is known of a row; the next one is looked for from `from` on, which moves behind it.
    pub(super) fn find(&self, row: u32, from: &mut usize) -> Option<Posting> {
        let wanted = row.checked_sub(self.first_row)?;
        *from += self.rows[*from..].partition_point(|row| *row < wanted);
        (self.rows.get(*from) == Some(&wanted)).then(|| self.posting(*from))
    }

    fn posting(&self, place: usize) -> Posting {
        let row = self.rows[place];
        Posting {
            row: self.first_row + row,
            n_occurrences: u32::from(self.counts[place]),
            n_tokens: self.lengths[row as usize],
        }
    }
}

impl FieldPostings {
    fn term(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.term_ends[before]);
        &self.text[from as usize..self.term_ends[place] as usize]
    }

    fn place(&self, term: &str) -> Option<usize> {
        let (mut from, mut to) = (0, self.term_ends.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.term(middle).cmp(term) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

impl FieldWriter {
    /// Begins the text of the next row.
    fn begin(&mut self) {
        self.lengths.push(0);
    }

    /// Adds a token to the text of the last row.
    fn push(&mut self, token: &str) {
        let Some(length) = self.lengths.last_mut() else { return };
        *length += 1;
        let row = self.lengths.len() as u32 - 1;
        let number = match self.number_of.get(token) {
            Some(number) => *number as usize,
            None => {
                let number = self.postings.len();
                self.number_of.insert(token.to_owned(), number as u32);
                self.postings.push(Vec::new());
                number
            }
        };
        match self.postings[number].last_mut() {
            Some((last, count)) if *last == row => *count = count.saturating_add(1),
            _ => self.postings[number].push((row, 1)),
        }
    }

    async fn finish(self, pace: &dyn Pace) -> FieldPostings {
        let Self { number_of, postings, lengths } = self;
        let n_tokens = lengths.iter().map(|length| u64::from(*length)).sum();
        let mut terms: Vec<(String, u32)> = number_of.into_iter().collect();
        sort_by(&mut terms, Ord::cmp);
        let mut field = FieldPostings { lengths, n_tokens, ..FieldPostings::default() };
        for (place, (term, number)) in terms.into_iter().enumerate() {
            if place % STRETCH_TERMS == 0 {
                pace.breathe().await;
            }
            field.text.push_str(&term);
            field.term_ends.push(field.text.len() as u32);
            for (row, count) in &postings[number as usize] {
                field.rows.push(*row);
                field.counts.push(*count);
            }
            field.row_ends.push(field.rows.len() as u32);
        }
        field
    }
}

/// Adds an item's texts, each cut once.
fn push(fields: &mut [FieldWriter; N_FIELDS], analyzer: &Analyzer, item: &Item) {
    fields.iter_mut().for_each(FieldWriter::begin);
    let texts = [&item.title, &item.brand, &item.description, &item.attributes];
    for (place, text) in texts.into_iter().enumerate() {
        for token in analysis::tokens(analyzer, text) {
            fields[place].push(&token);
            fields[Field::ALL.0].push(&token);
        }
    }
    for text in [&item.category, &item.department] {
        analysis::tokens(analyzer, text).iter().for_each(|token| fields[Field::ALL.0].push(token));
    }
    sizes_of(item).iter().for_each(|size| fields[Field::SIZES.0].push(size));
}

/// The distinct sizes in an item's texts and of its variants, as terms.
fn sizes_of(item: &Item) -> BTreeSet<String> {
    let texts = [&item.title, &item.description, &item.attributes].into_iter();
    let variants = item.variants.iter().map(|variant| &variant.size);
    let found = texts.chain(variants).flat_map(|text| measures(text));
    found.map(|measure| measure.term).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vitrine_domain::pace::{Unpaced, at_once};

    use super::*;

    fn segment(titles: &[String], first_row: u32) -> Segment {
        let item = |title: &String| Item { title: title.clone(), ..Item::default() };
        let items: Vec<Item> = titles.iter().map(item).collect();
        let items: Vec<&Item> = items.iter().collect();
        at_once(Segment::write(TextLanguage::default(), &items, first_row, &Unpaced))
    }

    proptest! {
        #[test]
        fn postings_are_what_the_texts_have(
            titles in prop::collection::vec(prop::collection::vec("[a-e]{1,2}", 0..6), 0..20),
            term in "[a-e]{1,2}",
            first_row in 0u32..3,
        ) {
            let texts: Vec<String> = titles.iter().map(|title| title.join(" ")).collect();
            let segment = segment(&texts, first_row);
            let stem = analysis::tokens(&analysis::indexed(TextLanguage::default().rules()), &term);
            let stem = stem.concat();
            let stemmed = |word: &String| {
                analysis::tokens(&analysis::indexed(TextLanguage::default().rules()), word).concat()
            };
            let expected: Vec<Posting> = (first_row..)
                .zip(&titles)
                .map(|(row, title)| Posting {
                    row,
                    n_occurrences: title.iter().filter(|word| stemmed(word) == stem).count() as u32,
                    n_tokens: title.len() as u32,
                })
                .filter(|posting| posting.n_occurrences > 0)
                .collect();
            let found = segment.rows_with(Field::TITLE, &stem);
            let all: Vec<Posting> = found.iter().flat_map(TermRows::iter).collect();
            prop_assert_eq!(&all, &expected);
            prop_assert_eq!(segment.n_tokens(Field::ALL), titles.concat().len() as u64);
            if let Some(found) = found {
                let mut from = 0;
                let rows = (0..first_row + titles.len() as u32).filter_map(|row| found.find(row, &mut from));
                prop_assert_eq!(rows.collect::<Vec<_>>(), expected);
            }
        }
    }
}
