//! Rows of a large company, by SQL: they are there in minutes.

use common::vocabulary::{ContentHash, Family, Hyper, Timestamp};
use refit_tests::Installation;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// How many there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) models: u32,
    pub(crate) jobs: u32,
}

impl Size {
    pub(crate) fn of_environment() -> Self {
        let models = number("REFIT_BENCH_MODELS", 100_000).max(2_000);
        Self { models, jobs: number("REFIT_BENCH_JOBS", 1_000_000).max(10 * models) }
    }
}

/// A number of the environment, or this one.
pub(crate) fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Fills the database of an installation whose coordinator has made it.
pub(crate) fn fill(refit: &Installation, size: Size) {
    let text = rows(size);
    let database = refit.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__DATABASE");
    refit.runtime().block_on(async {
        match database {
            Some((_, url)) => {
                let mut db = PgConnection::connect(url).await.expect("PostgreSQL answers");
                let run = async |db: &mut PgConnection, text: String| {
                    sqlx::raw_sql(AssertSqlSafe(text)).execute(db).await.expect("the rows are taken")
                };
                run(&mut db, text.replace("AS BLOB", "AS BYTEA")).await;
                run(&mut db, "ALTER TABLE imports ALTER COLUMN id RESTART WITH 1000; ANALYZE".into()).await;
            }
            None => {
                let url = format!("sqlite://{}", refit.data().join("refit.db").display());
                let mut db = SqliteConnection::connect(&url).await.expect("the file can be opened");
                let text = format!("BEGIN; {text}; COMMIT");
                sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut db).await.expect("the rows are taken");
            }
        }
    });
}

fn rows(Size { models, jobs }: Size) -> String {
    let hyper = serde_json::to_value(Hyper::of(Family::Forecaster)).expect("JSON");
    let manifest: serde_json::Value = serde_json::from_str(include_str!("manifest.json")).expect("JSON");
    let split = manifest["split"].clone();
    let request =
        json!({"hyper": hyper, "split": split, "yardstick": false, "challenger": null, "because": "due by the policy"});
    let spec = json!({"kind": "train", "model": "forecaster/AAPL", "mode": "complete", "snapshot": manifest["snapshot"], "hyper": hyper,
        "split": split, "parent": null, "contestants": {"champion": null, "universal": null}, "yardstick": false, "reproduces": null});
    let verdict = json!({"verdict": "not_worse", "promoted": true, "against": "champion", "difference": 0.001, "low": -0.004, "high": 0.005,
        "rows": 60, "beats_naive": false, "reasons": ["Not worse than the live version."]});
    let decision = json!({"model": "forecaster/AAPL", "verdict": "not_needed", "band": "none", "mode": null, "reasons": [], "holds": [],
        "note": "", "score": null, "terms": [], "data": null, "at": "2026-11-29T17:20:38Z", "job": null});
    let schema = json!({"columns": [{"name": "text", "kind": "text"}], "key": ["text"], "time": null});
    let terms = json!([{"name": "category portfolio", "points": 20.0}]);
    let curve = json!([{"epoch": 1, "train_loss": 1.43, "validation_loss": 1.32}]);
    let now = Timestamp::now();
    let words = [
        ("models", models.to_string()),
        ("jobs", jobs.to_string()),
        ("now", now.0.to_string()),
        ("today", now.date().to_string()),
        ("hash", ContentHash::of(b"").to_string()),
        ("zeros", "0".repeat(64)),
        ("hyper", hyper.to_string()),
        ("manifest", manifest.to_string()),
        ("request", request.to_string()),
        ("spec", spec.to_string()),
        ("verdict", verdict.to_string()),
        ("decision", decision.to_string()),
        ("schema", schema.to_string()),
        ("terms", terms.to_string()),
        ("curve", curve.to_string()),
    ];
    words.iter().fold(include_str!("fill.sql").to_owned(), |text, (name, word)| {
        text.replace(&format!("{{{name}}}"), &word.replace('\'', "''"))
    })
}
