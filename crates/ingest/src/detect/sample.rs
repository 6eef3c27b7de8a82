//! The columns of a file with some of their values.

use std::path::Path;

use serde_json::Value;

use super::FeedFile;
use crate::error::IngestError;
use crate::mapping::Format;
use crate::objects::{Object, field};
use crate::parquet_file::ParquetRows;
use crate::records::{Column, Field, Records, objects};

/// Records of which values are taken.
const RECORDS_MAX: usize = 200;
/// Most columns of a sample.
const COLUMNS_MAX: usize = 400;

/// A column with its values in the first records; those that are missing are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SampledColumn {
    pub name: String,
    pub values: Vec<String>,
}

/// The columns of a file, in the order in which they come, and how many records were looked at.
pub(super) fn sample(
    path: &Path,
    file: &FeedFile,
) -> Result<(Vec<SampledColumn>, usize), IngestError> {
    if file.format == Format::Parquet {
        return parquet(path);
    }
    let mut source = objects(path, file.format, file.layout())?;
    let (mut columns, mut n_records) = (Vec::new(), 0);
    while n_records < RECORDS_MAX {
        let Some(read) = source.next_object() else { break };
        if let Ok(object) = read?.object {
            n_records += 1;
            flatten("", &object, &mut columns);
        }
    }
    Ok((columns, n_records))
}

fn parquet(path: &Path) -> Result<(Vec<SampledColumn>, usize), IngestError> {
    let names = ParquetRows::readable_columns(path)?;
    let column = |name: &String| Column { name: name.clone(), required: false };
    let columns: Vec<Column> = names.iter().map(column).collect();
    let mut rows = ParquetRows::open(path, &columns)?;
    let mut sampled = Vec::new();
    let mut n_records = 0;
    while let (true, Some(row)) = (n_records < RECORDS_MAX, rows.advance()) {
        if row?.is_ok() {
            n_records += 1;
            for (slot, name) in names.iter().enumerate() {
                push(name, text(rows.field(slot)), &mut sampled);
            }
        }
    }
    Ok((sampled, n_records))
}

fn flatten(prefix: &str, object: &Object, columns: &mut Vec<SampledColumn>) {
    for (name, value) in object {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        leaf(&name, value, columns);
    }
}

fn leaf(name: &str, value: &Value, columns: &mut Vec<SampledColumn>) {
    match value {
        Value::Object(object) => flatten(name, object, columns),
        Value::Array(values) => match values.first() {
            Some(Value::Object(first)) => flatten(name, first, columns),
            Some(_) => {
                let texts: Vec<String> =
                    values.iter().filter_map(|value| text(field(value))).collect();
                push(name, Some(texts.join(", ")), columns);
            }
            None => {}
        },
        value => push(name, text(field(value)), columns),
    }
}

fn push(name: &str, value: Option<String>, columns: &mut Vec<SampledColumn>) {
    let idx = columns.iter().position(|column| column.name == name);
    let idx = idx.unwrap_or_else(|| {
        if columns.len() < COLUMNS_MAX {
            columns.push(SampledColumn { name: name.to_owned(), values: Vec::new() });
        }
        columns.len() - 1
    });
    if let (Some(value), true) = (value, columns[idx].name == name) {
        columns[idx].values.push(value);
    }
}

fn text(field: Field<'_>) -> Option<String> {
    match field {
        Field::Text(text) => Some(text.into_owned()),
        Field::Int(value) => Some(value.to_string()),
        Field::Float(value) => Some(value.to_string()),
        Field::Micros(micros, _) => {
            jiff::Timestamp::from_microsecond(micros).ok().map(|t| t.to_string())
        }
        _ => None,
    }
}
