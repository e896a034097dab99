//! A log of entries becomes rows: later entries of a key supersede, deletions remove, what is bad is refused one by one.

use std::collections::HashMap;

use super::canonical::{canonical, key};
use crate::error::TrainError;

/// Least rows of the rarer class a training needs.
const MIN_MINORITY: usize = 10;

/// One entry of the log, as an importer hands it over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Names the row; without one, the canonical form of the text does.
    pub key: Option<String>,
    /// The text, meant to be UTF-8.
    pub text: Vec<u8>,
    /// Whether the row is of the class looked for; a deletion needs none.
    pub label: Option<bool>,
    /// Days since 1970-01-01.
    pub date: Option<i32>,
    /// What the row counts for, 0 or more; `None` is 1.
    pub weight: Option<f64>,
    /// The slice it is judged in, besides its writing style.
    pub group: Option<String>,
    /// Takes back the row with this key (or text).
    pub deleted: bool,
}

/// One row that lives.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Unique among the rows.
    pub key: String,
    /// Not blank.
    pub text: String,
    /// Whether it is of the class looked for.
    pub label: bool,
    /// Days since 1970-01-01.
    pub date: Option<i32>,
    /// Finite, above 0.
    pub weight: f64,
    /// The slice it is judged in.
    pub group: Option<String>,
}

/// What a training or an evaluation sees of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Example<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether it is of the class looked for.
    pub label: bool,
    /// What the row counts for; finite, above 0.
    pub weight: f64,
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its place in the log, from 0.
    pub entry: usize,
    /// Why, and what to do.
    pub reason: String,
}

/// The rows that live, in the order of their newest entries, and what became of the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts {
    /// They teach and judge.
    pub rows: Vec<Row>,
    /// Entries that could not be read.
    pub refused: Vec<Refusal>,
    /// Entries that a later one of the same key replaced.
    pub superseded: usize,
    /// Rows that a later entry took back.
    pub deleted: usize,
    /// Rows whose canonical text came later with the other label: the newest label counts, these are left out.
    pub contradictions: usize,
    /// Rows of weight 0, left out.
    pub weightless: usize,
}

impl Row {
    /// What a training sees of it.
    pub fn example(&self) -> Example<'_> {
        Example { text: &self.text, label: self.label, weight: self.weight }
    }
}

impl Texts {
    /// Reads a log, oldest entry first.
    pub fn from_log(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut texts = Self::default();
        let mut live: HashMap<String, (usize, Option<Row>)> = HashMap::new();
        let mut relabelled = 0;
        for (at, entry) in entries.into_iter().enumerate() {
            let by_text = entry.key.is_none();
            let (key, row) = match read(entry) {
                Ok(read) => read,
                Err(reason) => {
                    texts.refused.push(Refusal { entry: at, reason });
                    continue;
                }
            };
            match live.remove(&key) {
                Some((_, Some(_))) if row.is_none() => texts.deleted += 1,
                Some((_, Some(old))) => {
                    texts.superseded += 1;
                    relabelled += usize::from(by_text && row.as_ref().is_some_and(|row| row.label != old.label));
                }
                _ => {}
            }
            live.insert(key, (at, row));
        }
        let mut rows: Vec<(usize, Row)> = live.into_values().filter_map(|(at, row)| Some((at, row?))).collect();
        rows.sort_unstable_by_key(|(at, _)| *at);
        texts.rows = rows.into_iter().map(|(_, row)| row).collect();
        texts.weightless = texts.drop_rows(|row| row.weight == 0.0);
        texts.contradictions = relabelled + texts.drop_contradicted();
        texts
    }

    fn drop_contradicted(&mut self) -> usize {
        let newest: HashMap<String, bool> = self.rows.iter().map(|row| (canonical(&row.text), row.label)).collect();
        self.drop_rows(|row| newest.get(&canonical(&row.text)).is_some_and(|label| *label != row.label))
    }

    fn drop_rows(&mut self, is_dropped: impl Fn(&Row) -> bool) -> usize {
        let before = self.rows.len();
        self.rows.retain(|row| !is_dropped(row));
        before - self.rows.len()
    }
}

/// The key of an entry, and its row unless it is a deletion.
fn read(entry: Entry) -> Result<(String, Option<Row>), String> {
    let text = String::from_utf8(entry.text).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("the text is not UTF-8 from byte {at} on: save the file as UTF-8 and import it again")
    })?;
    let is_blank = text.trim().is_empty();
    let key = match entry.key {
        Some(key) => key,
        None if is_blank => return Err("the text is empty, and there is no key: remove the entry".into()),
        None => key(&text),
    };
    if entry.deleted {
        return Ok((key, None));
    }
    if is_blank {
        return Err(format!("the text of {key:?} is empty: add one, or delete the row"));
    }
    let Some(label) = entry.label else {
        return Err(format!("the row {key:?} has no label: add 0 or 1, or import it once the label is known"));
    };
    let weight = entry.weight.unwrap_or(1.0);
    if !weight.is_finite() || weight < 0.0 {
        return Err(format!("the weight {weight} of {key:?} cannot be used: give a number of 0 or more"));
    }
    let row = Row { key: key.clone(), text, label, date: entry.date, weight, group: entry.group };
    Ok((key, Some(row)))
}

/// Checks that rows can teach: both classes, and enough of the rarer one.
pub(crate) fn check(rows: &[Example<'_>], what: &str) -> Result<(), TrainError> {
    let positives = rows.iter().filter(|row| row.label).count();
    let minority = positives.min(rows.len() - positives);
    if rows.is_empty() {
        return Err(TrainError::Data(format!("there are no {what} rows: import labelled texts")));
    }
    if let Some(bad) = rows.iter().find(|row| !row.weight.is_finite() || row.weight <= 0.0) {
        return Err(TrainError::Data(format!(
            "one of the {what} rows has the weight {}: it must be above 0",
            bad.weight
        )));
    }
    if minority == 0 {
        let label = u8::from(positives > 0);
        let (rows, other) = (rows.len(), 1 - label);
        return Err(TrainError::Data(format!(
            "all {rows} {what} rows have the label {label}: import rows with the label {other} too"
        )));
    }
    if minority < MIN_MINORITY {
        return Err(TrainError::Data(format!(
            "only {minority} of {} {what} rows are of the rarer class, at least {MIN_MINORITY} are needed: label more",
            rows.len()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, text: &str, label: u8) -> Entry {
        let key = (!key.is_empty()).then(|| key.to_owned());
        Entry { key, text: text.into(), label: Some(label == 1), ..Entry::default() }
    }

    fn deletion(key: &str) -> Entry {
        Entry { key: Some(key.into()), deleted: true, ..Entry::default() }
    }

    #[test]
    fn the_newest_entry_of_a_key_counts() {
        let log =
            [entry("a", "first", 0), entry("b", "other", 1), entry("a", "second", 1), deletion("b"), deletion("x")];
        let texts = Texts::from_log(log);
        assert_eq!(texts.rows.iter().map(|row| (row.text.as_str(), row.label)).collect::<Vec<_>>(), [("second", true)]);
        assert_eq!((texts.superseded, texts.deleted, texts.contradictions), (1, 1, 0));
        let back = Texts::from_log([entry("b", "other", 1), deletion("b"), entry("b", "again", 0)]);
        assert_eq!((back.rows.len(), back.superseded, back.deleted), (1, 0, 1));
    }

    /// D6: the same text with two labels; the newest counts.
    #[test]
    fn contradicting_duplicates_are_resolved_and_counted() {
        let keyed = [entry("a", "Same text!", 0), entry("b", "@x same TEXT", 1), entry("c", "same text 2", 1)];
        let texts = Texts::from_log(keyed);
        assert_eq!(texts.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(texts.contradictions, 1);
        let unkeyed = Texts::from_log([entry("", "Same text!", 0), entry("", "same text", 1)]);
        assert_eq!((unkeyed.rows.len(), unkeyed.rows[0].label, unkeyed.contradictions), (1, true, 1));
    }

    /// D6: what cannot be read is refused entry by entry, and nothing else is lost.
    #[test]
    fn bad_entries_are_refused_with_a_reason() {
        let log = [
            Entry { text: vec![b'a', 0xff], ..entry("a", "", 0) },
            entry("b", "  \n", 1),
            entry("", " ", 1),
            Entry { label: None, ..entry("c", "text", 0) },
            Entry { weight: Some(f64::NAN), ..entry("d", "text", 0) },
            Entry { weight: Some(0.0), ..entry("e", "no matter", 0) },
            entry("f", "good", 1),
        ];
        let texts = Texts::from_log(log);
        assert_eq!((texts.rows.len(), texts.weightless), (1, 1));
        assert_eq!(texts.refused.iter().map(|refusal| refusal.entry).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        let reasons = ["not UTF-8 from byte 1", "\"b\" is empty", "no key", "has no label", "weight NaN"];
        for (refusal, reason) in texts.refused.iter().zip(reasons) {
            assert!(refusal.reason.contains(reason), "{refusal:?}");
        }
    }

    /// D6: one class only, or too few of the rarer one.
    #[test]
    fn rows_that_cannot_teach_are_refused() {
        let example = |label| Example { text: "text", label, weight: 1.0 };
        let message = |rows: &[Example<'_>]| check(rows, "training").unwrap_err().to_string();
        assert!(message(&[]).contains("no training rows"));
        assert!(
            message(&[example(false); 20])
                .contains("all 20 training rows have the label 0: import rows with the label 1")
        );
        let few: Vec<_> = (0..50).map(|n| example(n < 9)).collect();
        assert!(message(&few).contains("only 9 of 50"), "{}", message(&few));
        check(&(0..50).map(|n| example(n < 10)).collect::<Vec<_>>(), "training").unwrap();
    }
}
