//! Tables to files.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::{BATCH, Column, FormatError, Values, check, check_finite};

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
