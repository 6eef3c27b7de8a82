//! Values of an object by dotted path.

use serde_json::Value;

use super::{Object, field};
use crate::records::Field;

/// Most values of one column of one record.
const VALUES_MAX: usize = 1_000;

/// All values at `path`: a name, or names joined by points that lead into nested objects. Of
/// a list all elements are meant, or the one whose number is in the path (`images.0.url`). A
/// name that has points itself is found, too. Null and blank text are no values.
pub(crate) fn values_at<'o>(object: &'o Object, path: &str) -> Vec<&'o Value> {
    let mut found = Vec::new();
    walk_object(object, path, &mut found);
    found
}

/// As [`values_at`], as text; what is nested is left out.
pub(crate) fn texts_at(object: &Object, path: &str) -> Vec<String> {
    let values = values_at(object, path).into_iter();
    values
        .filter_map(|value| match field(value) {
            Field::Text(text) => Some(text.into_owned()),
            Field::Int(value) => Some(value.to_string()),
            Field::Float(value) => Some(value.to_string()),
            _ => None,
        })
        .collect()
}

fn walk_object<'o>(object: &'o Object, path: &str, found: &mut Vec<&'o Value>) {
    if let Some(value) = object.get(path) {
        return leaves(value, found);
    }
    for (at, _) in path.match_indices('.') {
        if let Some(value) = object.get(&path[..at]) {
            return walk(value, &path[at + 1..], found);
        }
    }
}

fn walk<'o>(value: &'o Value, path: &str, found: &mut Vec<&'o Value>) {
    match value {
        Value::Object(object) => walk_object(object, path, found),
        Value::Array(values) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            match first.parse::<usize>().ok().map(|idx| values.get(idx)) {
                Some(None) => {}
                Some(Some(value)) if rest.is_empty() => leaves(value, found),
                Some(Some(value)) => walk(value, rest, found),
                None => values.iter().for_each(|value| walk(value, path, found)),
            }
        }
        _ => {}
    }
}

fn leaves<'o>(value: &'o Value, found: &mut Vec<&'o Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| leaves(value, found)),
        value if found.len() < VALUES_MAX && field(value) != Field::Missing => found.push(value),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_into_objects_and_through_lists() {
        let Value::Object(object) = json!({
            "a": {"b": 1, "c.d": "x"}, "n.m": true, "list": [{"u": "p"}, {"u": "q"}, {"u": null}],
            "deep": [[1], [" ", 2]],
        }) else {
            panic!("an object")
        };
        for (path, values) in [
            ("a.b", vec!["1"]),
            ("a.c.d", vec!["x"]),
            ("n.m", vec!["true"]),
            ("list.u", vec!["p", "q"]),
            ("list.1.u", vec!["q"]),
            ("list.7.u", vec![]),
            ("deep", vec!["1", "2"]),
            ("a", vec![]),
            ("a.b.z", vec![]),
            ("absent", vec![]),
        ] {
            assert_eq!(texts_at(&object, path), values, "{path}");
        }
    }
}
