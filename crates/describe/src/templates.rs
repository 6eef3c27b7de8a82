//! Sentences of drafts, as data: a file a language in `templates/`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::draft::DraftFragment;
use crate::language::ListingLanguage;

const FILES: [(ListingLanguage, &str); 3] = [
    (ListingLanguage::English, include_str!("../templates/en.txt")),
    (ListingLanguage::German, include_str!("../templates/de.txt")),
    (ListingLanguage::Chinese, include_str!("../templates/zh.txt")),
];

/// A sentence, or a piece of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Template {
    BrandAndKind,
    Kind,
    Material,
    Measures,
    Features,
    Detail,
    Details,
    DetailSeparator,
    /// "lower" where names of attributes within a sentence begin with small letters.
    DetailCase,
    Colours,
    Colour,
    Sizes,
    Size,
    Picture,
    Review,
    Reviews,
    Measure,
    ListSeparator,
    ListLast,
    SentenceSeparator,
    TitleSeparator,
    TitlePartSeparator,
}

const NAMES: [(&str, Template); 22] = [
    ("brand_and_kind", Template::BrandAndKind),
    ("kind", Template::Kind),
    ("material", Template::Material),
    ("measures", Template::Measures),
    ("features", Template::Features),
    ("detail", Template::Detail),
    ("details", Template::Details),
    ("detail_separator", Template::DetailSeparator),
    ("detail_case", Template::DetailCase),
    ("colours", Template::Colours),
    ("colour", Template::Colour),
    ("sizes", Template::Sizes),
    ("size", Template::Size),
    ("picture", Template::Picture),
    ("review", Template::Review),
    ("reviews", Template::Reviews),
    ("measure", Template::Measure),
    ("list_separator", Template::ListSeparator),
    ("list_last", Template::ListLast),
    ("sentence_separator", Template::SentenceSeparator),
    ("title_separator", Template::TitleSeparator),
    ("title_part_separator", Template::TitlePartSeparator),
];

static TEXTS: LazyLock<HashMap<(ListingLanguage, Template), &'static str>> = LazyLock::new(|| {
    let lines = FILES.into_iter().flat_map(|(language, file)| {
        file.lines().filter_map(move |line| {
            let (name, text) = line.split_once(": ").filter(|_| !line.starts_with('#'))?;
            let (_, template) = NAMES.iter().find(|(known, _)| *known == name)?;
            let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            Some(((language, *template), quoted.unwrap_or(text)))
        })
    });
    lines.collect()
});

/// The text of a template.
pub(crate) fn template(language: ListingLanguage, template: Template) -> &'static str {
    TEXTS.get(&(language, template)).copied().unwrap_or_default()
}

/// A template with its places filled in. What is filled in is never read as a template.
pub(crate) fn filled(
    language: ListingLanguage,
    which: Template,
    values: &[(&str, Vec<DraftFragment>)],
) -> Vec<DraftFragment> {
    let mut out = Vec::new();
    let mut rest = template(language, which);
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
    {
        out.push(DraftFragment::connecting(before));
        let value = values.iter().find(|(known, _)| *known == name);
        out.extend(value.into_iter().flat_map(|(_, value)| value.clone()));
        rest = after;
    }
    out.push(DraftFragment::connecting(rest));
    out.retain(|fragment| !fragment.text.is_empty());
    out
}

/// A list in words: "a, b and c".
pub(crate) fn listed(
    language: ListingLanguage,
    items: &[Vec<DraftFragment>],
) -> Vec<DraftFragment> {
    let separator = template(language, Template::ListSeparator);
    // "60% cotton, 40% polyester and black" reads wrongly.
    let has_comma = items.iter().flatten().any(|item| item.text.contains([',', '，', '、']));
    let last = if has_comma { separator } else { template(language, Template::ListLast) };
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match at {
            0 => {}
            at if at + 1 == items.len() => out.push(DraftFragment::connecting(last)),
            _ => out.push(DraftFragment::connecting(separator)),
        }
        out.extend(item.iter().cloned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_each_template() {
        for language in ListingLanguage::ALL {
            for (name, which) in NAMES {
                assert!(TEXTS.contains_key(&(language, which)), "{language:?}: {name}");
            }
        }
    }

    #[test]
    fn values_are_no_templates() {
        let value = |text: &str| vec![DraftFragment::connecting(text)];
        let values = [("kind", value("a {brand}")), ("brand", value("b"))];
        let filled = filled(ListingLanguage::English, Template::BrandAndKind, &values);
        let text: String = filled.iter().map(|fragment| fragment.text.as_str()).collect();
        assert_eq!(text, "a {brand} by b.");
    }
}
