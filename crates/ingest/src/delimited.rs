//! CSV and TSV, one bounded record at a time.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::error::{IngestError, Problem, RowError, truncated};
use crate::input::{FileEncoding, TextInput};
use crate::records::{Column, Field, Records, text_field};
use crate::{LINE_BYTES_MAX, ORIGINAL_CHARS_MAX};

/// Most columns of a file.
const COLUMNS_MAX: usize = 4_096;

/// Reader of delimiter-separated records with a header.
pub(crate) struct Delimited {
    path: PathBuf,
    input: TextInput,
    core: Reader,
    header: Vec<String>,
    /// Index in the header, by slot.
    slots: Vec<usize>,
    buffer: Vec<u8>,
    ends: Vec<usize>,
    n_bytes: usize,
    n_fields: usize,
    line: u64,
    done: bool,
}

enum Step {
    Record,
    TooLong,
    End,
}

impl Delimited {
    /// Opens a file for `columns`, all of which its header must have.
    pub(crate) fn open(
        path: &Path,
        delimiter: u8,
        encoding: FileEncoding,
        columns: &[Column],
    ) -> Result<Self, IngestError> {
        let mut reader = Self::open_all(path, delimiter, encoding)?;
        reader.slots = reader.positions(columns)?;
        Ok(reader)
    }

    /// Opens a file with a slot for each column of its header.
    pub(crate) fn open_all(
        path: &Path,
        delimiter: u8,
        encoding: FileEncoding,
    ) -> Result<Self, IngestError> {
        let mut input = TextInput::open(path, encoding)?;
        let head = input.head().map_err(|source| IngestError::Read {
            path: path.to_owned(),
            line: 0,
            source,
        })?;
        let mut builder = ReaderBuilder::new();
        builder.delimiter(actual_delimiter(head, delimiter));
        let mut reader = Self {
            path: path.to_owned(),
            input,
            core: builder.build(),
            header: Vec::new(),
            slots: Vec::new(),
            buffer: vec![0; 4_096],
            ends: vec![0; 64],
            n_bytes: 0,
            n_fields: 0,
            line: 0,
            done: false,
        };
        if !matches!(reader.step()?, Step::Record) {
            return Err(IngestError::NoHeader { path: path.to_owned() });
        }
        reader.header = (0..reader.n_fields)
            .map(|idx| String::from_utf8_lossy(reader.bytes(idx)).trim().to_owned())
            .collect();
        reader.slots = (0..reader.n_fields).collect();
        Ok(reader)
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Where each column is in the header.
    fn positions(&self, columns: &[Column]) -> Result<Vec<usize>, IngestError> {
        let position = |name: &str| self.header.iter().position(|column| column == name);
        let missing: Vec<String> = columns
            .iter()
            .filter(|column| position(&column.name).is_none())
            .map(|column| column.name.clone())
            .collect();
        if !missing.is_empty() {
            let (path, found) = (self.path.clone(), self.header.clone());
            return Err(IngestError::MissingColumns { path, columns: missing, found });
        }
        for Column { name, .. } in columns {
            let n = self.header.iter().filter(|column| *column == name).count();
            if n > 1 {
                let (path, column) = (self.path.clone(), name.clone());
                return Err(IngestError::DuplicateColumn { path, column, n });
            }
        }
        Ok(columns.iter().filter_map(|column| position(&column.name)).collect())
    }

    /// Bytes of the `idx`-th field of the current record.
    fn bytes(&self, idx: usize) -> &[u8] {
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        &self.buffer[start..self.ends[idx]]
    }

    /// Reads one record into the buffer, which grows to `LINE_BYTES_MAX` at most.
    fn step(&mut self) -> Result<Step, IngestError> {
        self.skip_line_ends()?;
        self.line = self.input.n_line_ends() + 1;
        (self.n_bytes, self.n_fields) = (0, 0);
        loop {
            let input = fill(&mut self.input, &self.path)?;
            let (result, n_in, n_out, n_ends) = self.core.read_record(
                input,
                &mut self.buffer[self.n_bytes..],
                &mut self.ends[self.n_fields..],
            );
            self.input.consume(n_in);
            self.n_bytes += n_out;
            self.n_fields += n_ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(Step::Record),
                ReadRecordResult::End => return Ok(Step::End),
                ReadRecordResult::OutputFull if self.buffer.len() < LINE_BYTES_MAX => {
                    let grown = (self.buffer.len() * 2).min(LINE_BYTES_MAX);
                    self.buffer.resize(grown, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < COLUMNS_MAX => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.core.reset();
                    self.skip_rest_of_line()?;
                    return Ok(Step::TooLong);
                }
            }
        }
    }

    /// Blank lines are no records, and the next record's line number comes after them.
    fn skip_line_ends(&mut self) -> Result<(), IngestError> {
        loop {
            let input = fill(&mut self.input, &self.path)?;
            let n = input.iter().take_while(|&&byte| byte == b'\n' || byte == b'\r').count();
            let more = n > 0 && n == input.len();
            self.input.consume(n);
            if !more {
                return Ok(());
            }
        }
    }

    fn skip_rest_of_line(&mut self) -> Result<(), IngestError> {
        loop {
            let input = fill(&mut self.input, &self.path)?;
            if input.is_empty() {
                return Ok(());
            }
            if let Some(at) = input.iter().position(|&byte| byte == b'\n') {
                self.input.consume(at + 1);
                return Ok(());
            }
            let n = input.len();
            self.input.consume(n);
        }
    }
}

fn fill<'a>(input: &'a mut TextInput, path: &Path) -> Result<&'a [u8], IngestError> {
    let line = input.n_line_ends();
    input.fill_buf().map_err(|source| IngestError::Read { path: path.to_owned(), line, source })
}

/// A file that is called comma-separated and whose first line has no comma is separated by
/// what that line has instead, as spreadsheets write it where the comma is a decimal point.
fn actual_delimiter(head: &[u8], delimiter: u8) -> u8 {
    let end = head.iter().position(|&byte| byte == b'\n').unwrap_or(head.len());
    let has = |sign: &u8| head[..end].contains(sign);
    if delimiter != b',' || has(&b',') {
        return delimiter;
    }
    [b';', b'\t', b'|'].into_iter().find(has).unwrap_or(delimiter)
}

impl Records for Delimited {
    fn advance(&mut self) -> Option<Result<Result<(), RowError>, IngestError>> {
        if self.done {
            return None;
        }
        let problem = match self.step() {
            Ok(Step::End) => {
                self.done = true;
                return None;
            }
            Ok(Step::Record) if self.n_fields == self.header.len() => return Some(Ok(Ok(()))),
            Ok(Step::Record) => {
                Problem::FieldCount { expected: self.header.len(), found: self.n_fields }
            }
            Ok(Step::TooLong) => Problem::TooLong,
            Err(error) => {
                self.done = true;
                return Some(Err(error));
            }
        };
        let text = String::from_utf8_lossy(&self.buffer[..self.n_bytes]);
        Some(Ok(Err(RowError::new("", &text, problem))))
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn field(&self, slot: usize) -> Field<'_> {
        text_field(self.bytes(self.slots[slot]))
    }

    fn original(&self) -> Value {
        let lossy = |bytes| truncated(&String::from_utf8_lossy(bytes), ORIGINAL_CHARS_MAX);
        if self.n_fields != self.header.len() {
            let fields = (0..self.n_fields).map(|idx| Value::String(lossy(self.bytes(idx))));
            let cut = Value::String(lossy(&self.buffer[..self.n_bytes]));
            return if self.n_fields > 0 { fields.collect() } else { cut };
        }
        let pairs = self.header.iter().enumerate();
        let fields: Map<String, Value> = pairs
            .map(|(idx, name)| (name.clone(), Value::String(lossy(self.bytes(idx)))))
            .collect();
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn semicolons_are_found_where_the_header_has_no_comma() {
        for (head, found) in
            [("a;b\n1,2", b';'), ("a,b;c\n", b','), ("a\n1;2", b','), ("a|b", b'|')]
        {
            assert_eq!(actual_delimiter(head.as_bytes(), b','), found, "{head:?}");
        }
        assert_eq!(actual_delimiter(b"a;b", b'\t'), b'\t');
    }

    /// Memory is bounded by construction: whatever the file holds, the reader
    /// owns one read-ahead buffer and one record of `LINE_BYTES_MAX` at most.
    #[test]
    fn buffers_do_not_grow_with_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        let mut file = std::fs::File::create(&path).expect("writable");
        file.write_all(b"id\n").expect("written");
        for n in 0..6 * LINE_BYTES_MAX / 1_000 {
            let open_quote = if n % 2_000 == 0 { "\"" } else { "" };
            writeln!(file, "{open_quote}{}", "y".repeat(999)).expect("written");
        }
        let columns = [Column { name: "id".into(), required: true }];
        let mut reader =
            Delimited::open(&path, b',', FileEncoding::Utf8, &columns).expect("a good file");
        let (mut good, mut too_long) = (0, 0);
        while let Some(row) = reader.advance() {
            match row.expect("no file error") {
                Ok(()) => good += 1,
                Err(error) if error.problem == Problem::TooLong => too_long += 1,
                Err(error) => panic!("{error}"),
            }
            assert!(reader.buffer.capacity() <= LINE_BYTES_MAX);
        }
        // What is read ahead is bounded by `TextInput`, which is tested there.
        assert!(good > 0 && too_long > 1, "{good} good, {too_long} too long");
    }
}
