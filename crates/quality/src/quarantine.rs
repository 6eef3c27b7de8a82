//! The quarantine: every rejected row, with where it stood and why, as JSON lines.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::{QualityError, Rejection, SourceSummary, Summary};

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
    record: &'a Value,
}

impl Quarantine {
    /// Starts a quarantine that will be at `path`.
    ///
    /// # Errors
    /// [`QualityError::File`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, QualityError> {
        let temporary = temporary(path);
        let file = File::create(&temporary)
            .map_err(|source| QualityError::File { path: temporary.clone(), source })?;
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
    /// [`QualityError::File`] when the disk refuses.
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
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(temporary, path))
        .map_err(|source| QualityError::File { path: path.to_owned(), source })
}

/// Where a file is written before it is whole.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
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
            fs::read_to_string(&path).expect("there"),
            "{\"source\":\"products.csv\",\"line\":3,\"code\":\"empty_id\",\
             \"message\":\"no sku\",\"record\":{\"sku\":\"\"}}\n"
        );
        assert!(!temporary(&path).exists());
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
