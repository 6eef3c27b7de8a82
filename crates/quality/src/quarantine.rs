//! The quarantine: every rejected row, with where it stood and why, as JSON lines.
//!
//! Only its owner can read the file. A product's row stands in it whole; of a line of
//! the log there is no more than [`line_record`] says.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{Pseudonyms, QualityError, Rejection, SourceSummary, Summary};

/// Writer of the quarantine file.
///
/// Rows go to `<path>.tmp`; [`Quarantine::finish`] makes them durable and moves
/// the file to its name, so that a file of that name is always whole.
pub struct Quarantine {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
}

#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    line: u64,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    check: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    record: &'a Value,
}

impl Quarantine {
    /// Starts a quarantine that will be at `path`.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, QualityError> {
        let temporary = vitrine_durable::temporary(path);
        let file = vitrine_durable::create_private(&temporary)?;
        Ok(Self { path: path.to_owned(), temporary, out: BufWriter::with_capacity(1 << 16, file) })
    }

    fn write(&mut self, line: &Line<'_>) -> Result<(), QualityError> {
        serde_json::to_writer(&mut self.out, line)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|source| QualityError::File { path: self.temporary.clone(), source })
    }

    /// Makes the rows durable under the file's name.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when the disk refuses.
    pub fn finish(self) -> Result<(), QualityError> {
        let Self { path, temporary, out } = self;
        settle(out, &temporary, &path)
    }
}

/// Flushes, syncs and renames a temporary file.
pub(crate) fn settle(
    out: BufWriter<File>,
    temporary: &Path,
    path: &Path,
) -> Result<(), QualityError> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error);
    let file = file.map_err(|source| QualityError::File { path: temporary.to_owned(), source })?;
    Ok(vitrine_durable::settle(file, temporary, path)?)
}

/// What the quarantine says of a line of the log besides its place and the reason: which
/// shopper, by a pseudonym that only this shop can compute. The rejected value is in the
/// message, and the shop has the line itself.
pub fn line_record(shopper: &str, pseudonyms: &Pseudonyms) -> Value {
    if shopper.is_empty() { Value::Null } else { json!({ "shopper": pseudonyms.of(shopper) }) }
}

/// Counts the answers to one source's rows and quarantines the rejected.
pub struct Intake<'q> {
    quarantine: &'q mut Quarantine,
    summary: SourceSummary,
}

impl<'q> Intake<'q> {
    /// Starts a source; `name` is the file's name in the report.
    pub fn new(quarantine: &'q mut Quarantine, name: impl Into<String>) -> Self {
        let summary = SourceSummary { name: name.into(), ..SourceSummary::default() };
        Self { quarantine, summary }
    }

    /// Goes on with a source that was put aside.
    pub fn resume(quarantine: &'q mut Quarantine, summary: SourceSummary) -> Self {
        Self { quarantine, summary }
    }

    /// Puts the source aside, with rows that have no answer yet: another one takes its turn at the
    /// quarantine.
    pub fn suspend(self) -> SourceSummary {
        self.summary
    }

    /// Counts a row, before it is checked.
    pub fn read(&mut self) {
        self.summary.read += 1;
    }

    /// Counts the answer; `original` is asked for when the row is rejected.
    /// Returns what was kept.
    ///
    /// # Errors
    /// [`QualityError::File`] when the quarantine cannot be written.
    pub fn answer<T>(
        &mut self,
        line: u64,
        answer: Result<T, Rejection>,
        original: impl FnOnce() -> Value,
    ) -> Result<Option<T>, QualityError> {
        let rejection = match answer {
            Ok(kept) => {
                self.summary.kept += 1;
                return Ok(Some(kept));
            }
            Err(rejection) => rejection,
        };
        self.quarantine.write(&Line {
            source: &self.summary.name,
            line,
            code: rejection.reason.code(),
            check: &rejection.check,
            message: &rejection.message,
            record: &original(),
        })?;
        *self.summary.quarantined.entry(rejection.reason).or_default() += 1;
        Ok(None)
    }

    /// Ends the source: adds its counts to `report`.
    ///
    /// # Errors
    /// [`QualityError::Unbalanced`] when a row was read and not answered.
    pub fn finish(self, report: &mut Summary) -> Result<(), QualityError> {
        self.summary.check_balance()?;
        report.sources.push(self.summary);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn the_file_appears_only_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("quarantine.jsonl");
        let mut quarantine = Quarantine::create(&path).expect("writable");
        let mut intake = Intake::new(&mut quarantine, "products.csv");
        intake.read();
        let rejected: Result<(), _> = Err(Rejection::new(Reason::EmptyId, "no sku"));
        let kept = intake.answer(3, rejected, || serde_json::json!({"sku": ""}));
        assert_eq!(kept.expect("written"), None);
        let mut summary = Summary::default();
        intake.finish(&mut summary).expect("balanced");
        assert!(!path.exists());
        quarantine.finish().expect("renamed");
        assert_eq!(
            std::fs::read_to_string(&path).expect("there"),
            "{\"source\":\"products.csv\",\"line\":3,\"code\":\"empty_id\",\
             \"message\":\"no sku\",\"record\":{\"sku\":\"\"}}\n"
        );
        assert!(!vitrine_durable::temporary(&path).exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_and_it_names_no_shopper() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("quarantine.jsonl");
        let pseudonyms = Pseudonyms::open(&folder.path().join("key")).expect("a key");
        let mut quarantine = Quarantine::create(&path).expect("writable");
        let mut intake = Intake::new(&mut quarantine, "orders.csv");
        for line in 2..4 {
            intake.read();
            let rejected: Result<(), _> = Err(Rejection::new(Reason::ZeroQuantity, "none"));
            let record = || line_record("household-4711", &pseudonyms);
            intake.answer(line, rejected, record).expect("written");
        }
        intake.finish(&mut Summary::default()).expect("balanced");
        quarantine.finish().expect("renamed");
        let text = std::fs::read_to_string(&path).expect("there");
        assert!(!text.contains("4711"), "{text}");
        let who = pseudonyms.of("household-4711");
        assert_eq!(text.matches(who.as_str()).count(), 2, "the same shopper is known again");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn sources_take_turns() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut quarantine = Quarantine::create(&folder.path().join("q.jsonl")).expect("writable");
        let aside = ["a.csv", "b.csv"].map(|name| {
            let mut intake = Intake::new(&mut quarantine, name);
            intake.read();
            intake.suspend()
        });
        let mut summary = Summary::default();
        for source in aside {
            let mut intake = Intake::resume(&mut quarantine, source);
            intake.answer(1, Ok(()), || Value::Null).expect("counted");
            intake.finish(&mut summary).expect("balanced");
        }
        let counts: Vec<(&str, u64, u64)> =
            summary.sources.iter().map(|of| (of.name.as_str(), of.read, of.kept)).collect();
        assert_eq!(counts, [("a.csv", 1, 1), ("b.csv", 1, 1)]);
    }

    #[test]
    fn an_unanswered_row_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut quarantine = Quarantine::create(&folder.path().join("q.jsonl")).expect("writable");
        let mut intake = Intake::new(&mut quarantine, "log.csv");
        intake.read();
        let mut summary = Summary::default();
        assert!(matches!(intake.finish(&mut summary), Err(QualityError::Unbalanced { .. })));
    }
}
