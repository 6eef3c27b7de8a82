//! Review sentences that may be quoted.

use super::facts::has_order;
use super::{DraftFragment, QUOTED_REVIEWS_MAX, QUOTED_REVIEWS_MIN};
use crate::scan::Scan;
use crate::sources::{FactSource, ListingSources};
use crate::text::{cleaned, is_quotation_mark};
use crate::vocabulary::ConceptKind;
use crate::words::compared;

/// Shortest quotation, in bytes: one of Chinese has fewer characters.
const QUOTED_BYTES_MIN: usize = 15;
/// Longest quotation, in characters.
const QUOTED_CHARS_MAX: usize = 160;

/// The first that can be quoted, word for word; none where there are few reviews. A shop would
/// answer for what a quotation says of health, prices, tests and other brands, so such are left out.
pub(super) fn quoted(sources: &ListingSources<'_>) -> Vec<DraftFragment> {
    if sources.reviews.len() < QUOTED_REVIEWS_MIN {
        return Vec::new();
    }
    let mut found: Vec<DraftFragment> = Vec::new();
    for (at, review) in sources.known_reviews() {
        let text = cleaned(review);
        let is_new = !found.iter().any(|found| compared(&found.text) == compared(&text));
        if is_new && is_quotable(&text) {
            found.push(DraftFragment::of(&text, &FactSource::Review(at)));
        }
        if found.len() == QUOTED_REVIEWS_MAX {
            break;
        }
    }
    found
}

fn is_quotable(text: &str) -> bool {
    let has_address = ["http", "www.", "@", "<", ">"].iter().any(|mark| text.contains(mark));
    let is_long_enough = text.len() >= QUOTED_BYTES_MIN && text.chars().count() <= QUOTED_CHARS_MAX;
    let is_delicate = |kind: ConceptKind| {
        use ConceptKind::{Certification, Health, Name, Order, Promise, Testimonial};
        matches!(kind, Certification | Health | Name | Order | Promise | Testimonial)
    };
    is_long_enough
        && !has_address
        && !text.contains(is_quotation_mark)
        && !has_order(text)
        && !Scan::new(text, None).mentions.iter().any(|mention| is_delicate(mention.kind))
}
