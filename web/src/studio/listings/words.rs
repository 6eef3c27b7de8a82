//! Needs, sources and claims, in words.

use vitrine_studio_api::{ClaimTopic, FactOrigin, LackingPart, NoDraftReason, StatedFact};
use vitrine_words::studio::t;

/// Something that a product lacks.
pub fn need_words(need: &LackingPart) -> String {
    match need {
        LackingPart::NoDescription => t!("lacks.description").to_owned(),
        LackingPart::ShortDescription { n_letters } => t!("lacks.short", n = n_letters),
        LackingPart::UnreadableTitle => t!("lacks.title").to_owned(),
        LackingPart::RepeatedTitle => t!("lacks.repeated").to_owned(),
        LackingPart::MissingAttribute { name } => t!("lacks.attribute", name = name),
        LackingPart::Other => t!("lacks.unknown").to_owned(),
    }
}

/// Why there is no draft.
pub fn undrafted_words(reason: Option<NoDraftReason>) -> &'static str {
    match reason {
        Some(NoDraftReason::NothingKnown) => t!("undrafted.nothing"),
        Some(NoDraftReason::OnlyTitleKnown) => t!("undrafted.only_title"),
        Some(NoDraftReason::NothingSayable) => t!("undrafted.unsayable"),
        Some(NoDraftReason::Other) | None => t!("undrafted.unknown"),
    }
}

/// Where a fact is from.
pub fn origin_words(fact: &StatedFact) -> String {
    let words = match fact.kind {
        FactOrigin::Title => t!("fact_from.title"),
        FactOrigin::Brand => t!("fact_from.brand"),
        FactOrigin::Category => t!("fact_from.category"),
        FactOrigin::Department => t!("fact_from.department"),
        FactOrigin::Attribute => return t!("fact_from.attribute", name = fact.name),
        FactOrigin::Variant => t!("fact_from.variant"),
        FactOrigin::Review => t!("fact_from.review"),
        FactOrigin::Picture => return t!("fact_from.picture", name = fact.name),
        FactOrigin::Description => t!("fact_from.description"),
        FactOrigin::Other => t!("fact_from.unknown"),
    };
    words.to_owned()
}

/// What a claim is about.
pub fn topic_words(topic: ClaimTopic) -> &'static str {
    match topic {
        ClaimTopic::Number => t!("topic.number"),
        ClaimTopic::Material => t!("topic.material"),
        ClaimTopic::Colour => t!("topic.colour"),
        ClaimTopic::Size => t!("topic.size"),
        ClaimTopic::Certification => t!("topic.certification"),
        ClaimTopic::Property => t!("topic.property"),
        ClaimTopic::Health => t!("topic.health"),
        ClaimTopic::Superlative => t!("topic.superlative"),
        ClaimTopic::Origin => t!("topic.origin"),
        ClaimTopic::Name => t!("topic.name"),
        ClaimTopic::Promise => t!("topic.promise"),
        ClaimTopic::Testimonial => t!("topic.testimonial"),
        ClaimTopic::Unreadable => t!("topic.unreadable"),
        ClaimTopic::Other => t!("topic.unknown"),
    }
}
