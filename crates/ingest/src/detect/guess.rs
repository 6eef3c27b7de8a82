//! Which column is which field: by its name, if its values agree; else by its values alone.

use std::collections::BTreeSet;

use super::names::{Known, LOG, PRODUCT};
use super::sample::SampledColumn;
use crate::measure::FeedMeasure;
use crate::money::Amount;
use crate::records::Field;
use crate::time::TimeReader;

/// Share of values that must be what a field needs.
const AGREE_MIN: f64 = 0.8;
/// Longest text that is a title rather than a description, on average, in characters.
const TITLE_CHARS_MAX: usize = 150;

/// What the values of a field must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Distinct,
    Text,
    Price,
    Address,
    Image,
    Number,
    Measure,
    Time,
}

/// The column of each field that has one.
pub(super) struct Guess {
    pub found: Vec<(&'static str, String)>,
}

impl Guess {
    /// The columns of a product feed.
    pub(super) fn products(columns: &[SampledColumn]) -> Self {
        let mut guess = Self::by_name(PRODUCT, columns);
        guess.fill("sku", Values::Distinct, columns, |_| true);
        let is_title = |column: &SampledColumn| {
            mean_chars(&column.values) <= TITLE_CHARS_MAX
                && column.values.iter().any(|text| text.contains(' '))
        };
        guess.fill("title", Values::Text, columns, is_title);
        let is_image =
            |column: &SampledColumn| share(&column.values, |text| names_picture(text)) >= AGREE_MIN;
        guess.fill("image_link", Values::Image, columns, is_image);
        guess.fill("link", Values::Address, columns, |_| true);
        let has_fraction = |column: &SampledColumn| {
            column.values.iter().any(|text| text.contains(['.', ',', '€', '$', '£']))
        };
        guess.fill("price", Values::Price, columns, has_fraction);
        guess.tell_paths(columns);
        guess
    }

    /// The columns of a log.
    pub(super) fn log(columns: &[SampledColumn]) -> Self {
        Self::by_name(LOG, columns)
    }

    /// The column of a field.
    pub(super) fn column(&self, field: &str) -> Option<&str> {
        self.found.iter().find(|(known, _)| *known == field).map(|(_, column)| column.as_str())
    }

    fn by_name(known: &[Known], columns: &[SampledColumn]) -> Self {
        let mut guess = Self { found: Vec::new() };
        for &(field, values, names) in known {
            // The earlier a name is listed the better it fits.
            let named = names.split_whitespace().find_map(|name| {
                let mut candidates = columns.iter().filter(|column| {
                    let whole = plain(&column.name);
                    let last = column.name.rsplit('.').next().map(plain);
                    whole == name || last.as_deref() == Some(name)
                });
                candidates
                    .find(|column| guess.is_free(&column.name) && agree(values, &column.values))
            });
            if let Some(column) = named {
                guess.found.push((field, column.name.clone()));
            }
        }
        guess
    }

    /// A category that is written with all its levels ("Fruit > Apple") is a path.
    fn tell_paths(&mut self, columns: &[SampledColumn]) {
        if self.column("category_path").is_some() || self.column("department").is_some() {
            return;
        }
        for (field, name) in &mut self.found {
            let column = columns.iter().find(|column| column.name == *name);
            let is_path = |column: &SampledColumn| {
                share(&column.values, |text| text.contains(" > ")) >= AGREE_MIN
            };
            if *field == "category" && column.is_some_and(is_path) {
                *field = "category_path";
            }
        }
    }

    fn is_free(&self, column: &str) -> bool {
        !self.found.iter().any(|(_, taken)| taken == column)
    }

    fn fill(
        &mut self,
        field: &'static str,
        values: Values,
        columns: &[SampledColumn],
        also: impl Fn(&SampledColumn) -> bool,
    ) {
        if self.column(field).is_some() {
            return;
        }
        let fits = |column: &&SampledColumn| {
            self.is_free(&column.name) && agree(values, &column.values) && also(column)
        };
        if let Some(column) = columns.iter().find(fits) {
            let name = column.name.clone();
            self.found.push((field, name));
        }
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with("http") || text.starts_with("//")
}

/// Whether a text is a path or an address of a picture.
fn names_picture(text: &str) -> bool {
    let text = text.to_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"].iter().any(|end| text.contains(end))
}

/// A name in lower case without signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

fn share(values: &[String], is: impl Fn(&String) -> bool) -> f64 {
    values.iter().filter(|value| is(value)).count() as f64 / values.len().max(1) as f64
}

fn mean_chars(values: &[String]) -> usize {
    values.iter().map(|value| value.chars().count()).sum::<usize>() / values.len().max(1)
}

/// Whether values are what a field needs; a column without any may be anything.
fn agree(values: Values, texts: &[String]) -> bool {
    if texts.is_empty() {
        return values != Values::Distinct;
    }
    let is_price = |text: &String| price(text, false).or_else(|| price(text, true)).is_some();
    let share = match values {
        Values::Text => 1.0,
        Values::Distinct => {
            // Variants of a product may have one id in some exports.
            texts.iter().collect::<BTreeSet<_>>().len() as f64 / texts.len() as f64
        }
        Values::Price => share(texts, is_price),
        Values::Address => share(texts, |text| is_address(text)),
        Values::Image => share(texts, |text| is_address(text) || names_picture(text)),
        Values::Number => share(texts, |text| text.replace(',', ".").parse::<f64>().is_ok()),
        Values::Measure => share(texts, |text| FeedMeasure::read(text).is_some()),
        Values::Time => {
            let Ok(time) = TimeReader::new("auto", "UTC") else { return false };
            share(texts, |text| time.seconds(&Field::Text(text.as_str().into())).is_some())
        }
    };
    share >= AGREE_MIN
}

/// An amount in cents.
pub(super) fn price(text: &str, decimal_comma: bool) -> Option<i64> {
    Amount::of(text).minor(2, decimal_comma)
}
