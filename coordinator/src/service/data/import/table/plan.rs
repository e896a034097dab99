//! What a file would do to a data set, before anything is written: its rows looked at one by one.

use std::fs::File;
use std::sync::Arc;

use common::vocabulary::TableSchema;

use super::super::Refusals;
use super::keys::{Keys, RowPositions};
use super::layout::Layout;
use super::options::Options;
use super::row::Rows;
use super::sheet::{Fields, Sheet};
use super::{infer, value};
use crate::db::entries::NewEntry;
use crate::service::error::{Error, Result};

/// A file that has been looked at.
pub(super) struct ImportPlan {
    file: Arc<File>,
    layout: Layout,
    rows: Rows,
    /// Which columns' kinds were inferred.
    pub(super) inferred: Vec<bool>,
    /// Rows read.
    pub(super) read: u64,
    /// Rows that a later one of the same key stands for, by their position among those read.
    pub(super) repeated: RowPositions,
    /// Rows that cannot be taken.
    pub(super) refused: Refusals,
}

impl ImportPlan {
    /// Looks at a file for a data set that has this schema, or none yet.
    pub(super) fn make(file: &Arc<File>, options: &Options, known: Option<&TableSchema>) -> Result<Self> {
        let layout = Layout::of(file, options)?;
        let (schema, inferred) = match known {
            None if options.delete => return Err(Error::not_found("data set of that name to delete from")),
            None => infer::schema(file, &layout, options)?,
            Some(schema) => (fitting(schema, options)?, vec![false; schema.columns().len()]),
        };
        let rows = Rows::new(schema, &layout, options)?;
        let (file, refused) = (Arc::clone(file), Refusals::default());
        let mut plan = Self { file, layout, rows, inferred, read: 0, repeated: RowPositions::default(), refused };
        plan.look(Keys::new(&options.scratch))?;
        if plan.read == 0 {
            return Err(Error::invalid(format!("{} holds no rows", options.file)));
        }
        Ok(plan)
    }

    /// The schema the rows have.
    pub(super) fn schema(&self) -> &TableSchema {
        self.rows.schema()
    }

    /// The rows that are taken, in order, each key once. It stops when `take` says so.
    pub(super) fn each(&self, mut take: impl FnMut(NewEntry) -> bool) -> Result<()> {
        self.records(|position, _, row| {
            if self.repeated.contains(position) {
                return true;
            }
            row.map_or(true, &mut take)
        })
    }

    fn look(&mut self, mut keys: Keys) -> Result<()> {
        let (mut read, mut refused, mut full) = (0, Refusals::default(), Ok(()));
        self.records(|position, line, row| {
            read += 1;
            match row {
                Ok(entry) => full = keys.push(&entry.key, position),
                Err(reason) => refused.add(line, reason),
            }
            full.is_ok()
        })?;
        full?;
        self.repeated = keys.repeated()?;
        (self.read, self.refused) = (read, refused);
        Ok(())
    }

    fn records(&self, mut take: impl FnMut(u32, u64, std::result::Result<NewEntry, String>) -> bool) -> Result<()> {
        let mut sheet = Sheet::open(&self.file, self.layout.dialect).map_err(broken)?;
        let mut fields = Fields::default();
        let mut header = self.layout.headed;
        let mut positions = 0..u32::MAX;
        while let Some((line, next)) = sheet.next(&mut fields).map_err(broken)? {
            if std::mem::take(&mut header) || (next.is_ok() && fields.is_blank()) {
                continue;
            }
            let Some(position) = positions.next() else {
                return Err(Error::invalid(format!("the file has more than {} rows: import it in parts", u32::MAX)));
            };
            if !take(position, line, next.and_then(|()| self.rows.entry(&fields))) {
                break;
            }
        }
        Ok(())
    }
}

fn broken(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::InvalidData => Error::invalid(error.to_string()),
        _ => error.into(),
    }
}

/// What is there already, unless the request says otherwise.
fn fitting(schema: &TableSchema, options: &Options) -> Result<TableSchema> {
    if let Some(key) = options.key.as_ref().filter(|key| *key != schema.key()) {
        let there = if schema.key().is_empty() { "what it holds".to_owned() } else { schema.key().join(", ") };
        return Err(Error::invalid(format!(
            "a row of this data set is named by {there}, not by {}: leave the key out, or import into a new data set",
            key.join(", ")
        )));
    }
    if let Some(time) = options.time.as_deref().filter(|time| Some(*time) != schema.time()) {
        let there = schema.time().unwrap_or("no column");
        return Err(Error::invalid(format!("the time of this data set is {there}, not {time}: leave it out")));
    }
    for (name, kind) in &options.kinds {
        match schema.columns().iter().find(|column| column.name == *name) {
            Some(column) if column.kind == *kind => {}
            Some(column) => {
                let there = column.kind;
                return Err(Error::invalid(format!(
                    "{name} holds {there} here, not {kind}: import into a new data set"
                )));
            }
            None => {
                return Err(Error::invalid(format!(
                    "a kind is given for {:?}, which is no column",
                    value::shortened(name)
                )));
            }
        }
    }
    Ok(schema.clone())
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::file;
    use super::*;

    fn options(key: &[&str]) -> Options {
        let key = (!key.is_empty()).then(|| key.iter().map(|name| (*name).to_owned()).collect());
        Options { file: "f.csv".into(), key, ..Options::default() }
    }

    fn keys(plan: &ImportPlan) -> Vec<String> {
        let mut keys = Vec::new();
        plan.each(|entry| {
            keys.push(entry.key);
            true
        })
        .unwrap();
        keys
    }

    #[test]
    fn the_last_row_of_a_key_is_taken_and_bad_rows_keep_no_other_out() {
        let text = "user,rating\nann,1\nbob,2\n\nann,3\ncat\nann,x\né,4\ndan,5\n".to_owned();
        let many: String = (0..300).map(|n| format!("u{n},4\n")).collect();
        let plan = ImportPlan::make(&file((text + &many).as_bytes()), &options(&["user"]), None).unwrap();
        assert_eq!((plan.read, plan.repeated.len(), plan.refused.count), (307, 1, 2));
        assert!(plan.repeated.contains(0));
        let refused: Vec<u64> = plan.refused.listed.iter().map(|row| row.line).collect();
        assert_eq!(refused, [6, 7]);
        assert_eq!(keys(&plan)[..4], ["bob", "ann", "é", "dan"]);
    }

    #[test]
    fn later_files_must_fit() {
        let first = ImportPlan::make(&file(b"user,rating\nann,1\n"), &options(&["user"]), None).unwrap();
        let known = first.schema().clone();
        let refused = |options: Options| {
            ImportPlan::make(&file(b"user,rating\nann,1\n"), &options, Some(&known)).err().unwrap().to_string()
        };
        assert!(refused(options(&["rating"])).starts_with("a row of this data set is named by user, not by rating"));
        assert!(
            refused(Options { time: Some("user".into()), ..options(&[]) })
                .starts_with("the time of this data set is no column")
        );
        let kinds = [("rating".to_owned(), common::vocabulary::ColumnKind::Text)].into();
        assert!(refused(Options { kinds, ..options(&[]) }).starts_with("rating holds number here, not text"));
        assert!(
            ImportPlan::make(&file(b"user,rating\n"), &options(&[]), Some(&known))
                .is_err_and(|e| e.to_string().contains("no rows"))
        );
    }
}
