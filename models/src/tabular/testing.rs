//! Made-up tables for the tests of this family.

use super::dataset::Dataset;
use super::raw::RawTable;
use common::random::{Purpose, Stream};
use common::vocabulary::records::{AvailableAt, ColumnSpec, Kind, Order, Role, Schema, SliceSpec, Task};

pub(crate) fn column(name: &str, kind: Kind, role: Role) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, role, available_at: AvailableAt::Before, confirmed_at: None }
}

fn table(names: &[&str], rows: Vec<Vec<String>>) -> RawTable {
    RawTable { names: names.iter().map(|&name| name.to_owned()).collect(), rows }
}

pub(crate) fn planted_schema() -> Schema {
    Schema {
        columns: vec![
            column("id", Kind::Number, Role::Key),
            column("x", Kind::Number, Role::Feature),
            column("noise", Kind::Number, Role::Feature),
            column("team", Kind::Category, Role::Feature),
            column("left", Kind::Flag, Role::Target),
        ],
        task: Task::Is { column: "left".into(), positive: "yes".into() },
        order: Order::Undated,
        slices: vec![
            SliceSpec { column: "team".into(), bands: vec![] },
            SliceSpec { column: "x".into(), bands: vec![0.0] },
        ],
    }
}

/// Undated rows whose chance of "yes" depends on x and the team; some x are missing.
pub(crate) fn planted_table(rows: usize, seed: u64) -> RawTable {
    let row = |i: usize| {
        let mut draws = Stream::new(seed, Purpose::Weights, 0, i as u64);
        let x = 2.0 * draws.uniform() - 1.0;
        let team = draws.below(4);
        let odds = 4.0 * x + if team == 1 { 2.0 } else { -1.0 };
        let yes = draws.uniform() < 1.0 / (1.0 + (-odds).exp());
        let shown = if draws.uniform() < 0.05 { "NA".into() } else { format!("{x:.4}") };
        vec![
            i.to_string(),
            shown,
            format!("{:.3}", draws.uniform()),
            format!("t{team}"),
            if yes { "yes" } else { "no" }.into(),
        ]
    };
    table(&["id", "x", "noise", "team", "left"], (0..rows).map(row).collect())
}

pub(crate) fn planted(rows: usize, seed: u64) -> Dataset {
    Dataset::new(&planted_schema(), &planted_table(rows, seed)).unwrap()
}

/// Tasks in order: one person takes twice, another half the estimate, and there is noise.
pub(crate) fn durations(rows: usize, seed: u64) -> Dataset {
    let schema = Schema {
        columns: vec![
            column("task", Kind::Number, Role::Key),
            column("who", Kind::Category, Role::Feature),
            column("estimate", Kind::Number, Role::Feature),
            column("actual", Kind::Number, Role::Target),
        ],
        task: Task::LogRatio { actual: "actual".into(), estimate: "estimate".into() },
        order: Order::Key,
        slices: vec![],
    };
    let row = |i: usize| {
        let mut draws = Stream::new(seed, Purpose::Weights, 1, i as u64);
        let who = draws.below(3);
        let estimate = 1.0 + 20.0 * draws.uniform();
        let actual = estimate * [0.5, 1.0, 2.0][who] * (draws.uniform() - 0.5).exp();
        vec![i.to_string(), format!("w{who}"), format!("{estimate:.3}"), format!("{actual:.3}")]
    };
    Dataset::new(&schema, &table(&["task", "who", "estimate", "actual"], (0..rows).map(row).collect())).unwrap()
}
