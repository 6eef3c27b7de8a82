//! What was read, found and drafted, as the Studio is told it.

use vitrine_describe::{
    DraftFragment, DraftRefusal, FactSource, ListingCheck, ListingClaimKind, ListingDraft,
    ListingLanguage, ListingNeed, check_listing, draft, listing_needs_among,
};
use vitrine_studio_api::{
    BackedClaim, CheckedTexts, ClaimTopic, FactOrigin, LackingPart, NoDraftReason, OpenClaim,
    PoorListing, PresentTexts, ProposedTexts, SourcedPiece, StatedFact, VersionedText,
    WrittenField,
};

use super::index::ListingIndex;
use super::sources::CardSources;

/// Characters of what a source says that are told.
const SAID_CHARS_MAX: usize = 200;
/// Hexadecimal digits of a version: 64 bits tell texts of one product apart.
const VERSION_DIGITS: usize = 16;

/// A card with its needs and a draft; `None` when it lacks nothing any more.
pub fn poor_listing(card: &CardSources, index: &ListingIndex) -> Option<PoorListing> {
    let knowledge = index.knowledge(card);
    let needs = card.read(|sources| listing_needs_among(sources, &knowledge.attributes));
    if needs.is_empty() {
        return None;
    }
    let drafted = card.read(|sources| draft(sources, &knowledge.patterns, index.language));
    let (drafted, no_draft) = match drafted {
        Ok(draft) => (Some(proposed(&draft, card)), None),
        Err(refusal) => (None, Some(reason(refusal))),
    };
    let named = [card.department.as_str(), card.category.as_str()];
    let named: Vec<&str> = named.into_iter().filter(|name| !name.is_empty()).collect();
    Some(PoorListing {
        item: card.id,
        category: named.join(" › "),
        n_buyers: card.n_buyers,
        n_variants: card.n_variants,
        present: present(card),
        needs: needs.into_iter().map(lacking).collect(),
        draft: drafted,
        no_draft,
    })
}

/// A card's texts with their versions.
pub fn present(card: &CardSources) -> PresentTexts {
    let versioned = |text: &str| {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let version = hash.as_str().get(..VERSION_DIGITS).unwrap_or_default().to_owned();
        VersionedText { text: text.to_owned(), version }
    };
    PresentTexts { title: versioned(&card.title), description: versioned(&card.description) }
}

/// What a title and a description claim, those that are given.
pub fn checked(
    card: &CardSources,
    language: ListingLanguage,
    (title, description): (Option<&str>, Option<&str>),
) -> CheckedTexts {
    let mut out = CheckedTexts::default();
    let texts = [(WrittenField::Title, title), (WrittenField::Description, description)];
    card.read(|sources| {
        for (field, text) in texts {
            let Some(text) = text else { continue };
            let ListingCheck { unsupported, supported } = check_listing(text, sources, language);
            out.unsupported.extend(unsupported.into_iter().map(|claim| OpenClaim {
                field,
                kind: topic(claim.kind),
                text: claim.text,
                start: claim.span.start,
                end: claim.span.end,
            }));
            out.supported.extend(supported.into_iter().map(|claim| BackedClaim {
                field,
                start: claim.span.start,
                end: claim.span.end,
                source: stated(&claim.source, card),
            }));
        }
    });
    out
}

fn proposed(draft: &ListingDraft, card: &CardSources) -> ProposedTexts {
    let piece = |fragment: &DraftFragment| SourcedPiece {
        text: fragment.text.clone(),
        source: fragment.source.as_ref().map(|source| stated(source, card)),
    };
    let separator = separator(draft);
    let mut description: Vec<SourcedPiece> = Vec::new();
    for (place, sentence) in draft.description.iter().enumerate() {
        if place > 0 && !separator.is_empty() {
            description.push(SourcedPiece { text: separator.clone(), source: None });
        }
        description.extend(sentence.fragments.iter().map(piece));
    }
    ProposedTexts { title: draft.title.iter().map(piece).collect(), description }
}

/// What stands between sentences, which is the language's: what the whole has beside them.
fn separator(draft: &ListingDraft) -> String {
    let sentences: Vec<String> = draft.description.iter().map(|sentence| sentence.text()).collect();
    let whole = draft.description_text();
    let n_bytes: usize = sentences.iter().map(String::len).sum();
    let Some(first) = sentences.first().filter(|_| sentences.len() > 1) else {
        return String::new();
    };
    let between = (whole.len() - n_bytes) / (sentences.len() - 1);
    whole.get(first.len()..first.len() + between).unwrap_or_default().to_owned()
}

fn stated(source: &FactSource, card: &CardSources) -> StatedFact {
    let attribute = |name: &str| {
        let found = card.attributes.iter().find(|(own, _)| own.trim() == name.trim());
        found.map(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    let (kind, name, said) = match source {
        FactSource::Title => (FactOrigin::Title, "", card.title.clone()),
        FactSource::Brand => (FactOrigin::Brand, "", card.brand.clone()),
        FactSource::Category => (FactOrigin::Category, "", card.category.clone()),
        FactSource::Department => (FactOrigin::Department, "", card.department.clone()),
        FactSource::Attribute(name) => (FactOrigin::Attribute, name.as_str(), attribute(name)),
        FactSource::Variant => {
            let sizes: Vec<&str> =
                card.sizes.iter().map(String::as_str).filter(|size| !size.is_empty()).collect();
            (FactOrigin::Variant, "", sizes.join(", "))
        }
        FactSource::Review(at) => {
            (FactOrigin::Review, "", card.reviews.get(*at).cloned().unwrap_or_default())
        }
        FactSource::PictureLabel(label) => (FactOrigin::Picture, label.as_str(), String::new()),
        FactSource::CurrentDescription => (FactOrigin::Description, "", card.description.clone()),
    };
    StatedFact { kind, name: name.to_owned(), said: said.chars().take(SAID_CHARS_MAX).collect() }
}

fn lacking(need: ListingNeed) -> LackingPart {
    match need {
        ListingNeed::NoDescription => LackingPart::NoDescription,
        ListingNeed::ShortDescription { n_letters } => LackingPart::ShortDescription { n_letters },
        ListingNeed::UnreadableTitle => LackingPart::UnreadableTitle,
        ListingNeed::RepeatedTitle => LackingPart::RepeatedTitle,
        ListingNeed::MissingAttribute { name } => LackingPart::MissingAttribute { name },
    }
}

fn reason(refusal: DraftRefusal) -> NoDraftReason {
    match refusal {
        DraftRefusal::NothingKnown => NoDraftReason::NothingKnown,
        DraftRefusal::OnlyTitleKnown => NoDraftReason::OnlyTitleKnown,
        DraftRefusal::NothingSayable => NoDraftReason::NothingSayable,
    }
}

fn topic(kind: ListingClaimKind) -> ClaimTopic {
    match kind {
        ListingClaimKind::Number => ClaimTopic::Number,
        ListingClaimKind::Material => ClaimTopic::Material,
        ListingClaimKind::Colour => ClaimTopic::Colour,
        ListingClaimKind::Size => ClaimTopic::Size,
        ListingClaimKind::Certification => ClaimTopic::Certification,
        ListingClaimKind::Property => ClaimTopic::Property,
        ListingClaimKind::Health => ClaimTopic::Health,
        ListingClaimKind::Superlative => ClaimTopic::Superlative,
        ListingClaimKind::Origin => ClaimTopic::Origin,
        ListingClaimKind::Name => ClaimTopic::Name,
        ListingClaimKind::Promise => ClaimTopic::Promise,
        ListingClaimKind::Testimonial => ClaimTopic::Testimonial,
        ListingClaimKind::Unreadable => ClaimTopic::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_describe::ListingPatterns;

    fn stool() -> CardSources {
        let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        CardSources {
            title: "Stool".to_owned(),
            brand: "Hollow".to_owned(),
            attributes: vec![attribute("Material", "Oak"), attribute("Weight", "2 kg")],
            ..CardSources::default()
        }
    }

    #[test]
    fn pieces_of_a_draft_say_the_draft_and_where_it_is_from() {
        let card = stool();
        for language in ListingLanguage::ALL {
            let patterns = ListingPatterns::default_of(language);
            let draft = card.read(|sources| draft(sources, &patterns, language)).unwrap();
            let proposed = proposed(&draft, &card);
            assert_eq!(proposed.title_text(), draft.title_text());
            assert_eq!(proposed.description_text(), draft.description_text());
            let facts = proposed.description.iter().filter_map(|piece| piece.source.as_ref());
            let said: Vec<&str> = facts.map(|fact| fact.said.as_str()).collect();
            assert!(said.contains(&"Oak") && said.contains(&"2 kg"), "{language:?}: {said:?}");
        }
    }

    #[test]
    fn a_check_tells_the_text_and_the_bytes_of_a_claim() {
        let text = "Waterproof, of oak.";
        let found = checked(&stool(), ListingLanguage::English, (None, Some(text)));
        let [open] = &found.unsupported[..] else { panic!("{found:?}") };
        assert_eq!((open.field, open.kind), (WrittenField::Description, ClaimTopic::Property));
        assert_eq!(&text[open.start..open.end], "Waterproof");
        assert!(found.supported.iter().any(|claim| claim.source.name == "Material"), "{found:?}");
    }

    #[test]
    fn a_version_follows_from_the_text() {
        let other = CardSources { title: "Stool ".to_owned(), ..stool() };
        let (one, other) = (present(&stool()), present(&other));
        assert_ne!(one.title.version, other.title.version);
        assert_eq!(one.description.version, other.description.version);
        assert_eq!(one.title.version.len(), VERSION_DIGITS);
    }
}
