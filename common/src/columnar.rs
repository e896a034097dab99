//! Tables of texts, days, numbers and moments as Parquet: flat, Zstandard, readable by any Parquet library.
//!
//! The same rows always give the same bytes, so that a file can be named by its hash. Reading takes garbage of any kind and
//! answers with an error.

use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnDescriptor, Type, TypePtr};

use crate::table::Texts;
use crate::vocabulary::Timestamp;

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
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// UTF-8, or missing.
    SomeText(Texts),
    /// Double precision, finite; NaN is missing.
    SomeReal(Vec<f64>),
    /// Microseconds UTC, or missing.
    SomeTime(Vec<Option<Timestamp>>),
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

/// Writes a table at once.
///
/// # Errors
/// A real that is not finite.
pub(crate) fn write(columns: &[Column]) -> Result<Bytes, FormatError> {
    let mut writer = Writer::new(Vec::new(), columns)?;
    writer.group(columns)?;
    Ok(writer.finish()?.into())
}

/// Writes a table piece by piece.
pub(crate) struct Writer<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> Writer<W> {
    /// A file of columns of these names and kinds.
    pub(crate) fn new(to: W, columns: &[Column]) -> Result<Self, FormatError> {
        let fields = columns.iter().map(field_of).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("refit").with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_created_by("refit".into())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_max_row_group_row_count(None)
            .build();
        Ok(Self(SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties))?))
    }

    /// Writes more rows, of the columns it was made for: one group of the file.
    pub(crate) fn group(&mut self, columns: &[Column]) -> Result<(), FormatError> {
        let mut group = self.0.next_row_group()?;
        for column in columns {
            let Some(mut out) = group.next_column()? else { break };
            write_column(&mut out, column)?;
            out.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes the end.
    pub(crate) fn finish(self) -> Result<W, FormatError> {
        Ok(self.0.into_inner()?)
    }
}

fn write_column(out: &mut SerializedColumnWriter<'_>, column: &Column) -> Result<(), FormatError> {
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
        Values::Whole(numbers) => {
            out.typed::<Int64Type>().write_batch(numbers, None, None)?;
        }
        Values::Flag(flags) => {
            out.typed::<BoolType>().write_batch(flags, None, None)?;
        }
        Values::SomeText(texts) => write_some::<ByteArrayType>(out, texts.iter().map(|text| text.map(Into::into)))?,
        Values::SomeReal(reals) => {
            check(&column.name, reals, |real| !real.is_infinite())?;
            write_some::<DoubleType>(out, reals.iter().map(|real| Some(*real).filter(|real| !real.is_nan())))?;
        }
        Values::SomeTime(times) => write_some::<Int64Type>(out, times.iter().map(|time| time.map(|time| time.0)))?,
    }
    Ok(())
}

/// Writes what is there, and where.
fn write_some<T: DataType>(
    out: &mut SerializedColumnWriter<'_>,
    mut values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), FormatError> {
    let (mut there, mut levels) = (Vec::new(), Vec::new());
    loop {
        there.clear();
        levels.clear();
        for value in values.by_ref().take(BATCH) {
            levels.push(i16::from(value.is_some()));
            there.extend(value);
        }
        if levels.is_empty() {
            return Ok(());
        }
        out.typed::<T>().write_batch(&there, Some(&levels), None)?;
    }
}

fn field_of(column: &Column) -> Result<TypePtr, FormatError> {
    const REQUIRED: Repetition = Repetition::REQUIRED;
    const OPTIONAL: Repetition = Repetition::OPTIONAL;
    let field = |kind, repetition| Type::primitive_type_builder(&column.name, kind).with_repetition(repetition);
    let text = |repetition| field(PhysicalType::BYTE_ARRAY, repetition).with_converted_type(ConvertedType::UTF8);
    let field = match column.values {
        Values::Text(_) => text(REQUIRED),
        Values::Date(_) => field(PhysicalType::INT32, REQUIRED)
            .with_logical_type(Some(LogicalType::Date))
            .with_converted_type(ConvertedType::DATE),
        Values::Real(_) => field(PhysicalType::DOUBLE, REQUIRED),
        Values::Whole(_) => field(PhysicalType::INT64, REQUIRED),
        Values::Flag(_) => field(PhysicalType::BOOLEAN, REQUIRED),
        Values::SomeText(_) => text(OPTIONAL),
        Values::SomeReal(_) => field(PhysicalType::DOUBLE, OPTIONAL),
        Values::SomeTime(_) => field(PhysicalType::INT64, OPTIONAL)
            .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            .with_converted_type(ConvertedType::TIMESTAMP_MICROS),
    };
    Ok(Arc::new(field.build()?))
}

/// Reads a table of any columns of our kinds.
///
/// # Errors
/// Not Parquet, damaged, nesting, nulls where we write none, other types, reals that are not finite, too many rows.
pub(crate) fn read(file: Bytes) -> Result<Vec<Column>, FormatError> {
    // Some damage makes the Parquet reader panic instead of returning an error, such as a negative offset of a column.
    catch_unwind(AssertUnwindSafe(|| read_columns(file))).unwrap_or_else(|_| Err(gave_up()))
}

fn read_columns(file: Bytes) -> Result<Vec<Column>, FormatError> {
    let reader = SerializedFileReader::new(file)?;
    let mut columns = empty_columns(&reader)?;
    for group in 0..reader.num_row_groups() {
        read_group(&reader, group, &mut columns)?;
    }
    Ok(columns)
}

/// Reads a table group by group, as it was written.
pub(crate) struct Reader {
    file: SerializedFileReader<File>,
    next: usize,
}

impl Reader {
    /// Opens a table of any columns of our kinds.
    ///
    /// # Errors
    /// Not Parquet, damaged, nesting, other types.
    pub(crate) fn open(file: File) -> Result<Self, FormatError> {
        let open = || -> Result<_, FormatError> {
            let reader = SerializedFileReader::new(file)?;
            empty_columns(&reader)?;
            Ok(Self { file: reader, next: 0 })
        };
        catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(gave_up()))
    }

    /// The rows of the next group; none after the last.
    ///
    /// # Errors
    /// Damaged, nulls where we write none, reals that are not finite, too many rows.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Column>>, FormatError> {
        if self.next == self.file.num_row_groups() {
            return Ok(None);
        }
        let read = || {
            let mut columns = empty_columns(&self.file)?;
            read_group(&self.file, self.next, &mut columns)?;
            Ok(Some(columns))
        };
        let group = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(gave_up()));
        self.next += 1;
        group
    }
}

fn gave_up() -> FormatError {
    FormatError::Parquet("damaged, the reader gave up".into())
}

fn empty_columns(reader: &dyn FileReader) -> Result<Vec<Column>, FormatError> {
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    schema.columns().iter().map(|column| empty_column(column)).collect()
}

/// Adds the rows of a group to the columns.
fn read_group(reader: &dyn FileReader, group: usize, columns: &mut [Column]) -> Result<(), FormatError> {
    let group = reader.get_row_group(group)?;
    for (index, column) in columns.iter_mut().enumerate() {
        read_chunk(group.as_ref(), index, column)?;
        check_rows(column.len())?;
    }
    let lengths: Vec<usize> = columns.iter().map(|c| c.len()).collect();
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(FormatError::Parquet("columns of different lengths".into()));
    }
    Ok(())
}

impl Column {
    fn len(&self) -> usize {
        match &self.values {
            Values::Text(values) => values.len(),
            Values::Date(values) => values.len(),
            Values::Real(values) | Values::SomeReal(values) => values.len(),
            Values::Whole(values) => values.len(),
            Values::Flag(values) => values.len(),
            Values::SomeText(values) => values.len(),
            Values::SomeTime(values) => values.len(),
        }
    }
}

fn empty_column(descriptor: &ColumnDescriptor) -> Result<Column, FormatError> {
    use PhysicalType::{BOOLEAN, BYTE_ARRAY, DOUBLE, INT32, INT64};
    let name = descriptor.path().string();
    if descriptor.max_rep_level() != 0 || descriptor.path().parts().len() != 1 {
        return Err(FormatError::Parquet(format!("column {name} holds lists or groups")));
    }
    let values = match (descriptor.physical_type(), descriptor.converted_type(), descriptor.max_def_level() != 0) {
        (BYTE_ARRAY, ConvertedType::UTF8, false) => Values::Text(Vec::new()),
        (INT32, ConvertedType::DATE, false) => Values::Date(Vec::new()),
        (DOUBLE, _, false) => Values::Real(Vec::new()),
        (INT64, ConvertedType::NONE, false) => Values::Whole(Vec::new()),
        (BOOLEAN, _, false) => Values::Flag(Vec::new()),
        (BYTE_ARRAY, ConvertedType::UTF8, true) => Values::SomeText(Texts::default()),
        (DOUBLE, _, true) => Values::SomeReal(Vec::new()),
        (INT64, ConvertedType::TIMESTAMP_MICROS, true) => Values::SomeTime(Vec::new()),
        (other, _, nulls) => {
            let nulls = if nulls { " with nulls" } else { "" };
            return Err(FormatError::Parquet(format!("column {name} is of type {other}{nulls}")));
        }
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
        Values::Whole(numbers) => numbers.extend(read_values::<Int64Type>(group, index)?),
        Values::Flag(flags) => flags.extend(read_values::<BoolType>(group, index)?),
        Values::SomeText(texts) => read_some::<ByteArrayType>(group, index, texts.len(), |text| {
            let text =
                text.as_ref().map(|text| text.as_utf8().map_err(|_| bad(texts.len(), "not UTF-8"))).transpose()?;
            texts.push(text);
            Ok(())
        })?,
        Values::SomeReal(reals) => read_some::<DoubleType>(group, index, reals.len(), |real| {
            if real.is_some_and(|real| !real.is_finite()) {
                return Err(bad(reals.len(), "not a finite number"));
            }
            reals.push(real.unwrap_or(f64::NAN));
            Ok(())
        })?,
        Values::SomeTime(times) => read_some::<Int64Type>(group, index, times.len(), |time| {
            times.push(time.map(Timestamp));
            Ok(())
        })?,
    }
    Ok(())
}

fn read_values<T: DataType>(group: &dyn RowGroupReader, index: usize) -> Result<Vec<T::T>, FormatError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let mut values = Vec::new();
    while reader.read_records(BATCH, None, None, &mut values)?.0 > 0 {
        check_rows(values.len())?;
    }
    Ok(values)
}

/// Reads what may be missing; `before` rows of the column have been read.
fn read_some<T: DataType>(
    group: &dyn RowGroupReader,
    index: usize,
    mut before: usize,
    mut take: impl FnMut(Option<T::T>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    loop {
        levels.clear();
        values.clear();
        let (rows, _, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        before += rows;
        check_rows(before)?;
        if rows == 0 {
            return Ok(());
        }
        let mut there = values.drain(..);
        for level in &levels {
            take(if *level == 0 { None } else { there.next() })?;
        }
    }
}

fn check_rows(rows: usize) -> Result<(), FormatError> {
    if rows > MAX_ROWS { Err(FormatError::Parquet(format!("more than {MAX_ROWS} rows"))) } else { Ok(()) }
}

fn check_finite(column: &str, reals: &[f64]) -> Result<(), FormatError> {
    check(column, reals, |real| real.is_finite())
}

fn check(column: &str, reals: &[f64], good: impl Fn(&f64) -> bool) -> Result<(), FormatError> {
    match reals.iter().position(|real| !good(real)) {
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
