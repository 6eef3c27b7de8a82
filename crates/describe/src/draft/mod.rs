//! Drafts of titles and descriptions, made of facts alone.

mod description;
mod facts;
mod reviews;
mod title;

use crate::check::{Evidence, check_with};
use crate::language::ListingLanguage;
use crate::learned::ListingPatterns;
use crate::sources::{FactSource, ListingSources};
use crate::templates::{Template, template};

/// Reviews that there must be before one is quoted.
pub const QUOTED_REVIEWS_MIN: usize = 5;
/// Most reviews that are quoted.
pub const QUOTED_REVIEWS_MAX: usize = 2;
/// Most facts of one description.
pub const DESCRIPTION_FACTS_MAX: usize = 24;
/// Longest value of an attribute that is written into a draft, in characters.
pub const VALUE_CHARS_MAX: usize = 100;

/// A piece of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFragment {
    /// The words.
    pub text: String,
    /// Where they come from; `None` for words that only connect.
    pub source: Option<FactSource>,
}

/// A sentence of a drafted description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftSentence {
    /// Its pieces, in their order, with all spaces between them.
    pub fragments: Vec<DraftFragment>,
}

/// A title and a description for a person to approve. It is plain text: whoever shows it escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingDraft {
    /// The title's pieces; none where no text names the product.
    pub title: Vec<DraftFragment>,
    /// The description's sentences.
    pub description: Vec<DraftSentence>,
    /// The language that it is written in.
    pub language: ListingLanguage,
}

/// Why there is no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    /// Neither texts nor attributes nor labels say anything.
    #[error("nothing is known of the product")]
    NothingKnown,
    /// The title is all there is.
    #[error("nothing is known of the product but its title")]
    OnlyTitleKnown,
    /// There are texts, and none of them can be said: addresses, orders, contradictions.
    #[error("nothing that is known of the product can be said")]
    NothingSayable,
}

impl DraftFragment {
    /// Words that only connect.
    pub(crate) fn connecting(text: &str) -> Self {
        Self { text: text.to_owned(), source: None }
    }

    /// Words of a source.
    pub(crate) fn of(text: &str, source: &FactSource) -> Self {
        Self { text: text.to_owned(), source: Some(source.clone()) }
    }
}

impl DraftSentence {
    /// The sentence as it is read.
    pub fn text(&self) -> String {
        self.fragments.iter().map(|fragment| fragment.text.as_str()).collect()
    }
}

impl ListingDraft {
    /// The title as it is read.
    pub fn title_text(&self) -> String {
        self.title.iter().map(|fragment| fragment.text.as_str()).collect()
    }

    /// The description as it is read.
    pub fn description_text(&self) -> String {
        joined(&self.description, self.language)
    }
}

fn joined(sentences: &[DraftSentence], language: ListingLanguage) -> String {
    let sentences: Vec<String> = sentences.iter().map(DraftSentence::text).collect();
    sentences.join(template(language, Template::SentenceSeparator))
}

/// Drafts a title and a description. Everything in it passes [`check_listing`](crate::check_listing).
///
/// # Errors
/// Where there is nothing to say.
///
/// ```
/// use vitrine_describe::{ListingLanguage, ListingPatterns, ListingSources, draft};
///
/// let attributes = [("Material".to_owned(), "Oak".to_owned())];
/// let sources = ListingSources {
///     title: "Stool", brand: "Hollow", attributes: &attributes, ..Default::default()
/// };
/// let language = ListingLanguage::English;
/// let draft = draft(&sources, &ListingPatterns::default_of(language), language)?;
/// assert_eq!(draft.title_text(), "Hollow Stool");
/// assert_eq!(draft.description_text(), "Stool by Hollow. Made of oak.");
/// # Ok::<(), vitrine_describe::DraftRefusal>(())
/// ```
pub fn draft(
    sources: &ListingSources<'_>,
    patterns: &ListingPatterns,
    language: ListingLanguage,
) -> Result<ListingDraft, DraftRefusal> {
    let writer = Writer { sources, patterns, language, evidence: Evidence::new(sources) };
    let has_more = writer.knows_more_than_title();
    let has_title = !crate::words::compared(sources.title).is_empty();
    match (has_title, has_more) {
        (false, false) => return Err(DraftRefusal::NothingKnown),
        (true, false) => return Err(DraftRefusal::OnlyTitleKnown),
        (_, true) => {}
    }
    let facts = facts::facts(sources, language);
    let title = title::title(&writer, &facts);
    let description = description::description(&writer, &facts);
    if description.is_empty() {
        return Err(DraftRefusal::NothingSayable);
    }
    Ok(ListingDraft { title, description, language })
}

/// What a draft is written from.
pub(crate) struct Writer<'a> {
    pub sources: &'a ListingSources<'a>,
    pub patterns: &'a ListingPatterns,
    pub language: ListingLanguage,
    evidence: Evidence,
}

impl Writer<'_> {
    /// Whether all that a text claims has a source.
    pub(crate) fn is_supported(&self, text: &str) -> bool {
        check_with(&self.evidence, text, self.language).is_supported()
    }

    fn knows_more_than_title(&self) -> bool {
        let sources = self.sources;
        let texts = [sources.brand, sources.category, sources.department];
        texts.iter().any(|text| !crate::words::compared(text).is_empty())
            || sources.known_attributes().next().is_some()
            || sources.variants.iter().any(|variant| {
                !(variant.size.trim().is_empty() && variant.colour.trim().is_empty())
            })
            || sources.sure_labels().next().is_some()
            || sources.reviews.len() >= QUOTED_REVIEWS_MIN
    }
}
