//! What is done by the calendar (A7, A8, B3–B5, C5, C6). Tests put due times into the past instead of waiting for them.

use chrono::Days;
use common::vocabulary::{JobSpec, Timestamp};
use coordinator::service::Error;
use coordinator::views::{
    ModelRequest, PageQuery, PauseRequest, ScheduleRequest, ScheduleRunView, ScheduleView, TrainingRequest,
};
use domain::schedule::{MissedRuns, Occasion, RunState, ScheduleState, Task, Timing};
use serde_json::{Value, json};

use crate::kit::{Environment, Quality, Running, last_day, prices, wait_for};

fn timing(json: Value) -> Option<Timing> {
    Some(serde_json::from_value(json).unwrap())
}

fn task(json: Value) -> Option<Task> {
    Some(serde_json::from_value(json).unwrap())
}

fn daily(task_json: Value) -> ScheduleRequest {
    let timing = timing(json!({ "kind": "daily", "time": "06:00" }));
    ScheduleRequest { timing, task: task(task_json), ..ScheduleRequest::default() }
}

impl Running {
    async fn schedule(&self, name: &str, request: ScheduleRequest) -> ScheduleView {
        self.refit.put_schedule(name, request).await.unwrap()
    }

    /// All schedules were due so many seconds ago.
    async fn make_due(&self, seconds: i64) {
        let due = Timestamp::now().0 - seconds * 1_000_000;
        let statement =
            format!("UPDATE training_schedules SET next_due = {due}, fire_at = {due} WHERE paused_at IS NULL");
        self.environment.database.execute(statement.leak()).await.unwrap();
    }

    async fn runs(&self, name: &str) -> Vec<ScheduleRunView> {
        self.refit.schedule_runs(name, PageQuery::default()).await.unwrap().items
    }

    /// The newest run of a schedule, once it has ended.
    async fn ended(&self, name: &str) -> ScheduleRunView {
        wait_for("the end of a run", async || {
            self.runs(name).await.into_iter().next().filter(|run| run.state.is_over())
        })
        .await
    }
}

fn said(run: &ScheduleRunView) -> (String, Value) {
    let outcome = run.outcome.as_ref().unwrap();
    (outcome.code.clone(), Value::Object(outcome.numbers.0.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a7_what_is_due_is_done_once_and_is_due_again() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let made = running.schedule("check", daily(json!({ "kind": "health_check" }))).await;
    assert_eq!(
        (made.state, made.next.len(), made.when.as_str()),
        (ScheduleState::Scheduled, 5, "daily at 06:00 (UTC)")
    );
    running.make_due(10).await;
    let run = running.ended("check").await;
    assert_eq!((run.state, run.occasion, run.tries), (RunState::Completed, Occasion::Due, 1));
    let (code, numbers) = said(&run);
    assert_eq!((code.as_str(), &numbers["models"], &numbers["enqueued"]), ("checked", &json!(1), &json!(1)));
    assert_eq!(running.jobs().await.len(), 1, "what is due is enqueued");
    let after = running.refit.schedule("check").await.unwrap();
    assert_eq!((after.state, &after.next), (ScheduleState::Scheduled, &made.next));
    assert_eq!(running.runs("check").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_a_run_lasts_until_its_trainings_end_and_says_what_became_of_them() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let mut worker = running.worker(2).await;
    let models = ["forecaster/AAPL", "forecaster/MSFT"];
    let parameters = json!({ "hyper": { "epochs": "3" } });
    let mut request = daily(json!({ "kind": "retrain", "of": { "models": models }, "parameters": parameters }));
    request.timing = timing(json!({ "kind": "once", "at": "2031-01-01T02:00" }));
    running.schedule("retrain", request).await;
    // As if that moment were over.
    let past = r#"UPDATE training_schedules SET timing = '{"kind":"once","at":"2026-01-01T02:00"}'"#;
    running.environment.database.execute(past).await.unwrap();
    running.make_due(10).await;
    let first = worker.take().await;
    let JobSpec::Train(spec) = &first.spec else { panic!("a training") };
    assert_eq!(serde_json::to_value(&spec.hyper).unwrap()["epochs"], json!(3));
    let second = worker.take().await;
    let under_way = wait_for("a run under way", async || {
        running.runs("retrain").await.into_iter().find(|run| run.outcome.is_some())
    })
    .await;
    assert_eq!((under_way.state, said(&under_way).0.as_str()), (RunState::Running, "requested"));
    assert_eq!(running.refit.schedule("retrain").await.unwrap().state, ScheduleState::Running);
    let kept = running.refit.delete_schedule("retrain").await.unwrap_err().to_string();
    assert!(kept.contains("under way"), "{kept}");
    worker.finish(&first, Quality::GOOD).await;
    worker.fail(second.claim, common::vocabulary::FailureClass::Data).await;
    let run = running.ended("retrain").await;
    let (code, numbers) = said(&run);
    assert_eq!((run.state, code.as_str()), (RunState::Failed, "trained"));
    assert_eq!((&numbers["trainings"], &numbers["promoted"], &numbers["failed"]), (&json!(2), &json!(1), &json!(1)));
    let once = running.refit.schedule("retrain").await.unwrap();
    assert_eq!((once.state, once.next.len()), (ScheduleState::Failed, 0), "once is once");
    assert_eq!(running.refit.scheduler().await.unwrap().last_30_days.success_rate, Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_however_many_look_each_due_time_has_one_run() {
    let running = Running::new().await;
    for name in ["a", "b", "c"] {
        running.schedule(name, daily(json!({ "kind": "evaluate" }))).await;
    }
    let other = running.environment.ports.clone();
    let settings = running.environment.settings.clone();
    let second =
        coordinator::service::Coordinator::with(settings, other, coordinator::service::Fault::None).await.unwrap();
    running.make_due(10).await;
    let looks = (0..8).map(|n| {
        let refit = if n % 2 == 0 { running.refit.clone() } else { second.refit() };
        tokio::spawn(async move { refit.look_at_schedules().await })
    });
    for look in looks.collect::<Vec<_>>() {
        look.await.unwrap().unwrap();
    }
    for name in ["a", "b", "c"] {
        running.ended(name).await;
        assert_eq!(running.runs(name).await.len(), 1, "{name}");
    }
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_missed_runs_are_told_and_made_up_for_as_the_schedule_says() {
    let running = Running::new().await;
    // Due every day at the time of day that lies as far from now as can be, whenever the test is run.
    let now = Timestamp::now();
    let time = now.plus_days(0.5).utc().format("%H:%M").to_string();
    let seconds_of_minute = (now.0 / 1_000_000) % 60;
    let two_days_before = 2 * 86_400 + 43_200 + seconds_of_minute;
    for (name, missed, made_up) in
        [("skip", MissedRuns::Skip, 0), ("once", MissedRuns::Once, 1), ("all", MissedRuns::All, 3)]
    {
        let timing = timing(json!({ "kind": "daily", "time": time }));
        let request = ScheduleRequest { timing, missed: Some(missed), ..daily(json!({ "kind": "evaluate" })) };
        running.schedule(name, request).await;
        running.make_due(two_days_before + (Timestamp::now().0 - now.0) / 1_000_000).await;
        let runs = wait_for("three ended runs", async || {
            Some(running.runs(name).await).filter(|runs| runs.len() >= 3 && runs.iter().all(|run| run.state.is_over()))
        })
        .await;
        let skipped = runs.iter().filter(|run| run.state == RunState::Skipped).count();
        assert_eq!((runs.len() - skipped, skipped), (made_up, 3 - made_up), "{name}");
        assert!(runs.iter().all(|run| run.occasion == Occasion::Missed));
        running.refit.delete_schedule(name).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a8_who_pauses_or_stops_is_obeyed_and_asks_by_hand_all_the_same() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.schedule("check", daily(json!({ "kind": "evaluate" }))).await;
    let reason = PauseRequest { reason: Some("holidays".into()) };
    let paused = running.refit.pause_schedule("check", reason.clone()).await.unwrap();
    assert_eq!((paused.state, paused.next.len()), (ScheduleState::Paused, 0));
    assert_eq!(paused.paused.unwrap().reason, "holidays");
    let again = running.refit.pause_schedule("check", PauseRequest::default()).await.unwrap();
    assert_eq!(again.paused.unwrap().reason, "holidays", "it stays until another is given");
    let by_hand = running.refit.run_schedule("check").await.unwrap();
    assert_eq!((by_hand.occasion, running.ended("check").await.id), (Occasion::ByHand, by_hand.id));
    assert_eq!(running.refit.resume_schedule("check").await.unwrap().next.len(), 5);
    // The scheduler as a whole.
    let stopped = running.refit.stop_scheduler(reason).await.unwrap();
    assert_eq!((stopped.running, stopped.stopped.unwrap().reason.as_str()), (false, "holidays"));
    running.make_due(10).await;
    let task = serde_json::from_value(json!({ "kind": "evaluate" })).unwrap();
    let asked = running.refit.run_task(task).await.unwrap();
    let done = wait_for("the end of a task", async || {
        Some(running.refit.schedule_run(asked.id).await.unwrap()).filter(|run| run.state.is_over())
    })
    .await;
    assert_eq!((done.schedule, said_code(&done.outcome)), (None, "decided".to_owned()));
    assert_eq!(running.runs("check").await.len(), 1, "nothing else was begun");
    let started = running.refit.start_scheduler().await.unwrap();
    assert!(
        started.running && started.next[0].due > Timestamp::now().utc(),
        "what was due meanwhile is not made up for"
    );
}

fn said_code(outcome: &Option<coordinator::views::ToldView>) -> String {
    outcome.as_ref().unwrap().code.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a7_presets_are_there_from_the_start_and_a_deleted_one_does_not_come_back() {
    let mut environment = Environment::new().await;
    environment.settings.schedules.presets = true;
    let running = environment.start().await;
    let names = async |running: &Running| {
        let page = running.refit.schedules(PageQuery::default()).await.unwrap();
        page.items.into_iter().map(|schedule| schedule.name).collect::<Vec<_>>()
    };
    let all = ["daily-check", "daily-report", "priority-check", "weekly-report", "weekly-retrain"];
    wait_for("the presets", async || Some(names(&running).await).filter(|names| names == &all)).await;
    let zone = Some("Europe/Madrid".to_owned());
    let request = ScheduleRequest { zone, ..ScheduleRequest::default() };
    let changed = running.schedule("daily-check", request).await;
    assert_eq!(changed.when, "daily at 06:00 (Europe/Madrid)");
    running.refit.delete_schedule("weekly-retrain").await.unwrap();
    let running = running.crash().await.start().await;
    running.refit.look_at_schedules().await.unwrap();
    let left = ["daily-check", "daily-report", "priority-check", "weekly-report"];
    assert_eq!(names(&running).await, left);
    let kept = running.refit.schedule("daily-check").await.unwrap();
    assert_eq!(kept.zone, "Europe/Madrid", "what somebody changed stays so");
    let preset = ScheduleRequest { preset: Some("high-traffic".into()), ..ScheduleRequest::default() };
    let offered = running.schedule("movies", preset).await;
    let Task::Retrain { parameters, .. } = &offered.task else { panic!("{offered:?}") };
    assert_eq!(parameters.min_new_rows, Some(50));
}

/// What schedules ask for with `min_new_rows`: ten bars are new.
#[tokio::test(flavor = "multi_thread")]
async fn c5_whoever_asks_may_say_how_many_new_rows_are_enough() {
    let (running, mut worker) = Running::with_versions(1).await;
    running.import_text("AAPL", &prices(400, 10)).await;
    let asked = |rows: Option<u32>| TrainingRequest {
        model: "forecaster/AAPL".into(),
        as_of: Some(last_day() + Days::new(16)),
        min_new_rows: rows,
        ..TrainingRequest::default()
    };
    for (rows, result) in [(None, "skipped"), (Some(11), "skipped"), (Some(10), "requested")] {
        let answer = running.refit.train(asked(rows)).await.unwrap();
        assert_eq!(answer.items[0].result, result, "from {rows:?} new rows on: {}", answer.items[0].why);
    }
    drop(worker.take().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_leader_left_is_done_and_what_cannot_be_done_says_so() {
    let running = Running::new().await;
    running.schedule("back-up", daily(json!({ "kind": "backup" }))).await;
    let none = running.refit.run_schedule("back-up").await.unwrap();
    assert_eq!(said_code(&running.ended("back-up").await.outcome), "no_models");
    assert!(none.id > 0);
    running.import("AAPL", 400).await;
    running.refit.run_schedule("back-up").await.unwrap();
    wait_for("the second run", async || Some(running.runs("back-up").await).filter(|runs| runs.len() == 2)).await;
    assert_eq!(said(&running.ended("back-up").await).1["without"], json!(1));
    // Begun, and nobody is there who goes on with it.
    let environment = running.crash().await;
    let begun = "UPDATE schedule_runs SET state = 'running', ended_at = NULL, outcome = NULL WHERE id = 2";
    environment.database.execute(begun).await.unwrap();
    let running = environment.start().await;
    assert_eq!(running.ended("back-up").await.tries, 2);
    running.refit.delete_schedule("back-up").await.unwrap();
    let gone = running.refit.schedule("back-up").await.unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }) && gone.to_string().contains("refit schedules"), "{gone}");
}

/// What nobody can ever run has failed, and says why: else a schedule that never trains would look well.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_nothing_but_refusals_has_failed() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let parameters = json!({ "pool": "nowhere", "force": true });
    let of = json!({ "models": ["forecaster/AAPL"] });
    running.schedule("never", daily(json!({ "kind": "retrain", "of": of, "parameters": parameters }))).await;
    running.refit.run_schedule("never").await.unwrap();
    let run = running.ended("never").await;
    assert_eq!((run.state, said(&run).1["refused"].clone()), (RunState::Failed, json!(1)));
    assert!(run.outcome.unwrap().text.contains("nowhere"));
}

/// It has come due in the moment in which somebody changes something else about it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_when_it_is_changed_is_done() {
    let running = Running::new().await;
    running.schedule("check", daily(json!({ "kind": "evaluate" }))).await;
    running.refit.stop_scheduler(PauseRequest::default()).await.unwrap();
    running.make_due(10).await;
    running.schedule("check", ScheduleRequest { missed: Some(MissedRuns::All), ..ScheduleRequest::default() }).await;
    assert_eq!(running.refit.look_at_schedules().await.unwrap().len(), 1);
    assert_eq!(running.ended("check").await.occasion, Occasion::Due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_does_not_silence_a_schedule() {
    let running = Running::new().await;
    let made = running.schedule("check", daily(json!({ "kind": "evaluate" }))).await;
    running.make_due(-400 * 86_400).await;
    let running = running.crash().await.start().await;
    let mended = wait_for("a due time that is not too far", async || {
        Some(running.refit.schedule("check").await.unwrap()).filter(|schedule| schedule.next == made.next)
    })
    .await;
    assert_eq!(mended.state, ScheduleState::Scheduled);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_what_works() {
    let running = Running::new().await;
    let refused =
        async |request: ScheduleRequest| running.refit.put_schedule("x", request).await.unwrap_err().to_string();
    let good = || daily(json!({ "kind": "evaluate" }));
    assert!(refused(ScheduleRequest::default()).await.contains("needs a timing"));
    assert!(refused(ScheduleRequest { task: None, ..good() }).await.contains("needs a task"));
    assert!(refused(ScheduleRequest { zone: Some("Mars".into()), ..good() }).await.contains("time zone"));
    assert!(refused(ScheduleRequest { jitter_seconds: Some(90_000), ..good() }).await.contains("0 to 86400"));
    assert!(refused(ScheduleRequest { preset: Some("lo-traffic".into()), ..good() }).await.contains("low-traffic"));
    let past = timing(json!({ "kind": "once", "at": "2020-01-01T00:00" }));
    assert!(refused(ScheduleRequest { timing: past, ..good() }).await.contains("is over"));
    let unknown = json!({ "kind": "backup", "of": { "models": ["forecaster/NONE"] } });
    assert!(refused(daily(unknown)).await.contains("forecaster/NONE"));
    let none = json!({ "kind": "retrain", "parameters": { "min_new_rows": 0 } });
    assert!(refused(daily(none)).await.contains("1 to 1000000"));
    running.import("AAPL", 400).await;
    let empty = json!({ "kind": "evaluate", "of": { "category": "" } });
    assert!(refused(daily(empty)).await.contains("leave it out"));
    let epoch = json!({ "kind": "retrain", "parameters": { "hyper": { "epoch": "3" } } });
    assert!(refused(daily(epoch)).await.contains("epochs"));
    assert_eq!(running.refit.schedules(PageQuery::default()).await.unwrap().items, []);
}

/// What a schedule names, somebody wants; what it only finds is trained if it may be.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_trained_by_itself_is_trained_by_a_schedule_that_names_it() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let by_hand = ModelRequest { auto_retrain: Some(false), ..ModelRequest::default() };
    running.refit.put_model(&crate::kit::key("AAPL"), by_hand).await.unwrap();
    for (of, requested) in [(json!({}), 0), (json!({ "models": ["forecaster/AAPL"] }), 1)] {
        let task = serde_json::from_value(json!({ "kind": "retrain", "of": of })).unwrap();
        let run = running.refit.run_task(task).await.unwrap();
        let run = wait_for("an outcome", async || {
            Some(running.refit.schedule_run(run.id).await.unwrap()).filter(|run| run.outcome.is_some())
        })
        .await;
        assert_eq!(said(&run).1["requested"], json!(requested), "of {of}");
        assert_eq!(said(&run).1["skipped"], json!(1 - requested), "of {of}");
    }
}
