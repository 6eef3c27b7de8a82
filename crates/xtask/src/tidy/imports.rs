//! Who may import whom.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

/// Crates of the workspace, without their `vitrine-` prefix, and what they may
/// import besides `domain`, which is everyone's vocabulary. A line that is
/// added here is a change of the architecture.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("accounts", &["durable"]),
    ("assistant", &["conditions"]),
    ("browser", &["session", "studio-api", "words"]),
    ("catalogue", &["durable"]),
    ("conditions", &[]),
    ("cuda", &["encoder"]),
    ("describe", &["assistant"]),
    ("device", &["student"]),
    ("domain", &[]),
    ("durable", &[]),
    // Its tests write the shards that they serve.
    ("embed", &["browser", "session", "wire", "words"]),
    ("encoder", &["optim", "vision"]),
    ("evaluation", &["optim", "studio-api"]),
    ("fetch", &[]),
    ("graph", &[]),
    ("ingest", &[]),
    (
        "lab",
        &[
            "assistant",
            "durable",
            "encoder",
            "evaluation",
            "graph",
            "ingest",
            "optim",
            "pictures",
            "publish",
            "quality",
            "ranking",
            "recall",
            "reviews",
            "server",
            "session",
            "student",
            "suggest",
            "training",
            "vision",
            "wire",
        ],
    ),
    // Its example gives what it read to `vision`.
    ("media", &["pictures", "vision"]),
    ("optim", &[]),
    ("pictures", &["durable", "fetch"]),
    ("publish", &["durable", "wire", "recall", "rules", "student", "evaluation"]),
    ("quality", &["durable"]),
    ("ranker-bench", &["student"]),
    ("ranking", &["student"]),
    ("recall", &["conditions", "optim", "student"]),
    ("reviews", &["optim"]),
    ("rules", &[]),
    (
        "server",
        &[
            "assistant",
            "catalogue",
            "describe",
            "durable",
            "encoder",
            "evaluation",
            "fetch",
            "graph",
            "ingest",
            "pictures",
            "publish",
            "quality",
            "ranking",
            "recall",
            "reviews",
            "rules",
            "student",
            "studio-api",
            "suggest",
            "training",
            "vision",
            "wire",
        ],
    ),
    (
        "session",
        &[
            "assistant",
            "conditions",
            "device",
            "recall",
            "rules",
            "student",
            "suggest",
            "vision",
            "wire",
            "words",
        ],
    ),
    ("student", &[]),
    ("studio-api", &["rules"]),
    ("suggest", &[]),
    (
        "tests",
        &[
            "browser",
            "device",
            "durable",
            "encoder",
            "evaluation",
            "graph",
            "ingest",
            "publish",
            "quality",
            "ranking",
            "recall",
            "server",
            "session",
            "student",
            "suggest",
            "training",
            "wire",
        ],
    ),
    ("training", &["durable", "ranking", "student", "evaluation", "graph", "optim"]),
    ("vision", &[]),
    ("web", &["session", "browser", "studio-api", "words"]),
    ("wire", &["rules"]),
    ("words", &[]),
    ("xtask", &[]),
];

/// The crates that run in browsers.
const IN_BROWSERS: [&str; 2] = ["vitrine-web", "vitrine-embed"];

/// What must not be compiled into them, by the beginning of its name.
const NOT_IN_WEB: &[&str] = &["tokio", "candle", "axum", "hyper", "rayon", "libwebp"];

const PREFIX: &str = "vitrine-";

/// Imports that the table does not allow; `metadata` is of the workspace members.
pub fn violations(metadata: &Value) -> Vec<String> {
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut found = Vec::new();
    for package in array(&metadata["packages"]) {
        let Some(name) = member(package) else { continue };
        let Some(allowed) = table.get(name) else {
            found.push(format!("{name}: not in tidy's table of imports"));
            continue;
        };
        let imports: BTreeSet<_> = array(&package["dependencies"]).filter_map(member).collect();
        // Its own name: a crate's tests may use it with more features.
        let is_allowed =
            |import: &str| import == "domain" || import == name || allowed.contains(&import);
        let wrong = imports.into_iter().filter(|import| !is_allowed(import));
        found.extend(wrong.map(|import| format!("{name}: may not import {import}")));
    }
    found
}

/// Server libraries that the crates of browsers reach; `metadata` is resolved for wasm.
///
/// # Errors
/// When the metadata lacks one of these crates.
pub fn web_violations(metadata: &Value) -> Result<Vec<String>> {
    let found = IN_BROWSERS.iter().map(|krate| reached(metadata, krate));
    Ok(found.collect::<Result<Vec<_>>>()?.concat())
}

fn reached(metadata: &Value, krate: &str) -> Result<Vec<String>> {
    let names: BTreeMap<_, _> = array(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let graph: BTreeMap<_, _> = array(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, normal_dependencies(node))))
        .collect();
    let root = names.iter().find(|(_, name)| **name == krate);
    let root = *root.with_context(|| format!("no {krate}"))?.0;
    let short = krate.strip_prefix(PREFIX).unwrap_or(krate);

    let mut paths = BTreeMap::from([(root, vec![short])]);
    let mut queue = vec![root];
    let mut found = Vec::new();
    while let Some(id) = queue.pop() {
        for dependency in graph.get(id).into_iter().flatten().copied() {
            if paths.contains_key(dependency) {
                continue;
            }
            let name = names.get(dependency).copied().unwrap_or(dependency);
            let path: Vec<_> = paths[id].iter().copied().chain([name]).collect();
            if NOT_IN_WEB.iter().any(|banned| name.starts_with(banned)) {
                found.push(format!("{short}: may not reach {name} ({})", path.join(" → ")));
            }
            paths.insert(dependency, path);
            queue.push(dependency);
        }
    }
    found.sort();
    Ok(found)
}

/// Ids of what is compiled into a package: neither for its tests nor its build script.
fn normal_dependencies(node: &Value) -> Vec<&str> {
    array(&node["deps"])
        .filter(|dep| array(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null()))
        .filter_map(|dep| dep["pkg"].as_str())
        .collect()
}

/// The name of a package or dependency of this workspace, without prefix.
fn member(package: &Value) -> Option<&str> {
    package["name"].as_str()?.strip_prefix(PREFIX)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn importing(name: &str, imports: &[&str]) -> Value {
        let imports: Vec<_> = imports.iter().map(|import| json!({"name": import})).collect();
        json!({"packages": [{"name": name, "dependencies": imports}]})
    }

    #[test]
    fn an_import_outside_the_table_is_a_violation() {
        let good = ["vitrine-domain", "vitrine-device", "vitrine-session", "serde"];
        assert_eq!(violations(&importing("vitrine-session", &good)), Vec::<String>::new());
        let bad = importing("vitrine-session", &["vitrine-publish", "vitrine-wire"]);
        assert_eq!(violations(&bad), ["session: may not import publish"]);
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_a_violation() {
        let unknown = importing("vitrine-shortcut", &[]);
        assert_eq!(violations(&unknown), ["shortcut: not in tidy's table of imports"]);
    }

    #[test]
    fn the_table_names_only_crates_that_it_lists_and_has_no_cycle() {
        let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
        assert_eq!(table.len(), MAY_IMPORT.len(), "a crate is listed twice");
        fn visit(table: &BTreeMap<&str, &[&str]>, name: &str, above: &mut Vec<String>) {
            assert!(!above.contains(&name.to_owned()), "cycle: {above:?} → {name}");
            above.push(name.to_owned());
            table[name].iter().for_each(|import| visit(table, import, above));
            above.pop();
        }
        table.keys().for_each(|name| visit(&table, name, &mut Vec::new()));
    }

    #[test]
    fn web_is_followed_through_others_but_not_through_their_tests() {
        let metadata = |kind: Value| {
            json!({
                "packages": [
                    {"id": "w", "name": "vitrine-web"},
                    {"id": "e", "name": "vitrine-embed"},
                    {"id": "m", "name": "middle"},
                    {"id": "t", "name": "tokio"},
                ],
                "resolve": {"nodes": [
                    {"id": "w", "deps": [{"pkg": "m", "dep_kinds": [{"kind": null}]}]},
                    {"id": "m", "deps": [{"pkg": "t", "dep_kinds": [{"kind": kind}]}]},
                    {"id": "t", "deps": []},
                ]},
            })
        };
        let reached = web_violations(&metadata(Value::Null)).unwrap();
        assert_eq!(reached, ["web: may not reach tokio (web → middle → tokio)"]);
        assert!(web_violations(&metadata(json!("dev"))).unwrap().is_empty());
        assert!(web_violations(&json!({})).is_err(), "an empty graph proves nothing");
    }
}
