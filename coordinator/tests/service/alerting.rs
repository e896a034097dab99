//! What somebody should know, and how they are told (A9, B7, C8, D8): by receivers that the tests own, which fail, hang and redirect.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::Days;
use common::vocabulary::FailureClass;
use coordinator::service::{Coordinator, Error, Fault};
use coordinator::views::{
    AlertFilter, AlertState, AlertView, ChannelRequest, CheckRequest, ModelRequest, PageQuery, PauseRequest,
    PromoteRequest, ScheduleRequest, SilenceRequest,
};
use domain::alert::{AlertKind, ChannelKind, ChannelName, MessageKind, Severity};
use domain::schedule::{ReportParameters, Task, Timing};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::kit::{Answer, Environment, Quality, Receiver, Running, key, last_day, wait_for};

/// Where receivers of this machine may be told, and at once.
async fn surroundings() -> Environment {
    let mut environment = Environment::new().await;
    environment.settings.alerts.private_addresses = true;
    environment.settings.alerts.gather = Duration::ZERO;
    environment.settings.alerts.look_every = Duration::from_millis(200);
    environment.settings.alerts.disk_free = 0.0;
    environment
}

/// A channel of what the tests bring about, and no more: prices of 2024 are old, and decisions say so.
fn channel(kind: ChannelKind, url: &str) -> ChannelRequest {
    let kinds = Some(vec![AlertKind::RetrainingDue]);
    ChannelRequest { kind: Some(kind), url: Some(url.into()), kinds, ..ChannelRequest::default() }
}

fn webhook(url: &str) -> ChannelRequest {
    channel(ChannelKind::Webhook, url)
}

impl Running {
    async fn open(&self) -> Vec<AlertView> {
        self.refit.alerts(AlertFilter::default()).await.unwrap().items
    }

    /// The alert of a kind, once it stands open.
    async fn alert(&self, kind: AlertKind) -> AlertView {
        let what = format!("an alert {kind}");
        wait_for(&what, async || self.open().await.into_iter().find(|alert| alert.kind == kind)).await
    }

    /// Decides as of so many days after the last training.
    async fn decide(&self, days: u64) {
        let as_of = Some(last_day() + Days::new(days));
        self.refit.check(CheckRequest { as_of, ..CheckRequest::default() }).await.unwrap();
    }

    /// So many models that only a person may have trained, and that should be.
    async fn with_models_due(&self, models: usize) {
        for n in 0..models {
            let symbol = format!("S{n}");
            self.import(&symbol, 400).await;
            let mine = ModelRequest { auto_retrain: Some(false), ..ModelRequest::default() };
            self.refit.put_model(&key(&symbol), mine).await.unwrap();
        }
        self.decide(0).await;
    }
}

fn kinds(alerts: &[AlertView]) -> Vec<AlertKind> {
    let mut kinds: Vec<AlertKind> = alerts.iter().map(|alert| alert.kind).collect();
    kinds.sort();
    kinds
}

/// A9: once per cause, whoever decides and how often; gone with it.
#[tokio::test(flavor = "multi_thread")]
async fn a9_an_alert_stands_while_its_cause_does() {
    let environment = surroundings().await;
    let other = Coordinator::with(environment.settings.clone(), environment.ports.clone(), Fault::None).await.unwrap();
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    running.decide(0).await;
    assert_eq!(kinds(&running.open().await), vec![], "all is well");
    let later = CheckRequest { as_of: Some(last_day() + Days::new(46)), ..CheckRequest::default() };
    let (here, there) = (running.refit.clone(), other.refit());
    let (one, two) = tokio::join!(here.check(later.clone()), there.check(later));
    assert_eq!((one.unwrap().models, two.unwrap().models), (1, 1));
    let open = running.open().await;
    assert_eq!(kinds(&open), vec![AlertKind::OverAge, AlertKind::SourceSilent], "{open:?}");
    let over_age = open.iter().find(|alert| alert.kind == AlertKind::OverAge).unwrap();
    assert_eq!((over_age.state, over_age.severity), (AlertState::Open, Severity::Warning));
    assert!(over_age.what.text.contains("forecaster/AAPL v1.0 was trained 46 days ago"), "{}", over_age.what.text);

    let known = PauseRequest { reason: Some("on holiday".into()) };
    let known = running.refit.acknowledge_alert(over_age.id, known).await.unwrap();
    assert_eq!((known.state, known.acknowledged.unwrap().reason.as_str()), (AlertState::Acknowledged, "on holiday"));
    running.decide(1).await;
    assert_eq!(kinds(&running.open().await), vec![]);
    let gone = running.refit.alert(over_age.id).await.unwrap();
    assert_eq!(gone.state, AlertState::Resolved);
    let late = running.refit.acknowledge_alert(over_age.id, PauseRequest::default()).await;
    assert!(matches!(late, Err(Error::Refused { .. })), "{late:?}");
    let of_model = AlertFilter { all: true, model: Some("forecaster/AAPL".into()), ..AlertFilter::default() };
    let all = running.refit.alerts(of_model).await.unwrap().items;
    assert!(all.len() >= 2 && all.iter().all(|alert| alert.state == AlertState::Resolved), "{all:?}");
    other.stop().await;
}

/// A9: repeated failures, a failed schedule, a nearly full disk.
#[tokio::test(flavor = "multi_thread")]
async fn a9_what_is_wrong_with_the_installation_is_found_and_goes_by_itself() {
    let mut environment = surroundings().await;
    environment.settings.alerts.disk_free = 1.0;
    environment.settings.alerts.failures = 2;
    environment.settings.dispatch.max_attempts = 1;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let disk = running.alert(AlertKind::DiskLow).await;
    assert!(disk.what.text.contains("is nearly full"), "{}", disk.what.text);
    let mut worker = running.worker(1).await;
    for _ in 0..2 {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.fail(grant.claim, FailureClass::Crash).await;
        running.until(&item, "failed").await;
    }
    let failing = running.alert(AlertKind::TrainingsFail).await;
    assert!(failing.what.text.contains("2 trainings of forecaster/AAPL have failed"), "{}", failing.what.text);
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    wait_for("the alert to go", async || {
        running.open().await.iter().all(|alert| alert.kind != AlertKind::TrainingsFail).then_some(())
    })
    .await;

    // A model without rows: nothing can be trained.
    running.refit.put_model(&key("EMPTY"), ModelRequest::default()).await.unwrap();
    let request = ScheduleRequest {
        timing: Some(serde_json::from_value(json!({ "kind": "daily", "time": "06:00" })).unwrap()),
        task: Some(
            serde_json::from_value(json!({ "kind": "retrain", "of": { "models": ["forecaster/EMPTY"] } })).unwrap(),
        ),
        ..ScheduleRequest::default()
    };
    running.refit.put_schedule("nightly", request).await.unwrap();
    running.refit.run_schedule("nightly").await.unwrap();
    let failed = running.alert(AlertKind::ScheduleFailed).await;
    assert!(failed.what.text.contains("schedule nightly (retrain) failed"), "{}", failed.what.text);
    running.refit.delete_schedule("nightly").await.unwrap();
    wait_for("the alert to go", async || {
        running.open().await.iter().all(|alert| alert.kind != AlertKind::ScheduleFailed).then_some(())
    })
    .await;
}

/// A rollback that nobody asked for is told until something else is live.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_taken_back_is_an_alert_until_another_is_live() {
    let environment = surroundings().await;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for _ in 0..2 {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
        running.until(&item, "completed").await;
    }
    crate::monitoring::monitored(&running, &mut worker, 40, Quality(0.9)).await;
    let alert = running.alert(AlertKind::RolledBack).await;
    assert!(alert.what.text.contains("v1.0 is live again"), "{}", alert.what.text);
    let back = PromoteRequest { version: Some("v2.0".into()), reason: None };
    running.refit.promote(&key("AAPL"), back).await.unwrap();
    wait_for("the alert to go", async || {
        running.open().await.iter().all(|alert| alert.kind != AlertKind::RolledBack).then_some(())
    })
    .await;
}

/// Signed as by Standard Webhooks; what is sent again has the same id; nothing is lost, and nothing is followed elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn c8_a_webhook_that_fails_redirects_and_hangs_gets_its_message_under_one_id() {
    let running = surroundings().await.start().await;
    let (mut receiver, mut elsewhere) = (Receiver::start().await, Receiver::start().await);
    receiver.will([Answer::Status(500), Answer::Redirect(elsewhere.url.clone()), Answer::Never]);
    let made = running.refit.put_channel("ops", webhook(&format!("{}/hook", receiver.url))).await.unwrap();
    let secret = made.secret.unwrap();
    running.with_models_due(1).await;
    let mut ids = Vec::new();
    for error in ["it answers 500", "redirects are not followed", "no answer within 10 s", ""] {
        let message = receiver.next().await;
        let (id, at) = (message.header("webhook-id").to_owned(), message.header("webhook-timestamp").to_owned());
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{at}.{}", message.text).as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(message.header("webhook-signature"), signature);
        let told = message.json();
        assert_eq!((&told["type"], &told["data"]["count"]), (&json!("refit.raised"), &json!(1)));
        assert_eq!(told["data"]["items"][0]["model"], "forecaster/S0");
        ids.push(id);
        if !error.is_empty() {
            wait_for("the failure to be noted", async || {
                let channel = running.refit.channel("ops").await.unwrap();
                channel.error.filter(|said| said.contains(error))
            })
            .await;
            // It is tried again now, not in a minute.
            running.refit.put_channel("ops", ChannelRequest::default()).await.unwrap();
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    wait_for("the delivery to be noted", async || {
        let messages = running.refit.messages(Some("ops"), PageQuery::default()).await.unwrap().items;
        let [message] = &messages[..] else { panic!("{messages:?}") };
        assert_eq!(message.what, MessageKind::Raised);
        message.sent_at.map(|_| assert_eq!((message.tries, &message.error), (4, &None)))
    })
    .await;
    assert!(elsewhere.is_quiet() && receiver.is_quiet());
}

/// "8 trainings are due": one message; each is an alert all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_told_in_one_message_and_resolved_in_one() {
    let mut environment = surroundings().await;
    // On a slow machine the eight are not found in the same moment.
    environment.settings.alerts.gather = Duration::from_secs(3);
    let running = environment.start().await;
    let mut receiver = Receiver::start().await;
    running.refit.put_channel("ops", webhook(&receiver.url)).await.unwrap();
    running.with_models_due(8).await;
    let told = receiver.next().await.json();
    assert_eq!(
        (&told["type"], &told["data"]["count"], &told["data"]["kind"]),
        (&json!("refit.raised"), &json!(8), &json!("retraining_due"))
    );
    assert_eq!(told["data"]["items"].as_array().unwrap().len(), 8);
    assert_eq!(running.open().await.len(), 8);
    running.refit.pause_model(&key("S0"), PauseRequest::default()).await.unwrap();
    running.decide(0).await;
    let told = receiver.next().await.json();
    assert_eq!((&told["type"], &told["data"]["count"]), (&json!("refit.resolved"), &json!(1)));
    assert!(receiver.is_quiet());
}

/// 10,000 causes at once, while the receiver is away for an hour: one message of all of them, tried again and again under one id.
#[tokio::test(flavor = "multi_thread")]
async fn a9_ten_thousand_causes_are_one_message_that_outlives_an_outage() {
    const CAUSES: usize = 10_000;
    let mut environment = surroundings().await;
    environment.settings.alerts.gather = Duration::from_secs(1);
    let running = environment.start().await;
    let mut receiver = Receiver::start().await;
    // Twelve tries are an hour and more of rests that grow.
    receiver.will((0..12).map(|_| Answer::Status(503)));
    running.refit.put_channel("ops", webhook(&receiver.url)).await.unwrap();
    running.with_models_due(1).await;
    let first = receiver.next().await.header("webhook-id").to_owned();
    // The same cause of ten thousand models more, all at once.
    let database = &running.environment.database;
    let models = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {CAUSES})
         INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at)
         SELECT 'forecaster/F' || n.n, m.family, m.category, m.tags, m.hyper, 0, 0 FROM n, models m WHERE m.key = 'forecaster/S0'"
    );
    database.execute(models.leak()).await.unwrap();
    let alerts = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {CAUSES})
         INSERT INTO alerts (key, kind, model, severity, cause, raised_at, escalated_at, seen_at)
         SELECT 'retraining_due forecaster/F' || n.n, a.kind, 'forecaster/F' || n.n, a.severity,
             replace(a.cause, 'forecaster/S0', 'forecaster/F' || n.n), a.raised_at, a.raised_at, a.raised_at
         FROM n, alerts a WHERE a.model = 'forecaster/S0' AND a.kind = 'retraining_due'"
    );
    database.execute(alerts.leak()).await.unwrap();
    let news = "INSERT INTO alert_news (kind, alert, at) SELECT 'raised', id, raised_at FROM alerts WHERE model LIKE 'forecaster/F%'";
    database.execute(news).await.unwrap();
    let messages = async || running.refit.messages(Some("ops"), PageQuery::default()).await.unwrap().items;
    let flood = wait_for("one message of all of them", async || {
        messages().await.into_iter().find(|message| message.count == CAUSES as u64)
    })
    .await;
    // An hour goes by: what rests is due again.
    let mut told = std::collections::BTreeMap::new();
    let taken = loop {
        database.execute("UPDATE alert_messages SET due_at = 0 WHERE due_at IS NOT NULL").await.unwrap();
        if let Some(message) = receiver.next_within(Duration::from_secs(2)).await {
            *told.entry(message.header("webhook-id").to_owned()).or_insert(0) += 1;
        }
        if messages().await.iter().all(|message| message.sent_at.is_some()) {
            break messages().await;
        }
    };
    assert_eq!(taken.len(), 2, "one of the first, one of the flood");
    assert!(told.len() <= 2 && told.keys().all(|id| *id == first || *id == flood.id.to_string()), "{told:?}");
    assert!(told.values().sum::<i32>() >= 12, "{told:?}");
}

/// What a channel is told it is told from its beginning on, in its language, and only what it takes.
#[tokio::test(flavor = "multi_thread")]
async fn channels_take_what_they_want_in_their_own_way() {
    let running = surroundings().await.start().await;
    let (mut slack, mut manager, mut critical) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let spanish = ChannelRequest { language: Some("es".into()), ..channel(ChannelKind::Slack, &slack.url) };
    running.refit.put_channel("charla", spanish).await.unwrap();
    let with_token = ChannelRequest { token: Some("t0ken".into()), ..channel(ChannelKind::Alertmanager, &manager.url) };
    running.refit.put_channel("prometheus", with_token).await.unwrap();
    let severe = ChannelRequest { severity: Some(Severity::Critical), ..webhook(&format!("{}/hook", critical.url)) };
    running.refit.put_channel("night", severe).await.unwrap();
    running.with_models_due(1).await;
    let text = slack.next().await.json()["text"].as_str().unwrap().to_owned();
    assert!(
        text.starts_with(":information_source: *Refit, información: hace falta un entrenamiento (forecaster/S0)*"),
        "{text}"
    );
    assert!(text.contains("• forecaster/S0 debería entrenarse"), "{text}");
    let message = manager.next().await;
    assert_eq!((message.path.as_str(), message.header("authorization")), ("/api/v2/alerts", "Bearer t0ken"));
    let told = message.json();
    let labels = &told[0]["labels"];
    assert_eq!((&labels["alertname"], &labels["model"]), (&json!("retraining_due"), &json!("forecaster/S0")));
    assert!(told[0]["endsAt"].as_str() > told[0]["startsAt"].as_str());
    running.refit.pause_model(&key("S0"), PauseRequest::default()).await.unwrap();
    running.decide(0).await;
    // It is reminded of what stands open, too.
    loop {
        let over = manager.next().await.json();
        assert_eq!(over[0]["labels"], told[0]["labels"], "the same alert");
        if over[0]["endsAt"].as_str() < told[0]["endsAt"].as_str() {
            break;
        }
    }
    assert!(slack.next().await.text.contains("resuelto"));
    assert!(critical.is_quiet());
    let shown = serde_json::to_string(&running.refit.channels().await.unwrap()).unwrap();
    assert!(!shown.contains("t0ken") && !shown.contains("whsec_"), "{shown}");
    assert!(!shown.contains("/hook"), "whoever knows the path may write there: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_silenced_is_listed_and_told_when_the_silence_ends() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    running.refit.put_channel("ops", webhook(&receiver.url)).await.unwrap();
    let quiet = |request: SilenceRequest| running.refit.silence_alerts(SilenceRequest { minutes: 60, ..request });
    let of_kind = SilenceRequest { kind: Some(AlertKind::RetrainingDue), ..SilenceRequest::default() };
    let silence = quiet(of_kind).await.unwrap();
    running.with_models_due(1).await;
    let alert = running.alert(AlertKind::RetrainingDue).await;
    assert!(alert.silenced_until.is_some());
    wait_for("the news to be taken", async || {
        let taken = "SELECT name FROM alert_channels WHERE taken > 0";
        (!running.environment.database.texts(taken).await.is_empty()).then_some(())
    })
    .await;
    assert_eq!(running.refit.messages(None, PageQuery::default()).await.unwrap().items, vec![]);
    running.refit.end_silence(silence.id).await.unwrap();
    assert_eq!(receiver.next().await.json()["type"], "refit.raised");
    // Who has heard that it began hears that it is over, also in a silence.
    quiet(SilenceRequest { alert: Some(alert.id), ..SilenceRequest::default() }).await.unwrap();
    running.refit.pause_model(&key("S0"), PauseRequest::default()).await.unwrap();
    running.decide(0).await;
    assert_eq!(receiver.next().await.json()["type"], "refit.resolved");
    for refused in [
        SilenceRequest::default(),
        SilenceRequest { alert: Some(4711), ..SilenceRequest::default() },
        SilenceRequest { model: Some("forecaster/NONE".into()), ..SilenceRequest::default() },
    ] {
        assert!(quiet(refused.clone()).await.is_err(), "{refused:?}");
    }
    assert_eq!(running.refit.silences().await.unwrap().len(), 1);
}

/// B7, C8: a notice of each training, with what it was like before and after.
#[tokio::test(flavor = "multi_thread")]
async fn b7_trainings_that_end_are_told_with_their_loss_before_and_after() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    let all = ChannelRequest { trainings: Some(true), ..webhook(&receiver.url) };
    running.refit.put_channel("ops", all).await.unwrap();
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for (before, version) in [(Value::Null, "v1.0"), (json!("v1.0"), "v2.0")] {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
        running.until(&item, "completed").await;
        let told = receiver.next().await.json();
        assert_eq!(told["type"], "refit.trained");
        let trained = &told["data"]["items"][0]["training"];
        assert_eq!((&trained["version"], &trained["before"]), (&json!(version), &before), "{trained}");
        assert_eq!(trained["loss_before"].is_number(), before.is_string(), "{trained}");
        assert!(trained["loss_after"].is_number());
        let text = told["data"]["items"][0]["text"].as_str().unwrap().to_owned();
        assert!(text.contains(version) && text.contains("CRPS"), "{text}");
    }
}

/// What is told once a day is one message, whatever there was.
#[tokio::test(flavor = "multi_thread")]
async fn a_digest_is_one_message_a_day() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    let daily = ChannelRequest { digest: Some("08:00".into()), ..webhook(&receiver.url) };
    running.refit.put_channel("ops", daily).await.unwrap();
    running.with_models_due(3).await;
    // As if it had been made days ago.
    running
        .environment
        .database
        .execute("UPDATE alert_channels SET created_at = created_at - 200000000000")
        .await
        .unwrap();
    let told = receiver.next().await.json();
    assert_eq!((&told["type"], &told["data"]["count"]), (&json!("refit.digest"), &json!(3)));
    assert!(receiver.is_quiet());
}

/// Nobody is told anything where only this machine may go, and nothing odd is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_leads_outside_and_makes_sense() {
    let mut environment = surroundings().await;
    environment.settings.alerts.private_addresses = false;
    let running = environment.start().await;
    let good = "https://hooks.example.com/services/T0/B0/x";
    let put = async |request: ChannelRequest| running.refit.put_channel("ops", request).await.map(|made| made.about);
    for url in [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "nonsense",
        "ftp://example.com",
    ] {
        let refused = put(webhook(url)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{url}: {refused:?}");
    }
    let odd: [fn(&mut ChannelRequest); 8] = [
        |request| request.kind = None,
        |request| request.to = Some(vec!["a@example.com".into()]),
        |request| request.token = Some("t".into()),
        |request| request.families = Some(vec!["forecasters".into()]),
        |request| request.zone = Some("Europe/Madird".into()),
        |request| request.quiet = Some("night".into()),
        |request| request.digest = Some("25:00".into()),
        |request| request.language = Some("fr".into()),
    ];
    for (place, change) in odd.into_iter().enumerate() {
        let mut request = webhook(good);
        change(&mut request);
        let refused = put(request).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{place}: {refused:?}");
    }
    let mail = ChannelRequest {
        kind: Some(ChannelKind::Email),
        to: Some(vec!["a@example.com".into()]),
        ..ChannelRequest::default()
    };
    assert!(matches!(put(mail).await, Err(Error::Refused { .. })), "no server is named");
    let slack = ChannelRequest { kind: Some(ChannelKind::Slack), ..webhook(good) };
    let made = put(slack).await.unwrap();
    assert_eq!((made.to.as_str(), made.language.as_str()), ("https://hooks.example.com/***", "en"));
    let quiet = ChannelRequest { quiet: Some("22:00-07:00".into()), ..ChannelRequest::default() };
    assert_eq!(put(quiet).await.unwrap().quiet.as_deref(), Some("22:00-07:00"), "what is left out stays");
    let other = ChannelRequest { kind: Some(ChannelKind::Webhook), ..ChannelRequest::default() };
    assert!(matches!(put(other).await, Err(Error::Refused { .. })));
    let report = |channels: Vec<ChannelName>| Task::Report {
        parameters: ReportParameters { channels, ..ReportParameters::default() },
    };
    let timing = || Timing::Daily { time: "08:00".parse().unwrap() };
    let sends = |channels| ScheduleRequest {
        timing: Some(timing()),
        task: Some(report(channels)),
        ..ScheduleRequest::default()
    };
    running.refit.put_schedule("daily-report", sends(vec!["ops".parse().unwrap()])).await.unwrap();
    let refused = running.refit.delete_channel("ops").await.unwrap_err().to_string();
    assert!(refused.starts_with("schedule daily-report sends reports to ops"), "{refused}");
    running.refit.put_schedule("daily-report", sends(Vec::new())).await.unwrap();
    assert_eq!(running.refit.delete_channel("ops").await.unwrap().name, "ops");
    assert!(matches!(running.refit.test_channel("ops").await, Err(Error::NotFound { .. })));
}

/// A trial is answered at once, by what has come of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_can_be_tried() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    running.refit.put_channel("ops", webhook(&receiver.url)).await.unwrap();
    let worked = running.refit.test_channel("ops").await.unwrap();
    assert_eq!((worked.sent_at.is_some(), worked.error, worked.what), (true, None, MessageKind::Test));
    assert_eq!(receiver.next().await.json()["type"], "refit.test");
    receiver.will([Answer::Status(403)]);
    let failed = running.refit.test_channel("ops").await.unwrap();
    assert_eq!(failed.error.as_deref(), Some("it answers 403 Forbidden: not today"));
    assert_eq!((failed.sent_at, failed.due_at), (None, None), "nobody waits for a trial that has failed");
    assert_eq!(running.refit.messages(None, PageQuery::default()).await.unwrap().items, vec![]);
}

/// In quiet hours what is not critical waits, and what has come and gone in them is not told.
#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_keep_what_can_wait() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    let clock = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%H:%M");
    let quiet = ChannelRequest { quiet: Some(format!("{}-{}", clock(-2), clock(2))), ..webhook(&receiver.url) };
    running.refit.put_channel("ops", quiet).await.unwrap();
    running.with_models_due(2).await;
    wait_for("the news to be looked at", async || {
        let urgent = "SELECT name FROM alert_channels WHERE urgent > taken";
        (!running.environment.database.texts(urgent).await.is_empty()).then_some(())
    })
    .await;
    running.refit.pause_model(&key("S0"), PauseRequest::default()).await.unwrap();
    running.decide(0).await;
    let loud = ChannelRequest { quiet: Some(String::new()), ..ChannelRequest::default() };
    running.refit.put_channel("ops", loud).await.unwrap();
    let told = receiver.next().await.json();
    assert_eq!((&told["type"], &told["data"]["count"]), (&json!("refit.raised"), &json!(1)));
    assert_eq!(told["data"]["items"][0]["model"], "forecaster/S1");
    assert!(receiver.is_quiet());
}

/// What is over is not told before what began it, however often that failed.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_alert_is_told_after_its_beginning() {
    let running = surroundings().await.start().await;
    let mut receiver = Receiver::start().await;
    running.refit.put_channel("ops", webhook(&receiver.url)).await.unwrap();
    receiver.will([Answer::Status(500)]);
    running.with_models_due(1).await;
    assert_eq!(receiver.next().await.json()["type"], "refit.raised");
    running.refit.pause_model(&key("S0"), PauseRequest::default()).await.unwrap();
    running.decide(0).await;
    assert_eq!(receiver.next().await.json()["type"], "refit.raised", "once more, and first");
    assert_eq!(receiver.next().await.json()["type"], "refit.resolved");
}
