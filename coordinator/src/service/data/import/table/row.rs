//! One record of a file as an entry of the log. Pure.

use common::table::Cell;
use common::vocabulary::records::cell;
use common::vocabulary::{ContentHash, TableSchema};
use domain::outcome::Outcome;

use super::layout::Layout;
use super::options::Options;
use super::sheet::Fields;
use super::value;
use crate::db::entries::NewEntry;
use crate::service::error::Error;

/// The column that says of a row that it is deleted.
pub(super) const DELETED: &str = "deleted";
/// Longest key, bytes: what both databases find quickly.
const LONGEST_KEY: usize = 500;

/// Where the columns of a data set stand in a file.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    schema: TableSchema,
    key: Vec<usize>,
    time: Option<usize>,
    // For each column of the schema; one that is not needed may be absent.
    indices: Vec<Option<usize>>,
    deleted: Option<usize>,
    delete: bool,
    fields: usize,
    /// Indices of columns that models predict, and what rows may say there.
    outcomes: Vec<(usize, Outcome)>,
}

impl Rows {
    /// How the rows of such a file become entries of such a data set.
    pub(super) fn new(schema: TableSchema, layout: &Layout, options: &Options) -> Result<Self, Error> {
        let key: Vec<usize> = schema.key().iter().filter_map(|name| schema.position(name)).collect();
        let index = |name: &str| layout.names.iter().position(|there| there == name);
        let indices: Vec<Option<usize>> = schema.columns().iter().map(|column| index(&column.name)).collect();
        let needed = |at: usize| !options.delete || key.is_empty() || key.contains(&at);
        let columns = || schema.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        let missing = (0..indices.len()).filter(|at| indices[*at].is_none() && needed(*at));
        let missing: Vec<&str> = missing.map(|at| schema.columns()[at].name.as_str()).collect();
        if !missing.is_empty() {
            let named = if layout.headed { "its first line must name" } else { "the columns named must be" };
            return Err(Error::invalid(format!(
                "{} has no column {}; {named} {} (columns names those of a file whose first line does not)",
                options.file,
                missing.join(", "),
                columns()
            )));
        }
        let known = |name: &String| name.eq_ignore_ascii_case(DELETED) || schema.position(name).is_some();
        let added: Vec<&str> = layout.names.iter().filter(|name| !known(name)).map(String::as_str).collect();
        if !added.is_empty() && !options.delete {
            return Err(Error::invalid(format!(
                "{} has a column {} that the data set has not: it has {}. Leave it out, or import everything into a new data set \
                 that has it from its first file on",
                options.file,
                added.join(", "),
                columns()
            )));
        }
        for (at, name) in layout.names.iter().enumerate() {
            if layout.names[..at].contains(name) {
                return Err(Error::invalid(format!(
                    "{} has two columns called {name}: rename one of them",
                    options.file
                )));
            }
        }
        let deleted = layout.names.iter().position(|name| name.eq_ignore_ascii_case(DELETED));
        let time = schema.time().and_then(|name| schema.position(name));
        let expected = options.outcomes.iter();
        let outcomes = expected.filter_map(|of| Some((schema.position(&of.column)?, of.outcome.clone()))).collect();
        Ok(Self { key, time, indices, deleted, delete: options.delete, fields: layout.names.len(), outcomes, schema })
    }

    /// The data set's schema.
    pub(super) fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// The entry a record makes, or why it is refused.
    pub(super) fn entry(&self, fields: &Fields) -> Result<NewEntry, String> {
        if fields.len() != self.fields {
            let lines = fields.iter().map(|field| field.matches('\n').count()).sum::<usize>();
            let hint = match lines {
                0 => String::new(),
                lines => format!(", over {} lines: a quote that is never closed?", lines + 1),
            };
            return Err(format!("it has {} fields, there are {} columns{hint}", fields.len(), self.fields));
        }
        let deleted = self.delete || self.says_deleted(fields)?;
        let mut cells = Vec::with_capacity(self.indices.len());
        for (at, column) in self.schema.columns().iter().enumerate() {
            let needed = !deleted || self.key.is_empty() || self.key.contains(&at);
            let text = self.indices[at].filter(|_| needed).and_then(|index| fields.get(index)).unwrap_or_default();
            cells.push(value::read(text, column.kind).map_err(|reason| format!("{} {reason}", column.name))?);
        }
        if !deleted {
            self.read_outcomes(&mut cells)?;
        }
        let at = match self.time.and_then(|at| cells[at].as_ref()) {
            Some(Cell::Time(time)) => Some(*time),
            _ => None,
        };
        let stored = value::to_json(&cells);
        let key = self.key_of(&cells, &stored)?;
        Ok(if deleted {
            NewEntry { key, at, deleted, cells: "[]".into() }
        } else {
            NewEntry { key, at, deleted, cells: stored }
        })
    }

    /// Writes outcomes as they are written in the other rows; one that is missing may come later.
    fn read_outcomes(&self, cells: &mut [Option<Cell>]) -> Result<(), String> {
        for (at, outcome) in &self.outcomes {
            let Some(cell) = &mut cells[*at] else { continue };
            let text = value::as_key(cell);
            if cell::is_missing(&text) {
                continue;
            }
            let word = outcome.read(&text).map_err(|reason| {
                let name = &self.schema.columns()[*at].name;
                format!(
                    "{name} {reason}; if it is a new word, say --accept-new-words (the API's accept_new_words=true)"
                )
            })?;
            if let Cell::Text(text) = cell {
                *text = word;
            }
        }
        Ok(())
    }

    fn key_of(&self, cells: &[Option<Cell>], stored: &str) -> Result<String, String> {
        let part = |at: &usize| {
            let name = &self.schema.columns()[*at].name;
            cells[*at].as_ref().map(value::as_key).ok_or_else(|| format!("{name} is empty, and is part of the key"))
        };
        let key = match self.key.as_slice() {
            // Half of a SHA-256: no two different rows will ever share it.
            [] => ContentHash::of(stored.as_bytes()).to_string().split_off(32),
            [only] => part(only)?,
            several => {
                let parts = several.iter().map(|at| Ok(value::key_part(&part(at)?)));
                parts.collect::<Result<Vec<_>, String>>()?.join("|")
            }
        };
        if key.len() > LONGEST_KEY {
            return Err(format!("its key is longer than {LONGEST_KEY} bytes: {:?}…", value::shortened(&key)));
        }
        Ok(key)
    }

    fn says_deleted(&self, fields: &Fields) -> Result<bool, String> {
        let Some(text) = self.deleted.and_then(|index| fields.get(index)) else { return Ok(false) };
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "0" | "false" | "no" | "f" | "n" => Ok(false),
            "1" | "true" | "yes" | "t" | "y" => Ok(true),
            other => Err(format!("{DELETED} is {:?}: use true or false", value::shortened(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::{Column, ColumnKind, Timestamp};

    use super::super::sheet::Sheet;
    use super::super::sheet::tests::{COMMAS, file};
    use super::*;

    fn schema(key: &[&str]) -> TableSchema {
        let columns = [("user", ColumnKind::Text), ("rating", ColumnKind::Number), ("when", ColumnKind::Time)];
        let columns = columns.map(|(name, kind)| Column { name: name.into(), kind }).into();
        TableSchema::new(columns, key.iter().map(|name| (*name).to_owned()).collect(), Some("when".into())).unwrap()
    }

    fn rows(schema: TableSchema, names: &str, delete: bool) -> Result<Rows, Error> {
        let names = names.split(',').map(str::to_owned).collect();
        let layout = Layout { dialect: COMMAS, names, headed: true };
        Rows::new(schema, &layout, &Options { file: "f.csv".into(), delete, ..Options::default() })
    }

    fn entry(rows: &Rows, line: &str) -> Result<NewEntry, String> {
        let mut fields = Fields::default();
        Sheet::open(&file(line.as_bytes()), COMMAS).unwrap().next(&mut fields).unwrap().unwrap().1.unwrap();
        rows.entry(&fields)
    }

    #[test]
    fn a_row_becomes_an_entry_whatever_the_order_of_its_columns() {
        let rows = rows(schema(&["user"]), "when,user,rating", false).unwrap();
        let made = entry(&rows, "1970-01-02,ann,4").unwrap();
        let at = Some(Timestamp(86_400_000_000));
        assert_eq!(
            made,
            NewEntry { key: "ann".into(), at, deleted: false, cells: r#"["ann",4.0,86400000000]"#.into() }
        );
        assert_eq!(entry(&rows, "x,ann,4").unwrap_err().split(',').next(), Some("when is \"x\""));
        assert_eq!(entry(&rows, ",ann,inf").unwrap_err(), "rating is inf, not a finite number");
        assert_eq!(entry(&rows, ",,4").unwrap_err(), "user is empty, and is part of the key");
        assert_eq!(entry(&rows, "a,b").unwrap_err(), "it has 2 fields, there are 3 columns");
        assert!(entry(&rows, "\"a\nb\",c").unwrap_err().ends_with("over 2 lines: a quote that is never closed?"));
        assert!(entry(&rows, &format!(",{},1", "u".repeat(501))).unwrap_err().starts_with("its key is longer"));
    }

    #[test]
    fn a_key_of_several_columns_never_means_two_rows() {
        let columns = ["a", "b"].map(|name| Column { name: name.into(), kind: ColumnKind::Text }).into();
        let schema = TableSchema::new(columns, vec!["a".into(), "b".into()], None).unwrap();
        let rows = rows(schema, "a,b", false).unwrap();
        let keys = ["x|,y", "x,|y", "x\\|,y", "x\\,|y"].map(|line| entry(&rows, line).unwrap().key);
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), 4, "{keys:?}");
        assert_eq!(entry(&rows, "196,242").unwrap().key, "196|242");
    }

    #[test]
    fn a_row_without_a_key_is_named_by_what_it_holds() {
        let rows = rows(schema(&[]), "user,rating,when", false).unwrap();
        let key = |line| entry(&rows, line).unwrap().key;
        assert_eq!(key("ann,4,2020-01-01"), key("ann,4.0,1577836800"));
        assert_ne!(key("ann,4,2020-01-01"), key("ann,5,2020-01-01"));
    }

    #[test]
    fn deletions_need_nothing_but_the_key() {
        let flagged = rows(schema(&["user"]), "user,rating,when,Deleted", false).unwrap();
        let gone = entry(&flagged, "ann,,,TRUE").unwrap();
        assert_eq!((gone.key.as_str(), gone.deleted, gone.cells.as_str()), ("ann", true, "[]"));
        assert!(!entry(&flagged, "ann,3,,").unwrap().deleted);
        assert!(entry(&flagged, "ann,3,,maybe").unwrap_err().starts_with("deleted is \"maybe\""));
        let listed = rows(schema(&["user"]), "user,note", true).unwrap();
        assert!(entry(&listed, "ann,whatever").unwrap().deleted);
    }

    #[test]
    fn a_file_that_does_not_fit_says_what_to_do() {
        let refused = |names| rows(schema(&["user"]), names, false).unwrap_err().to_string();
        assert!(
            refused("user,when").starts_with("f.csv has no column rating; its first line must name user, rating, when")
        );
        let added = refused("user,rating,when,mood");
        assert!(added.contains("a column mood") && added.contains("a new data set"), "{added}");
        assert!(refused("user,rating,when,user").contains("two columns called user"));
    }
}
