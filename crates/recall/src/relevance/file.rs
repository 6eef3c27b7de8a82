//! Weights as a file that people read and write.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{N_SIGNALS, Relevance, Signal};

/// What a file says its weights are for: signals in the units of [`Signals`].
const UNITS: &str = "deviations";

impl Relevance {
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
