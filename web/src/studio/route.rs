//! The Studio's views, in the fragment as the Shop's routes are.

use vitrine_words::studio::t;

/// What of the Studio is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The feed in three orders.
    Feed,
    /// A search in two.
    Search,
    /// Quality and gate.
    Reports,
    /// Products whose texts are poor.
    Listings,
    /// Loss curves.
    Training,
}

impl View {
    /// All, in the order of the navigation.
    pub const ALL: [Self; 5] =
        [Self::Feed, Self::Search, Self::Reports, Self::Listings, Self::Training];

    /// Reads a fragment; what is unknown is the feed.
    pub fn parse(fragment: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.href() == fragment).unwrap_or(Self::Feed)
    }

    /// The link to it.
    pub fn href(self) -> &'static str {
        match self {
            Self::Feed => "#/feed",
            Self::Search => "#/search",
            Self::Reports => "#/reports",
            Self::Listings => "#/listings",
            Self::Training => "#/training",
        }
    }

    /// What it is called in addresses.
    pub fn code(self) -> &'static str {
        self.href().trim_start_matches("#/")
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => t!("frame.feed"),
            Self::Search => t!("frame.search"),
            Self::Reports => t!("frame.reports"),
            Self::Listings => t!("frame.listings"),
            Self::Training => t!("frame.training"),
        }
    }
}
