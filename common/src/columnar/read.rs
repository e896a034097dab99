//! Files to tables.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{BATCH, Column, FormatError, Values, check_finite, pages};
use crate::table::Texts;
use crate::vocabulary::Timestamp;

/// What a table may hold, unpacked: more than any table of ours does, so that a small file that holds more is found out before it has
/// filled the memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Rows left.
    rows: usize,
    /// Bytes left.
    bytes: usize,
}

impl Room {
    /// For rows to learn from, or to predict for, which workers read.
    pub(crate) const ROWS: Self = Self { rows: 20_000_000, bytes: 8 << 30 };
    /// For what workers leave, which the coordinator reads.
    pub(crate) const ARTIFACT: Self = Self { rows: 5_000_000, bytes: 512 << 20 };
    /// For one group of a table that is read group by group.
    const GROUP: Self = Self { rows: 1_000_000, bytes: 128 << 20 };

    /// Takes room for one more value that has so many bytes, and so many rows.
    fn take(&mut self, rows: usize, bytes: usize) -> Result<(), FormatError> {
        match (self.rows.checked_sub(rows), self.bytes.checked_sub(bytes)) {
            (Some(rows), Some(bytes)) => {
                *self = Self { rows, bytes };
                Ok(())
            }
            (None, _) => Err(FormatError::Parquet("it holds more rows than any file of Refit".into())),
            (_, None) => Err(FormatError::Parquet("it unpacks to more than any file of Refit".into())),
        }
    }
}

/// Reads a table of any columns of our kinds.
///
/// # Errors
/// Not Parquet, damaged, nesting, nulls where we write none, other types, reals that are not finite, more than there is room for.
pub(crate) fn read(file: Bytes, room: Room) -> Result<Vec<Column>, FormatError> {
    // Some damage makes the Parquet reader panic instead of returning an error, such as a negative offset of a column.
    catch_unwind(AssertUnwindSafe(|| read_columns(file, room))).unwrap_or_else(|_| Err(gave_up()))
}

fn read_columns(file: Bytes, mut room: Room) -> Result<Vec<Column>, FormatError> {
    let reader = SerializedFileReader::new(file.clone())?;
    let mut columns = empty_columns(&reader)?;
    for group in 0..reader.num_row_groups() {
        check_pages(&file, &reader, group, room)?;
        read_group(&reader, group, &mut columns, &mut room)?;
    }
    Ok(columns)
}

/// Whether the pages of a group have room, by what they say of themselves.
fn check_pages<R: ChunkReader>(
    file: &R,
    reader: &dyn FileReader,
    group: usize,
    mut room: Room,
) -> Result<(), FormatError> {
    for column in reader.metadata().row_group(group).columns() {
        let (start, length) = column.byte_range();
        let length = usize::try_from(length).map_err(|_| gave_up())?;
        let unpacked = pages::unpacked(&file.get_bytes(start, length)?)?;
        room.take(0, usize::try_from(unpacked).unwrap_or(usize::MAX))?;
    }
    Ok(())
}

/// Reads a table group by group, as it was written.
pub(crate) struct Reader {
    bytes: File,
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
            let bytes = file.try_clone().map_err(|error| FormatError::Parquet(error.to_string()))?;
            let reader = SerializedFileReader::new(file)?;
            empty_columns(&reader)?;
            Ok(Self { bytes, file: reader, next: 0 })
        };
        catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(gave_up()))
    }

    /// The rows of the next group; none after the last.
    ///
    /// # Errors
    /// Damaged, nulls where we write none, reals that are not finite, more than a group has room for.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Column>>, FormatError> {
        if self.next == self.file.num_row_groups() {
            return Ok(None);
        }
        let read = || {
            let (mut columns, mut room) = (empty_columns(&self.file)?, Room::GROUP);
            check_pages(&self.bytes, &self.file, self.next, room)?;
            read_group(&self.file, self.next, &mut columns, &mut room)?;
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
fn read_group(
    reader: &dyn FileReader,
    group: usize,
    columns: &mut [Column],
    room: &mut Room,
) -> Result<(), FormatError> {
    let group = reader.get_row_group(group)?;
    for (index, column) in columns.iter_mut().enumerate() {
        // The rows are those of the longest column: each has room for all that are left.
        let mut of_column = *room;
        read_chunk(group.as_ref(), index, column, &mut of_column)?;
        room.bytes = of_column.bytes;
    }
    let lengths: Vec<usize> = columns.iter().map(|c| c.len()).collect();
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(FormatError::Parquet("columns of different lengths".into()));
    }
    room.take(usize::try_from(group.metadata().num_rows()).map_err(|_| gave_up())?, 0)
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

fn read_chunk(
    group: &dyn RowGroupReader,
    index: usize,
    column: &mut Column,
    room: &mut Room,
) -> Result<(), FormatError> {
    let bad = |row: usize, reason: &str| FormatError::Value {
        row: row + 1,
        column: column.name.clone(),
        reason: reason.into(),
    };
    match &mut column.values {
        Values::Text(texts) => read_values::<ByteArrayType>(group, index, |text| {
            room.take(1, text.len() + size_of::<String>())?;
            texts.push(text.as_utf8().map_err(|_| bad(texts.len(), "not UTF-8"))?.to_owned());
            Ok(())
        }),
        Values::Date(dates) => read_values::<Int32Type>(group, index, |days| {
            room.take(1, size_of::<NaiveDate>())?;
            dates.push(NaiveDate::from_epoch_days(days).ok_or_else(|| bad(dates.len(), "not a date"))?);
            Ok(())
        }),
        Values::Real(reals) => {
            let before = reals.len();
            read_values::<DoubleType>(group, index, |real| {
                room.take(1, size_of::<f64>())?;
                reals.push(real);
                Ok(())
            })?;
            check_finite(&column.name, reals.get(before..).unwrap_or_default())
        }
        Values::Whole(numbers) => read_values::<Int64Type>(group, index, |number| {
            room.take(1, size_of::<i64>())?;
            numbers.push(number);
            Ok(())
        }),
        Values::Flag(flags) => read_values::<BoolType>(group, index, |flag| {
            room.take(1, 1)?;
            flags.push(flag);
            Ok(())
        }),
        Values::SomeText(texts) => read_some::<ByteArrayType>(group, index, |text| {
            let text =
                text.as_ref().map(|text| text.as_utf8().map_err(|_| bad(texts.len(), "not UTF-8"))).transpose()?;
            room.take(1, text.map_or(0, str::len) + size_of::<(usize, bool)>())?;
            texts.push(text);
            Ok(())
        }),
        Values::SomeReal(reals) => read_some::<DoubleType>(group, index, |real| {
            if real.is_some_and(|real| !real.is_finite()) {
                return Err(bad(reals.len(), "not a finite number"));
            }
            room.take(1, size_of::<f64>())?;
            reals.push(real.unwrap_or(f64::NAN));
            Ok(())
        }),
        Values::SomeTime(times) => read_some::<Int64Type>(group, index, |time| {
            room.take(1, size_of::<Option<Timestamp>>())?;
            times.push(time.map(Timestamp));
            Ok(())
        }),
    }
}

/// Reads what is always there, some at a time.
fn read_values<T: DataType>(
    group: &dyn RowGroupReader,
    index: usize,
    mut take: impl FnMut(T::T) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let mut values = Vec::new();
    while reader.read_records(BATCH, None, None, &mut values)?.0 > 0 {
        values.drain(..).try_for_each(&mut take)?;
    }
    Ok(())
}

/// Reads what may be missing, some at a time.
fn read_some<T: DataType>(
    group: &dyn RowGroupReader,
    index: usize,
    mut take: impl FnMut(Option<T::T>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    loop {
        levels.clear();
        values.clear();
        let (rows, _, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        if rows == 0 {
            return Ok(());
        }
        let mut there = values.drain(..);
        for level in &levels {
            take(if *level == 0 { None } else { there.next() })?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columnar::write;

    fn texts(texts: impl IntoIterator<Item = String>) -> Bytes {
        write(&[Column::new("text", Values::Text(texts.into_iter().collect()))]).unwrap()
    }

    fn refused(file: Bytes, room: Room) -> String {
        read(file, room).unwrap_err().to_string()
    }

    /// A long text that stands in a dictionary once, and in every row: 700 bytes of file for 100 MB of texts.
    #[test]
    fn a_dictionary_is_no_bomb() {
        let long = "x".repeat(100_000);
        let file = texts(std::iter::repeat_n(long, 1000));
        assert!(file.len() < 10_000, "{}", file.len());
        let refused = refused(file.clone(), Room { rows: 10_000, bytes: 10 << 20 });
        assert!(refused.contains("unpacks to more"), "{refused}");
        assert!(read(file, Room { rows: 1000, bytes: 120 << 20 }).is_ok());
    }

    /// A page that unpacks to more than there is room for is not unpacked.
    #[test]
    fn a_page_is_no_bomb() {
        let file = texts(["x".repeat(10_000_000)]);
        assert!(file.len() < 10_000, "{}", file.len());
        let reader = SerializedFileReader::new(file.clone()).unwrap();
        let told = check_pages(&file, &reader, 0, Room { rows: 10, bytes: 1 << 20 }).unwrap_err().to_string();
        assert!(told.contains("unpacks to more"), "{told}");
        assert!(check_pages(&file, &reader, 0, Room { rows: 10, bytes: 11 << 20 }).is_ok());
    }

    #[test]
    fn rows_have_a_limit() {
        let file = texts((0..100).map(|n| n.to_string()));
        assert!(refused(file.clone(), Room { rows: 99, bytes: 1 << 20 }).contains("more rows"));
        assert!(read(file, Room { rows: 100, bytes: 1 << 20 }).is_ok());
    }
}
