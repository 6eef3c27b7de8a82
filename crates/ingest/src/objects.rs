//! Formats whose records are objects: names with values, nested or repeated. A source yields
//! the objects; [`ObjectRecords`] finds the columns of a mapping in them by dotted path.

mod path;

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{IngestError, Problem, RowError, truncated};
use crate::records::{Column, Field, Records};
use crate::{ORIGINAL_CHARS_MAX, objects::path::values_at};

pub(crate) use path::texts_at;

/// Records looked at when a file is opened, to tell a wrong mapping from a bad row.
const PEEK_RECORDS: usize = 100;

/// Names with their values.
pub(crate) type Object = Map<String, Value>;

/// The next value of a file with its line, or that it is none; an error ends the file.
pub(crate) type ValueAt = Result<(u64, Result<Value, NoObject>), IngestError>;

/// A record that is no object, with what stands there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoObject {
    pub error: Box<RowError>,
    pub original: Value,
}

impl NoObject {
    /// What is wrong with a record of this text.
    pub(crate) fn new(text: &str, problem: Problem) -> Self {
        let original = Value::String(truncated(text.trim(), ORIGINAL_CHARS_MAX));
        Self { error: Box::new(RowError::new("", text.trim(), problem)), original }
    }
}

/// An object, or why there is none, and its 1-based line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ObjectAt {
    pub line: u64,
    pub object: Result<Object, NoObject>,
}

/// Yields the objects of a file one by one. After `None` or an error it is at its end.
pub(crate) trait ObjectSource {
    /// The next object.
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>>;
}

/// Finds columns in the objects of a source.
pub(crate) struct ObjectRecords {
    source: Box<dyn ObjectSource>,
    columns: Vec<String>,
    /// Read at opening, not yet yielded.
    ahead: VecDeque<ObjectAt>,
    current: ObjectAt,
    done: bool,
}

impl ObjectRecords {
    /// Absent names are usual in objects, so only required columns are looked for, in the
    /// first records.
    pub(crate) fn open(
        path: &Path,
        mut source: Box<dyn ObjectSource>,
        columns: &[Column],
    ) -> Result<Self, IngestError> {
        let mut ahead = VecDeque::new();
        let mut found = BTreeSet::new();
        let required = || columns.iter().filter(|column| column.required);
        let mut missing: Vec<String> = required().map(|column| column.name.clone()).collect();
        while ahead.len() < PEEK_RECORDS && (!missing.is_empty() || ahead.is_empty()) {
            let Some(read) = source.next_object() else { break };
            let read = read?;
            if let Ok(object) = &read.object {
                missing.retain(|name| values_at(object, name).is_empty());
                found.extend(object.keys().cloned());
            }
            ahead.push_back(read);
        }
        if !found.is_empty() && !missing.is_empty() {
            let found = found.into_iter().collect();
            return Err(IngestError::MissingColumns {
                path: path.to_owned(),
                columns: missing,
                found,
            });
        }
        let current = ObjectAt { line: 0, object: Ok(Object::new()) };
        let columns = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { source, columns, ahead, current, done: false })
    }
}

impl Records for ObjectRecords {
    fn advance(&mut self) -> Option<Result<Result<(), RowError>, IngestError>> {
        if self.done {
            return None;
        }
        self.current = match self.ahead.pop_front() {
            Some(read) => read,
            None => match self.source.next_object() {
                Some(Ok(read)) => read,
                Some(Err(error)) => {
                    self.done = true;
                    return Some(Err(error));
                }
                None => {
                    self.done = true;
                    return None;
                }
            },
        };
        Some(Ok(self.current.object.as_ref().map(|_| ()).map_err(|bad| (*bad.error).clone())))
    }

    fn line(&self) -> u64 {
        self.current.line
    }

    fn field(&self, slot: usize) -> Field<'_> {
        let Ok(object) = &self.current.object else { return Field::Missing };
        let mut values = values_at(object, &self.columns[slot]);
        match values.len() {
            0 => Field::Missing,
            1 => field(values.remove(0)),
            _ => Field::Many(values.into_iter().map(field).collect()),
        }
    }

    fn original(&self) -> Value {
        match &self.current.object {
            Ok(object) => Value::Object(object.clone()),
            Err(bad) => bad.original.clone(),
        }
    }
}

/// A JSON value as the value of a field.
pub(crate) fn field(value: &Value) -> Field<'_> {
    match value {
        Value::Null => Field::Missing,
        Value::String(text) if text.trim().is_empty() => Field::Missing,
        Value::String(text) => Field::Text(text.trim().into()),
        Value::Bool(value) => Field::Text(if *value { "true" } else { "false" }.into()),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Field::Int(value),
            // Beyond what a signed number holds, but exact.
            (None, Some(value)) => Field::Text(value.to_string().into()),
            (None, None) => number.as_f64().map_or(Field::Missing, Field::Float),
        },
        nested => Field::Nested(nested.to_string()),
    }
}

/// The error of a file, as a reader at its end yields it.
pub(crate) fn failed<T>(
    path: &Path,
    line: u64,
    source: std::io::Error,
) -> Option<Result<T, IngestError>> {
    let path: PathBuf = path.to_owned();
    Some(Err(IngestError::Read { path, line, source }))
}
