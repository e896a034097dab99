//! Tables whose columns are as wide as their words: names, ids and numbers are never broken, sentences are broken between words.

use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width};
use common::visible::visible_lines;
use unicode_width::UnicodeWidthStr;

/// Widest table shown where there is room for its words, in columns: fits a page of documentation; a narrower terminal has its own
/// say.
const WIDEST: u16 = 100;
/// Blanks around a cell.
const PADDING: usize = 2;
/// The blank between two columns.
const GAP: usize = 1;
/// Free text keeps at least so many columns, if it has as many …
const NARROW: usize = 12;
/// … and as many as its longest word, up to here: longer ones may be broken.
const TEXT: usize = 16;

/// A rule below the headings, and no other lines.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table that is laid out once all its rows are there.
#[derive(Debug)]
pub(crate) struct Table {
    width: usize,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    /// Of the table that this one goes on, if it does.
    before: Option<Vec<usize>>,
}

/// Columns of the terminal, as far as they are used.
pub(crate) fn terminal_width() -> usize {
    comfy_table::Table::new().width().map_or(WIDEST, |terminal| terminal.min(WIDEST)).into()
}

/// What stands in a column.
#[derive(Debug)]
struct Column {
    heading: String,
    kind: Kind,
}

/// How a column is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Names: to the left.
    Names,
    /// Numbers: to the right.
    Numbers,
    /// Sentences or values of any length: to the left, and long words may be broken.
    Text,
}

impl Table {
    /// A table with these headings. One that starts with `>` is of numbers, one with `~` of free text, others are of names.
    pub(crate) fn new(headings: &[impl AsRef<str>]) -> Self {
        Self::within(terminal_width(), headings)
    }

    /// The same for a given width, in columns.
    pub(super) fn within(width: usize, headings: &[impl AsRef<str>]) -> Self {
        let column = |heading: &str| {
            let (kind, heading) = match (heading.strip_prefix('>'), heading.strip_prefix('~')) {
                (Some(heading), _) => (Kind::Numbers, heading),
                (None, Some(heading)) => (Kind::Text, heading),
                (None, None) => (Kind::Names, heading),
            };
            Column { heading: heading.to_owned(), kind }
        };
        Self {
            width,
            columns: headings.iter().map(|heading| column(heading.as_ref())).collect(),
            rows: Vec::new(),
            before: None,
        }
    }

    /// Adds a row: a cell for each heading.
    pub(crate) fn add_row(&mut self, cells: impl Into<Vec<String>>) {
        let cells: Vec<String> = cells.into();
        self.rows.push(cells.iter().map(|cell| visible_lines(cell).into_owned()).collect());
    }

    /// Makes it go on one whose columns are so wide: without headings, and no column narrower.
    pub(crate) fn goes_on(&mut self, widths: &[usize]) {
        self.before = Some(widths.to_vec());
    }

    /// How wide its columns are.
    pub(crate) fn widths(&self) -> Vec<usize> {
        let asked: Vec<WidthRequest> = (0..self.columns.len()).map(|index| self.asked(index)).collect();
        let blanks = (PADDING + GAP) * asked.len();
        let widths = widths(&asked, (self.width + GAP).saturating_sub(blanks));
        match &self.before {
            None => widths,
            Some(before) => widths.into_iter().zip(before).map(|(width, before)| width.max(*before)).collect(),
        }
    }

    /// The least and the most columns that the cells at a place ask for.
    fn asked(&self, index: usize) -> WidthRequest {
        let Column { heading, kind } = &self.columns[index];
        let cells = || self.rows.iter().filter_map(move |row| row.get(index)).map(String::as_str);
        let line = |text: &str| text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let word = |text: &str| text.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let lines = cells().map(line).max().unwrap_or(0);
        let words = cells().map(word).max().unwrap_or(0).max(word(heading));
        let most = lines.max(line(heading));
        let least = match kind {
            Kind::Names => words,
            Kind::Numbers => lines.max(word(heading)),
            Kind::Text => words.clamp(NARROW, TEXT).min(most),
        };
        WidthRequest { least, most }
    }
}

/// What a column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WidthRequest {
    least: usize,
    most: usize,
}

/// Widths of columns that share so many: each gets what it asks for, or the same as the others that ask for more. Words that do not
/// fit stay whole all the same.
fn widths(asked: &[WidthRequest], budget: usize) -> Vec<usize> {
    let at = |level: usize| asked.iter().map(move |asked| level.clamp(asked.least, asked.most.max(asked.least)));
    let most = asked.iter().map(|asked| asked.most).max().unwrap_or(0);
    let level = (0..=most).rev().find(|level| at(*level).sum::<usize>() <= budget).unwrap_or(0);
    at(level).collect()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let mut table = comfy_table::Table::new();
        table.load_style(RULED).set_content_arrangement(ContentArrangement::Dynamic).force_no_tty();
        let whole = widths.iter().sum::<usize>() + (PADDING + GAP) * widths.len();
        table.set_width(u16::try_from(whole).unwrap_or(u16::MAX));
        if self.before.is_none() {
            table.set_header(self.columns.iter().map(|column| &column.heading));
        }
        self.rows.iter().for_each(|row| {
            table.add_row(row);
        });
        for (index, (column, width)) in self.columns.iter().zip(widths).enumerate() {
            let Some(laid_out) = table.column_mut(index) else { continue };
            let width = u16::try_from(width + PADDING).unwrap_or(u16::MAX);
            laid_out.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            if column.kind == Kind::Numbers {
                laid_out.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a1febd-d0c1-7408-8a64-62a0b3f4688b";
    const KEY: &str = "tabular/attrition-of-the-northern-region";

    fn listed(width: usize) -> String {
        let mut table = Table::within(width, &["job", "model", ">rows", "~why"]);
        let reason = "place 3 in the line for 2 slots of pool cpu (asked for in a batch)";
        table.add_row([ID.into(), KEY.into(), "-54.5 %".into(), reason.into()]);
        table.add_row(["x".into(), "text/k2".into(), "1".into(), "a".repeat(60)]);
        table.to_string()
    }

    #[test]
    fn names_and_numbers_are_whole_at_any_width() {
        for width in [20, 80, 100, 200] {
            let shown = listed(width);
            for name in [ID, KEY, "-54.5 %"] {
                assert!(shown.contains(name), "{width}:\n{shown}");
            }
        }
        assert!(listed(120).lines().all(|line| line.width() <= 120), "{}", listed(120));
        assert!(listed(20).lines().all(|line| line.width() <= 36 + 40 + 7 + TEXT + 11), "no wider than it must be");
    }

    #[test]
    fn sentences_take_what_is_left_and_break_between_words() {
        let mut table = Table::within(60, &["model", "~why"]);
        table.add_row([KEY.into(), "place 3 in the line for 2 slots".into()]);
        let shown = table.to_string();
        let said: Vec<&str> =
            shown.lines().skip(2).map(|line| line.trim_start_matches([' ']).trim_start_matches(KEY)).collect();
        assert_eq!(
            said.iter().flat_map(|part| part.split_whitespace()).collect::<Vec<_>>().join(" "),
            "place 3 in the line for 2 slots"
        );
        assert!(shown.lines().all(|line| line.width() <= 60), "{shown}");
    }

    #[test]
    fn a_table_goes_on_another_in_its_columns() {
        let table = |key: &str| {
            let mut table = Table::within(60, &["model", ">rows"]);
            table.add_row([key.into(), "7".into()]);
            table
        };
        let first = table("forecaster/AAPL");
        let mut next = table("text/k2");
        next.goes_on(&first.widths());
        let (first, next) = (first.to_string(), next.to_string());
        assert_eq!((first.lines().count(), next.lines().count()), (3, 1), "{first}\n{next}");
        assert_eq!(first.lines().last().map(UnicodeWidthStr::width), Some(next.width()), "{first}\n{next}");
    }

    #[test]
    fn columns_share_what_there_is() {
        let asked = |least, most| WidthRequest { least, most };
        assert_eq!(widths(&[asked(3, 5), asked(2, 40), asked(4, 60)], 65), [5, 30, 30]);
        assert_eq!(widths(&[asked(3, 5), asked(2, 10)], 100), [5, 10], "no wider than needed");
        assert_eq!(widths(&[asked(30, 30), asked(20, 40)], 10), [30, 20], "words stay whole");
        assert!(widths(&[], 10).is_empty());
    }
}
