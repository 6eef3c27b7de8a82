//! The reviews of two public data sets.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use serde::Deserialize;
use vitrine_reviews::{ReviewText, SentimentExample, balanced_folds};

use crate::cli::ReviewsData;

/// A review of a data set.
pub struct LabReview {
    pub title: String,
    pub text: String,
    /// 1 to 5; clothing has them.
    pub stars: Option<u8>,
    /// Recommended, or labelled good.
    pub is_positive: bool,
    /// Reviews of one are in one fold: the garment, or the review itself where products are not known.
    pub product: u32,
    /// Folds are stratified by it.
    stratum: String,
}

impl LabReview {
    pub fn words(&self) -> ReviewText<'_> {
        ReviewText { title: &self.title, text: &self.text }
    }

    pub fn example(&self) -> SentimentExample<'_> {
        SentimentExample {
            words: self.words(),
            stars: self.stars,
            recommended: Some(self.is_positive),
            product: self.product,
        }
    }
}

/// Reviews in the order of their file.
pub struct ReviewSet {
    pub reviews: Vec<LabReview>,
    kind: ReviewsData,
}

#[derive(Deserialize)]
struct ClothingRow {
    #[serde(rename = "Clothing ID")]
    product: u32,
    #[serde(rename = "Title")]
    title: String,
    #[serde(rename = "Review Text")]
    text: String,
    #[serde(rename = "Rating")]
    stars: u8,
    #[serde(rename = "Recommended IND")]
    recommended: u8,
}

#[derive(Deserialize)]
struct ChineseRow {
    cat: String,
    label: u8,
    review: String,
}

impl ReviewSet {
    /// Reads a CSV, packed or not.
    ///
    /// # Errors
    /// It cannot be read, or has other columns.
    pub fn read(path: &Path, kind: ReviewsData) -> Result<Self> {
        let at = || path.display().to_string();
        let file = File::open(path).with_context(at)?;
        let mut rows: csv::Reader<Box<dyn std::io::Read>> =
            csv::Reader::from_reader(match path.extension().is_some_and(|end| end == "gz") {
                true => Box::new(MultiGzDecoder::new(file)),
                false => Box::new(file),
            });
        let reviews: Vec<LabReview> = match kind {
            ReviewsData::Clothing => rows
                .deserialize()
                .map(|row| row.map(|row: ClothingRow| row.into()))
                .collect::<Result<_, csv::Error>>()
                .with_context(at)?,
            ReviewsData::Chinese => (0..)
                .zip(rows.deserialize())
                .map(|(i, row)| row.map(|row: ChineseRow| row.numbered(i)))
                .collect::<Result<_, csv::Error>>()
                .with_context(at)?,
        };
        ensure!(!reviews.is_empty(), "{} has no reviews", at());
        Ok(Self { reviews, kind })
    }

    /// The fold of each review: by product, or stratified by category and label.
    pub fn folds(&self, n_folds: usize, seed: u64) -> Vec<usize> {
        let products: Vec<u32> = self.reviews.iter().map(|review| review.product).collect();
        if self.kind == ReviewsData::Clothing {
            return balanced_folds(&products, n_folds, seed);
        }
        let mut strata: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, review) in self.reviews.iter().enumerate() {
            strata.entry(&review.stratum).or_default().push(i);
        }
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut folds = vec![0; self.reviews.len()];
        let mut place = 0;
        for mut members in strata.into_values() {
            members.shuffle(&mut rng);
            for i in members {
                folds[i] = place % n_folds;
                place += 1;
            }
        }
        folds
    }

    /// Whether texts have no spaces between words.
    pub fn is_chinese(&self) -> bool {
        self.kind == ReviewsData::Chinese
    }
}

impl From<ClothingRow> for LabReview {
    fn from(row: ClothingRow) -> Self {
        Self {
            title: row.title,
            text: row.text,
            stars: Some(row.stars),
            is_positive: row.recommended == 1,
            product: row.product,
            stratum: String::new(),
        }
    }
}

impl ChineseRow {
    fn numbered(self, product: u32) -> LabReview {
        LabReview {
            title: String::new(),
            text: self.review,
            stars: None,
            is_positive: self.label == 1,
            product,
            stratum: format!("{} {}", self.cat, self.label),
        }
    }
}
