//! Which source says what a text says.

use std::ops::Range;

use super::evidence::{Evidence, EvidenceText};
use crate::scan::{ClaimKey, Mention, NumberUnit, Polarity, Scan};
use crate::sources::FactSource;
use crate::text::TokenKind;
use crate::vocabulary::{ConceptKind, VOCABULARY, WordList};

/// A share that is the whole.
const WHOLE_PERCENT: f64 = 100.0;

impl Evidence {
    /// The first source that says the same or more.
    pub(super) fn supports(
        &self,
        scan: &Scan,
        mention: &Mention,
        quoted: &[Range<usize>],
    ) -> Option<&FactSource> {
        let quoted = self.quoted_behind(scan, mention, quoted);
        if mention.kind == ConceptKind::Testimonial && quoted.is_some() {
            return quoted;
        }
        if mention.kind == ConceptKind::Name {
            return self.names(mention);
        }
        let is_of_picture = speaks_of_picture(scan, mention.tokens.start);
        let texts = self.texts.iter().filter(|text| is_of_picture || !text.is_picture);
        let found = texts.filter(|text| text.says(mention)).map(|text| &text.source).next();
        found.or_else(|| self.is_whole(mention))
    }

    /// "Buyers say: “…”" is supported by the quotation behind it.
    fn quoted_behind(
        &self,
        scan: &Scan,
        mention: &Mention,
        quoted: &[Range<usize>],
    ) -> Option<&FactSource> {
        let next = quoted.iter().find(|range| range.start >= mention.span.end)?;
        let between = &scan.text.reading.text[mention.span.end..next.start];
        let is_only_marks = between.chars().all(|c| !c.is_alphanumeric());
        let text = crate::words::compared(&scan.text.reading.text[next.clone()]);
        let review = self.reviews.iter().find(|(_, review)| *review == text);
        review.filter(|_| is_only_marks).map(|(source, _)| source)
    }

    /// A name is supported where its words stand in a source.
    fn names(&self, mention: &Mention) -> Option<&FactSource> {
        let ClaimKey::Word(name) = mention.keys.first()? else { return None };
        let name = format!(" {name} ");
        let has = |text: &&EvidenceText| format!(" {} ", text.compared).contains(&name);
        self.texts.iter().filter(|text| !text.is_picture).find(has).map(|text| &text.source)
    }

    /// "Pure cotton" is "100 % cotton".
    fn is_whole(&self, mention: &Mention) -> Option<&FactSource> {
        let pure = VOCABULARY.concept("pure").map(ClaimKey::Concept)?;
        let is_pure = mention.keys == [pure] && mention.polarity == Polarity::Affirmed;
        let is_whole = |text: &&EvidenceText| {
            text.scan.numbers.iter().any(|number| {
                number.unit == NumberUnit::Percent
                    && number.value == WHOLE_PERCENT
                    && !number.materials.is_empty()
            })
        };
        self.texts.iter().filter(|_| is_pure).find(is_whole).map(|text| &text.source)
    }
}

impl EvidenceText {
    fn says(&self, claim: &Mention) -> bool {
        self.scan.mentions.iter().any(|own| {
            own.polarity == claim.polarity
                && own.keys.iter().any(|own| {
                    claim.keys.iter().any(|claimed| follows(own, claimed, claim.polarity))
                })
                && !is_only_supposed(&self.scan, own.tokens.start)
        })
    }
}

/// Whether a claim follows from what a source says. What is no metal is no steel; what is steel is
/// metal.
fn follows(own: &ClaimKey, claimed: &ClaimKey, polarity: Polarity) -> bool {
    match (own, claimed) {
        (ClaimKey::Concept(own), ClaimKey::Concept(claimed)) => match polarity {
            Polarity::Denied => VOCABULARY.implies(*claimed, *own),
            Polarity::Affirmed | Polarity::Purpose => VOCABULARY.implies(*own, *claimed),
        },
        (ClaimKey::Word(own), ClaimKey::Word(claimed)) => own == claimed,
        _ => false,
    }
}

/// Whether the sentence of a token asks or supposes: "Is it waterproof?", "sold separately".
fn is_only_supposed(scan: &Scan, at: usize) -> bool {
    let text = &scan.text;
    let sentence = text.sentences[at];
    let conditional = VOCABULARY.list(WordList::Conditional);
    let of_sentence = (0..text.tokens.len()).filter(|at| text.sentences[*at] == sentence);
    of_sentence.into_iter().any(|at| {
        let token = &text.tokens[at];
        let is_question =
            token.kind == TokenKind::Sentence && matches!(token.word.as_str(), "?" | "？");
        is_question || conditional.length_at(&text.reading.text, &text.tokens, at).is_some()
    })
}

/// Whether a sentence is about the picture.
fn speaks_of_picture(scan: &Scan, at: usize) -> bool {
    let text = &scan.text;
    let words = VOCABULARY.list(WordList::PictureWords);
    let sentence = text.sentences[at];
    let before = (0..=at).filter(|at| text.sentences[*at] == sentence);
    before.into_iter().any(|at| words.length_at(&text.reading.text, &text.tokens, at).is_some())
}
