//! How well an item answers a query: named signals and the weights that join
//! them into one score. No type of an engine is in it.

#[cfg(feature = "server")]
mod file;

#[cfg(feature = "server")]
pub use self::file::RelevanceError;

/// What an engine says of one item for one query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// BM25 of the query's words in the title.
    Title,
    /// The same in the brand.
    Brand,
    /// The same in the description.
    Description,
    /// The same in the attributes.
    Attributes,
    /// The same over all texts of the item as one.
    AllTexts,
    /// Share of the query's words in any text.
    Coverage,
    /// Cosine of query and item, each about the mean of its kind: what all items of a shop,
    /// or all queries, have in common says nothing.
    Cosine,
    /// Buyers, on a logarithmic scale from 0 to 1 for the most bought item.
    Popularity,
}

/// Number of signals.
pub const N_SIGNALS: usize = Signal::ALL.len();

impl Signal {
    /// All signals in the order of [`Signals`].
    pub const ALL: [Self; 8] = [
        Self::Title,
        Self::Brand,
        Self::Description,
        Self::Attributes,
        Self::AllTexts,
        Self::Coverage,
        Self::Cosine,
        Self::Popularity,
    ];

    /// The name in explanations and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Brand => "brand",
            Self::Description => "description",
            Self::Attributes => "attributes",
            Self::AllTexts => "all_texts",
            Self::Coverage => "coverage",
            Self::Cosine => "cosine",
            Self::Popularity => "popularity",
        }
    }
}

/// The signals of one item.
///
/// # Units
/// All texts, coverage and cosine are in standard deviations of that signal among the items
/// that come nearest to the query, so that a weight means the same for a long query and a
/// short one, and in one shop and another. BM25 is divided by the inverse document
/// frequencies of the query's words together. Coverage is weighted with the same
/// frequencies: "the" counts for little.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signals([f32; N_SIGNALS]);

impl std::ops::Index<Signal> for Signals {
    type Output = f32;

    fn index(&self, signal: Signal) -> &f32 {
        &self.0[signal as usize]
    }
}

impl std::ops::IndexMut<Signal> for Signals {
    fn index_mut(&mut self, signal: Signal) -> &mut f32 {
        &mut self.0[signal as usize]
    }
}

/// A weight for each signal; the score is their weighted sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relevance {
    weights: [f32; N_SIGNALS],
}

/// An item is a result, and not only a candidate, when it has at least this
/// part of the words that the best item has, or else [`COSINE_MIN`].
pub(crate) const COVERAGE_MIN: f32 = 0.5;
/// Least cosine of a result that has too few of the words.
pub(crate) const COSINE_MIN: f32 = 0.45;

impl Default for Relevance {
    /// Words and meaning alike, and half as much for having all of the words: what was left
    /// of some two hundred formulas when each was chosen without the shop that it was
    /// measured on (docs/experiments/search-relevance.md). Weights that were learned on
    /// one shop's judgments were worth nothing on another's. Popularity, for which
    /// judgments have no buyers, is set by hand: of items that match alike, such as all milk
    /// for "milk", those come first that most people buy.
    fn default() -> Self {
        Self { weights: [0.0, 0.0, 0.0, 0.0, 1.0, 0.5, 1.0, 2.5] }
    }
}

impl Relevance {
    /// Weights in the order of [`Signal::ALL`].
    pub fn new(weights: [f32; N_SIGNALS]) -> Self {
        Self { weights }
    }

    /// The weights in the order of [`Signal::ALL`].
    pub fn weights(&self) -> [f32; N_SIGNALS] {
        self.weights
    }

    /// What one signal adds to the score.
    pub fn contribution(&self, signals: &Signals, signal: Signal) -> f32 {
        self.weights[signal as usize] * signals[signal]
    }

    /// The score: the contributions, added up.
    pub fn score(&self, signals: &Signals) -> f32 {
        Signal::ALL.into_iter().map(|signal| self.contribution(signals, signal)).sum()
    }
}
