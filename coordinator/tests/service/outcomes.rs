//! Rows whose outcome says what no outcome says are refused one by one, for data sets that a model learns from (D6).

use std::fmt::Write;

use common::vocabulary::DatasetName;
use coordinator::views::{ModelRequest, TableImportReport, TableImportRequest};

use crate::kit::Running;

impl Running {
    async fn people(&self, rows: &str, accept_new_words: bool) -> TableImportReport {
        let name: DatasetName = "people".parse().unwrap();
        let request = TableImportRequest {
            file: "people.csv".into(),
            key: Some("id".into()),
            accept_new_words,
            ..TableImportRequest::default()
        };
        self.refit.import_rows(&name, request, format!("id,age,left\n{rows}").as_bytes()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_an_outcome_that_is_no_word_is_refused_and_the_other_rows_are_taken() {
    let running = Running::new().await;
    let mut rows = String::new();
    (0..60).for_each(|n| writeln!(rows, "e{n},{},{}", 20 + n, ["No", "Yes"][n % 2]).unwrap());
    running.people(&rows, false).await;
    let mixed = "a1,30,Yes\na2,30,yes\na3,31,nonsense\na4,32,\na5,33,No\na6,34,1\n";

    let request =
        ModelRequest { dataset: Some("people".into()), predict: Some("left=Yes".into()), ..ModelRequest::default() };
    running.refit.put_model(&"tabular/churn".parse().unwrap(), request).await.unwrap();
    let report = running.people(mixed, false).await;
    assert_eq!((report.new, report.refused), (4, 2), "{report:?}");
    let refused: Vec<(u64, &str)> = report.refusals.iter().map(|row| (row.line, row.reason.as_str())).collect();
    for ((line, reason), (at, part)) in refused.iter().zip([
        (4, "left is \"nonsense\", which is none of its words: \"No\", \"Yes\"; if it is a new word"),
        (7, "did you mean \"Yes\"?"),
    ]) {
        assert!(*line == at && reason.contains(part), "line {line}: {reason}");
    }
    let report = running.people("a3,31,Retired\n", true).await;
    assert_eq!((report.new, report.refused), (1, 0), "whoever says that it is a word is believed");
    assert_eq!(running.people("a7,31,Retired\n", false).await.refused, 0, "it is one from then on");
}

impl Running {
    /// Why a model is not registered so.
    async fn no_model(&self, key: &str, request: ModelRequest) -> String {
        self.refit.put_model(&key.parse().unwrap(), request).await.unwrap_err().to_string()
    }
}

/// D6: a word that no row says is no class, a column of words no number, and a data set nearly called so a slip: said at once, and not
/// by a training that fails.
#[tokio::test(flavor = "multi_thread")]
async fn d6_what_is_to_be_predicted_must_be_there() {
    let running = Running::new().await;
    let mut rows = String::new();
    (0..60).for_each(|n| writeln!(rows, "e{n},{},{}", 20 + n, ["No", "Yes"][n % 2]).unwrap());
    running.people(&rows, false).await;
    let predict = |what: &str, dataset: &str| ModelRequest {
        dataset: Some(dataset.into()),
        predict: Some(what.into()),
        ..ModelRequest::default()
    };
    let refused = running.no_model("tabular/churn", predict("left=Yess", "people")).await;
    assert!(refused.contains("left is never \"Yess\"") && refused.contains("\"No\", \"Yes\""), "{refused}");
    let refused = running.no_model("tabular/churn", predict("left", "people")).await;
    assert!(refused.contains("the column left is not of numbers"), "{refused}");
    running.refit.put_model(&"tabular/churn".parse().unwrap(), predict("left= YES", "people")).await.unwrap();

    let texts = |dataset: &str, positive: &str| ModelRequest {
        dataset: Some(dataset.into()),
        columns: Some(
            [("text", "age"), ("label", "left"), ("positive", positive)].map(|(a, b)| (a.into(), b.into())).into(),
        ),
        ..ModelRequest::default()
    };
    let refused = running.no_model("text/churn", texts("people", "Yes,Perhaps")).await;
    assert!(refused.contains("left is never \"Perhaps\""), "{refused}");
    let refused = running.no_model("text/churn", texts("poeple", "Yes")).await;
    assert!(refused.contains("did you mean people?"), "{refused}");
    running.refit.put_model(&"text/churn".parse().unwrap(), texts("tweets", "Yes")).await.unwrap();
}

/// D6: times that are most probably none, rows without one among rows that have one, and days that have not come are pointed out.
#[tokio::test(flavor = "multi_thread")]
async fn d6_odd_times_are_pointed_out() {
    let running = Running::new().await;
    let said = async |name: &str, rows: &str| {
        let request =
            TableImportRequest { key: Some("id".into()), time: Some("at".into()), ..TableImportRequest::default() };
        let (name, rows) = (name.parse().unwrap(), format!("id,at\n{rows}"));
        let report = running.refit.import_rows(&name, request, rows.as_bytes()).await.unwrap();
        report.warnings.join("; ")
    };
    assert!(
        said("undated", "1,2024-05-01\n2,\n3,20240503\n")
            .await
            .starts_with("1 rows have no at: they count as of today")
    );
    assert!(said("years", "1,2024\n2,2025\n").await.contains("1970-01-01 to 1970-01-01, read as seconds since 1970"));
    assert!(said("later", "1,2024-05-01\n2,2222-05-01\n").await.contains("of 2222-05-01, a day that has not come"));
    assert_eq!(said("days", "1,20240501\n2,20240502\n").await, "");
}
