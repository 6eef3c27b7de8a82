//! CSV and TSV, one bounded record at a time.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::error::{IngestError, Problem, RowError, truncated};
use crate::records::{Column, Field, Records, open_file, text_field};
use crate::{LINE_BYTES_MAX, ORIGINAL_CHARS_MAX};

/// Most columns of a file.
const COLUMNS_MAX: usize = 4_096;

/// Reader of delimiter-separated records with a header.
pub(crate) struct Delimited {
    path: PathBuf,
    input: BufReader<File>,
    core: Reader,
    header: Vec<String>,
    /// Index in the header, by slot.
    slots: Vec<usize>,
    buffer: Vec<u8>,
    ends: Vec<usize>,
    n_bytes: usize,
    n_fields: usize,
    ended: LineEnds,
    line: u64,
    done: bool,
}

/// Line ends consumed so far: LF, CR LF or a lone CR.
#[derive(Default)]
struct LineEnds {
    n: u64,
    after_cr: bool,
}

impl LineEnds {
    fn see(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.n += u64::from(byte == b'\r' || (byte == b'\n' && !self.after_cr));
            self.after_cr = byte == b'\r';
        }
    }
}

enum Step {
    Record,
    TooLong,
    End,
}

impl Delimited {
    pub(crate) fn open(
        path: &Path,
        delimiter: u8,
        columns: &[Column],
    ) -> Result<Self, IngestError> {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter);
        let mut reader = Self {
            path: path.to_owned(),
            input: BufReader::with_capacity(1 << 16, open_file(path)?),
            core: builder.build(),
            header: Vec::new(),
            slots: Vec::new(),
            buffer: vec![0; 4_096],
            ends: vec![0; 64],
            n_bytes: 0,
            n_fields: 0,
            ended: LineEnds::default(),
            line: 0,
            done: false,
        };
        if !matches!(reader.step()?, Step::Record) {
            return Err(IngestError::NoHeader { path: path.to_owned() });
        }
        reader.header = (0..reader.n_fields)
            .map(|idx| String::from_utf8_lossy(reader.bytes(idx)).trim().to_owned())
            .collect();
        reader.slots = reader.positions(columns)?;
        Ok(reader)
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
        self.line = self.ended.n + 1;
        (self.n_bytes, self.n_fields) = (0, 0);
        loop {
            let input = fill(&mut self.input, &self.path, self.ended.n)?;
            let (result, n_in, n_out, n_ends) = self.core.read_record(
                input,
                &mut self.buffer[self.n_bytes..],
                &mut self.ends[self.n_fields..],
            );
            self.ended.see(&input[..n_in]);
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
            let input = fill(&mut self.input, &self.path, self.ended.n)?;
            let n = input.iter().take_while(|&&byte| byte == b'\n' || byte == b'\r').count();
            let more = n > 0 && n == input.len();
            self.ended.see(&input[..n]);
            self.input.consume(n);
            if !more {
                return Ok(());
            }
        }
    }

    fn skip_rest_of_line(&mut self) -> Result<(), IngestError> {
        loop {
            let input = fill(&mut self.input, &self.path, self.ended.n)?;
            if input.is_empty() {
                return Ok(());
            }
            if let Some(at) = input.iter().position(|&byte| byte == b'\n') {
                self.ended.see(&input[..=at]);
                self.input.consume(at + 1);
                return Ok(());
            }
            let n = input.len();
            self.ended.see(input);
            self.input.consume(n);
        }
    }
}

fn fill<'a>(
    input: &'a mut BufReader<File>,
    path: &Path,
    line: u64,
) -> Result<&'a [u8], IngestError> {
    input.fill_buf().map_err(|source| IngestError::Read { path: path.to_owned(), line, source })
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

    /// Memory is bounded by construction: whatever the file holds, the reader
    /// owns one read-ahead buffer and one record of `LINE_BYTES_MAX` at most.
    #[test]
    fn buffers_do_not_grow_with_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        let mut file = File::create(&path).expect("writable");
        file.write_all(b"id\n").expect("written");
        for n in 0..6 * LINE_BYTES_MAX / 1_000 {
            let open_quote = if n % 2_000 == 0 { "\"" } else { "" };
            writeln!(file, "{open_quote}{}", "y".repeat(999)).expect("written");
        }
        let columns = [Column { name: "id".into(), required: true }];
        let mut reader = Delimited::open(&path, b',', &columns).expect("a good file");
        let (mut good, mut too_long) = (0, 0);
        while let Some(row) = reader.advance() {
            match row.expect("no file error") {
                Ok(()) => good += 1,
                Err(error) if error.problem == Problem::TooLong => too_long += 1,
                Err(error) => panic!("{error}"),
            }
            assert!(reader.buffer.capacity() <= LINE_BYTES_MAX);
            assert!(reader.input.capacity() <= 1 << 16);
        }
        assert!(good > 0 && too_long > 1, "{good} good, {too_long} too long");
    }
}
