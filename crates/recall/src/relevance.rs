//! How well an item answers a query: named signals and the weights that join
//! them into one score. No type of an engine is in it.

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
    /// Cosine of query and item.
    Cosine,
    /// Buyers, on a logarithmic scale from 0 to 1 for the most bought item.
    Popularity,
    /// Chance that the query is after the item's category.
    Intent,
}

/// Number of signals.
pub const N_SIGNALS: usize = Signal::ALL.len();

impl Signal {
    /// All signals in the order of [`Signals`].
    pub const ALL: [Self; 9] = [
        Self::Title,
        Self::Brand,
        Self::Description,
        Self::Attributes,
        Self::AllTexts,
        Self::Coverage,
        Self::Cosine,
        Self::Popularity,
        Self::Intent,
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
            Self::Intent => "intent",
        }
    }
}

/// The signals of one item.
///
/// # Units
/// BM25 is divided by the inverse document frequencies of the query's words
/// together, so that long and short queries compare. Shares are weighted with
/// the same frequencies: "the" counts for little.
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
    /// Learned on the judged queries of an electronics shop by
    /// `vitrine evaluate search --fit`; popularity, for which those have no
    /// buyers, is set by hand: it decides between items that match alike. Intent
    /// adds nothing: the vectors of items hold their categories, so that cosine says
    /// it already (docs/experiments/query-intent.md).
    fn default() -> Self {
        Self { weights: [0.28, 0.32, 0.56, 0.15, 0.15, 5.7, 7.6, 0.5, 0.0] }
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
