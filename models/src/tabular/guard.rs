//! Columns that give the outcome away: alone, or together with the estimate.

use std::collections::BTreeMap;

use super::dataset::Dataset;
use super::figures::{auc, rank_correlation};
use super::raw::RawTable;
use super::sides::hash_share;
use crate::error::TrainError;
use common::vocabulary::records::{AvailableAt, Role, cell};

/// One column separates the classes this well: an alert.
const AUC_LIMIT: f64 = 0.98;
/// One column is ranked like a numeric outcome this well: an alert.
const RANK_LIMIT: f64 = 0.98;
/// Category rates are taken from the other folds.
const FOLDS: usize = 5;
/// Values that occur once determine nothing: a value counts in a table from so many rows on.
const TABLE_ROWS: usize = 5;

/// Why a column cannot be an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The column.
    pub column: String,
    /// Whether the numbers show it; false: only its declaration (`available_at: after`) does.
    pub measured: bool,
    /// AUC, or rank correlation, of the column (or the pair); in [0, 1].
    pub strength: f64,
    /// In words, with the numbers.
    pub message: String,
}

/// Looks at these columns one by one, alone and relative to the estimate, on rows whose outcome is known.
/// Columns declared `after` are alerts whatever the numbers say. Training is refused until a person has looked.
///
/// # Errors
/// A column is not in the table.
pub fn guard(data: &Dataset, table: &RawTable, columns: &[&str]) -> Result<Vec<Alert>, TrainError> {
    let known: Vec<usize> = (0..data.len()).filter(|&row| data.targets[row].is_finite()).collect();
    let mut alerts = Vec::new();
    for &name in columns {
        let index = table.position(name)?;
        let cells: Vec<&str> = known.iter().map(|&row| table.rows[row][index].trim()).collect();
        let declared = data.schema.column(name).is_some_and(|column| column.available_at == AvailableAt::After);
        let measured = measure(data, &known, &cells).into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let measured = measured.filter(|(strength, _)| *strength > AUC_LIMIT.min(RANK_LIMIT));
        let note = if declared { " It is also declared as known only afterwards (available_at: after)." } else { "" };
        match measured {
            Some((strength, how)) => alerts.push(Alert {
                column: name.to_owned(),
                measured: true,
                strength,
                message: format!("the column {name} gives the outcome away: {how}.{note}"),
            }),
            None if declared => alerts.push(Alert {
                column: name.to_owned(),
                measured: false,
                strength: 0.0,
                message: format!("the column {name} is declared as known only afterwards (available_at: after); the numbers alone do not show it. It is never an input."),
            }),
            None => {}
        }
    }
    Ok(alerts)
}

/// Alerts on the inputs of a schema.
///
/// # Errors
/// As [`guard`].
pub fn guard_inputs(data: &Dataset, table: &RawTable) -> Result<Vec<Alert>, TrainError> {
    let inputs: Vec<&str> = data.schema.with_role(Role::Feature).map(|column| column.name.as_str()).collect();
    guard(data, table, &inputs)
}

/// Every way in which the column was compared with the outcome: strength and words.
fn measure(data: &Dataset, rows: &[usize], cells: &[&str]) -> Vec<(f64, String)> {
    let targets: Vec<f64> = rows.iter().map(|&row| data.targets[row]).collect();
    let keys: Vec<&str> = rows.iter().map(|&row| data.keys[row].as_str()).collect();
    let mut found = Vec::new();
    let numbers: Vec<f64> = cells.iter().map(|cell| cell::number(cell).unwrap_or(f64::NAN)).collect();
    let present = numbers.iter().filter(|x| x.is_finite()).count();
    let missing = cells.iter().filter(|cell| cell::is_missing(cell)).count();
    let binary = data.schema.task.is_binary();
    if present > 0 && present + missing == cells.len() {
        found.extend(of_numbers(&numbers, &targets, binary, "alone"));
        if !data.estimates.is_empty() {
            // Differences and sums with the estimate rank rows as this ratio does, once divided by the estimate.
            let ratios: Vec<f64> = rows.iter().zip(&numbers).map(|(&row, x)| x / data.estimates[row]).collect();
            found.extend(of_numbers(&ratios, &targets, binary, "as a share of the estimate"));
        }
    }
    if binary {
        let rates = cross_rates(cells, &targets, &keys);
        let area = auc(&rates, &targets);
        found.push((
            area,
            format!(
                "the share of positives per value, taken from other rows, separates the classes with AUC {area:.3}"
            ),
        ));
    }
    found.extend(table_of(cells, &targets, binary));
    found
}

fn of_numbers(numbers: &[f64], targets: &[f64], binary: bool, how: &str) -> Option<(f64, String)> {
    let (numbers, targets): (Vec<f64>, Vec<f64>) = numbers.iter().zip(targets).filter(|(x, _)| x.is_finite()).unzip();
    if numbers.len() < 2 * TABLE_ROWS {
        return None;
    }
    let share = numbers.len();
    if binary {
        let area = auc(&numbers, &targets);
        let area = area.max(1.0 - area);
        return Some((area, format!("{how} it separates the classes with AUC {area:.3} on {share} rows")));
    }
    let rank = rank_correlation(&numbers, &targets).abs();
    Some((rank, format!("{how} it is ranked like the outcome, correlation {rank:.3} on {share} rows")))
}

/// The positive share of each value among rows of other folds; the overall share for values not seen there.
fn cross_rates(cells: &[&str], targets: &[f64], keys: &[&str]) -> Vec<f64> {
    let fold: Vec<usize> = keys.iter().map(|key| (hash_share(b"guard", key) * FOLDS as f64) as usize).collect();
    let mut counts: BTreeMap<&str, [(f64, f64); FOLDS]> = BTreeMap::new();
    for ((&cell, &target), &fold) in cells.iter().zip(targets).zip(&fold) {
        let count = &mut counts.entry(cell).or_default()[fold];
        *count = (count.0 + target, count.1 + 1.0);
    }
    let overall = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
    let rate = |(cell, fold): (&&str, &usize)| {
        let others = counts[cell].iter().enumerate().filter(|(i, _)| i != fold).map(|(_, count)| *count);
        let (ones, all) = others.fold((0.0, 0.0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        (ones + overall) / (all + 1.0)
    };
    cells.iter().zip(&fold).map(rate).collect()
}

/// Whether each value that occurs often enough goes with one outcome only, and each outcome with values of its own.
fn table_of(cells: &[&str], targets: &[f64], binary: bool) -> Option<(f64, String)> {
    let mut values: BTreeMap<&str, (usize, f64, bool)> = BTreeMap::new();
    for (&cell, &target) in cells.iter().zip(targets) {
        let value = values.entry(cell).or_insert((0, target, true));
        *value = (value.0 + 1, value.1, value.2 && value.1 == target);
    }
    let often: Vec<_> = values.values().filter(|value| value.0 >= TABLE_ROWS).collect();
    let rows: usize = often.iter().map(|value| value.0).sum();
    let outcomes: std::collections::BTreeSet<u64> = often.iter().map(|value| value.1.to_bits()).collect();
    let constant = often.iter().all(|value| value.2);
    (binary && constant && outcomes.len() > 1 && rows * 2 > cells.len())
        .then(|| (1.0, format!("each of its {} values goes with one outcome only, on {rows} rows", often.len())))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{planted_schema, planted_table};
    use super::*;
    use common::vocabulary::records::Task;

    fn with(name: &str, cell: impl Fn(&[String]) -> String) -> (Dataset, RawTable) {
        let mut table = planted_table(400, 5);
        table.names.push(name.into());
        table.rows.iter_mut().for_each(|row| row.push(cell(row)));
        (Dataset::new(&planted_schema(), &table).unwrap(), table)
    }

    /// JUDGING §6: a planted column that determines the target is an alert; honest ones are not.
    #[test]
    fn planted_columns_are_alerts_and_honest_ones_are_not() {
        let (data, table) =
            with("exit", |row| if row[4] == "yes" { format!("2024-{}", row[0].len()) } else { String::new() });
        assert_eq!(guard_inputs(&data, &table).unwrap(), []);
        let alerts = guard(&data, &table, &["x", "exit", "id"]).unwrap();
        assert_eq!(alerts.iter().map(|a| (a.column.as_str(), a.measured)).collect::<Vec<_>>(), [("exit", true)]);
        let (data, table) = with("score", |row| if row[4] == "yes" { format!("-{}", row[0]) } else { row[0].clone() });
        let message = &guard(&data, &table, &["score"]).unwrap()[0].message;
        assert!(message.contains("AUC 1.000 on 400 rows"), "{message}");
    }

    /// A column that gives the outcome away only together with the estimate is found too.
    #[test]
    fn pairs_with_the_estimate_are_found() {
        let mut schema = planted_schema();
        schema.task = Task::LogRatio { actual: "actual".into(), estimate: "estimate".into() };
        schema.columns[4].name = "actual".into();
        let mut table = planted_table(300, 6);
        table.names = ["id", "x", "noise", "team", "actual", "estimate", "left_over"].map(str::to_owned).to_vec();
        schema.columns[1].name = "estimate".into();
        schema.slices.clear();
        for (i, row) in table.rows.iter_mut().enumerate() {
            let (estimate, actual) = (1.0 + (i % 37) as f64, 1.0 + (i % 23) as f64);
            row[4] = actual.to_string();
            row.extend([estimate.to_string(), (estimate - actual).to_string()]);
        }
        let data = Dataset::new(&schema, &table).unwrap();
        let alerts = guard(&data, &table, &["left_over", "noise"]).unwrap();
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].message.contains("as a share of the estimate"), "{}", alerts[0].message);
    }
}
