//! How well an item answers a query: named signals and the weights that join
//! them into one score. No type of an engine is in it.

use std::collections::BTreeMap;

use serde::Deserialize;

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

/// What a file says its weights are for: signals in the units of [`Signals`].
const UNITS: &str = "deviations";

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

    /// Reads a file that [`Self::to_toml`] wrote, or that somebody wrote by hand.
    ///
    /// # Errors
    /// It is not TOML of this form, a signal is missing or unknown, or the weights order
    /// nothing.
    pub fn from_toml(text: &str) -> Result<Self, RelevanceError> {
        let WeightsFile { units, weights: named } = toml::from_str(text)?;
        if units.as_deref() != Some(UNITS) {
            return Err(RelevanceError::OtherUnits);
        }
        if let Some(name) = named.keys().find(|name| Signal::ALL.iter().all(|s| s.name() != **name))
        {
            return Err(RelevanceError::UnknownSignal(name.clone()));
        }
        let mut weights = [0.0; N_SIGNALS];
        for (weight, signal) in weights.iter_mut().zip(Signal::ALL) {
            let name = signal.name();
            *weight = *named.get(name).ok_or(RelevanceError::MissingSignal(name))?;
            if !weight.is_finite() {
                return Err(RelevanceError::NotFinite(name));
            }
        }
        if weights.iter().all(|weight| *weight <= 0.0) {
            return Err(RelevanceError::NothingCounts);
        }
        Ok(Self { weights })
    }

    /// The weights as a file that [`Self::from_toml`] reads.
    pub fn to_toml(&self) -> String {
        let mut text = format!("units = {UNITS:?}\n\n[weights]\n");
        for signal in Signal::ALL {
            let weight = self.weights[signal as usize];
            text.push_str(&format!("{} = {weight:?}\n", signal.name()));
        }
        text
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

/// Why a file of weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RelevanceError {
    /// It is not TOML, or not of this form.
    #[error("a file of weights has a table [weights] with a number for each signal")]
    Toml(#[from] toml::de::Error),
    /// The weights are of an older Vitrine, whose signals had other units.
    #[error(
        "the weights are of an older Vitrine, whose signals had other units: learn them again with \
         `vitrine evaluate search --fit`, or write `units = {UNITS:?}` above [weights]"
    )]
    OtherUnits,
    /// No signal has this name.
    #[error("there is no signal {0}")]
    UnknownSignal(String),
    /// A signal has no weight: to leave it out, give it 0.
    #[error("the signal {0} has no weight")]
    MissingSignal(&'static str),
    /// A weight is infinite or no number.
    #[error("the weight of {0} is not finite")]
    NotFinite(&'static str),
    /// No weight is above 0.
    #[error("no weight is above 0, so that nothing would be found first")]
    NothingCounts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsFile {
    units: Option<String>,
    weights: BTreeMap<String, f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_survive_their_file() {
        for weights in [[0.28, 0.32, 0.56, -0.15, 0.15, 5.7, 7.6, 0.5], [1.0; N_SIGNALS]] {
            let relevance = Relevance::new(weights);
            assert_eq!(Relevance::from_toml(&relevance.to_toml()).expect("a file"), relevance);
        }
    }

    #[test]
    fn files_that_say_too_little_or_too_much_are_refused() {
        let good = Relevance::default().to_toml();
        let refused = |text: &str| Relevance::from_toml(text).expect_err(text);
        let without_title = good.replace("title = 0.0\n", "");
        assert!(matches!(refused(&without_title), RelevanceError::MissingSignal("title")));
        let unknown = format!("{good}moon = 1.0\n");
        assert!(matches!(refused(&unknown), RelevanceError::UnknownSignal(name) if name == "moon"));
        let infinite = good.replace("title = 0.0", "title = inf");
        assert!(matches!(refused(&infinite), RelevanceError::NotFinite("title")));
        let nothing = Relevance::new([0.0; N_SIGNALS]).to_toml();
        assert!(matches!(refused(&nothing), RelevanceError::NothingCounts));
        let older = good.replace("units = \"deviations\"\n", "");
        assert!(matches!(refused(&older), RelevanceError::OtherUnits));
        assert!(matches!(refused("weights = 3"), RelevanceError::Toml(_)));
        let much = "units = \"deviations\"\n[weights]\ntitle = \"much\"";
        assert!(matches!(refused(much), RelevanceError::Toml(_)));
    }
}
