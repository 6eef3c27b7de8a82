//! Delimited text as objects: the header's names with their texts.

use std::path::Path;

use serde_json::{Map, Value};

use crate::delimited::Delimited;
use crate::error::{IngestError, Problem};
use crate::input::FileEncoding;
use crate::objects::{NoObject, ObjectAt, ObjectSource};
use crate::records::{Field, Records};

/// How names of columns are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// As they stand there.
    AsWritten,
    /// In lower case, with underscores for blanks, and without Merchant's prefix:
    /// `Image link` and `g:image_link` are `image_link`.
    Merchant,
}

/// Yields each row of a delimited file as an object; empty fields are left out.
pub(crate) struct CsvObjects {
    rows: Delimited,
    names: Vec<String>,
}

impl CsvObjects {
    pub(crate) fn open(
        path: &Path,
        delimiter: u8,
        encoding: FileEncoding,
        header: Header,
    ) -> Result<Self, IngestError> {
        let rows = Delimited::open_all(path, delimiter, encoding)?;
        let named = |name: &String| match header {
            Header::AsWritten => name.clone(),
            Header::Merchant => {
                let name = name.trim().to_lowercase().replace(' ', "_");
                name.strip_prefix("g:").map(str::to_owned).unwrap_or(name)
            }
        };
        let names = rows.header().iter().map(named).collect();
        Ok(Self { rows, names })
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    fn object(&self) -> Result<Map<String, Value>, NoObject> {
        let mut object = Map::new();
        for (slot, name) in self.names.iter().enumerate() {
            match self.rows.field(slot) {
                Field::Text(text) => {
                    // Of two columns of one name the first that has a value counts.
                    object.entry(name.clone()).or_insert(Value::String(text.into_owned()));
                }
                Field::NotUtf8(text) => {
                    let mut bad = NoObject::new(&text, Problem::NotUtf8);
                    bad.error.column.clone_from(name);
                    bad.original = self.rows.original();
                    return Err(bad);
                }
                _ => {}
            }
        }
        Ok(object)
    }
}

impl ObjectSource for CsvObjects {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        let object = match self.rows.advance()? {
            Err(error) => return Some(Err(error)),
            Ok(Err(error)) => {
                Err(NoObject { error: Box::new(error), original: self.rows.original() })
            }
            Ok(Ok(())) => self.object(),
        };
        Some(Ok(ObjectAt { line: self.rows.line(), object }))
    }
}
