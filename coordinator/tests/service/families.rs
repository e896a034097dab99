//! All families in one installation: nothing of one gets into a job of another.

use chrono::Days;
use common::vocabulary::{Family, JobSpec, ModelKey, TrainSpec};
use coordinator::views::{ModelRequest, PageQuery, TableImportRequest, TrainingItem, TrainingRequest};

use crate::kit::{Quality, Running, Worker, last_day, wait_for};
use crate::results::live;

/// Rows of a data set that every family but the forecaster's can read, one way or another.
pub(crate) fn rows(count: u32) -> String {
    let row = |n: u32| {
        let day = last_day() - Days::new(400 - u64::from(n / 20));
        format!("r{n},user {},item {},{},a text of {n},{},{day}\n", n % 40, n, 1 + n % 5, n % 2)
    };
    "id,user,item,rating,text,label,day\n".to_owned() + &(0..count).map(row).collect::<String>()
}

impl Running {
    /// Imports rows that every family of tables can read, and registers a model of each.
    pub(crate) async fn with_every_family(&self) -> Vec<(Family, ModelKey)> {
        self.import_shared(600).await;
        let mut models = Vec::new();
        for family in [Family::Recommender, Family::Text, Family::Tabular] {
            let key: ModelKey = format!("{family}/rows").parse().unwrap();
            let predict = (family == Family::Tabular).then(|| "rating".to_owned());
            self.refit.put_model(&key, ModelRequest { predict, ..ModelRequest::default() }).await.unwrap();
            models.push((family, key));
        }
        models
    }

    /// Imports the first `count` of the rows that every family of tables can read.
    pub(crate) async fn import_shared(&self, count: u32) {
        let request =
            TableImportRequest { key: Some("id".into()), time: Some("day".into()), ..TableImportRequest::default() };
        self.refit.import_rows(&"rows".parse().unwrap(), request, rows(count).as_bytes()).await.unwrap();
    }

    /// Asks for a training of any model, of all its rows.
    pub(crate) async fn train_key(&self, key: &ModelKey, mode: &str) -> TrainingItem {
        let request = TrainingRequest {
            model: key.to_string(),
            mode: Some(mode.into()),
            force: true,
            ..TrainingRequest::default()
        };
        self.refit.train(request).await.unwrap().items.remove(0)
    }
}

/// Has a worker do the next job, a training, and says what it was.
pub(crate) async fn next_training(worker: &mut Worker, quality: Quality) -> TrainSpec {
    let grant = worker.take().await;
    let JobSpec::Train(spec) = grant.spec.clone() else { panic!("a training") };
    worker.finish(&grant, quality).await;
    *spec
}

/// With a live universal forecaster, each other symbol is scored beside it, and no model of another family ever is.
#[tokio::test(flavor = "multi_thread")]
async fn no_family_gets_another_ones_universal_model() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let models = running.with_every_family().await;
    let mut worker = running.worker(1).await;
    running.train("universal", None).await;
    let spec = next_training(&mut worker, Quality::GOOD).await;
    assert_eq!((spec.family(), spec.contestants.universal), (Ok(Family::Forecaster), None), "not beside itself");
    live(&running, "universal", "v1.0").await;

    running.train("AAPL", None).await;
    let spec = next_training(&mut worker, Quality::GOOD).await;
    let universal = spec.contestants.universal.clone().unwrap();
    assert_eq!((universal.model, spec.family()), (Some(ModelKey::universal_forecaster()), Ok(Family::Forecaster)));

    for ((family, key), more) in models.into_iter().zip([700, 800, 900]) {
        // The second is scored beside the first, and starts from it.
        for (mode, champion) in [("complete", None), ("incremental", Some(key.clone()))] {
            if champion.is_some() {
                running.import_shared(more).await;
            }
            let item = running.train_key(&key, mode).await;
            let spec = next_training(&mut worker, Quality::GOOD).await;
            assert_eq!((spec.family(), &spec.contestants.universal), (Ok(family), &None), "{key} {mode}");
            let of = |artifact: Option<common::vocabulary::ArtifactRef>| artifact.and_then(|artifact| artifact.model);
            assert_eq!(of(spec.contestants.champion), champion, "{key} {mode}");
            assert_eq!(of(spec.parent), champion, "{key} {mode}");
            running.until(&item, "completed").await;
        }
        let versions = running.refit.versions(&key, PageQuery::default()).await.unwrap().items;
        assert!(versions.iter().any(|version| version.status == "live"), "{versions:?}");
    }
}

/// A worker that answers with a version of another model is not believed, whatever its hashes say.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_of_another_model_is_refused() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = running.train("AAPL", None).await;
    let mut grant = worker.take().await;
    let JobSpec::Train(spec) = &mut grant.spec else { panic!("a training") };
    spec.model = crate::kit::key("MSFT");
    worker.finish(&grant, Quality::GOOD).await;
    let job = wait_for("the refusal", || async {
        let job = running.job(&item).await;
        job.attempts.iter().any(|attempt| attempt.outcome.as_deref() == Some("unusable")).then_some(job)
    })
    .await;
    let said = job.attempts[0].message.clone().unwrap();
    assert!(said.contains("manifest.json") && said.contains("it is of forecaster/MSFT"), "{said}");
    assert!(running.versions("AAPL").await.is_empty());
}
