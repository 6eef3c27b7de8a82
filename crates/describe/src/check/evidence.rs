//! The texts of the sources, scanned.

use std::collections::BTreeSet;

use crate::scan::{Scan, WordSet};
use crate::sources::{FactSource, ListingSources, VARIANTS_READ_MAX, clipped};
use crate::text::Reading;
use crate::words::compared;

/// One text of a source.
#[derive(Debug)]
pub(super) struct EvidenceText {
    pub source: FactSource,
    pub scan: Scan,
    /// The text as it is compared with quotations.
    pub compared: String,
    /// Whether the picture shows it, and nothing more is known.
    pub is_picture: bool,
}

/// All that may support a claim.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(super) texts: Vec<EvidenceText>,
    /// Review sentences as they are compared, with their places.
    pub(super) reviews: Vec<(FactSource, String)>,
    words: WordSet,
}

impl Evidence {
    /// Scans the sources; those of siblings are none.
    pub(crate) fn new(sources: &ListingSources<'_>) -> Self {
        let mut out = Self { texts: Vec::new(), reviews: Vec::new(), words: WordSet::new() };
        out.add(FactSource::Title, sources.title);
        out.add(FactSource::Brand, sources.brand);
        for (name, value) in sources.known_attributes() {
            out.add(FactSource::Attribute(name.to_owned()), &format!("{name}: {value}"));
        }
        for variant in sources.variants.iter().take(VARIANTS_READ_MAX) {
            // The words make a size of "M".
            out.add(FactSource::Variant, &format!("Size {}", clipped(variant.size)));
            out.add(FactSource::Variant, variant.colour);
        }
        out.count(sources);
        for (source, text) in
            [(FactSource::Category, sources.category), (FactSource::Department, sources.department)]
        {
            // A group of several things does not say which of them this is.
            match is_group(text) {
                true => out.words.extend(Scan::new(clipped(text), None).words()),
                false => out.add(source, text),
            }
        }
        out.add(FactSource::CurrentDescription, sources.description);
        for label in sources.sure_labels() {
            out.add(FactSource::PictureLabel(label.to_owned()), label);
        }
        let reviews = sources.known_reviews();
        out.reviews = reviews
            .map(|(at, review)| (FactSource::Review(at), compared(&Reading::new(review).text)))
            .filter(|(_, review)| !review.is_empty())
            .collect();
        out
    }

    /// How many colours and sizes there are is a fact, too.
    fn count(&mut self, sources: &ListingSources<'_>) {
        let variants = || sources.variants.iter().take(VARIANTS_READ_MAX);
        let colours: BTreeSet<String> =
            variants().map(|variant| compared(variant.colour)).collect();
        let sizes: BTreeSet<String> = variants().map(|variant| compared(variant.size)).collect();
        for (values, what) in [(colours, "colours"), (sizes, "sizes")] {
            let n = values.iter().filter(|value| !value.is_empty()).count();
            if n > 1 {
                self.add(FactSource::Variant, &format!("{n} {what}"));
            }
        }
    }

    fn add(&mut self, source: FactSource, text: &str) {
        let text = clipped(text);
        if text.trim().is_empty() {
            return;
        }
        let scan = Scan::new(text, None);
        let is_picture = matches!(source, FactSource::PictureLabel(_));
        self.words.extend(scan.words());
        let compared = compared(&scan.text.reading.text);
        self.texts.push(EvidenceText { source, scan, compared, is_picture });
    }

    /// Words of all sources but reviews.
    pub(crate) fn words(&self) -> &WordSet {
        &self.words
    }
}

/// Whether a category names several things: "Leather & suede".
fn is_group(text: &str) -> bool {
    text.contains(['&', ',', '/', '+', '、', '，', '；'])
        || [" and ", " und ", "和", "与"].iter().any(|and| text.contains(and))
}
