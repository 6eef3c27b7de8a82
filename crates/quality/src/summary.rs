//! What was read, kept and quarantined, source by source; the counts add up.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::{QualityError, Reason};

/// Counts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSummary {
    /// File name.
    pub name: String,
    /// Rows read, counted as they come.
    pub read: u64,
    /// Rows that passed every check.
    pub kept: u64,
    /// Rejected rows by reason.
    pub quarantined: BTreeMap<Reason, u64>,
}

/// Counts of a whole import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// One entry a file.
    pub sources: Vec<SourceSummary>,
}

impl SourceSummary {
    /// Rejected rows in all.
    pub fn n_quarantined(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// # Errors
    /// [`QualityError::Unbalanced`] when rows read are not rows kept plus rows quarantined.
    pub fn check_balance(&self) -> Result<(), QualityError> {
        if self.read == self.kept + self.n_quarantined() {
            return Ok(());
        }
        Err(QualityError::Unbalanced {
            name: self.name.clone(),
            read: self.read,
            kept: self.kept,
            quarantined: self.n_quarantined(),
        })
    }
}

impl Summary {
    /// # Errors
    /// [`QualityError::Unbalanced`] for the first source whose counts do not add up.
    pub fn check_balance(&self) -> Result<(), QualityError> {
        self.sources.iter().try_for_each(SourceSummary::check_balance)
    }

    /// The counts as a table of text.
    pub fn to_table(&self) -> String {
        let width = self.sources.iter().map(|source| source.name.chars().count()).max();
        let width = width.unwrap_or(0).max("source".len());
        let mut table = String::new();
        let mut line = |name: &str, label: &str, rows: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{name:<width$}  {label:<20}{rows:>12}");
        };
        line("source", "", "rows");
        for source in &self.sources {
            line(&source.name, "read", &source.read.to_string());
            line("", "kept", &source.kept.to_string());
            line("", "quarantined", &source.n_quarantined().to_string());
            for (reason, rows) in &source.quarantined {
                line("", &format!("  {reason}"), &rows.to_string());
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(read: u64) -> SourceSummary {
        SourceSummary {
            name: "products.csv".into(),
            read,
            kept: 7,
            quarantined: BTreeMap::from([(Reason::EmptyId, 1), (Reason::NoText, 2)]),
        }
    }

    #[test]
    fn a_lost_row_is_noticed() {
        assert!(Summary { sources: vec![source(10)] }.check_balance().is_ok());
        assert!(matches!(
            Summary { sources: vec![source(10), source(11)] }.check_balance(),
            Err(QualityError::Unbalanced { read: 11, kept: 7, quarantined: 3, .. })
        ));
    }

    #[test]
    fn json_and_table_have_the_codes() {
        let summary = Summary { sources: vec![source(10)] };
        let json = serde_json::to_string(&summary).expect("plain data");
        assert!(json.contains(r#""empty_id":1"#), "{json}");
        assert_eq!(serde_json::from_str::<Summary>(&json).expect("the same"), summary);
        let table = summary.to_table();
        assert!(table.lines().any(|line| line.trim_start().starts_with("no_text")), "{table}");
    }
}
