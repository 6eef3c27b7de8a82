//! The report: what each check found, what blocks a publish, what an import does
//! with failing rows.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use vitrine_domain::calendar::date_text;

use super::days::Days;
use super::declare::{Check, Checks, Fault, Repair, Severity};
use super::failures::{Action, FailingRow, Failures};
use super::subject::Subject;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Within its threshold.
    Passed,
    /// Beyond its threshold.
    Failed,
    /// It lacks what it needs; see the note.
    NotRun,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Its name.
    pub name: String,
    /// A sentence for people.
    pub what: String,
    /// Products, interactions or drift.
    pub on: Subject,
    /// How bad it is.
    pub severity: Severity,
    /// Share that may fail.
    pub threshold: f64,
    /// What becomes of failing rows.
    pub repair: Repair,
    /// What became of it.
    pub outcome: CheckOutcome,
    /// Rows, days or comparisons looked at.
    pub n_checked: u64,
    /// Those that failed.
    pub n_failed: u64,
    /// Rows without a truth value under the check's predicate.
    pub n_undecided: u64,
    /// Why it was not run, or not in full.
    pub note: Option<String>,
    /// Failing rows.
    pub samples: Vec<FailingRow>,
}

impl CheckResult {
    /// Share that failed.
    pub fn rate(&self) -> f64 {
        self.n_failed as f64 / self.n_checked.max(1) as f64
    }

    /// Whether it keeps a catalogue from being published.
    pub fn blocks(&self) -> bool {
        self.outcome == CheckOutcome::Failed && self.severity == Severity::Error
    }
}

/// All results.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Products read.
    pub n_products: u64,
    /// Lines read.
    pub n_lines: u64,
    /// Declarations that could not be read, and therefore did not run.
    pub faults: Vec<Fault>,
    /// One a check.
    pub results: Vec<CheckResult>,
    /// Lines of each day.
    pub days: Vec<(String, u64)>,
}

/// What an import does with failing rows, by line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// For the feed.
    pub products: BTreeMap<u64, Vec<Planned>>,
    /// For the log.
    pub interactions: BTreeMap<u64, Vec<Planned>>,
}

/// An action and the check that asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Name of the check.
    pub check: String,
    /// What to do.
    pub action: Action,
}

/// Collects results.
#[derive(Debug, Default)]
pub struct ReportBuilder {
    report: QualityReport,
    plan: Plan,
}

impl ReportBuilder {
    /// A report of these checks; their faults are in it.
    pub fn new(checks: &Checks) -> Self {
        let report = QualityReport { faults: checks.faults.clone(), ..QualityReport::default() };
        Self { report, plan: Plan::default() }
    }

    /// What was read.
    pub fn read(&mut self, n_products: u64, n_lines: u64, days: &Days) {
        self.report.n_products = n_products;
        self.report.n_lines = n_lines;
        let (first, last) = (days.first_key_value(), days.last_key_value());
        if let (Some((&first, _)), Some((&last, _))) = (first, last)
            && last - first < DAYS_SHOWN_MAX
        {
            let n = |day| days.get(&day).copied().unwrap_or(0);
            self.report.days = (first..=last).map(|day| (date_text(day), n(day))).collect();
        }
    }

    /// Adds what a check found.
    pub fn add(&mut self, check: &Check, mut failures: Failures, note: Option<&str>) {
        let planned = match check.on {
            Subject::Products => &mut self.plan.products,
            _ => &mut self.plan.interactions,
        };
        for (line, actions) in std::mem::take(&mut failures.actions) {
            let named =
                actions.into_iter().map(|action| Planned { check: check.name.clone(), action });
            planned.entry(line).or_default().extend(named);
        }
        let not_run = note.is_some_and(|note| note.starts_with("not run"));
        let allowed = check.threshold * failures.n_checked as f64;
        let outcome = match failures.n_failed {
            _ if not_run => CheckOutcome::NotRun,
            0 => CheckOutcome::Passed,
            n if n as f64 > allowed => CheckOutcome::Failed,
            _ => CheckOutcome::Passed,
        };
        self.report.results.push(CheckResult {
            name: check.name.clone(),
            what: check.what.clone(),
            on: check.on,
            severity: check.severity,
            threshold: check.threshold,
            repair: check.repair,
            outcome,
            n_checked: failures.n_checked,
            n_failed: failures.n_failed,
            n_undecided: failures.n_undecided,
            note: note.map(str::to_owned),
            samples: failures.into_sample(),
        });
    }

    /// The report and the plan.
    pub fn finish(self) -> (QualityReport, Plan) {
        (self.report, self.plan)
    }
}

/// Days that a chart shows: a log with a time from long ago has no chart.
const DAYS_SHOWN_MAX: i64 = 3_700;

impl QualityReport {
    /// Checks that keep the catalogue from being published, without those allowed by name.
    pub fn blocking(&self, allowed: &[String]) -> Vec<&CheckResult> {
        let blocks = self.results.iter().filter(|result| result.blocks());
        blocks.filter(|result| !allowed.contains(&result.name)).collect()
    }

    /// The results as a table of text, failed ones first.
    pub fn to_table(&self) -> String {
        let mut results: Vec<&CheckResult> = self.results.iter().collect();
        results.sort_by_key(|r| (order(r), r.on, std::cmp::Reverse(r.n_failed)));
        let width = results.iter().map(|r| r.name.chars().count()).max().unwrap_or(0);
        let mut table = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{} products, {} lines\n", self.n_products, self.n_lines);
        let _ = writeln!(
            table,
            "{:<8} {:<8} {:<width$} {:>10} {:>12} {:>8} {:>8}  what",
            "outcome", "severity", "check", "failed", "of", "share", "allowed"
        );
        for result in results {
            let _ = writeln!(
                table,
                "{:<8} {:<8} {:<width$} {:>10} {:>12} {:>7.2}% {:>7.2}%  {}",
                shown_outcome(result),
                shown_severity(result.severity),
                result.name,
                result.n_failed,
                result.n_checked,
                result.rate() * 100.0,
                result.threshold * 100.0,
                result.note.as_deref().unwrap_or(&result.what),
            );
        }
        for fault in &self.faults {
            let _ = writeln!(table, "check not run: {fault}");
        }
        table
    }
}

fn order(result: &CheckResult) -> u8 {
    match (result.outcome, result.severity) {
        (CheckOutcome::Failed, Severity::Error) => 0,
        (CheckOutcome::Failed, Severity::Warning) => 1,
        (CheckOutcome::Failed, Severity::Info) => 2,
        (CheckOutcome::Passed, _) if result.n_failed > 0 => 3,
        (CheckOutcome::Passed, _) => 4,
        (CheckOutcome::NotRun, _) => 5,
    }
}

pub(crate) fn shown_outcome(result: &CheckResult) -> &'static str {
    match result.outcome {
        CheckOutcome::Failed if result.severity == Severity::Error => "BLOCKS",
        CheckOutcome::Failed => "failed",
        CheckOutcome::Passed => "passed",
        CheckOutcome::NotRun => "not run",
    }
}

pub(crate) fn shown_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(n_failed: u64, severity: &str) -> QualityReport {
        let text = format!(
            "built_in = false\n[[check]]\nname='a'\nwhat='a'\non='products'\nkind='html'\n\
             severity='{severity}'\nthreshold=0.1\n"
        );
        let checks = Checks::with_own("a", &text);
        let mut builder = ReportBuilder::new(&checks);
        let mut failures = Failures::default();
        (failures.n_checked, failures.n_failed) = (100, n_failed);
        builder.add(checks.iter().next().expect("one"), failures, None);
        builder.finish().0
    }

    #[test]
    fn an_error_beyond_its_threshold_blocks_unless_allowed_by_name() {
        assert_eq!(report(11, "error").blocking(&[]).len(), 1);
        assert_eq!(report(10, "error").blocking(&[]).len(), 0, "at its threshold it passes");
        assert_eq!(report(11, "warning").blocking(&[]).len(), 0);
        assert_eq!(report(11, "error").blocking(&["b".to_owned()]).len(), 1);
        assert_eq!(report(11, "error").blocking(&["a".to_owned()]).len(), 0);
    }

    #[test]
    fn the_table_says_what_blocks() {
        let table = report(11, "error").to_table();
        assert!(table.lines().any(|line| line.starts_with("BLOCKS") && line.contains("11.00%")));
    }
}
