//! Drift of the inputs, on real versions: what comes is like the training, or it is not (D8, A1).

use refit_tests::Installation;
use serde_json::{Value, json};

use crate::families::kit::{import, trained};
use crate::families::tabular::{HONEST, employees, schema};

const MODEL: &str = "tabular/churn";

fn inputs(refit: &Installation) -> Value {
    refit.json(&["monitor", MODEL])[0]["watch"]["inputs"].clone()
}

fn drift(refit: &Installation) -> Option<Value> {
    let decision = &refit.json(&["check", MODEL])["items"][0];
    decision["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "drift").cloned()
}

/// D8: employees like those before are no drift; badly paid and nameless ones are, and a training is asked for. Nobody knows yet who of
/// them will leave.
#[test]
fn d8_planted_drift_of_records_is_found_and_nothing_else() {
    let refit = Installation::running();
    import(&refit, "churn", "base.csv", &employees(0..1500), &["--key", "id"]);
    refit.json(&["model", MODEL, "--schema", &schema(&refit, &HONEST)]);
    trained(&refit, MODEL, &["--mode", "quick"]);
    import(&refit, "churn", "few.csv", &employees(1500..1520), &[]);
    assert_eq!(inputs(&refit)["state"], "few_new_rows");
    import(&refit, "churn", "alike.csv", &employees(1520..1600), &[]);
    let alike = inputs(&refit);
    assert_eq!((&alike["state"], &alike["rows"], &alike["columns"]), (&json!("compared"), &json!(100), &json!(4)));
    assert_eq!((&alike["drifted"], drift(&refit)), (&json!(0), None), "{alike}");

    let changed = |line: &str| match line.split(',').collect::<Vec<_>>()[..] {
        [id, age, _, overtime, _, badge, left] if id != "id" => format!("{id},{age},,{overtime},800,{badge},{left}\n"),
        _ => format!("{line}\n"),
    };
    let changed: String = employees(1600..1900).lines().map(changed).collect();
    import(&refit, "churn", "changed.csv", &changed, &[]);
    let found = inputs(&refit);
    assert_eq!((&found["drifted"], &found["rows"]), (&json!(2), &json!(400)), "{found}");
    let farthest =
        found["farthest"].as_array().unwrap().iter().filter(|of| of["distance"].as_f64() > of["threshold"].as_f64());
    let mut farthest: Vec<(&str, &str)> =
        farthest.map(|of| (of["column"].as_str().unwrap(), of["aspect"].as_str().unwrap())).collect();
    farthest.sort_unstable();
    assert_eq!(farthest, [("gender", "missing"), ("salary", "values")], "{found}");
    let reason = drift(&refit).unwrap();
    assert_eq!(
        (&reason["mode"], &reason["of"], &reason["columns"]),
        (&json!("incremental"), &json!(4), &json!(2)),
        "{reason}"
    );
    let shown = refit.refit(&["model", MODEL]).ok().stdout;
    assert!(shown.contains("2 of 4 inputs drifted in 400 rows:"), "{shown}");
}
