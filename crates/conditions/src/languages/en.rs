//! English.

use super::Bound::{Above, AtLeast, AtMost, Below};
use super::{Language, Sure, TextRules};

pub(super) const LANGUAGE: Language = Language {
    before_amount: &[
        (AtMost, false, &["not more than", "no more than", "up to", "at most"]),
        (AtLeast, false, &["not less than", "no less than", "at least"]),
        (Below, true, &["cheaper than"]),
        (Below, false, &["less than", "lower than", "under", "below"]),
        (Above, false, &["more than", "higher than", "over", "above"]),
    ],
    after_amount: &[
        (AtMost, false, &["or less", "or under", "or below"]),
        (AtMost, true, &["or cheaper"]),
        (AtLeast, false, &["or more", "or over", "or above", "and up"]),
    ],
    price_words: &["price", "prices", "priced", "cost", "costs", "costing"],
    between: &["between"],
    from: &["from", "at"],
    range_links: &["to"],
    between_links: &["and"],
    range_ends: &[],
    currencies: &[
        (&["USD", "CAD", "AUD", "NZD", "MXN"], &["dollar", "dollars", "bucks"]),
        (&["EUR"], &["euro", "euros"]),
        (&["GBP"], &["quid"]),
        (&["JPY", "CNY"], &["yen", "yuan"]),
    ],
    magnitudes: &[],
    brand_negations: &[
        "anything but",
        "but not",
        "not from",
        "not by",
        "other than",
        "except for",
        "except",
        "excluding",
        "without",
        "not",
        "non",
    ],
    links: &["or", "and", "nor"],
    fillers_before: &["for", "at", "and", "but", "with"],
    fillers_after: &[],
    free_before: &[
        (
            Sure::Names,
            &[
                "anything but",
                "but not",
                "not from",
                "other than",
                "free from",
                "allergic to",
                "intolerant to",
                "zero",
                "except",
                "excluding",
                "minus",
                "not",
                "non",
            ],
        ),
        (Sure::Words, &["free of"]),
        // "w/o".
        (Sure::Phrases, &["without", "w o", "no"]),
    ],
    articles: &["any", "a", "an", "the"],
    not_without: &[
        "a", "an", "and", "any", "brand", "but", "for", "from", "in", "is", "less", "longer",
        "matter", "more", "name", "of", "on", "one", "or", "than", "the", "time", "to", "with",
    ],
    free_after: &["free"],
    absent_after_names: &[
        "allergy",
        "allergies",
        "allergic",
        "intolerance",
        "intolerant",
        "sensitivity",
    ],
    free_endings: &["free"],
    free_words: &[
        ("decaf", "caffeine"),
        ("decaffeinated", "caffeine"),
        ("nonalcoholic", "alcohol"),
        ("nondairy", "dairy"),
        ("nonfat", "fat"),
        ("unsalted", "salt"),
        ("unscented", "fragrance"),
        ("unsweetened", "added sugar"),
        ("unperfumed", "fragrance"),
        // Not that it is free of milk or eggs for whom traces of them are a danger.
        ("vegan", "animal product"),
        ("vegetarian", "meat or fish"),
    ],
    claims_before: &["free of", "free from", "without", "zero", "non", "no", "0"],
    claims_links: &["or", "nor"],
    negations: &["not", "non", "never", "isnt", "arent"],
    containing: &["contain", "contains", "containing", "traces", "trace"],
    list_ends: &["no", "free", "without", "but", "not", "zero"],
    // Those of the table itself.
    substances: &[],
};

pub(super) const TEXTS: TextRules = TextRules {
    code: "en",
    stemmer: "English",
    stop_words: &["and", "by", "for", "from", "of", "or", "the", "to", "with", "your"],
    // What is weighed and measured with them stays so.
    drops_stop_words: false,
    digraphs: &[],
    no_digraph_after: "",
};
