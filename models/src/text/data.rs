//! What a data set holds becomes rows: what is bad is refused one by one, of texts with two labels the newest counts.

use std::collections::HashMap;

use super::canonical::canonical;
use crate::error::TrainError;

/// Least rows of the rarer class a training needs.
const MIN_MINORITY: usize = 10;

/// A row as it lies in its data set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextEntry {
    /// Names the row among the others.
    pub key: String,
    /// The text, meant to be UTF-8.
    pub text: Vec<u8>,
    /// Whether the row is of the class looked for.
    pub label: Option<bool>,
    /// What the row counts for, 0 or more; `None` is 1.
    pub weight: Option<f64>,
    /// The slice it is judged in, besides its writing style.
    pub group: Option<String>,
}

/// A row that can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Unique among the rows.
    pub key: String,
    /// Not blank.
    pub text: String,
    /// Whether it is of the class looked for.
    pub label: bool,
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
    /// Its index among the entries, from 0.
    pub entry: usize,
    /// Why, and what to do.
    pub reason: String,
}

/// The rows that can be read, in their order, and what became of the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts {
    /// They teach and judge.
    pub rows: Vec<Row>,
    /// Entries that could not be read.
    pub refused: Vec<Refusal>,
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
    /// Reads the rows that stand in a data set, the oldest first.
    pub fn of(entries: impl IntoIterator<Item = TextEntry>) -> Self {
        let mut texts = Self::default();
        for (at, entry) in entries.into_iter().enumerate() {
            match read(entry) {
                Ok(row) => texts.rows.push(row),
                Err(reason) => texts.refused.push(Refusal { entry: at, reason }),
            }
        }
        texts.weightless = texts.drop_rows(|row| row.weight == 0.0);
        texts.contradictions = texts.drop_contradicted();
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

fn read(TextEntry { key, text, label, weight, group }: TextEntry) -> Result<Row, String> {
    let text = String::from_utf8(text).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("the text of {key:?} is not UTF-8 from byte {at} on: save the file as UTF-8 and import it again")
    })?;
    if text.trim().is_empty() {
        return Err(format!("the text of {key:?} is empty: add one, or delete the row"));
    }
    let Some(label) = label else {
        return Err(format!("the row {key:?} has no label: add 0 or 1, or import it once the label is known"));
    };
    let weight = weight.unwrap_or(1.0);
    if !weight.is_finite() || weight < 0.0 {
        return Err(format!("the weight {weight} of {key:?} cannot be used: give a number of 0 or more"));
    }
    Ok(Row { key, text, label, weight, group })
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

    fn entry(key: &str, text: &str, label: u8) -> TextEntry {
        TextEntry { key: key.into(), text: text.into(), label: Some(label == 1), ..TextEntry::default() }
    }

    /// D6: the same text with two labels; the newest counts.
    #[test]
    fn contradicting_duplicates_are_resolved_and_counted() {
        let texts =
            Texts::of([entry("a", "Same text!", 0), entry("b", "@x same TEXT", 1), entry("c", "same text 2", 1)]);
        assert_eq!(texts.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(texts.contradictions, 1);
    }

    /// D6: what cannot be read is refused entry by entry, and nothing else is lost.
    #[test]
    fn bad_entries_are_refused_with_a_reason() {
        let texts = Texts::of([
            TextEntry { text: vec![b'a', 0xff], ..entry("a", "", 0) },
            entry("b", "  \n", 1),
            TextEntry { label: None, ..entry("c", "text", 0) },
            TextEntry { weight: Some(f64::NAN), ..entry("d", "text", 0) },
            TextEntry { weight: Some(0.0), ..entry("e", "no matter", 0) },
            entry("f", "good", 1),
        ]);
        assert_eq!((texts.rows.len(), texts.weightless), (1, 1));
        assert_eq!(texts.refused.iter().map(|refusal| refusal.entry).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let reasons = ["not UTF-8 from byte 1", "\"b\" is empty", "has no label", "weight NaN"];
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
