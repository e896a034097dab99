//! A model's own policy: it holds for that model, wherever a policy is asked, and for no other.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use common::settings::Policy;
use common::vocabulary::JobSpec;
use coordinator::service::Error;
use coordinator::views::{
    BackupRequest, CheckRequest, ModelFilter, ModelRequest, ModelSummary, ModelView, PolicyValue, RestoreRequest,
};

use crate::kit::{Environment, Quality, Running, key, last_day, prices};

/// What is said of a model's own policy; nothing takes a key back.
fn own(said: &[(&str, Option<f64>)]) -> ModelRequest {
    let value = |(key, value): &(&str, Option<f64>)| {
        ((*key).to_owned(), value.map_or(PolicyValue::Settings, PolicyValue::Number))
    };
    ModelRequest { policy: Some(said.iter().map(value).collect()), ..ModelRequest::default() }
}

fn stored(model: &ModelView) -> String {
    serde_json::to_string(&model.own_policy).unwrap()
}

fn summarised(model: &ModelSummary) -> String {
    serde_json::to_string(&model.own_policy).unwrap()
}

/// What holds for a model of a key, and where it comes from.
fn holds(model: &ModelView, key: &str) -> (String, String) {
    let found = model.policy.iter().find(|found| found.key == key).unwrap();
    assert_eq!(found.own, found.from == "the model's own");
    (found.value.to_string(), found.from.clone())
}

/// Sixteen days after the last bar of the first import.
fn later() -> NaiveDate {
    crate::kit::last_day() + Days::new(16)
}

impl Running {
    async fn say(&self, symbol: &str, said: &[(&str, Option<f64>)]) -> ModelView {
        self.refit.put_model(&key(symbol), own(said)).await.unwrap()
    }

    /// Two models that are live, and ten bars that are new to each.
    async fn two_sisters(environment: Environment) -> Self {
        let running = environment.start().await;
        let mut worker = running.worker(1).await;
        for symbol in ["AAPL", "MSFT"] {
            running.import(symbol, 400).await;
            let item = running.train(symbol, Some("complete")).await;
            let grant = worker.take().await;
            worker.finish(&grant, Quality::GOOD).await;
            running.until(&item, "completed").await;
            running.import_text(symbol, &prices(400, 10)).await;
        }
        running
    }

    /// The verdict about each symbol's, as of a day on which only rows can make them due.
    async fn verdicts(&self) -> BTreeMap<String, String> {
        let check = CheckRequest { as_of: Some(later()), ..CheckRequest::default() };
        let decided = self.refit.check(check).await.unwrap().items;
        let ours = decided.into_iter().filter(|decision| decision.model != "forecaster/universal");
        ours.map(|decision| (decision.model, decision.verdict)).collect()
    }

    async fn due_now(&self) -> Vec<String> {
        self.verdicts().await.into_iter().filter(|(_, verdict)| verdict == "retrain").map(|(model, _)| model).collect()
    }
}

/// With a threshold of its own a model is due where its sister is not; the decision about it is made anew at once, both ways.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_due_by_its_own_threshold() {
    let running = Running::two_sisters(Environment::new().await).await;
    assert_eq!(running.due_now().await, [] as [&str; 0], "ten new bars are fewer than twenty");
    let model = running.say("AAPL", &[("min_new_samples", Some(5.0))]).await;
    assert_eq!(
        (stored(&model), model.decision.unwrap().verdict.as_str()),
        (r#"{"min_new_samples":5}"#.into(), "retrain")
    );
    assert_eq!(running.due_now().await, ["forecaster/AAPL"]);
    let back = running.say("AAPL", &[("min_new_samples", None)]).await;
    assert_eq!((stored(&back), back.decision.unwrap().verdict.as_str()), ("{}".into(), "not_needed"));
    assert_eq!(running.due_now().await, [] as [&str; 0]);
}

/// Only what is a model's own is kept: the rest follows the settings, also when these are others one day.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_its_own_follows_the_settings() {
    let running = Running::two_sisters(Environment::new().await).await;
    running.say("AAPL", &[("min_new_samples", Some(30.0)), ("max_increments", Some(2.0))]).await;
    running.say("AAPL", &[("max_increments", None)]).await;
    let again = ModelRequest { category: Some("portfolio".into()), ..ModelRequest::default() };
    let model = running.refit.put_model(&key("AAPL"), again).await.unwrap();
    assert_eq!(stored(&model), r#"{"min_new_samples":30}"#, "registered once more, it keeps its own");
    assert_eq!(holds(&model, "min_new_samples"), ("30".into(), "the model's own".into()));
    assert_eq!(holds(&model, "max_increments"), ("5".into(), "default".into()));

    let mut environment = running.crash().await;
    environment.settings.policy = Policy { min_new_samples: 8, max_increments: 9, ..Policy::default() }.into();
    let running = environment.start().await;
    assert_eq!(running.due_now().await, ["forecaster/MSFT"]);
    let model = running.refit.model(&key("AAPL")).await.unwrap();
    assert_eq!((holds(&model, "min_new_samples").0, holds(&model, "max_increments").0), ("30".into(), "9".into()));
    let listed = running.refit.models(ModelFilter::default()).await.unwrap();
    let ours = listed.items.iter().filter(|model| model.key != "forecaster/universal");
    assert_eq!(ours.map(summarised).collect::<Vec<_>>(), [r#"{"min_new_samples":30}"#, "{}"]);
}

/// In the words of the settings; nothing of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_settings_would_refuse_is_refused() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    for (said, why) in [
        (
            ("min_new_sample", 5.0),
            "there is no setting \"policy.min_new_sample\" (the model's own); did you mean policy.min_new_samples?",
        ),
        (("holdout_rows", 5.0), "policy.holdout_rows (the model's own): 5 is out of range: 40 to 2000"),
        (
            ("min_new_texts", 5.0),
            "policy.min_new_texts (the model's own): it says nothing about a model of the family forecaster",
        ),
        (
            ("force_retrain_age_days", 10.0),
            "policy.force_retrain_age_days (the model's own): it must not be less than policy.max_model_age_days, which is 30; a model may have both of its own",
        ),
    ] {
        let request = own(&[("max_increments", Some(2.0)), (said.0, Some(said.1))]);
        let refused = running.refit.put_model(&key("AAPL"), request).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid { reason: found } if found == why), "{refused}");
    }
    assert_eq!(stored(&running.refit.model(&key("AAPL")).await.unwrap()), "{}");
}

/// Whether it is trained by itself is a key like any other, and wins over the settings.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_trained_by_itself_where_its_own_policy_says_so() {
    let mut environment = Environment::new().await;
    environment.settings.policy = Policy { auto_retrain: false, ..Policy::default() }.into();
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let on = ModelRequest { auto_retrain: Some(true), ..ModelRequest::default() };
    let model = running.refit.put_model(&key("AAPL"), on).await.unwrap();
    assert_eq!(stored(&model), r#"{"auto_retrain":true}"#);
    let verdicts: Vec<String> = running.verdicts().await.into_values().collect();
    assert_eq!(verdicts, ["retrain", "recommended"]);
    // The release before this one switches it off, and on again.
    for (statement, own) in [
        ("UPDATE models SET auto_retrain = 0", r#"{"auto_retrain":false}"#),
        ("UPDATE models SET auto_retrain = 1", r#"{"auto_retrain":true}"#),
    ] {
        running.environment.database.execute(statement).await.unwrap();
        assert_eq!(stored(&running.refit.model(&key("AAPL")).await.unwrap()), own);
    }
    assert_eq!(stored(&running.refit.model(&key("MSFT")).await.unwrap()), "{}");
}

/// How rows are parted is fixed when they are frozen: a training that waits is made anew, one that comes after has its own from the start.
#[tokio::test(flavor = "multi_thread")]
async fn a_training_that_waits_is_parted_as_its_model_says_now() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", Some("complete")).await;
    running.say("AAPL", &[("holdout_rows", Some(80.0)), ("yardstick", None)]).await;
    assert!(running.job(&item).await.why.contains("made anew"), "{}", running.job(&item).await.why);
    running.say("AAPL", &[("max_increments", Some(1.0))]).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    assert_eq!(spec.split.holdout_rows, 80);
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
}

/// A backup keeps it, for an installation that has never heard of the model, under whatever settings.
#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_with_a_backup() {
    let (running, _worker) = Running::with_versions(1).await;
    let said = [("min_new_samples", Some(5.0)), ("force_retrain_age_days", Some(40.0))];
    running.say("AAPL", &said).await;
    let off = ModelRequest { auto_retrain: Some(false), ..ModelRequest::default() };
    running.refit.put_model(&key("AAPL"), off).await.unwrap();
    let made = running.refit.backup(&key("AAPL"), BackupRequest::default()).await.unwrap();
    let other = {
        let backups = running.environment.settings.backups_url().unwrap();
        let mut environment = Environment::new().await;
        environment.settings.storage.backups = backups.as_str().into();
        environment.settings.policy = Policy { max_model_age_days: 41.0, ..Policy::default() }.into();
        environment.start().await
    };
    other.refit.restore(&key("AAPL"), &made.id, RestoreRequest::default()).await.unwrap();
    let model = other.refit.model(&key("AAPL")).await.unwrap();
    let kept = r#"{"auto_retrain":false,"force_retrain_age_days":40.0,"min_new_samples":5}"#;
    assert_eq!(stored(&model), kept);
    assert_eq!(holds(&model, "max_model_age_days"), ("40.0".into(), "gives way to the model's own".into()));
}

/// C5: a model of its own hours waits for them; whoever forces does not.
#[tokio::test(flavor = "multi_thread")]
async fn c5_a_model_is_trained_within_its_hours() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let hours = |text: &str| ModelRequest {
        policy: Some([("train_between".to_owned(), PolicyValue::Text(text.into()))].into()),
        ..ModelRequest::default()
    };
    let model = running.refit.put_model(&key("AAPL"), hours("01:00-02:00")).await.unwrap();
    assert_eq!(holds(&model, "train_between"), ("\"01:00-02:00\"".into(), "the model's own".into()));
    // A day that is asked about is asked about at its end.
    let check = async |enqueue| {
        let request = CheckRequest { as_of: Some(last_day()), enqueue, ..CheckRequest::default() };
        running.refit.check(request).await.unwrap().items.remove(0)
    };
    let held = check(true).await;
    let codes: Vec<&str> = held.holds.iter().map(|hold| hold.code.as_str()).collect();
    assert_eq!((held.verdict.as_str(), &codes[..]), ("held_back", &["outside_hours"][..]), "{held:?}");
    assert!(held.holds[0].text.contains("from 01:00 to 02:00 (UTC)"), "{held:?}");
    assert!(held.holds[0].until.is_some());
    running.refit.put_model(&key("AAPL"), hours("23:00-02:00")).await.unwrap();
    assert_eq!(check(false).await.verdict, "retrain");
    for odd in ["22:00", "always-never", "22:00-22:00"] {
        let refused = running.refit.put_model(&key("AAPL"), hours(odd)).await;
        assert!(refused.is_err(), "{odd:?}");
    }
    running.refit.put_model(&key("AAPL"), hours("01:00-02:00")).await.unwrap();
    assert_eq!(running.train("AAPL", None).await.result, "requested", "by force");
}
