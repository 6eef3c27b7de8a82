//! JSON lines, one bounded line at a time.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::object;
use crate::LINE_BYTES_MAX;
use crate::error::{IngestError, Problem};
use crate::input::TextInput;
use crate::objects::{NoObject, ObjectAt, ObjectSource, failed};

/// Reader of one JSON object a line.
pub(crate) struct JsonLines {
    path: PathBuf,
    input: TextInput,
    buffer: Vec<u8>,
    line: u64,
}

impl JsonLines {
    pub(crate) fn new(path: &Path, input: TextInput) -> Self {
        Self { path: path.to_owned(), input, buffer: Vec::new(), line: 0 }
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
        Ok(Some(whole))
    }
}

impl ObjectSource for JsonLines {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        let whole = loop {
            match self.read_line() {
                Ok(Some(_)) if self.buffer.trim_ascii().is_empty() => {}
                Ok(Some(whole)) => break whole,
                Ok(None) => return None,
                Err(source) => return failed(&self.path, self.line, source),
            }
        };
        let object = if whole {
            object(&self.buffer)
        } else {
            Err(NoObject::new(&String::from_utf8_lossy(&self.buffer), Problem::TooLong))
        };
        Some(Ok(ObjectAt { line: self.line, object }))
    }
}
