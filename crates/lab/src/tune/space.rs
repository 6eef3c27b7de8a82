//! What a search may change, and how a trial is drawn from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cli::ModelName;

/// By dotted name of a setting of `--configure`: what it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space(BTreeMap<String, Choice>);

/// What one setting may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Choice {
    /// One of these.
    AnyOf { any_of: Vec<Value> },
    /// A number between two, all alike.
    Linear { from: f64, to: f64 },
    /// A number between two, their logarithms all alike.
    Log { log_from: f64, log_to: f64 },
}

impl Space {
    /// The space that comes with a model.
    ///
    /// # Errors
    /// The model has nothing to tune.
    pub fn of(model: ModelName) -> Result<Self> {
        let json = match model {
            ModelName::ItemKnn => include_str!("spaces/item-knn.json"),
            ModelName::ShopperKnn => include_str!("spaces/shopper-knn.json"),
            ModelName::TifuKnn => include_str!("spaces/tifu-knn.json"),
            ModelName::Ease => include_str!("spaces/ease.json"),
            ModelName::Transition => include_str!("spaces/transition.json"),
            ModelName::Graph => include_str!("spaces/graph.json"),
            ModelName::Repeat => include_str!("spaces/repeat.json"),
            ModelName::Sequence => include_str!("spaces/sequence.json"),
            other => bail!(
                "{other:?} has no settings to search; item-knn, shopper-knn, tifu-knn, ease, \
                 transition, graph, repeat and sequence have"
            ),
        };
        Self::parse(json)
    }

    /// A space of one's own.
    ///
    /// # Errors
    /// The file cannot be read or is no space.
    pub fn read(path: &Path) -> Result<Self> {
        let of_file = || format!("the space {}", path.display());
        let text = fs::read_to_string(path).with_context(of_file)?;
        Self::parse(&text).with_context(of_file)
    }

    fn parse(json: &str) -> Result<Self> {
        let space: Self = serde_json::from_str(json).context(
            r#"expected {"linear.ridge": {"log_from": 1, "log_to": 500}, "sequence.width": {"any_of": [64, 96]}}"#,
        )?;
        ensure!(!space.0.is_empty(), "it is empty: name at least one setting");
        for (name, choice) in &space.0 {
            let fits = match choice {
                Choice::AnyOf { any_of } => !any_of.is_empty(),
                Choice::Linear { from, to } => from < to && (to - from).is_finite(),
                Choice::Log { log_from, log_to } => {
                    0.0 < *log_from && log_from < log_to && log_to.is_finite()
                }
            };
            ensure!(
                fits,
                "{name}: a list needs values, a range a smaller and a larger end, above 0 for logarithms"
            );
        }
        let names = || space.0.keys();
        for name in names() {
            let within = format!("{name}.");
            let other = names().find(|other| other.starts_with(&within));
            ensure!(other.is_none(), "{name} is given whole and in part ({other:?}): name one");
        }
        Ok(space)
    }

    /// The same as text, for a name of the search.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The `n`th trial of a seed, as for `--configure`; the first is the defaults.
    pub fn draw(&self, seed: u64, n: usize) -> Value {
        let mut config = Value::Object(Map::new());
        if n == 0 {
            return config;
        }
        let mut rng =
            SmallRng::seed_from_u64(seed ^ (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for (name, choice) in &self.0 {
            let value = match choice {
                Choice::AnyOf { any_of } => any_of.choose(&mut rng).cloned().unwrap_or_default(),
                Choice::Linear { from, to } => rounded(rng.random_range(*from..*to)),
                Choice::Log { log_from, log_to } => {
                    rounded(rng.random_range(log_from.ln()..log_to.ln()).exp())
                }
            };
            let mut place = &mut config;
            for part in name.split('.') {
                place = &mut place[part];
            }
            *place = value;
        }
        config
    }
}

/// Three digits that count: more would only look exact.
fn rounded(value: f64) -> Value {
    format!("{value:.2e}").parse::<f64>().unwrap_or(value).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::config::ModelConfig;

    #[test]
    fn the_shipped_spaces_draw_configurations_that_the_models_take() {
        let models = [
            ModelName::ItemKnn,
            ModelName::ShopperKnn,
            ModelName::TifuKnn,
            ModelName::Ease,
            ModelName::Transition,
            ModelName::Graph,
            ModelName::Repeat,
            ModelName::Sequence,
        ];
        for model in models {
            let space = Space::of(model).expect("it has a space");
            assert_eq!(space.draw(1, 0), serde_json::json!({}));
            for n in 1..20 {
                let drawn = space.draw(1, n);
                assert_eq!(drawn, space.draw(1, n), "the same seed draws the same");
                assert_ne!(drawn, space.draw(2, n));
                serde_json::from_value::<ModelConfig>(drawn).expect("a configuration");
            }
        }
    }

    #[test]
    fn every_setting_of_tifu_knn_is_searched_around_its_default() {
        let space = Space::of(ModelName::TifuKnn).expect("it has a space");
        let settings = |config: ModelConfig| {
            serde_json::to_value(config.tifu_knn).expect("plain data").as_object().cloned()
        };
        let defaults = settings(ModelConfig::default()).expect("by name");
        let drawn: Vec<_> = (1..200)
            .map(|n| serde_json::from_value(space.draw(1, n)).expect("a configuration"))
            .map(|config| settings(config).expect("by name"))
            .collect();
        for (name, default) in &defaults {
            let default = default.as_f64().expect("a number");
            let values: Vec<f64> = drawn.iter().filter_map(|one| one[name].as_f64()).collect();
            assert!(values.iter().any(|value| *value < default), "{name} below {default}");
            assert!(values.iter().any(|value| *value > default), "{name} above {default}");
        }
    }

    #[test]
    fn numbers_stay_in_their_range_and_bad_spaces_are_refused() {
        let space = Space::parse(r#"{"a.b": {"log_from": 1, "log_to": 100}}"#).expect("a space");
        let drawn: Vec<f64> =
            (1..200).filter_map(|n| space.draw(7, n)["a"]["b"].as_f64()).collect();
        assert_eq!(drawn.len(), 199);
        assert!(drawn.iter().all(|x| (1.0..=100.0).contains(x)));
        let below_ten = drawn.iter().filter(|x| **x < 10.0).count();
        assert!((80..120).contains(&below_ten), "half of the logarithms: {below_ten}");
        let twice = r#"{"a": {"any_of": [1]}, "a.b": {"any_of": [2]}}"#;
        for bad in [
            "{}",
            twice,
            r#"{"a": {"from": -1e308, "to": 1e308}}"#,
            r#"{"a": {"from": 2, "to": 1}}"#,
            r#"{"a": {"any_of": []}}"#,
            "[1]",
        ] {
            assert!(Space::parse(bad).is_err(), "{bad}");
        }
    }
}
