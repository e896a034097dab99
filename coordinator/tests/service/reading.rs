//! A version reads by its own schema, whatever its model is told later (G9).

use std::collections::BTreeMap;

use common::ports::Mailbox;
use common::vocabulary::{JobSpec, ModelKey, Reading, Snapshot, TrainSpec};
use common::wire::codec::{self, Limits};
use common::wire::{PredictAnswer, PredictQuestion, PredictRequest, Prediction, TextPrediction, ToAsker};
use coordinator::views::{
    BatchPredictRequest, GivenLabel, LabelRequest, ModelRequest, MonitorRequest, PageQuery, PredictRowsRequest,
    PromoteRequest,
};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::families::next_training;
use crate::kit::{Quality, Running, wait_for};

fn text() -> ModelKey {
    "text/rows".parse().unwrap()
}

/// The text model is told to read other columns.
fn columns(columns: &[(&str, &str)]) -> ModelRequest {
    let columns: BTreeMap<String, String> =
        columns.iter().map(|(role, column)| ((*role).to_owned(), (*column).to_owned())).collect();
    ModelRequest { columns: Some(columns), ..ModelRequest::default() }
}

/// The columns of text and label that a training reads.
fn read(spec: &TrainSpec) -> (String, String) {
    of(&spec.snapshot)
}

fn of(snapshot: &Snapshot) -> (String, String) {
    let Snapshot::Table { reading: Reading::Texts(columns), .. } = snapshot else { panic!("no texts") };
    (columns.text.clone(), columns.label.clone())
}

fn two(text: &str, label: &str) -> (String, String) {
    (text.into(), label.into())
}

/// Answers the next question about texts: the texts it was asked about.
fn predictor(running: &Running) -> JoinHandle<Vec<String>> {
    let bus = running.environment.ports.bus.clone();
    tokio::spawn(async move {
        let question = bus.take(Mailbox::Predictors, crate::kit::LIMIT).await.unwrap().expect("a question");
        let question: PredictRequest = codec::decode(&question.body, Limits::default()).unwrap();
        let PredictQuestion::Texts { texts } = question.question else { panic!("no texts") };
        let said = texts.iter().map(|_| TextPrediction { probability: 0.9, label: true }).collect();
        let answer = PredictAnswer { id: question.id, prediction: Ok(Prediction::Texts { texts: said }) };
        let said = codec::encode(&ToAsker::Answer(answer)).unwrap();
        bus.post(Mailbox::Answers(question.asker), said).await.unwrap();
        texts
    })
}

/// G9: predictions, batches, labels and monitoring go by what the live version reads, not by what its model was told since.
#[tokio::test(flavor = "multi_thread")]
async fn g9_a_live_version_reads_its_own_columns() {
    let running = Running::new().await;
    running.with_every_family().await;
    let mut worker = running.worker(1).await;
    let item = running.train_key(&text(), "complete").await;
    assert_eq!(read(&next_training(&mut worker, Quality::GOOD).await), two("text", "label"));
    running.until(&item, "completed").await;
    running
        .refit
        .put_model(&text(), columns(&[("text", "user"), ("label", "rating"), ("positive", "5")]))
        .await
        .unwrap();

    let asked = predictor(&running);
    let row = BTreeMap::from([("text".to_owned(), json!("hello"))]);
    let answer = running.refit.predict(&text(), PredictRowsRequest { rows: vec![row] }).await.unwrap();
    assert_eq!((asked.await.unwrap(), answer.version.as_str()), (vec!["hello".to_owned()], "v1.0"));
    let labels = vec![GivenLabel { prediction: answer.predictions[0].id.into(), value: "1".into() }];
    let report = running.refit.label(&text(), LabelRequest { labels }).await.unwrap();
    assert_eq!((report.labelled, report.refused.len(), report.dataset.as_str()), (1, 0, "rows"), "{report:?}");

    let (key, rows) = (text(), "text\na\nb\n".as_bytes());
    let batch = running.refit.predict_batch(&key, BatchPredictRequest::default(), rows).await.unwrap();
    let grant = worker.take().await;
    let JobSpec::Predict(spec) = &grant.spec else { panic!("a batch") };
    assert_eq!((spec.reading.inputs(), spec.rows()), (vec!["text"], 2));
    worker.fail(grant.claim, common::vocabulary::FailureClass::Data).await;
    assert_eq!(batch.kind, "predict");

    running.import_shared(700).await;
    let request = MonitorRequest { models: vec![text().to_string()], as_of: None };
    assert_eq!(running.refit.monitor(request).await.unwrap().jobs.len(), 1);
    let grant = worker.take().await;
    let JobSpec::Monitor(spec) = &grant.spec else { panic!("a monitoring") };
    assert_eq!(of(&spec.subjects[0].snapshot), two("text", "label"));
}

/// G9: a training that waits is made anew; what was asked for this training only stays.
#[tokio::test(flavor = "multi_thread")]
async fn g9_a_training_that_waits_is_made_anew() {
    let running = Running::new().await;
    running.with_every_family().await;
    let item = running.train_key(&text(), "complete").await;
    let mut request = columns(&[("label", "rating"), ("positive", "5")]);
    request.hyper = Some([("seed".to_owned(), "7".to_owned())].into());
    running.refit.put_model(&text(), request).await.unwrap();
    let job = running.job(&item).await;
    assert!(job.why.contains("made anew: what its model reads"), "{}", job.why);
    let mut worker = running.worker(1).await;
    let spec = next_training(&mut worker, Quality::GOOD).await;
    assert_eq!((read(&spec), spec.hyper.by_name()["seed"].as_str()), (two("text", "rating"), "7"));
    running.until(&item, "completed").await;
    assert_eq!(running.refit.model(&text()).await.unwrap().live.unwrap().version, "v1.0");
}

/// G9: a training that a worker has goes on; its version is recorded, and a person decides.
#[tokio::test(flavor = "multi_thread")]
async fn g9_a_version_that_reads_otherwise_does_not_go_live_on_its_own() {
    let running = Running::new().await;
    running.with_every_family().await;
    let mut worker = running.worker(1).await;
    let item = running.train_key(&text(), "complete").await;
    let grant = worker.take().await;
    running.refit.put_model(&text(), columns(&[("label", "rating"), ("positive", "5")])).await.unwrap();
    worker.finish(&grant, Quality::GOOD).await;
    let job = running.until(&item, "completed").await;
    assert!(
        job.why.starts_with("v1.0 is recorded and not promoted: text/rows was told to read otherwise"),
        "{}",
        job.why
    );
    let version = running.refit.versions(&text(), PageQuery::default()).await.unwrap().items.remove(0);
    assert_eq!((version.status.as_str(), version.verdict.map(|verdict| verdict.promoted)), ("superseded", Some(false)));
    assert_eq!(running.refit.model(&text()).await.unwrap().live, None);

    // What the model reads now is trained at once: nothing was rejected. As its reason says, the other can be made live all the same.
    running.train_key(&text(), "complete").await;
    assert_eq!(read(&next_training(&mut worker, Quality::GOOD).await), two("text", "rating"));
    wait_for("v2.0 to be live", || async {
        let live = running.refit.model(&text()).await.unwrap().live?;
        (live.version == "v2.0").then_some(())
    })
    .await;
    let promote = PromoteRequest { version: Some("v1.0".into()), reason: None };
    assert_eq!(running.refit.promote(&text(), promote).await.unwrap().version, "v1.0");
}

/// Columns that are not there are refused when they are named; before there are rows, with the first decision about them.
#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_there_are_refused_when_they_are_named() {
    let running = Running::new().await;
    let early: ModelKey = "text/early".parse().unwrap();
    let request = ModelRequest { dataset: Some("rows".into()), ..columns(&[("label", "lable")]) };
    running.refit.put_model(&early, request).await.unwrap();
    running.with_every_family().await;
    let refused = running.refit.put_model(&text(), columns(&[("label", "lable")])).await.unwrap_err().to_string();
    assert!(refused.starts_with("text/rows cannot read the data set rows: there is no column \"lable\""), "{refused}");
    assert!(refused.contains("did you mean \"label\"?"), "{refused}");
    // What was registered before its rows came says so as soon as it is decided about, and other things about it can be changed.
    let tags = ModelRequest { tags: Some(vec!["early".into()]), ..ModelRequest::default() };
    running.refit.put_model(&early, tags).await.unwrap();
    let check = coordinator::views::CheckRequest { models: vec![early.to_string()], ..Default::default() };
    let decision = running.refit.check(check).await.unwrap().items.remove(0);
    let hold = decision.holds.iter().find(|hold| hold.code == "data_quality").unwrap();
    assert!(hold.text.contains("no column \"lable\"; did you mean \"label\"?"), "{hold:?}");
    running.refit.put_model(&early, columns(&[("label", "label")])).await.unwrap();
}
