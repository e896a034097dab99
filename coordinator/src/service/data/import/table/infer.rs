//! What the columns of a new data set hold, by all rows of its first file.

use std::fs::File;
use std::sync::Arc;

use common::vocabulary::{Column, ColumnKind, TableSchema};

use super::layout::Layout;
use super::options::Options;
use super::row::DELETED;
use super::sheet::{Fields, Sheet};
use super::value;
use crate::service::error::{Error, Result};

/// One value in so many may be no number, and the column still holds numbers: those rows are refused, and seen.
const ODD: u64 = 100;
/// A whole number of more digits is an id, and would not survive as a number.
const MOST_DIGITS: usize = 15;

/// What the values of a column look like.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    values: u64,
    numbers: u64,
    moments: u64,
    // Looks like a number, and is a name: 007.
    id: bool,
}

impl Seen {
    fn see(&mut self, text: &str) {
        if value::is_missing(text, ColumnKind::Number) {
            return;
        }
        self.values += 1;
        if value::number(text).is_ok() {
            self.numbers += 1;
            self.id |= is_id(text.trim());
        } else if value::iso(text).is_some() {
            self.moments += 1;
        }
    }

    fn kind(self) -> ColumnKind {
        let nearly_all = |some: u64| some > 0 && (self.values - some) * ODD <= self.values;
        match self {
            _ if nearly_all(self.numbers) && !self.id => ColumnKind::Number,
            _ if nearly_all(self.moments) => ColumnKind::Time,
            _ => ColumnKind::Text,
        }
    }
}

fn is_id(number: &str) -> bool {
    let digits = number.trim_start_matches(['-', '+']);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() > MOST_DIGITS || (digits.len() > 1 && digits.starts_with('0')))
}

/// The schema of a new data set, and which kinds were inferred.
pub(super) fn schema(file: &Arc<File>, layout: &Layout, options: &Options) -> Result<(TableSchema, Vec<bool>)> {
    for name in options.kinds.keys() {
        if !layout.names.contains(name) {
            let there = layout.names.join(", ");
            return Err(Error::invalid(format!("a kind is given for {name:?}, which is no column; there are {there}")));
        }
    }
    let declared = |name: &String| {
        let time = (options.time.as_ref() == Some(name)).then_some(ColumnKind::Time);
        // An id is a name, also where all that are known so far are numbers: the next may not be.
        let id = options.key.iter().flatten().any(|part| part == name).then_some(ColumnKind::Text);
        options.kinds.get(name).copied().or(time).or(id)
    };
    let mut seen = vec![Seen::default(); layout.names.len()];
    if layout.names.iter().any(|name| declared(name).is_none()) {
        look(file, layout, &mut seen)?;
    }
    let columns = layout.names.iter().zip(&seen).filter(|(name, _)| !name.eq_ignore_ascii_case(DELETED));
    let (columns, inferred): (Vec<Column>, Vec<bool>) = columns
        .map(|(name, seen)| {
            let known = declared(name);
            (Column { name: name.clone(), kind: known.unwrap_or_else(|| seen.kind()) }, known.is_none())
        })
        .unzip();
    Ok((TableSchema::new(columns, options.key.clone().unwrap_or_default(), options.time.clone())?, inferred))
}

fn look(file: &Arc<File>, layout: &Layout, seen: &mut [Seen]) -> Result<()> {
    let mut sheet = Sheet::open(file, layout.dialect)?;
    let mut fields = Fields::default();
    let mut header = layout.headed;
    while let Some((_, next)) = sheet.next(&mut fields)? {
        let skipped = std::mem::take(&mut header) || next.is_err() || fields.len() != seen.len();
        if !skipped {
            seen.iter_mut().zip(fields.iter()).for_each(|(seen, text)| seen.see(text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_holds_what_nearly_all_of_its_values_are() {
        let kind = |values: &[&str]| {
            let mut seen = Seen::default();
            values.iter().for_each(|value| seen.see(value));
            seen.kind()
        };
        assert_eq!(kind(&["1", "-2.5", "", "NA"]), ColumnKind::Number);
        assert_eq!(kind(&["1", "x"]), ColumnKind::Text);
        assert_eq!(kind(&["2020-03-27", "", "2020-03-27T08:30:00Z"]), ColumnKind::Time);
        assert_eq!(kind(&["", ""]), ColumnKind::Text);
        assert_eq!(kind(&["007", "1"]), ColumnKind::Text, "a zip code");
        assert_eq!(kind(&["1234567890123456789"]), ColumnKind::Text, "an id of many digits");
        assert_eq!(kind(&["0.5", "0", "00.5"]), ColumnKind::Number);
        let mut many = vec!["4"; 199];
        many.push("four");
        assert_eq!(kind(&many), ColumnKind::Number, "the odd one is refused");
    }
}
