//! Reports (A6, A10, A12): what they count, under which names they are kept, and how they get to whom they are sent.

use chrono::{Days, NaiveDate, Utc};
use common::vocabulary::{FailureClass, Timestamp};
use coordinator::service::Error;
use coordinator::views::{
    ChannelRequest, CleanupRequest, PageQuery, PeriodReport, ReportRequest, ScheduleRequest, ScheduleRunView,
};
use domain::alert::ChannelKind;
use domain::report::{ReportFormat, ReportKind};
use domain::schedule::RunState;
use serde_json::{Value, json};

use crate::kit::{Environment, Quality, Receiver, Running, key, wait_for};

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn request(report: ReportKind, channels: &[&str]) -> ReportRequest {
    let day = matches!(report, ReportKind::Daily | ReportKind::Weekly).then(today);
    ReportRequest { report, day, channels: channels.iter().map(|name| (*name).to_owned()).collect() }
}

impl Running {
    async fn today(&self) -> PeriodReport {
        self.refit.daily_report(Some(today())).await.unwrap()
    }

    async fn file(&self, name: &str, ending: &str) -> String {
        let (year, file) = name.split_once('/').unwrap();
        let (_, body) = self.refit.report_file(year, &format!("{file}.{ending}")).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_day_is_told_by_what_became_of_its_trainings() {
    let running = Running::new().await;
    for symbol in ["AAPL", "MSFT", "KO"] {
        running.import(symbol, 400).await;
    }
    let mut worker = running.worker(1).await;
    for (symbol, quality) in [("AAPL", Some(Quality::GOOD)), ("AAPL", Some(Quality::BAD)), ("MSFT", None)] {
        let item = running.train(symbol, Some("complete")).await;
        let grant = worker.take().await;
        match quality {
            Some(quality) => worker.finish(&grant, quality).await,
            None => worker.fail(grant.claim, FailureClass::Data).await,
        }
        running.until(&item, if quality.is_some() { "completed" } else { "failed" }).await;
    }
    let report = running.today().await;
    let health = report.health;
    assert_eq!((health.completed, health.failed, health.cancelled, health.promoted), (2, 1, 0, 1));
    assert_eq!(health.success_rate, Some(2.0 / 3.0));
    assert!(health.mean_training_seconds.is_some() && health.mean_waiting_seconds.is_some());
    let [family] = &report.families[..] else { panic!("{:?}", report.families) };
    assert_eq!((family.models, family.completed, family.promoted, family.failed), (2, 2, 1, 1));
    let [live] = &report.moves[..] else { panic!("{:?}", report.moves) };
    assert_eq!(
        (live.model.as_str(), live.version.as_str(), live.kind.as_str()),
        ("forecaster/AAPL", "v1.0", "promote")
    );
    let [kept] = &report.not_promoted[..] else { panic!("{:?}", report.not_promoted) };
    assert_eq!((kept.version.as_str(), kept.verdict.as_ref().unwrap().verdict.as_str()), ("v2.0", "worse"));
    let [failed] = &report.failures[..] else { panic!("{:?}", report.failures) };
    assert_eq!((failed.model.as_str(), failed.failures), ("forecaster/MSFT", 1));
    assert_eq!((report.fleet.models, report.fleet.live), (4, 1), "with the universal one");
    let [pool] = &report.pools[..] else { panic!("{:?}", report.pools) };
    assert_eq!((pool.pool.as_str(), pool.workers, pool.attempts, pool.lost), ("cpu", 1, 3, 0));
    assert_eq!(report.traffic.imports, 3);
    assert!(report.activity.iter().any(|point| point.running > 0), "{:?}", report.activity);
    assert!(!report.is_over);

    let before = running.refit.daily_report(today().checked_sub_days(Days::new(3))).await.unwrap();
    assert!(before.is_over && before.health.completed == 0 && before.health.success_rate.is_none());
    assert_eq!(before.activity.len(), 96);
    let week = running.refit.weekly_report(Some(today())).await.unwrap();
    assert_eq!((week.health.completed, (week.last - week.first).num_days()), (2, 6));
    let ahead = running.refit.daily_report(today().checked_add_days(Days::new(2))).await.unwrap_err().to_string();
    assert!(ahead.contains("has not begun"), "{ahead}");
}

/// A minute counts once, however many coordinators note it, and what lacked once in it has lacked.
#[tokio::test(flavor = "multi_thread")]
async fn a10_availability_is_the_share_of_minutes_with_a_leader_and_every_wanted_worker() {
    let running = Running::new().await;
    let day = today().pred_opt().unwrap();
    let hour = day.and_hms_opt(10, 0, 0).unwrap().and_utc().timestamp() / 3600;
    let (all, half) = ((1_i64 << 60) - 1, (1_i64 << 30) - 1);
    // The day's hours from the eleventh on: one whole, one with a leader for 30 minutes, one in which a worker lacked for 30.
    for (hour, answered, lacking) in [(hour, all, 0), (hour + 1, half, 0), (hour + 2, all, half)] {
        let row = format!("INSERT INTO availability VALUES ({hour}, {answered}, {lacking})");
        running.environment.database.execute(row.leak()).await.unwrap();
    }
    let health = running.refit.daily_report(Some(day)).await.unwrap().health;
    // From the first minute that was ever noted to midnight.
    assert_eq!((health.minutes, health.minutes_answered), (14 * 60, 150));
    assert_eq!(health.availability, Some(120.0 / 840.0));
    let unknown = running.refit.daily_report(day.pred_opt()).await.unwrap().health;
    assert_eq!((unknown.minutes, unknown.availability), (0, None));

    // The leader notes the minute that is.
    let noted = async || {
        let rows = running.environment.database.texts("SELECT CAST(hour AS TEXT) FROM availability").await;
        rows.contains(&(Timestamp::now().0 / 3_600_000_000).to_string()).then_some(())
    };
    wait_for("the minute to be noted", noted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a12_reports_are_kept_by_their_names_in_three_forms() {
    let (running, _worker) = Running::with_versions(1).await;
    let mut names = Vec::new();
    for kind in [ReportKind::Daily, ReportKind::Weekly, ReportKind::Incremental, ReportKind::Scheduler] {
        names.push(running.refit.make_report(request(kind, &[])).await.unwrap().name);
    }
    let day = today().format("%Y/daily_report_%Y%m%d").to_string();
    assert_eq!(names[0], day);
    assert!(names[1].contains("/weekly_report_week"), "{names:?}");
    let kept = running.refit.kept_reports().await.unwrap();
    assert_eq!(kept.len(), 4);
    assert!(kept.iter().all(|report| report.files.len() == 3 && report.bytes > 0), "{kept:?}");

    let text = running.file(&day, "txt").await;
    assert!(text.contains("Refit, daily report of") && text.contains("forecaster/AAPL"), "{text}");
    let data: PeriodReport = serde_json::from_str(&running.file(&day, "json").await).unwrap();
    assert_eq!((data.name.as_str(), data.health.completed), (day.as_str(), 1));
    let page = running.file(&day, "html").await;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && !page.contains("<script"), "{page}");

    // Made again it is the same report.
    running.refit.make_report(request(ReportKind::Daily, &[])).await.unwrap();
    assert_eq!(running.refit.kept_reports().await.unwrap().len(), 4);
    for (year, file) in
        [("2026", "daily_report.exe"), ("..", "x.txt"), ("2026", "../../bus.db"), ("1999", "daily_report_19990101.txt")]
    {
        let unknown = running.refit.report_file(year, file).await.unwrap_err();
        assert!(matches!(unknown, Error::NotFound { .. }), "{year}/{file}: {unknown}");
    }
}

/// Old reports go, and whatever else lies in their folder stays.
#[tokio::test(flavor = "multi_thread")]
async fn a12_a_cleanup_removes_the_reports_that_are_old() {
    let running = Running::new().await;
    let long_ago = today().checked_sub_days(Days::new(367)).unwrap();
    running.refit.make_report(request(ReportKind::Incremental, &[])).await.unwrap();
    let past = ReportRequest { day: Some(long_ago), ..request(ReportKind::Incremental, &[]) };
    assert!(running.refit.make_report(past).await.unwrap_err().to_string().contains("how things stand now"));
    let old = ReportRequest { day: Some(long_ago), ..request(ReportKind::Daily, &[]) };
    running.refit.make_report(old).await.unwrap();
    let folder = running.environment.settings.data_dir.join("store/reports").join(long_ago.format("%Y").to_string());
    std::fs::write(folder.join("notes.txt"), "ours").unwrap();
    let would = running.refit.cleanup(CleanupRequest { dry_run: true }).await.unwrap();
    assert_eq!((would.reports, running.refit.kept_reports().await.unwrap().len()), (3, 2));
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().reports, 3);
    let kept = running.refit.kept_reports().await.unwrap();
    assert_eq!(kept.iter().map(|report| report.kind).collect::<Vec<_>>(), [ReportKind::Incremental]);
    assert!(folder.join("notes.txt").exists());
}

/// B7, C8: a schedule makes a report and sends it, to each in its own language, once.
#[tokio::test(flavor = "multi_thread")]
async fn a12_a_schedule_makes_a_report_and_sends_it_to_channels() {
    let mut environment = Environment::new().await;
    environment.settings.alerts.private_addresses = true;
    let running = environment.start().await;
    let (mut hook, mut slack) = (Receiver::start().await, Receiver::start().await);
    let channel = |kind, url: &str, language: &str| ChannelRequest {
        kind: Some(kind),
        url: Some(url.into()),
        kinds: Some(vec![domain::alert::AlertKind::Degraded]),
        language: Some(language.into()),
        ..ChannelRequest::default()
    };
    running.refit.put_channel("hook", channel(ChannelKind::Webhook, &hook.url, "es")).await.unwrap();
    running.refit.put_channel("slack", channel(ChannelKind::Slack, &slack.url, "en")).await.unwrap();
    let parameters = json!({ "report": "daily", "channels": ["hook", "slack"], "language": "en" });
    let task = json!({ "kind": "report", "parameters": parameters });
    let schedule = |task: Value| ScheduleRequest {
        timing: Some(serde_json::from_value(json!({ "kind": "daily", "time": "23:30" })).unwrap()),
        task: Some(serde_json::from_value(task).unwrap()),
        ..ScheduleRequest::default()
    };
    running.refit.put_schedule("nightly", schedule(task)).await.unwrap();
    running.refit.run_schedule("nightly").await.unwrap();
    let run: ScheduleRunView = wait_for("the report", async || {
        let runs = running.refit.schedule_runs("nightly", PageQuery::default()).await.unwrap().items;
        runs.into_iter().find(|run| run.state.is_over())
    })
    .await;
    assert_eq!(run.state, RunState::Completed, "{run:?}");
    let outcome = run.outcome.unwrap();
    let name = outcome.numbers["report"].as_str().unwrap().to_owned();
    assert_eq!((outcome.code.as_str(), &outcome.numbers["channels"]), ("reported", &json!(2)));

    let told = hook.next().await;
    let data = &told.json()["data"];
    assert_eq!((told.json()["type"].as_str(), data["report"].as_str()), (Some("refit.report"), Some(name.as_str())));
    assert!(data["subject"].as_str().unwrap().contains("informe diario"), "{data}");
    assert!(data["text"].as_str().unwrap().contains("Salud"), "{data}");
    let told = slack.next().await.json()["text"].as_str().unwrap().to_owned();
    assert!(told.contains("daily report") && told.contains("Health"), "{told}");
    // Kept in its own language, and in that of whoever is told another.
    assert!(running.file(&name, "txt").await.contains("Health"));
    assert!(running.file(&name, "es.html").await.contains("Salud"));

    // The same run, after a coordinator that died before it had said so: the same messages.
    let undone = "UPDATE schedule_runs SET state = 'due', ended_at = NULL, outcome = NULL";
    running.environment.database.execute(undone).await.unwrap();
    running.refit.run_task(serde_json::from_value(json!({ "kind": "evaluate" })).unwrap()).await.unwrap();
    wait_for("all runs to end", async || {
        let runs = running.refit.all_schedule_runs(PageQuery::default()).await.unwrap().items;
        runs.iter().all(|run| run.state.is_over()).then_some(())
    })
    .await;
    let messages = running.refit.messages(Some("hook"), PageQuery::default()).await.unwrap().items;
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(hook.is_quiet() && slack.is_quiet());

    for (parameters, reason) in
        [(json!({ "channels": ["nobody"] }), "channel nobody"), (json!({ "language": "fr" }), "is not spoken")]
    {
        let task = json!({ "kind": "report", "parameters": parameters });
        let refused = running.refit.put_schedule("odd", schedule(task)).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    let manager = channel(ChannelKind::Alertmanager, &hook.url, "en");
    running.refit.put_channel("manager", manager).await.unwrap();
    let refused = running.refit.make_report(request(ReportKind::Daily, &["manager"])).await.unwrap_err().to_string();
    assert!(refused.contains("takes alerts and no reports"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a12_a_models_history_shows_its_versions_and_what_they_said() {
    let (running, _worker) = Running::with_versions(2).await;
    let report = running.refit.model_report(&key("AAPL")).await.unwrap();
    assert_eq!((report.live.as_deref(), report.versions.len(), report.moves.len()), (Some("v2.0"), 2, 2));
    assert!(!report.curve.is_empty() && !report.scores.is_empty() && !report.forecasts.is_empty());
    assert!(report.scores.windows(2).all(|pair| pair[0].date < pair[1].date));
    assert!(report.forecasts.iter().all(|one| one.outcome_percent.is_some() && one.interval_percent.is_none()));
    let unknown = running.refit.model_report(&key("NONE")).await.unwrap_err();
    assert!(matches!(unknown, Error::NotFound { .. }), "{unknown}");
    assert_eq!(ReportFormat::Html.extension(), "html");
}
