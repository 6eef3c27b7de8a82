//! Quotations: word for word, or not at all.

use std::ops::Range;

use super::{Findings, ListingClaimKind};
use crate::check::Evidence;
use crate::text::quotations;
use crate::words::compared;

/// Words of a quotation that quotes nobody: a “smart” choice.
const SINGLE_WORDS_MAX: usize = 3;
/// The same in characters of a script without spaces.
const SINGLE_CHARACTERS_MAX: usize = 6;

impl Findings<'_> {
    /// Adds the quotations of a text; gives those that a review supports, as bytes of the text as
    /// it is read. What is in them is what a buyer says.
    pub(super) fn quotations(&mut self, evidence: &Evidence) -> Vec<Range<usize>> {
        let scan = self.scan;
        let text = &scan.text.reading.text;
        let mut of_reviews = Vec::new();
        for inner in quotations(text) {
            let words = compared(&text[inner.clone()]);
            if let Some((source, _)) = evidence.reviews.iter().find(|(_, review)| *review == words)
            {
                self.add(&inner, ListingClaimKind::Testimonial, Some(source));
                of_reviews.push(inner);
                continue;
            }
            let padded = format!(" {words} ");
            let is_of_source =
                evidence.texts.iter().any(|text| format!(" {} ", text.compared).contains(&padded));
            let is_unspaced = words.contains(vitrine_domain::script::is_unspaced);
            let n_max = if is_unspaced { SINGLE_CHARACTERS_MAX } else { SINGLE_WORDS_MAX };
            if !is_of_source && words.split(' ').count() > n_max {
                self.add(&inner, ListingClaimKind::Testimonial, None);
            }
        }
        of_reviews
    }
}
