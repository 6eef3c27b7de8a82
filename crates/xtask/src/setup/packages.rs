//! Packages from npm, in our own folder.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::step::{Otherwise, Step, Way};
use crate::workspace::Workspace;

pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
}

/// What the browser tests and the benchmark beside onnxruntime need.
const FOR_TESTS: &[Package] = &[
    Package { name: "playwright-core", version: "1.65.1" },
    Package { name: "puppeteer-core", version: "25.16.0" },
    Package { name: "axe-core", version: "4.14.1" },
    Package { name: "onnxruntime-web", version: "1.30.0" },
];

pub fn step(_ws: &Workspace) -> Step {
    Step {
        name: "test packages".into(),
        why: "to drive the browser, to check accessibility, and to compare with onnxruntime",
        find: Box::new(|ws| found(ws, FOR_TESTS)),
        ways: vec![way(FOR_TESTS)],
        otherwise: Otherwise::Fail,
    }
}

/// Names and versions, when all are there in the version that we want.
pub fn found(ws: &Workspace, packages: &[Package]) -> Option<String> {
    let all_there = packages.iter().all(|package| {
        installed(&ws.tools.join("node_modules").join(package.name)).as_deref()
            == Some(package.version)
    });
    let names = packages.iter().map(|p| format!("{} {}", p.name, p.version));
    all_there.then(|| names.collect::<Vec<_>>().join(", "))
}

pub fn way(packages: &'static [Package]) -> Way {
    Way::new("npm", |ws| {
        let specs = packages.iter().map(|p| format!("{}@{}", p.name, p.version));
        vec![
            ws.cmd("npm")
                .args(["install", "--no-audit", "--no-fund", "--save-exact", "--prefix"])
                .arg(&ws.tools)
                .args(specs)
                .log_to(ws.tools.join("log/npm")),
        ]
    })
}

fn installed(folder: &Path) -> Option<String> {
    let text = fs::read(folder.join("package.json")).ok()?;
    let package: Value = serde_json::from_slice(&text).ok()?;
    Some(package["version"].as_str()?.to_owned())
}
