//! A schema for a table nobody has described, and why it came out so.

use std::collections::BTreeSet;

use super::cell;
use super::schema::{AvailableAt, ColumnSpec, Kind, Order, Role, Schema, SchemaError, Task};

/// Text with at most so many distinct values is a category.
const MOST_LEVELS: usize = 200;
/// A key-like column has a value of its own in every row; below so many rows that says nothing.
const FEW_ROWS: usize = 20;

/// What is known of a table before its cells are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The column that names a row.
    pub key: &'a str,
    /// The column that says when it happened: then rows follow each other.
    pub time: Option<&'a str>,
}

/// Guesses kinds and roles: numbers, dates and flags by their cells, text with few distinct values as category; constant
/// columns and ids are ignored. Says for each column what was found, in words.
///
/// # Errors
/// The columns of the task are not in the table, or none is left to predict from.
pub fn infer(
    names: &[String],
    rows: &[Vec<String>],
    frame: &Frame<'_>,
    task: Task,
) -> Result<(Schema, Vec<String>), SchemaError> {
    let (outcome, _) = task.columns();
    let mut columns = Vec::new();
    let mut reasons = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let cells: Vec<&str> = rows
            .iter()
            .map(|row| row.get(index).map_or("", |cell| cell.trim()))
            .filter(|cell| !cell::is_missing(cell))
            .collect();
        let distinct = cells.iter().collect::<BTreeSet<_>>().len();
        let (kind, role, reason) = if name == frame.key {
            (Kind::Category, Role::Key, "the key".to_owned())
        } else if name == outcome {
            (Kind::Category, Role::Target, "the outcome".to_owned())
        } else if Some(name.as_str()) == frame.time {
            (Kind::Date, Role::Time, "when it happened".to_owned())
        } else {
            guess(&cells, distinct, rows.len())
        };
        let missing = rows.len() - cells.len();
        let gaps = if missing > 0 { format!("; {missing} of {} cells are missing", rows.len()) } else { String::new() };
        reasons.push(format!("{name}: {reason}{gaps}"));
        columns.push(ColumnSpec {
            name: name.clone(),
            kind,
            role,
            available_at: AvailableAt::Before,
            confirmed_at: None,
        });
    }
    let order = if frame.time.is_some() { Order::Time } else { Order::Undated };
    let schema = Schema { columns, task, order, slices: Vec::new() };
    schema.validate()?;
    Ok((schema, reasons))
}

fn guess(cells: &[&str], distinct: usize, rows: usize) -> (Kind, Role, String) {
    let all = |parse: fn(&str) -> Option<f64>| cells.iter().all(|cell| parse(cell).is_some());
    let whole = || cells.iter().all(|cell| cell.parse::<i64>().is_ok());
    let own = distinct == cells.len() && cells.len() == rows && rows >= FEW_ROWS;
    if distinct <= 1 {
        (Kind::Category, Role::Ignored, "ignored, every row says the same".to_owned())
    } else if all(cell::flag) {
        (Kind::Flag, Role::Feature, "a flag, all cells are yes or no".to_owned())
    } else if all(cell::number) && own && whole() {
        (Kind::Number, Role::Ignored, format!("ignored, each of the {rows} rows has a whole number of its own: an id"))
    } else if all(cell::number) {
        (Kind::Number, Role::Feature, format!("a number, {distinct} distinct values"))
    } else if all(cell::date) {
        (Kind::Date, Role::Feature, format!("a date, {distinct} distinct days"))
    } else if own {
        (
            Kind::Category,
            Role::Ignored,
            format!("ignored, each of the {rows} rows has a text of its own: an id or free text"),
        )
    } else if distinct <= MOST_LEVELS {
        (Kind::Category, Role::Feature, format!("a category of {distinct} values"))
    } else {
        (Kind::Category, Role::Ignored, format!("ignored, {distinct} distinct texts are too many for a category"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_roles_are_guessed_and_explained() {
        let names: Vec<String> =
            ["id", "age", "team", "since", "works", "badge", "firm", "left"].map(Into::into).into();
        let row = |i: usize| {
            let age = if i == 3 { "NA".into() } else { (20 + i % 9).to_string() };
            [
                i.to_string(),
                age,
                format!("t{}", i % 3),
                format!("2020-01-{:02}", 1 + i % 28),
                ["yes", "no"][i % 2].into(),
                format!("b{i}"),
                "x".into(),
                "no".into(),
            ]
            .to_vec()
        };
        let rows: Vec<Vec<String>> = (0..40).map(row).collect();
        let task = Task::Is { column: "left".into(), positive: "yes".into() };
        let frame = Frame { key: "id", time: None };
        let (schema, reasons) = infer(&names, &rows, &frame, task).unwrap();
        let found: Vec<(Kind, Role)> = schema.columns[1..7].iter().map(|column| (column.kind, column.role)).collect();
        let feature = |kind| (kind, Role::Feature);
        let ignored = (Kind::Category, Role::Ignored);
        assert_eq!(
            found,
            [
                feature(Kind::Number),
                feature(Kind::Category),
                feature(Kind::Date),
                feature(Kind::Flag),
                ignored,
                ignored
            ]
        );
        assert_eq!(reasons[1], "age: a number, 9 distinct values; 1 of 40 cells are missing");
        let dated = infer(&names, &rows, &Frame { time: Some("since"), ..frame }, schema.task.clone()).unwrap().0;
        assert_eq!((dated.order, dated.columns[3].role), (Order::Time, Role::Time));
        let unknown = Task::Number { column: "pay".into() };
        assert_eq!(infer(&names, &rows, &frame, unknown), Err(SchemaError::NoColumn("pay".into(), "the task")));
    }
}
