//! Parquet, one record batch at a time, only the mapped columns.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use serde_json::{Map, Value};

use crate::PARQUET_BATCH_ROWS;
use crate::error::{IngestError, RowError};
use crate::records::{Column, Field, Records, open_file};

/// Reader of a Parquet file's rows.
pub(crate) struct ParquetRows {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    columns: Vec<String>,
    /// Type each column is read as, by slot.
    types: Vec<DataType>,
    /// Current batch, by slot.
    arrays: Vec<ArrayRef>,
    n_rows: usize,
    row: usize,
    /// Rows of earlier batches.
    rows_before: u64,
    done: bool,
}

impl ParquetRows {
    pub(crate) fn open(path: &Path, columns: &[Column]) -> Result<Self, IngestError> {
        let file = open_file(path)?;
        let damaged = |source| IngestError::Parquet { path: path.to_owned(), row: 0, source };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        let schema = builder.schema();
        let missing: Vec<String> = columns
            .iter()
            .filter(|column| schema.column_with_name(&column.name).is_none())
            .map(|column| column.name.clone())
            .collect();
        if !missing.is_empty() {
            return Err(IngestError::MissingColumns {
                path: path.to_owned(),
                columns: missing,
                found: schema.fields().iter().map(|field| field.name().clone()).collect(),
            });
        }
        let mut roots = Vec::with_capacity(columns.len());
        let mut types = Vec::with_capacity(columns.len());
        for (root, field) in columns.iter().filter_map(|of| schema.column_with_name(&of.name)) {
            let n = schema.fields().iter().filter(|other| other.name() == field.name()).count();
            if n > 1 {
                let (path, column) = (path.to_owned(), field.name().clone());
                return Err(IngestError::DuplicateColumn { path, column, n });
            }
            let data_type = field.data_type();
            types.push(read_as(data_type).ok_or_else(|| IngestError::ColumnType {
                path: path.to_owned(),
                column: field.name().clone(),
                data_type: data_type.to_string(),
            })?);
            roots.push(root);
        }
        if let Some(codec) = unread_codec(&builder, &roots) {
            return Err(IngestError::Compression { path: path.to_owned(), codec });
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let batches = builder
            .with_projection(mask)
            .with_batch_size(PARQUET_BATCH_ROWS)
            .build()
            .map_err(damaged)?;
        Ok(Self {
            path: path.to_owned(),
            batches,
            columns: columns.iter().map(|column| column.name.clone()).collect(),
            types,
            arrays: Vec::new(),
            n_rows: 0,
            row: 0,
            rows_before: 0,
            done: false,
        })
    }

    fn load(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.arrays.clear();
        for (name, read_as) in self.columns.iter().zip(&self.types) {
            let array = batch
                .column_by_name(name)
                .ok_or_else(|| ArrowError::SchemaError(format!("column {name} went missing")))?;
            let cast = if array.data_type() == read_as {
                array.clone()
            } else {
                arrow_cast::cast(array, read_as)?
            };
            self.arrays.push(cast);
        }
        self.n_rows = batch.num_rows();
        Ok(())
    }
}

/// The codec of one of these columns that this build cannot decompress.
fn unread_codec(
    builder: &ParquetRecordBatchReaderBuilder<File>,
    roots: &[usize],
) -> Option<String> {
    let schema = builder.parquet_schema();
    let groups = builder.metadata().row_groups().iter();
    let chunks = groups.flat_map(|group| group.columns().iter().enumerate());
    let mapped = chunks.filter(|(leaf, _)| roots.contains(&schema.get_column_root_idx(*leaf)));
    mapped.map(|(_, chunk)| chunk.compression()).find_map(|codec| match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => None,
        // Without its level: "GZIP(GzipLevel(6))".
        other => Some(other.to_string().split('(').next().unwrap_or_default().to_lowercase()),
    })
}

/// The type a column is cast to for reading; `None` when it is nested.
fn read_as(data_type: &DataType) -> Option<DataType> {
    use DataType as T;
    match data_type {
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 => {
            Some(T::Int64)
        }
        T::Float16 | T::Float32 | T::Float64 => Some(T::Float64),
        T::Timestamp(_, zone) => Some(T::Timestamp(TimeUnit::Microsecond, zone.clone())),
        T::Date32 | T::Date64 => Some(T::Timestamp(TimeUnit::Microsecond, None)),
        T::Dictionary(_, values) => read_as(values),
        T::UInt64
        | T::Boolean
        | T::Utf8
        | T::LargeUtf8
        | T::Utf8View
        | T::Binary
        | T::LargeBinary
        | T::BinaryView
        | T::Decimal32(..)
        | T::Decimal64(..)
        | T::Decimal128(..)
        | T::Decimal256(..) => Some(T::Utf8),
        _ => None,
    }
}

impl Records for ParquetRows {
    fn advance(&mut self) -> Option<Result<Result<(), RowError>, IngestError>> {
        if self.done {
            return None;
        }
        self.row += 1;
        while self.row >= self.n_rows {
            self.rows_before += self.n_rows as u64;
            (self.row, self.n_rows) = (0, 0);
            let loaded = match self.batches.next() {
                None => {
                    self.done = true;
                    return None;
                }
                Some(Ok(batch)) => self.load(&batch),
                Some(Err(error)) => Err(error),
            };
            if let Err(error) = loaded {
                self.done = true;
                return Some(Err(IngestError::Parquet {
                    path: self.path.clone(),
                    row: self.rows_before,
                    source: ParquetError::from(error),
                }));
            }
        }
        Some(Ok(Ok(())))
    }

    fn line(&self) -> u64 {
        self.rows_before + self.row as u64 + 1
    }

    fn field(&self, slot: usize) -> Field<'_> {
        let (array, row) = (&self.arrays[slot], self.row);
        if array.is_null(row) {
            return Field::Missing;
        }
        match array.data_type() {
            DataType::Int64 => Field::Int(array.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => Field::Float(array.as_primitive::<Float64Type>().value(row)),
            DataType::Timestamp(_, zone) => Field::Micros(
                array.as_primitive::<TimestampMicrosecondType>().value(row),
                zone.is_some(),
            ),
            _ => match array.as_string::<i32>().value(row).trim() {
                "" => Field::Missing,
                text => Field::Text(Cow::Borrowed(text)),
            },
        }
    }

    fn original(&self) -> Value {
        let fields: Map<String, Value> = (self.columns.iter().enumerate())
            .map(|(slot, name)| (name.clone(), as_json(self.field(slot))))
            .collect();
        Value::Object(fields)
    }
}

fn as_json(field: Field<'_>) -> Value {
    match field {
        Field::Missing => Value::Null,
        Field::Text(text) => Value::String(text.into_owned()),
        Field::NotUtf8(text) | Field::Nested(text) => Value::String(text),
        Field::Int(value) => value.into(),
        Field::Float(value) => value.into(),
        Field::Micros(micros, _) => jiff::Timestamp::from_microsecond(micros)
            .map_or_else(|_| micros.into(), |time| time.to_string().into()),
    }
}
