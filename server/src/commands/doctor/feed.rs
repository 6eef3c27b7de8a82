//! `vitrine doctor feed`: everything that is wrong with a feed, and what it costs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use vitrine_ingest::{FeedExamination, Mapping, examine_feed, propose_mapping};
use vitrine_quality::checks::Checks;

use crate::cli::DoctorFeedArgs;
use crate::clock::now_seconds;
use crate::commands::quality::{Assessment, Files, assess, shown};
use crate::commands::source;
use crate::signals::Stop;

/// Runs the command; fails when an import of the feed would.
///
/// # Errors
/// The feed or the mapping cannot be opened.
pub fn run(args: &DoctorFeedArgs, stop: &Stop) -> Result<ExitCode> {
    let diagnosis = diagnose(args, stop)?;
    if args.json {
        crate::print(&serde_json::to_string_pretty(&diagnosis.to_json())?);
    } else {
        crate::print(&diagnosis.to_text(&args.feed));
    }
    let would_fail = diagnosis.would_fail();
    Ok(if would_fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What was found, and why an import would fail.
struct Diagnosis {
    examination: FeedExamination,
    /// Checks that block a publish, as sentences.
    blocking: Vec<String>,
}

fn diagnose(args: &DoctorFeedArgs, stop: &Stop) -> Result<Diagnosis> {
    let mapping = match &args.mapping {
        Some(name) => source::mapping(name)?,
        None => Mapping::from_toml(&propose_mapping("feed", &args.feed, None)?.toml)?,
    };
    let examination = examine_feed(&args.feed, &mapping)?;
    let mut blocking = Vec::new();
    if examination.stopped.is_none() {
        let checks = Checks::built_in();
        let rows = Files { products: &args.feed, interactions: None, mapping: &mapping };
        let assessed = assess(&Assessment {
            checks: &checks,
            rows: &rows,
            previous: None,
            texts: None,
            now_seconds: now_seconds(),
            remember_lines: false,
            stop,
        })?;
        blocking = assessed.report.blocking(&[]).into_iter().map(shown).collect();
    }
    Ok(Diagnosis { examination, blocking })
}

impl Diagnosis {
    fn would_fail(&self) -> bool {
        self.examination.stopped.is_some()
            || self.examination.n_products == 0
            || !self.blocking.is_empty()
    }

    fn to_text(&self, feed: &Path) -> String {
        let FeedExamination { n_rows, n_products, findings, stopped } = &self.examination;
        let mut text = format!("{}: {n_rows} rows, {n_products} products\n", feed.display());
        for finding in findings {
            let noun = if finding.n_rows == 1 { "product" } else { "products" };
            let (what, cost) = (finding.fault.what(), finding.fault.cost());
            let _ = writeln!(text, "\n{} {noun} {what}: {cost}", finding.n_rows);
            for (line, example) in &finding.examples {
                let _ = writeln!(text, "  line {line}: {}", example.replace('\n', " "));
            }
        }
        if findings.is_empty() {
            text.push_str("\nNothing is wrong.\n");
        }
        if let Some(why) = stopped {
            let _ = writeln!(text, "\nReading stopped: {why}");
        }
        for check in &self.blocking {
            let _ = writeln!(text, "\nToo many for an import: {check}");
        }
        let verdict = match (self.would_fail(), *n_products) {
            (true, 0) => "An import would fail: there is no product.",
            (true, _) => "An import would fail.",
            (false, _) => "An import would succeed.",
        };
        let _ = writeln!(text, "\n{verdict}");
        text
    }

    fn to_json(&self) -> Value {
        let findings: Vec<Value> = self
            .examination
            .findings
            .iter()
            .map(|finding| {
                let example = |(line, text): &(u64, String)| json!({"line": line, "text": text});
                let examples: Vec<Value> = finding.examples.iter().map(example).collect();
                json!({
                    "code": finding.fault.code(),
                    "rows": finding.n_rows,
                    "what": finding.fault.what(),
                    "cost": finding.fault.cost(),
                    "examples": examples,
                })
            })
            .collect();
        json!({
            "rows": self.examination.n_rows,
            "products": self.examination.n_products,
            "findings": findings,
            "stopped": self.examination.stopped,
            "blocking": self.blocking,
            "import_would_fail": self.would_fail(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnosis(name: &str, text: &str) -> Diagnosis {
        let folder = tempfile::tempdir().expect("a folder");
        let feed = folder.path().join(name);
        std::fs::write(&feed, text).expect("written");
        let args = DoctorFeedArgs { feed, mapping: None, json: false };
        diagnose(&args, &Stop::default()).expect("readable")
    }

    #[test]
    fn what_is_wrong_is_told_with_its_cost_and_an_import_fails_only_where_it_would() {
        let mut text = "id,title,price,image\n".to_owned();
        for n in 0..40 {
            text.push_str(&format!("{n},Tea number {n},1.50 EUR,https://x.example/{n}.jpg\n"));
        }
        let good = diagnosis("a.csv", &text);
        assert!(!good.would_fail(), "{:?}", good.blocking);
        let json = good.to_json();
        assert_eq!((&json["products"], &json["import_would_fail"]), (&json!(40), &json!(false)));

        text.push_str("40,No price,,https://x.example/a.jpg\n1,Again,1.50,\n");
        let worse = diagnosis("a.csv", &text);
        let told = worse.to_text(Path::new("a.csv"));
        assert!(
            told.contains("1 product without a price: they are shown and cannot be bought"),
            "{told}"
        );
        assert!(told.contains("line 43: 1, first in line 3"), "{told}");
        assert!(!worse.would_fail(), "{told}");

        let mut bad = "id,title,price,image\n".to_owned();
        for n in [1, 2, 3, 4, 5, 6, 7, 8, 1, 1] {
            bad.push_str(&format!("{n},Tea number {n},1.50 EUR,\n"));
        }
        let bad = diagnosis("a.csv", &bad);
        assert!(bad.would_fail() && bad.blocking[0].contains("sku_repeated"), "{:?}", bad.blocking);
    }
}
