//! Records of a file that is not imported: the same dialects and the same limits as of one that is.

use std::fs::File;
use std::sync::Arc;

use super::layout::Layout;
use super::options::Options;
use super::sheet::{Fields, Sheet};
use crate::service::error::{Error, Result};

/// A CSV file whose first line names its columns.
pub(crate) struct Records {
    sheet: Sheet,
    names: Vec<String>,
    fields: Fields,
}

impl Records {
    /// Behind the first line.
    ///
    /// # Errors
    /// There is none, or it is none of a CSV file.
    pub(crate) fn open(file: &Arc<File>) -> Result<Self> {
        let Layout { dialect, names, .. } =
            Layout::of(file, &Options { file: "the file".into(), ..Options::default() })?;
        let (mut sheet, mut fields) = (Sheet::open(file, dialect)?, Fields::default());
        sheet.next(&mut fields)?;
        Ok(Self { sheet, names, fields })
    }

    /// What its columns are called.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// It is too long, has other fields than the first line, or the file cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<&Fields>> {
        let Some((line, read)) = self.sheet.next(&mut self.fields)? else { return Ok(None) };
        let (fields, columns) = (self.fields.len(), self.names.len());
        match read {
            Err(reason) => Err(Error::invalid(format!("line {line} cannot be read: {reason}"))),
            Ok(()) if fields != columns => Err(Error::invalid(format!(
                "line {line} has {fields} fields, and the first line names {columns} columns"
            ))),
            Ok(()) => Ok(Some(&self.fields)),
        }
    }
}
