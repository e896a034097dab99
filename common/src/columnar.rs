//! Tables of text, dates and reals as Parquet: flat, without nulls, Zstandard, readable by any Parquet library.
//!
//! The same rows always give the same bytes, so that a file can be named by its hash. Reading takes garbage of any kind and
//! answers with an error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{Compression, ConvertedType, Type as PhysicalType, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnDescriptor;

/// More rows than any table of ours has: a small file that claims more is not one of ours, and must not fill the memory.
const MAX_ROWS: usize = 20_000_000;

/// Values read at a time.
const BATCH: usize = 8192;

/// A Parquet file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It cannot be read as Parquet, or not be written.
    #[error("not a readable Parquet file: {0}")]
    Parquet(String),
    /// It has other columns.
    #[error("the columns are [{found}], but [{expected}] are needed")]
    Columns {
        /// The columns there are.
        found: String,
        /// The columns that are needed.
        expected: String,
    },
    /// One value cannot be.
    #[error("row {row}, column {column}: {reason}")]
    Value {
        /// Row, from 1.
        row: usize,
        /// Name of the column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no rows.
    #[error("there are no rows")]
    Empty,
}

impl From<ParquetError> for FormatError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error.to_string())
    }
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// UTF-8.
    Text(Vec<String>),
    /// Days.
    Date(Vec<NaiveDate>),
    /// Double precision, finite.
    Real(Vec<f64>),
}

/// A named column. All columns of a table have the same length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its values.
    pub(crate) values: Values,
}

impl Column {
    /// A column of this name.
    pub(crate) fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), values }
    }
}

/// Writes a table.
///
/// # Errors
/// A real that is not finite.
pub(crate) fn write(columns: &[Column]) -> Result<Bytes, FormatError> {
    let fields: String = columns.iter().map(|c| format!("REQUIRED {};\n", field_of(c))).collect();
    let schema = parse_message_type(&format!("message refit {{\n{fields}}}"))?;
    let properties = WriterProperties::builder()
        .set_created_by("refit".into())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(None)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in columns {
        let Some(mut out) = group.next_column()? else { break };
        match &column.values {
            Values::Text(texts) => {
                let texts: Vec<ByteArray> = texts.iter().map(|text| text.as_str().into()).collect();
                out.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
            }
            Values::Date(dates) => {
                let days: Vec<i32> = dates.iter().map(NaiveDate::to_epoch_days).collect();
                out.typed::<Int32Type>().write_batch(&days, None, None)?;
            }
            Values::Real(reals) => {
                check_finite(&column.name, reals)?;
                out.typed::<DoubleType>().write_batch(reals, None, None)?;
            }
        }
        out.close()?;
    }
    group.close()?;
    Ok(writer.into_inner()?.into())
}

fn field_of(column: &Column) -> String {
    let name = &column.name;
    match column.values {
        Values::Text(_) => format!("BYTE_ARRAY {name} (UTF8)"),
        Values::Date(_) => format!("INT32 {name} (DATE)"),
        Values::Real(_) => format!("DOUBLE {name}"),
    }
}

/// Reads a table of any columns of our three kinds.
///
/// # Errors
/// Not Parquet, damaged, nulls or nesting, other types, reals that are not finite, too many rows.
pub(crate) fn read(file: Bytes) -> Result<Vec<Column>, FormatError> {
    // Some damage makes the Parquet reader panic instead of returning an error, such as a negative offset of a column.
    catch_unwind(AssertUnwindSafe(|| read_columns(file)))
        .unwrap_or_else(|_| Err(FormatError::Parquet("damaged, the reader gave up".into())))
}

fn read_columns(file: Bytes) -> Result<Vec<Column>, FormatError> {
    let reader = SerializedFileReader::new(file)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let mut columns = schema.columns().iter().map(|c| empty_column(c)).collect::<Result<Vec<_>, _>>()?;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for (index, column) in columns.iter_mut().enumerate() {
            read_chunk(group.as_ref(), index, column)?;
        }
    }
    let lengths: Vec<usize> = columns.iter().map(|c| c.len()).collect();
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(FormatError::Parquet("columns of different lengths".into()));
    }
    Ok(columns)
}

impl Column {
    fn len(&self) -> usize {
        match &self.values {
            Values::Text(values) => values.len(),
            Values::Date(values) => values.len(),
            Values::Real(values) => values.len(),
        }
    }
}

fn empty_column(descriptor: &ColumnDescriptor) -> Result<Column, FormatError> {
    let name = descriptor.path().string();
    if descriptor.max_def_level() != 0 || descriptor.max_rep_level() != 0 {
        return Err(FormatError::Parquet(format!("column {name} may hold nulls or lists")));
    }
    let values = match (descriptor.physical_type(), descriptor.converted_type()) {
        (PhysicalType::BYTE_ARRAY, ConvertedType::UTF8) => Values::Text(Vec::new()),
        (PhysicalType::INT32, ConvertedType::DATE) => Values::Date(Vec::new()),
        (PhysicalType::DOUBLE, _) => Values::Real(Vec::new()),
        (other, _) => return Err(FormatError::Parquet(format!("column {name} is of type {other}"))),
    };
    Ok(Column { name, values })
}

fn read_chunk(group: &dyn RowGroupReader, index: usize, column: &mut Column) -> Result<(), FormatError> {
    let bad = |row: usize, reason: &str| FormatError::Value {
        row: row + 1,
        column: column.name.clone(),
        reason: reason.into(),
    };
    match &mut column.values {
        Values::Text(texts) => {
            for (row, text) in read_values::<ByteArrayType>(group, index)?.into_iter().enumerate() {
                texts.push(text.as_utf8().map_err(|_| bad(row, "not UTF-8"))?.to_owned());
            }
        }
        Values::Date(dates) => {
            for (row, days) in read_values::<Int32Type>(group, index)?.into_iter().enumerate() {
                dates.push(NaiveDate::from_epoch_days(days).ok_or_else(|| bad(row, "not a date"))?);
            }
        }
        Values::Real(reals) => {
            let read = read_values::<DoubleType>(group, index)?;
            check_finite(&column.name, &read)?;
            reals.extend(read);
        }
    }
    Ok(())
}

fn read_values<T: DataType>(group: &dyn RowGroupReader, index: usize) -> Result<Vec<T::T>, FormatError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let mut values = Vec::new();
    while reader.read_records(BATCH, None, None, &mut values)?.0 > 0 {
        if values.len() > MAX_ROWS {
            return Err(FormatError::Parquet(format!("more than {MAX_ROWS} rows")));
        }
    }
    Ok(values)
}

fn check_finite(column: &str, reals: &[f64]) -> Result<(), FormatError> {
    match reals.iter().position(|real| !real.is_finite()) {
        None => Ok(()),
        Some(row) => Err(FormatError::Value {
            row: row + 1,
            column: column.to_owned(),
            reason: format!("{} is not a finite number", reals[row]),
        }),
    }
}

/// The names of the columns, for [`FormatError::Columns`].
pub(crate) fn names(columns: &[Column]) -> String {
    columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")
}
