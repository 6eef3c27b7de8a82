//! What reviews tell the shop's own people: a file of the catalogue's folder, which the Studio shows.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use vitrine_domain::ItemId;
use vitrine_quality::ReviewedProducts;
use vitrine_reviews::{
    BlamedAspect, DropFigure, DropSubject, ReviewDrop, ReviewSurvey, SurveyedProduct,
};
use vitrine_studio_api::{
    BlamedProduct, DroppedFigure, DroppedSubject, ReviewReport, SuddenDrop, WorstAspect,
};

use crate::catalogue::REVIEW_REPORT_FILE;

/// Most blamed aspects, and most drops, that are told.
const TOLD_MAX: usize = 200;

/// Collects the report, product by product.
pub(super) struct ReviewReporter<'a> {
    survey: ReviewSurvey,
    products: &'a dyn ReviewedProducts,
    /// The cards that products are numbered by.
    items: &'a [ItemId],
    categories: Vec<&'a str>,
    number_of: HashMap<&'a str, u32>,
    report: ReviewReport,
}

impl<'a> ReviewReporter<'a> {
    /// Of cards, with the newest day on which any review was written.
    pub fn new(
        products: &'a dyn ReviewedProducts,
        items: &'a [ItemId],
        last_day: Option<i64>,
    ) -> Self {
        Self {
            survey: ReviewSurvey::new(last_day),
            products,
            items,
            categories: Vec::new(),
            number_of: HashMap::new(),
            report: ReviewReport::default(),
        }
    }

    /// Number of a product's category.
    pub fn category(&mut self, product: u32) -> u32 {
        let item = self.items.get(product as usize).and_then(|id| self.products.card(*id));
        let name = item.map_or("", |item| item.category.as_str());
        let next = self.categories.len() as u32;
        let number = *self.number_of.entry(name).or_insert(next);
        if number == next {
            self.categories.push(name);
        }
        number
    }

    pub fn add(&mut self, product: &SurveyedProduct<'_>) {
        self.report.n_reviews += product.reviews.len() as u32;
        self.report.n_dated +=
            product.reviews.iter().filter(|review| review.day.is_some()).count() as u32;
        self.survey.add(product);
    }

    /// Writes the report into a catalogue's folder.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn save(mut self, dir: &Path) -> Result<()> {
        let survey = std::mem::replace(&mut self.survey, ReviewSurvey::new(None)).finish();
        self.report.recent_days = survey.recent_days;
        self.report.worst =
            survey.worst.into_iter().take(TOLD_MAX).map(|one| self.worst(one)).collect();
        self.report.drops =
            survey.drops.into_iter().take(TOLD_MAX).map(|one| self.drop(one)).collect();
        if !self.report.drops.is_empty() {
            tracing::warn!(
                n = self.report.drops.len(),
                "products or categories are reviewed worse than before: see the Studio, or {}",
                REVIEW_REPORT_FILE
            );
        }
        let json = serde_json::to_vec_pretty(&self.report)?;
        Ok(vitrine_durable::write(&dir.join(REVIEW_REPORT_FILE), &json)?)
    }

    fn card(&self, product: u32) -> (ItemId, String) {
        let id = self.items.get(product as usize).copied().unwrap_or_default();
        let title = self.products.card(id).map(|item| item.title.clone());
        (id, title.unwrap_or_default())
    }

    fn category_name(&self, category: u32) -> String {
        self.categories.get(category as usize).map_or_else(String::new, ToString::to_string)
    }

    fn worst(&self, blamed: BlamedAspect) -> WorstAspect {
        let products = blamed.products.iter().map(|one| {
            let (id, title) = self.card(one.product);
            BlamedProduct { id, title, n_blaming: one.n_blaming }
        });
        WorstAspect {
            category: self.category_name(blamed.category),
            aspect: blamed.aspect.name().to_owned(),
            n_reviews: blamed.n_reviews,
            n_blaming: blamed.n_blaming,
            share_at_least: blamed.share_at_least as f32,
            products: products.collect(),
            quotes: blamed.quotes,
        }
    }

    fn drop(&self, drop: ReviewDrop) -> SuddenDrop {
        let subject = match drop.subject {
            DropSubject::Product(product) => {
                let (id, title) = self.card(product);
                DroppedSubject::Product(id, title)
            }
            DropSubject::Category(category) => {
                DroppedSubject::Category(self.category_name(category))
            }
        };
        let figure = match drop.figure {
            DropFigure::Stars => DroppedFigure::Stars,
            DropFigure::Blame(aspect) => DroppedFigure::Blame(aspect.name().to_owned()),
        };
        SuddenDrop {
            subject,
            figure,
            before: drop.before as f32,
            recent: drop.recent as f32,
            n_before: drop.n_before,
            n_recent: drop.n_recent,
            chance: drop.chance,
        }
    }
}
