//! Parquet, one record batch at a time, only the mapped columns.

use std::borrow::Cow;
use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use serde_json::{Map, Value};

use crate::error::{IngestError, RowError};
use crate::records::{Column, Field, Records, open_file};
use crate::{PARQUET_BATCH_BYTES_MAX, PARQUET_BATCH_ROWS};

/// Compression beyond which a column of more than [`PARQUET_BATCH_BYTES_MAX`] is refused. Columns
/// of one value are small in Parquet without compression, so real ones do not come near.
const COMPRESSION_RATIO_MAX: u64 = 1_000;

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
    /// The names of the columns that can be read, each once.
    pub(crate) fn readable_columns(path: &Path) -> Result<Vec<String>, IngestError> {
        let file = open_file(path)?;
        let damaged = |source| IngestError::Parquet { path: path.to_owned(), row: 0, source };
        let metadata =
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
        let fields = metadata.schema().fields();
        let n_named = |name: &String| fields.iter().filter(|field| field.name() == name).count();
        let readable = fields.iter().filter(|field| read_as(field.data_type()).is_some());
        Ok(readable.map(|field| field.name().clone()).filter(|name| n_named(name) == 1).collect())
    }

    pub(crate) fn open(path: &Path, columns: &[Column]) -> Result<Self, IngestError> {
        let file = open_file(path)?;
        let damaged = |source| IngestError::Parquet { path: path.to_owned(), row: 0, source };
        let metadata =
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
        let options = ArrowReaderOptions::new().with_schema(with_views(metadata.schema()));
        let metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options);
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.map_err(damaged)?);
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
        if let Some(column) = misplaced_column(&builder) {
            let text = format!("column {column} begins or ends before the file does");
            return Err(damaged(ParquetError::General(text)));
        }
        let n_rows = batch_rows(path, &builder, &roots)?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let batches =
            builder.with_projection(mask).with_batch_size(n_rows).build().map_err(damaged)?;
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
            let is_text = matches!(array.data_type(), DataType::Utf8View | DataType::BinaryView);
            let cast = match read_as {
                same if array.data_type() == same => array.clone(),
                // Numbers that are read as text are short.
                DataType::Utf8View if !is_text => {
                    arrow_cast::cast(&arrow_cast::cast(array, &DataType::Utf8)?, read_as)?
                }
                other => arrow_cast::cast(array, other)?,
            };
            self.arrays.push(cast);
        }
        self.n_rows = batch.num_rows();
        Ok(())
    }
}

/// The schema with texts and bytes as views: rows that share a value of a dictionary then share
/// its bytes, where copies of one long value would take gigabytes.
fn with_views(schema: &SchemaRef) -> SchemaRef {
    fn view(data_type: &DataType) -> Option<DataType> {
        match data_type {
            DataType::Utf8 | DataType::LargeUtf8 => Some(DataType::Utf8View),
            DataType::Binary | DataType::LargeBinary => Some(DataType::BinaryView),
            DataType::Dictionary(_, values) => view(values),
            _ => None,
        }
    }
    let fields: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| match view(field.data_type()) {
            Some(data_type) => field.as_ref().clone().with_data_type(data_type).into(),
            None => field.clone(),
        })
        .collect();
    Schema::new_with_metadata(fields, schema.metadata().clone()).into()
}

/// How many rows are decoded at once, so that on average they take at most
/// [`PARQUET_BATCH_BYTES_MAX`].
///
/// # Errors
/// [`IngestError::ParquetTooLarge`] where a column is compressed as only a file is that was made
/// to fill the memory.
fn batch_rows(
    path: &Path,
    builder: &ParquetRecordBatchReaderBuilder<File>,
    roots: &[usize],
) -> Result<usize, IngestError> {
    let schema = builder.parquet_schema();
    let mut row_bytes_max = 1;
    for group in builder.metadata().row_groups() {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        let mut group_bytes = 0_u64;
        let chunks = group.columns().iter().enumerate();
        for (_, chunk) in
            chunks.filter(|(leaf, _)| roots.contains(&schema.get_column_root_idx(*leaf)))
        {
            let bytes = u64::try_from(chunk.uncompressed_size()).unwrap_or(u64::MAX);
            let compressed = u64::try_from(chunk.compressed_size()).unwrap_or(0).max(1);
            if bytes > PARQUET_BATCH_BYTES_MAX && bytes / compressed > COMPRESSION_RATIO_MAX {
                let (path, column) = (path.to_owned(), chunk.column_path().string());
                return Err(IngestError::ParquetTooLarge { path, column, bytes, rows });
            }
            group_bytes = group_bytes.saturating_add(bytes);
        }
        row_bytes_max = row_bytes_max.max(group_bytes.div_ceil(rows));
    }
    let n_rows = usize::try_from(PARQUET_BATCH_BYTES_MAX / row_bytes_max).unwrap_or(usize::MAX);
    Ok(n_rows.clamp(1, PARQUET_BATCH_ROWS))
}

/// A column whose place in a damaged file is negative, for which the reader would panic.
fn misplaced_column(builder: &ParquetRecordBatchReaderBuilder<File>) -> Option<String> {
    let mut chunks = builder.metadata().row_groups().iter().flat_map(|group| group.columns());
    let misplaced = chunks.find(|chunk| {
        let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
        start < 0 || chunk.compressed_size() < 0
    });
    misplaced.map(|chunk| chunk.column_path().string())
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
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::GZIP(_)
        | Compression::BROTLI(_)
        | Compression::LZ4
        | Compression::LZ4_RAW
        | Compression::ZSTD(_) => None,
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
        | T::Decimal256(..) => Some(T::Utf8View),
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
            // The decoder panics on pages that are damaged in ways that it does not know; it
            // is not asked again.
            let next = panic::catch_unwind(AssertUnwindSafe(|| self.batches.next()));
            let loaded = match next {
                Ok(None) => {
                    self.done = true;
                    return None;
                }
                Ok(Some(Ok(batch))) => self.load(&batch),
                Ok(Some(Err(error))) => Err(error),
                Err(_) => Err(ArrowError::ParquetError("a page is damaged".to_owned())),
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
            _ => match array.as_string_view().value(row).trim() {
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
        Field::Many(values) => values.into_iter().map(as_json).collect(),
        Field::Int(value) => value.into(),
        Field::Float(value) => value.into(),
        Field::Micros(micros, _) => jiff::Timestamp::from_microsecond(micros)
            .map_or_else(|_| micros.into(), |time| time.to_string().into()),
    }
}
