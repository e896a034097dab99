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
    assert_eq!((report.new, report.refused), (3, 3), "{report:?}");
    let refused: Vec<(u64, &str)> = report.refusals.iter().map(|row| (row.line, row.reason.as_str())).collect();
    for ((line, reason), (at, part)) in refused.iter().zip([
        (3, "left is \"yes\", which is none of its words: \"No\", \"Yes\"; did you mean \"Yes\"?"),
        (4, "left is \"nonsense\", which is none of its words: \"No\", \"Yes\"; if it is a new word"),
        (7, "did you mean \"Yes\"?"),
    ]) {
        assert!(*line == at && reason.contains(part), "line {line}: {reason}");
    }
    let report = running.people("a3,31,Retired\n", true).await;
    assert_eq!((report.new, report.refused), (1, 0), "whoever says that it is a word is believed");
    assert_eq!(running.people("a7,31,Retired\n", false).await.refused, 0, "it is one from then on");
}
