//! Whether a text says only what the sources say.

mod evidence;
mod numbers;
mod quotations;
mod support;

use std::ops::Range;

use crate::language::ListingLanguage;
use crate::scan::{NameMention, Scan, names};
use crate::sources::{FactSource, ListingSources};
use crate::vocabulary::ConceptKind;

pub(crate) use evidence::Evidence;

/// Most bytes of a text that are checked. What is behind them is unsupported.
pub const CHECKED_BYTES_MAX: usize = 32 * 1024;

/// What kind of claim a text makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListingClaimKind {
    /// A number, a measure, a share or a code with digits.
    Number,
    /// A material or something that is in the product.
    Material,
    /// A colour.
    Colour,
    /// A size of clothes.
    Size,
    /// A mark, a test, an award, "organic".
    Certification,
    /// What the product is or does: "waterproof", "vegan", "free of …".
    Property,
    /// What it does to the health of people.
    Health,
    /// "The best", "unique".
    Superlative,
    /// Where it or something of it comes from.
    Origin,
    /// A brand or another proper name.
    Name,
    /// Price, warranty, delivery, return.
    Promise,
    /// What buyers or experts are said to think, and quotations of nobody.
    Testimonial,
    /// What can't be read: letters of other scripts, or text behind [`CHECKED_BYTES_MAX`].
    Unreadable,
}

/// A claim that no source supports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedClaim {
    /// Bytes of the checked text.
    pub span: Range<usize>,
    /// The words.
    pub text: String,
    /// What kind of claim it is.
    pub kind: ListingClaimKind,
}

/// A claim with the source that supports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportedClaim {
    /// Bytes of the checked text.
    pub span: Range<usize>,
    /// The first source that supports it.
    pub source: FactSource,
}

/// What is claimed in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingCheck {
    /// Claims without a source, in their order.
    pub unsupported: Vec<UnsupportedClaim>,
    /// Claims with a source, in their order.
    pub supported: Vec<SupportedClaim>,
}

impl ListingCheck {
    /// Whether each claim that was found has a source.
    pub fn is_supported(&self) -> bool {
        self.unsupported.is_empty()
    }
}

/// Compares what a title or a description says with what is known of a product, whoever wrote it.
///
/// ```
/// use vitrine_describe::{ListingClaimKind, ListingLanguage, ListingSources, check_listing};
///
/// let attributes = [("Weight".to_owned(), "1.8 kg".to_owned())];
/// let sources = ListingSources { title: "Backpack", attributes: &attributes, ..Default::default() };
/// let check = |text| check_listing(text, &sources, ListingLanguage::English);
///
/// assert!(check("A backpack that weighs 1800 g.").is_supported());
/// let invented = check("A waterproof backpack.");
/// assert_eq!(invented.unsupported[0].text, "waterproof");
/// assert_eq!(invented.unsupported[0].kind, ListingClaimKind::Property);
/// ```
pub fn check_listing(
    text: &str,
    sources: &ListingSources<'_>,
    language: ListingLanguage,
) -> ListingCheck {
    check_with(&Evidence::new(sources), text, language)
}

/// Checks a text against evidence that is there already.
pub(crate) fn check_with(
    evidence: &Evidence,
    text: &str,
    language: ListingLanguage,
) -> ListingCheck {
    let end = text.floor_char_boundary(CHECKED_BYTES_MAX);
    let scan = Scan::new(&text[..end], Some(language));
    let mut found = Findings { text, scan: &scan, check: ListingCheck::default() };
    let quoted = found.quotations(evidence);
    let is_quoted = |span: &Range<usize>| {
        quoted.iter().any(|range| range.start <= span.start && span.end <= range.end)
    };
    for mention in scan.mentions.iter().filter(|mention| !is_quoted(&mention.span)) {
        let source = evidence.supports(&scan, mention, &quoted);
        found.add(&mention.span, kind_of(mention.kind), source);
    }
    for number in scan.numbers.iter().filter(|number| !is_quoted(&number.span)) {
        found.add(&number.span, ListingClaimKind::Number, evidence.supports_number(number));
    }
    for (span, code) in scan.codes.iter().filter(|(span, _)| !is_quoted(span)) {
        found.add(span, ListingClaimKind::Number, evidence.supports_code(code));
    }
    for NameMention { span, is_foreign } in names(&scan.text, evidence.words()) {
        let is_claimed = scan
            .mentions
            .iter()
            .any(|mention| mention.span.start <= span.start && span.end <= mention.span.end);
        if !is_quoted(&span) && !is_claimed {
            let kind = match is_foreign {
                true => ListingClaimKind::Unreadable,
                false => ListingClaimKind::Name,
            };
            found.add(&span, kind, None);
        }
    }
    let mut check = found.check;
    if end < text.len() {
        check.unsupported.push(unsupported(text, end..text.len(), ListingClaimKind::Unreadable));
    }
    check.unsupported.sort_by_key(|claim| (claim.span.start, claim.span.end, claim.kind));
    check.supported.sort_by_key(|claim| (claim.span.start, claim.span.end));
    check
}

/// Claims of a text on the way into a check.
struct Findings<'a> {
    text: &'a str,
    scan: &'a Scan,
    check: ListingCheck,
}

impl Findings<'_> {
    /// Adds a claim of the text as it is read.
    fn add(&mut self, span: &Range<usize>, kind: ListingClaimKind, source: Option<&FactSource>) {
        let span = self.scan.text.reading.origin(span.clone());
        match source {
            Some(source) => {
                self.check.supported.push(SupportedClaim { span, source: source.clone() });
            }
            None => self.check.unsupported.push(unsupported(self.text, span, kind)),
        }
    }
}

fn unsupported(text: &str, span: Range<usize>, kind: ListingClaimKind) -> UnsupportedClaim {
    UnsupportedClaim { text: text[span.clone()].to_owned(), span, kind }
}

fn kind_of(kind: ConceptKind) -> ListingClaimKind {
    match kind {
        ConceptKind::Material | ConceptKind::Substance => ListingClaimKind::Material,
        ConceptKind::Colour => ListingClaimKind::Colour,
        ConceptKind::Size => ListingClaimKind::Size,
        ConceptKind::Certification => ListingClaimKind::Certification,
        ConceptKind::Health => ListingClaimKind::Health,
        ConceptKind::Superlative => ListingClaimKind::Superlative,
        ConceptKind::Origin => ListingClaimKind::Origin,
        ConceptKind::Promise => ListingClaimKind::Promise,
        ConceptKind::Testimonial => ListingClaimKind::Testimonial,
        ConceptKind::Name => ListingClaimKind::Name,
        ConceptKind::Measured | ConceptKind::Counted => ListingClaimKind::Number,
        ConceptKind::Property | ConceptKind::Order => ListingClaimKind::Property,
    }
}
