//! Lists of words that steer the reading. What they are for is said in `vocabulary/en.txt`.

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum WordList {
    Negators,
    Free,
    FreeAfter,
    FreeNames,
    Contrasts,
    Joins,
    Purpose,
    Conditional,
    Yes,
    No,
    Placeholders,
    SizeWords,
    PictureWords,
    CapitalsAllowed,
    ProofEndings,
    ProofStarts,
    SuperlativeStarts,
    NotSuperlative,
    SkippedAttributes,
    MaterialNames,
    ColourNames,
    SizeNames,
    SmallWords,
    QuestionNames,
    ClaimStarts,
}

impl WordList {
    /// The list that a file calls so.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "negators" => Self::Negators,
            "free" => Self::Free,
            "free_after" => Self::FreeAfter,
            "free_names" => Self::FreeNames,
            "contrasts" => Self::Contrasts,
            "joins" => Self::Joins,
            "purpose" => Self::Purpose,
            "conditional" => Self::Conditional,
            "yes" => Self::Yes,
            "no" => Self::No,
            "placeholders" => Self::Placeholders,
            "size_words" => Self::SizeWords,
            "picture_words" => Self::PictureWords,
            "capitals_allowed" => Self::CapitalsAllowed,
            "proof_endings" => Self::ProofEndings,
            "proof_starts" => Self::ProofStarts,
            "superlative_starts" => Self::SuperlativeStarts,
            "not_superlative" => Self::NotSuperlative,
            "skipped_attributes" => Self::SkippedAttributes,
            "material_names" => Self::MaterialNames,
            "colour_names" => Self::ColourNames,
            "size_names" => Self::SizeNames,
            "small_words" => Self::SmallWords,
            "question_names" => Self::QuestionNames,
            "claim_starts" => Self::ClaimStarts,
            _ => return None,
        })
    }
}
