//! Files to tables.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{BATCH, Column, FormatError, Values, check_finite};
use crate::table::Texts;
use crate::vocabulary::Timestamp;

/// More rows than any table of ours has: a small file that claims more is not one of ours, and must not fill the memory.
const MAX_ROWS: usize = 20_000_000;

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
