//! Languages of listings.

/// A language that drafts are written in and texts are checked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListingLanguage {
    /// English.
    English,
    /// German.
    German,
    /// Chinese, in simplified characters.
    Chinese,
}

impl ListingLanguage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Chinese];

    /// The language of a tag such as "de" or "de-AT".
    ///
    /// ```
    /// use vitrine_describe::ListingLanguage;
    ///
    /// assert_eq!(ListingLanguage::of_tag("de-AT"), Some(ListingLanguage::German));
    /// assert_eq!(ListingLanguage::of_tag("fr"), None);
    /// ```
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }
}
