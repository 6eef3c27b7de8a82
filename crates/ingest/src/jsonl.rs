//! JSON lines, one bounded line at a time.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{IngestError, Problem, RowError, truncated};
use crate::records::{Column, Field, Records, open_file};
use crate::{LINE_BYTES_MAX, ORIGINAL_CHARS_MAX};

/// Lines looked at when a file is opened, to tell a wrong mapping from a bad row.
const PEEK_LINES: usize = 100;

/// Reader of one JSON object a line.
pub(crate) struct JsonLines {
    path: PathBuf,
    input: BufReader<File>,
    columns: Vec<String>,
    buffer: Vec<u8>,
    object: Map<String, Value>,
    parsed: bool,
    line: u64,
    done: bool,
}

impl JsonLines {
    /// Absent keys are usual in JSON, so only required columns are looked for,
    /// in the first lines.
    pub(crate) fn open(path: &Path, columns: &[Column]) -> Result<Self, IngestError> {
        let mut peek = Self::start(path, columns)?;
        let mut found = BTreeSet::new();
        for _ in 0..PEEK_LINES {
            match peek.advance() {
                None => break,
                Some(Err(error)) => return Err(error),
                Some(Ok(Err(_))) => {}
                Some(Ok(Ok(()))) => found.extend(peek.object.keys().cloned()),
            }
        }
        let is_missing = |column: &&Column| column.required && !found.contains(&column.name);
        let missing = columns.iter().filter(is_missing);
        let missing: Vec<String> = missing.map(|column| column.name.clone()).collect();
        if found.is_empty() || missing.is_empty() {
            return Self::start(path, columns);
        }
        Err(IngestError::MissingColumns {
            path: path.to_owned(),
            columns: missing,
            found: found.into_iter().collect(),
        })
    }

    fn start(path: &Path, columns: &[Column]) -> Result<Self, IngestError> {
        Ok(Self {
            path: path.to_owned(),
            input: BufReader::with_capacity(1 << 16, open_file(path)?),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
            buffer: Vec::new(),
            object: Map::new(),
            parsed: false,
            line: 0,
            done: false,
        })
    }

    /// Reads a line without its end; `None` at the end of the file, `Some(false)`
    /// when it was cut at `LINE_BYTES_MAX`.
    fn read_line(&mut self) -> std::io::Result<Option<bool>> {
        self.buffer.clear();
        let limit = LINE_BYTES_MAX as u64 + 1;
        if (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        let whole = self.buffer.last() == Some(&b'\n') || self.buffer.len() <= LINE_BYTES_MAX;
        if !whole {
            self.input.skip_until(b'\n')?;
        }
        if self.line == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.buffer.drain(..3);
        }
        Ok(Some(whole))
    }
}

impl Records for JsonLines {
    fn advance(&mut self) -> Option<Result<Result<(), RowError>, IngestError>> {
        if self.done {
            return None;
        }
        self.parsed = false;
        let whole = loop {
            match self.read_line() {
                Ok(Some(_)) if self.buffer.trim_ascii().is_empty() => {}
                Ok(Some(whole)) => break whole,
                Ok(None) => {
                    self.done = true;
                    return None;
                }
                Err(source) => {
                    self.done = true;
                    let (path, line) = (self.path.clone(), self.line);
                    return Some(Err(IngestError::Read { path, line, source }));
                }
            }
        };
        let problem = if !whole {
            Problem::TooLong
        } else if std::str::from_utf8(&self.buffer).is_err() {
            Problem::NotUtf8
        } else if let Ok(object) = serde_json::from_slice(&self.buffer) {
            (self.object, self.parsed) = (object, true);
            return Some(Ok(Ok(())));
        } else {
            Problem::NotJson
        };
        let text = String::from_utf8_lossy(&self.buffer);
        Some(Ok(Err(RowError::new("", text.trim(), problem))))
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn field(&self, slot: usize) -> Field<'_> {
        match self.object.get(&self.columns[slot]) {
            None | Some(Value::Null) => Field::Missing,
            Some(Value::String(text)) if text.trim().is_empty() => Field::Missing,
            Some(Value::String(text)) => Field::Text(Cow::Borrowed(text.trim())),
            Some(Value::Bool(value)) => {
                Field::Text(Cow::Borrowed(if *value { "true" } else { "false" }))
            }
            Some(Value::Number(number)) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Field::Int(value),
                // Beyond what a signed number holds, but exact.
                (None, Some(value)) => Field::Text(Cow::Owned(value.to_string())),
                (None, None) => number.as_f64().map_or(Field::Missing, Field::Float),
            },
            Some(nested) => Field::Nested(nested.to_string()),
        }
    }

    fn original(&self) -> Value {
        if self.parsed {
            return Value::Object(self.object.clone());
        }
        let text = String::from_utf8_lossy(&self.buffer);
        Value::String(truncated(text.trim(), ORIGINAL_CHARS_MAX))
    }
}
