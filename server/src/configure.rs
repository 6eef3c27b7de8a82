//! Values of `--configure`: JSON whose keys are named when their values cannot be.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads a configuration, or takes the default.
///
/// # Errors
/// It is no JSON, or some of its keys are unknown or of a wrong value: all of them, by
/// dotted name.
pub fn read<T: DeserializeOwned + Default>(json: Option<&str>) -> Result<T> {
    let Some(json) = json else { return Ok(T::default()) };
    let value: Value = serde_json::from_str(json).context("--configure is no JSON")?;
    let whole = match T::deserialize(&value) {
        Ok(config) => return Ok(config),
        Err(error) => error,
    };
    let mut leaves = Vec::new();
    leaves_of(&value, &mut Vec::new(), &mut leaves);
    // Each alone, so that every bad one is found and can be named.
    let wrong = leaves.iter().filter_map(|(path, leaf)| {
        let error = T::deserialize(nested(path, leaf)).err()?;
        Some(format!("{}: {error}", path.join(".")))
    });
    let wrong: Vec<String> = wrong.collect();
    match wrong.as_slice() {
        [] => bail!("--configure: {whole}"),
        wrong => bail!("--configure: {}", wrong.join("; ")),
    }
}

/// Values that are no objects, with the keys that lead to them.
fn leaves_of<'v>(
    value: &'v Value,
    path: &mut Vec<&'v str>,
    leaves: &mut Vec<(Vec<&'v str>, &'v Value)>,
) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                path.push(key);
                leaves_of(value, path, leaves);
                path.pop();
            }
        }
        leaf => leaves.push((path.clone(), leaf)),
    }
}

/// An object with nothing but this value.
fn nested(path: &[&str], leaf: &Value) -> Value {
    path.iter().rev().fold(leaf.clone(), |value, key| {
        Value::Object(Map::from_iter([((*key).to_owned(), value)]))
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Outer {
        n_steps: usize,
        inner: Inner,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        rate: f32,
    }

    #[test]
    fn every_wrong_value_is_refused_by_its_name() {
        let json = r#"{"n_steps": -3, "inner": {"rate": "fast", "rates": 1}}"#;
        let message = read::<Outer>(Some(json)).expect_err("wrong").to_string();
        for named in ["n_steps: ", "-3", "inner.rate: ", "inner.rates: "] {
            assert!(message.contains(named), "{named} in {message}");
        }
        assert!(read::<Outer>(Some("{")).is_err());
        let good = read::<Outer>(Some(r#"{"inner": {"rate": 2}}"#)).expect("good");
        assert_eq!(good, Outer { n_steps: 0, inner: Inner { rate: 2.0 } });
        assert_eq!(read::<Outer>(None).expect("the default"), Outer::default());
    }
}
