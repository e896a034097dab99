//! Models of records (JUDGING §6): real trainings on small tables, and the leak guard on the tables of a company.

use std::path::{Path, PathBuf};

use common::random::{Purpose, Stream};
use common::table::Cell;
use common::vocabulary::records::{AvailableAt, ColumnSpec, Kind, Order, Role, Schema, SliceSpec, Task, preset};
use common::vocabulary::{ColumnKind, Family, Hyper, Reading, TabularHyper, files};
use domain::judge::{Evidence, Judgement, Pairing, Prior, Recipe, Skill, Verdict, judge};
use models::run::TrainError;
use models::tabular::Dataset;
use models::tabular::guard::guard;
use models::tabular::raw::RawTable;

use crate::log::Log;
use crate::training::{Others, Trained};
use crate::{count, for_seeds};

const ROWS: u64 = 800;

fn column(name: &str, kind: Kind, role: Role) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, role, available_at: AvailableAt::Before, confirmed_at: None }
}

/// Who leaves: undated, or in the order of their numbers.
fn schema(order: Order) -> Schema {
    Schema {
        columns: vec![
            column("id", Kind::Number, Role::Key),
            column("x", Kind::Number, Role::Feature),
            column("team", Kind::Category, Role::Feature),
            column("left", Kind::Category, Role::Target),
        ],
        task: Task::Is { column: "left".into(), positive: "yes".into() },
        order,
        slices: vec![SliceSpec { column: "team".into(), bands: Vec::new() }],
    }
}

/// Records of whom three in ten leave, by chance, or the more `signal` there is, the higher x.
fn records(seed: u64, rows: u64, signal: f64) -> Log {
    let mut log = Log::of(&[
        ("id", ColumnKind::Number),
        ("x", ColumnKind::Number),
        ("team", ColumnKind::Text),
        ("left", ColumnKind::Text),
    ]);
    more(&mut log, seed, 0..rows, signal);
    log
}

fn more(log: &mut Log, seed: u64, rows: std::ops::Range<u64>, signal: f64) {
    for row in rows {
        let mut draws = Stream::new(seed, Purpose::Weights, 0, row);
        let (x, team) = (draws.uniform(), draws.below(5));
        let left = draws.uniform() < 0.3 + signal * (x - 0.5);
        let id = 100_000 * (seed + 1) + row;
        let word = |left| Cell::Text(if left { "yes" } else { "no" }.into());
        let cells = vec![Cell::Number(id as f64), Cell::Number(x), Cell::Text(format!("t{team}")), word(left)];
        log.row(id.to_string(), row / 10, cells);
    }
}

fn train(log: &Log, order: Order, seed: u64, others: Others<'_>) -> Result<Trained, TrainError> {
    let hyper = TabularHyper { seed, trees: 40, epochs: 4, ..TabularHyper::default() };
    log.train(Reading::Records(schema(order)), Hyper::Tabular(hyper), others)
}

fn judgement(version: &Trained) -> Judgement {
    let evaluation = &version.manifest.evaluation;
    judge(&Evidence {
        pairing: Pairing::Records,
        losses: &version.losses,
        baseline: evaluation.baseline,
        recipe: Recipe::Same,
        finite: evaluation.finite,
        varies: evaluation.varies,
        earlier_looks: 0,
        slices: &evaluation.slices,
    })
}

/// G4: labels that have nothing to do with the records earn neither trust nor distrust.
#[test]
fn records_shuffled_labels_earn_no_trust() {
    let trust = for_seeds(50, |seed| {
        let version = train(&records(seed, ROWS, 0.0), Order::Undated, seed, Others::default()).unwrap();
        let challenger = common::losses::Contestant::Challenger;
        let baseline = version.manifest.evaluation.baseline;
        let skill = Skill::of(&version.losses, challenger, baseline, Pairing::Records).unwrap();
        skill.reliability(&Prior::of(Family::Tabular), 0.0).unwrap()
    });
    let mean = trust.iter().sum::<f64>() / trust.len() as f64;
    println!("reliability {mean:.3}");
    assert!((0.45..=0.55).contains(&mean), "mean reliability {mean}");
}

/// G4: another seed is no progress: at most 5 % are found better than the champion of the same recipe.
#[test]
fn records_two_seeds_of_one_recipe_are_hardly_told_apart() {
    let better = for_seeds(60, |seed| {
        let log = records(1000 + seed, ROWS, 0.6);
        let champion = train(&log, Order::Undated, 2 * seed, Others::default()).unwrap();
        let others = Others { champion: Some(&champion), ..Others::default() };
        judgement(&train(&log, Order::Undated, 2 * seed + 1, others).unwrap()).verdict == Verdict::Better
    });
    assert!(count(&better) * 20 <= better.len(), "{} of {} pairs", count(&better), better.len());
}

/// G9: what comes later changes nothing of the past: encoders, weights and calibration are the same to the bit.
#[test]
fn records_of_the_future_leave_the_past_as_it_was() {
    let kept = |future: f64| {
        let mut log = records(7, 700, 0.6);
        // These are the newest tenth: the gate's.
        for row in 0..77 {
            let id = 900_000.0 + row as f64;
            let cells =
                [Cell::Number(id), Cell::Number(future * id), Cell::Text("new".into()), Cell::Text("yes".into())];
            log.row(id.to_string(), 100, cells.into());
        }
        let version = train(&log, Order::Key, 1, Others::default()).unwrap();
        assert_eq!(version.manifest.evaluation.rows, 78, "the last row of the past is on their side");
        [version.file(files::WEIGHTS), version.file(files::PREPROCESSING)]
    };
    assert!(kept(1.0) == kept(-3.0));
}

/// G9: a version that was trained on gate rows is refused by the evaluator, with both places.
#[test]
fn records_that_were_trained_on_are_not_scored() {
    let mut log = records(3, 600, 0.6);
    let earlier = log.clone();
    more(&mut log, 3, 600..900, 0.6);
    let champion = train(&log, Order::Key, 1, Others::default()).unwrap();
    let others = Others { champion: Some(&champion), ..Others::default() };
    let refused = train(&earlier, Order::Key, 2, others).err().unwrap().to_string();
    assert!(refused.contains("was fitted on each of the 60 rows to judge on"), "{refused}");
    assert!(refused.contains("nobody is scored on rows they have seen"), "{refused}");
    let before = train(&earlier, Order::Key, 1, Others::default()).unwrap();
    let others = Others { champion: Some(&before), ..Others::default() };
    assert!(train(&log, Order::Key, 2, others).is_ok(), "the other way round nobody has seen them");
}

/// The tables of a company, where they are.
fn table(name: &str, key: &str) -> Option<RawTable> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/tabular");
    let folders = [std::env::var("REFIT_TABLES").map(PathBuf::from).ok(), Some(beside)];
    let path = folders.into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.is_file())?;
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let index = names.iter().position(|name| name == key).unwrap();
    let mut rows = std::collections::BTreeMap::new();
    for record in reader.records() {
        let cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        rows.insert(cells[index].clone(), cells);
    }
    Some(RawTable { names, rows: rows.into_values().collect() })
}

/// What the guard says of each column: found in the numbers, or known by its declaration alone.
fn alerts(preset_name: &str, table: &RawTable, columns: &[&str]) -> Vec<(String, bool)> {
    let data = Dataset::new(&preset(preset_name).unwrap().schema, table).unwrap();
    guard(&data, table, columns).unwrap().into_iter().map(|alert| (alert.column, alert.measured)).collect()
}

/// D6: the guard would have refused each column that the ready-made models leave out: the raise that follows from the rating and the
/// hours that a task took by the numbers, the rest of what is known afterwards by its declaration.
#[test]
fn the_guard_refuses_each_column_that_the_ready_made_models_leave_out() {
    let Some(employees) = table("attrition.csv", "EmployeeNumber") else { return };
    assert_eq!(alerts("performance", &employees, &["PercentSalaryHike"]), [("PercentSalaryHike".to_owned(), true)]);
    let honest: Vec<&str> = ["Age", "MonthlyIncome", "OverTime", "JobRole", "StockOptionLevel"].into();
    assert_eq!(alerts("performance", &employees, &honest), []);
    assert_eq!(alerts("attrition", &employees, &honest), []);

    let Some(tasks) = table("software-tasks.csv", "TaskNumber") else { return };
    let left_out =
        ["StatusCode", "HoursActual", "DeveloperHoursActual", "TaskPerformance", "DeveloperPerformance", "DeveloperID"];
    for name in ["duration", "risk"] {
        let found = alerts(name, &tasks, &left_out);
        assert_eq!(found.len(), left_out.len(), "{name}: {found:?}");
        let measured: Vec<&str> = found.iter().filter(|alert| alert.1).map(|alert| alert.0.as_str()).collect();
        assert_eq!(measured, ["HoursActual", "TaskPerformance"], "{name}");
        assert_eq!(alerts(name, &tasks, &["Priority", "AssignedToID", "Category", "ProjectCode"]), [], "{name}");
    }
}

/// G9: a planted column that determines the outcome is refused by a training, until it is confirmed.
#[test]
fn records_with_a_planted_leak_are_refused() {
    let mut log = Log::of(&[("id", ColumnKind::Number), ("x", ColumnKind::Number), ("left", ColumnKind::Text)]);
    for row in 0..ROWS {
        let x = Stream::new(1, Purpose::Weights, 0, row).uniform();
        let left = if x > 0.7 { "yes" } else { "no" };
        log.row(row.to_string(), row / 10, vec![Cell::Number(row as f64), Cell::Number(x), Cell::Text(left.into())]);
    }
    let mut schema = schema(Order::Undated);
    schema.columns.retain(|column| column.name != "team");
    schema.slices.clear();
    let train = |schema: &Schema| {
        let hyper = TabularHyper { trees: 20, epochs: 0, ..TabularHyper::default() };
        log.train(Reading::Records(schema.clone()), Hyper::Tabular(hyper), Others::default())
    };
    let refused = train(&schema).err().unwrap().to_string();
    assert!(refused.contains("the column x gives the outcome away"), "{refused}");
    schema.confirm("x", common::vocabulary::Timestamp::now()).unwrap();
    assert!(train(&schema).is_ok());
}
