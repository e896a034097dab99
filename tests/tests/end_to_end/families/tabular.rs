//! Records of a company to its models (B2, D1, D2, D6, D7, G4, G9).

use std::fmt::Write;
use std::path::PathBuf;

use common::vocabulary::records::{Kind, Role, Schema, Task, preset, presets};
use refit_tests::Installation;
use refit_tests::draw::draw;
use serde_json::{Value, json};

use crate::families::kit::{file, import, trained, version};

const MODEL: &str = "tabular/churn";

/// Employees: those who work overtime leave, above all the badly paid. `badge` says who has left; `ends` is as good.
pub(crate) fn employees(rows: std::ops::Range<u64>) -> String {
    let mut csv = "id,age,gender,overtime,salary,badge,left\n".to_owned();
    for row in rows {
        let (age, salary) = (20 + draw(row, 0, 40), 1000 + 10 * draw(row, 1, 400));
        let (gender, overtime) = (["Female", "Male"][draw(row, 2, 2) as usize], draw(row, 3, 3) == 0);
        let chance = if overtime { 65 } else { 10 } + if salary < 2000 { 20 } else { 0 };
        let left = draw(row, 4, 100) < chance;
        let badge = if left { "returned" } else { "in use" };
        let words = ["no", "yes"];
        let (overtime, left) = (words[usize::from(overtime)], words[usize::from(left)]);
        writeln!(csv, "e{row},{age},{gender},{overtime},{salary},{badge},{left}").unwrap();
    }
    csv
}

pub(crate) fn schema(refit: &Installation, inputs: &[(&str, &str)]) -> String {
    let column = |name: &str, kind: &str, role: &str| json!({ "name": name, "kind": kind, "role": role });
    let mut columns = vec![column("id", "category", "key"), column("left", "flag", "target")];
    columns.extend(inputs.iter().map(|(name, kind)| column(name, kind, "feature")));
    let schema = json!({
        "columns": columns,
        "task": { "is": { "column": "left", "positive": "yes" } },
        "slices": [{ "column": "age", "bands": [30, 45] }, { "column": "gender" }],
    });
    file(refit, "schema.json", &schema.to_string()).to_str().unwrap().to_owned()
}

pub(crate) const HONEST: [(&str, &str); 4] =
    [("age", "number"), ("gender", "category"), ("overtime", "flag"), ("salary", "number")];

#[test]
fn b2_d1_d2_d7_g4_records_become_a_judged_model_that_learns_more() {
    let refit = Installation::running();
    import(&refit, "churn", "base.csv", &employees(0..1500), &["--key", "id"]);
    refit.json(&["model", MODEL, "--schema", &schema(&refit, &HONEST)]);

    // G4: better than the share of those who leave, also for each group, on employees that a hash has kept apart for ever.
    trained(&refit, MODEL, &[]);
    let first = version(&refit, MODEL, "v1.0");
    assert_eq!((&first["status"], &first["loss_name"]), (&json!("live"), &json!("log loss")), "{first}");
    assert_eq!((&first["baseline"], &first["verdict"]["beats_naive"]), (&json!("prevalence"), &json!(true)), "{first}");
    assert!(first["figures"]["auc"].as_f64().unwrap() > 0.7, "{first}");
    assert!(first["reliability"].as_f64().unwrap() > 0.5, "{first}");
    let names = |of: &Value, name: &str| -> Vec<String> {
        of.as_array().unwrap().iter().map(|part| part[name].as_str().unwrap().to_owned()).collect()
    };
    let groups = names(&first["slices"], "name");
    for group in ["gender=Female", "gender=Male", "age=below 30", "age=from 45", "anchor"] {
        assert!(groups.iter().any(|name| name == group), "{group}: {groups:?}");
    }
    assert_eq!(names(&first["importance"], "column")[..2], ["overtime", "salary"], "{first}");
    let shown = refit.refit(&["versions", MODEL]).ok().stdout;
    assert!(shown.contains("goes by (rise of its loss when shuffled): overtime"), "{shown}");

    // D7: the outcome need not be there, and an input may be missing.
    let asked = "age,gender,overtime,salary\n30,Male,yes,1200\n50,Female,no,4000\n50,Other,no,\n";
    let asked = file(&refit, "asked.csv", asked);
    let ask = || refit.json(&["predict", MODEL, "--file", asked.to_str().unwrap()]);
    let answer = ask();
    let value = |row: usize| answer["predictions"][row]["value"].as_f64().unwrap();
    assert!(value(0) > 0.5 && value(1) < 0.3 && value(2) < 0.4, "{answer}");
    assert_eq!((&answer["version"], &answer["predictions"][0]["label"]), (&json!("v1.0"), &json!(true)), "{answer}");
    let short = file(&refit, "short.csv", "age,gender,overtime,salary\n30,Male,,1200\n");
    let answer = refit.json(&["predict", MODEL, "--file", short.to_str().unwrap()]);
    assert!(answer["predictions"][0]["value"].as_f64().unwrap() < value(0), "what is not known is missing: {answer}");

    // D2: new records and replayed ones, against a complete training of the same records.
    import(&refit, "churn", "more.csv", &employees(1500..1700), &[]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert!(decision["reasons"].as_array().unwrap().iter().any(|r| r["code"] == "new_samples"), "{decision}");
    trained(&refit, MODEL, &["--mode", "incremental", "--yardstick"]);
    let second = version(&refit, MODEL, "v1.1");
    let training = &second["manifest"]["training"];
    assert!(training["new_rows"].as_u64().unwrap() > 100, "{second}");
    assert!(training["train_rows"].as_u64() > training["new_rows"].as_u64(), "{second}");
    assert!(second["gap"]["on_new"].as_f64().unwrap().abs() < 0.2, "{second}");

    // B7, C9: side by side, reproduced to the bit, kept apart and restored.
    let compared = refit.json(&["compare", MODEL, "v1.0", "v1.1"]);
    assert!(compared["difference"]["rows"].as_u64().unwrap() > 200, "{compared}");
    let again = refit.json(&["reproduce", MODEL, "v1.0"]);
    let again = refit.ended(again["id"].as_str().unwrap());
    assert!(again["why"].as_str().unwrap().contains("to the bit"), "{again}");
    let backup = refit.json(&["backup", MODEL]);
    refit.refit(&["restore", MODEL, backup["id"].as_str().unwrap()]).ok();
    assert_eq!(ask()["predictions"].as_array().unwrap().len(), 3);
}

/// D6, G9: what gives the outcome away is refused until somebody says that it is known before; what is known afterwards never is one.
#[test]
fn d6_g9_a_leak_is_refused_until_it_is_confirmed() {
    let refit = Installation::running();
    import(&refit, "churn", "base.csv", &employees(0..800), &["--key", "id"]);
    let inputs = [&HONEST[..], &[("badge", "category")]].concat();
    refit.json(&["model", MODEL, "--schema", &schema(&refit, &inputs)]);

    let job = refit.ended(&refit.train(MODEL, &[]));
    assert_eq!((&job["state"], &job["attempts"][0]["outcome"]), (&json!("failed"), &json!("data")), "{job}");
    let why = job["why"].as_str().unwrap();
    assert!(why.contains("badge gives the outcome away") && why.contains("--confirm-column"), "{why}");

    let model = refit.json(&["model", MODEL, "--confirm-column", "badge"]);
    let columns = model["source"]["reading"]["columns"].as_array().unwrap();
    let column = columns.iter().find(|column| column["name"] == "badge").unwrap();
    assert!(column["confirmed_at"].is_number(), "{model}");
    trained(&refit, MODEL, &[]);
    assert!(version(&refit, MODEL, "v1.0")["figures"]["auc"].as_f64().unwrap() > 0.99);
    let nothing = refit.refit(&["model", MODEL, "--confirm-column", "left"]);
    assert!(nothing.code != 0 && nothing.stderr.contains("there is nothing to confirm"), "{}", nothing.stderr);

    let after = json!({
        "columns": [
            { "name": "id", "kind": "category", "role": "key" },
            { "name": "left", "kind": "flag", "role": "target" },
            { "name": "badge", "kind": "category", "role": "feature", "available_at": "after" },
        ],
        "task": { "is": { "column": "left", "positive": "yes" } },
    });
    let after = file(&refit, "after.json", &after.to_string());
    let refused = refit.refit(&["model", MODEL, "--schema", after.to_str().unwrap()]);
    assert!(refused.code != 0 && refused.stderr.contains("known only after the outcome"), "{}", refused.stderr);
}

/// G4: another input is another recipe, to be shown to be better; what is predicted stays, or it is another model.
#[test]
fn g4_a_schema_may_grow_but_not_turn_into_another() {
    let refit = Installation::running();
    import(&refit, "churn", "base.csv", &employees(0..1500), &["--key", "id"]);
    let without: Vec<_> = HONEST.into_iter().filter(|(name, _)| *name != "overtime").collect();
    refit.json(&["model", MODEL, "--schema", &schema(&refit, &without)]);
    trained(&refit, MODEL, &[]);

    refit.json(&["model", MODEL, "--schema", &schema(&refit, &HONEST)]);
    trained(&refit, MODEL, &[]);
    let second = version(&refit, MODEL, "v2.0");
    assert_eq!((&second["status"], &second["verdict"]["against"]), (&json!("live"), &json!("champion")), "{second}");
    assert_eq!(second["verdict"]["verdict"], "better", "{second}");

    let other = refit.refit(&["model", MODEL, "--predict", "salary"]);
    assert!(other.code != 0 && other.stderr.contains("register a model of another name"), "{}", other.stderr);
    let gone = [&HONEST[..], &[("height", "number")]].concat();
    let gone = refit.refit(&["model", MODEL, "--schema", &schema(&refit, &gone)]);
    assert!(gone.code != 0 && gone.stderr.contains("height"), "refused when it is named: {}", gone.stderr);

    // Nobody has described these rows: kinds and roles are read off them.
    let inferred = refit.json(&["model", "tabular/pay", "--dataset", "churn", "--predict", "salary"]);
    let columns = inferred["source"]["reading"]["columns"].as_array().unwrap();
    let role = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap()["role"].clone();
    assert_eq!([role("id"), role("age"), role("salary")], ["key", "feature", "target"], "{inferred}");
}

/// The real tables, where they are.
fn real(dataset: &str) -> Option<PathBuf> {
    let name = if dataset == "employees" { "attrition.csv" } else { "software-tasks.csv" };
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [std::env::var("REFIT_TABLES").map(PathBuf::from).ok(), Some(root.join("shared/data/tabular"))];
    folders.into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Rows for a schema, whose first input says something about the outcome.
fn made_up(schemas: &[Schema], rows: u64) -> String {
    let mut columns: Vec<_> = schemas.iter().flat_map(|schema| &schema.columns).collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    columns.dedup_by(|a, b| a.name == b.name);
    let (outcome, estimate) = schemas[0].task.columns();
    let mut csv = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..rows {
        let high = draw(row, 0, 2) == 0;
        let cells: Vec<String> = (1..)
            .zip(&columns)
            .map(|(n, column)| {
                let number = 1 + draw(row, n, 40);
                match (column.role, &schemas[0].task, column.kind) {
                    (Role::Key, ..) => row.to_string(),
                    _ if column.name == outcome && estimate.is_some() => {
                        format!("{}", if high { 3.0 } else { 0.8 } + draw(row, 99, 100) as f64 / 100.0)
                    }
                    _ if Some(column.name.as_str()) == estimate => "2".into(),
                    _ if column.name == outcome => {
                        if high == (draw(row, 99, 10) > 1) {
                            "Yes".into()
                        } else {
                            "No".into()
                        }
                    }
                    _ if column.name == "PerformanceRating" => (3 + draw(row, n, 2)).to_string(),
                    _ if ["MonthlyIncome", "Priority"].contains(&column.name.as_str()) => {
                        (number + if high { 30 } else { 0 }).to_string()
                    }
                    (_, _, Kind::Number | Kind::Date) => number.to_string(),
                    (_, _, Kind::Category) => ["a", "b", "c"][draw(row, n, 3) as usize].into(),
                    (_, _, Kind::Flag) => ["Yes", "No"][draw(row, n, 2) as usize].into(),
                }
            })
            .collect();
        writeln!(csv, "{}", cells.join(",")).unwrap();
    }
    csv
}

/// B2: the four models of a company, by their names alone: on its real tables where these are, else on made-up ones.
#[test]
fn b2_the_ready_made_models_go_the_whole_road() {
    let refit = Installation::running();
    for (dataset, key) in [("employees", "EmployeeNumber"), ("tasks", "TaskNumber")] {
        let path = real(dataset).unwrap_or_else(|| {
            let schemas: Vec<Schema> =
                presets().into_iter().filter(|preset| preset.dataset == dataset).map(|preset| preset.schema).collect();
            file(&refit, &format!("{dataset}.csv"), &made_up(&schemas, 1200))
        });
        let report =
            &refit.json(&["data", "import", dataset, path.to_str().unwrap(), "--key", key, "--encoding", "latin1"]);
        assert!(report[0]["rows"].as_u64().unwrap() > 1000, "{report}");
    }
    for name in ["attrition", "performance", "duration", "risk"] {
        let model = format!("tabular/{name}");
        refit.json(&["model", &model]);
        trained(&refit, &model, &[]);
        let first = version(&refit, &model, "v1.0");
        let schema = preset(name).unwrap().schema;
        let baseline = match schema.task {
            Task::Is { .. } | Task::Exceeds { .. } => "prevalence",
            Task::LogRatio { .. } => "estimate",
            Task::Number { .. } => "median",
        };
        assert_eq!(
            first["manifest"]["evaluation"]["importance"].as_array().unwrap().len(),
            schema.with_role(Role::Feature).count()
        );
        // Who is rated how, nothing here says: that model may be rejected, and is then marked so.
        if name != "performance" {
            assert_eq!(first["status"], "live", "{name}: {first}");
            assert!(first["loss"].as_f64() < first["baseline_loss"].as_f64(), "{name}: {first}");
        }
        assert!(first["baseline"] == baseline || name == "duration", "{name}: {first}");
    }
}
