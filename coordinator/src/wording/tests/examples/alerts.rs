//! What somebody should know, and what channels are told of it.

use common::vocabulary::{JobId, Mode, ModelKey};
use domain::alert::{AlertCause, AlertKind, Judged, MessageKind, Severity, Trained};
use domain::monitor::Condition;

use super::judging::does_worse;
use super::{day, version};
use crate::wording::{Subject, Unnamed};

fn model() -> ModelKey {
    "forecaster/AAPL".parse().unwrap()
}

pub(super) fn causes() -> Vec<AlertCause> {
    let (model, schedule) = (model(), "nightly-backup".parse::<domain::schedule::ScheduleName>().unwrap());
    let degraded = |condition, rise| AlertCause::Degraded {
        model: model.clone(),
        version: version(1),
        condition,
        rise,
        window: 20,
    };
    let drift = |columns| AlertCause::Drift {
        model: model.clone(),
        version: version(1),
        rows: 400,
        of: 12,
        columns,
        column: "age".into(),
        distance: 0.31,
        threshold: 0.12,
    };
    let no_worker = |jobs| AlertCause::NoWorker { pool: "gpu".parse().unwrap(), jobs };
    let due = |mode| AlertCause::RetrainingDue { model: model.clone(), mode };
    let still =
        |jobs| AlertCause::NothingMoves { jobs, seconds: 75.2, message: "a job that waits for its data".into() };
    let unheard = |messages| AlertCause::ChannelFails {
        channel: "night-shift".into(),
        messages,
        message: "no connection: connection refused".into(),
    };
    vec![
        degraded(Condition::Degraded, Some(0.174)),
        degraded(Condition::Alarming, None),
        drift(1),
        drift(3),
        AlertCause::RolledBack { model: model.clone(), to: version(1), reason: does_worse() },
        AlertCause::WorseThanBaseline { model: model.clone(), version: version(1), reliability: 0.07 },
        AlertCause::OverAge { model: model.clone(), version: version(1), age: 46.2, limit: 45.0 },
        due(None),
        due(Some(Mode::Incremental)),
        AlertCause::DataQuality { model: model.clone(), problem: "no column label".into() },
        AlertCause::SourceSilent { model: model.clone(), newest: day("2026-01-05"), days: 31, limit: 30.0 },
        AlertCause::TrainingsFail { model: model.clone(), failures: 3, message: "data: no rows".into() },
        AlertCause::ScheduleFailed { schedule: schedule.clone(), run: 7, task: "retrain".into() },
        AlertCause::ScheduleMissed { schedule: schedule.clone(), run: 8 },
        AlertCause::BackupFailed { schedule, run: 9 },
        no_worker(1),
        no_worker(12),
        AlertCause::BacklogOld { pool: "cpu".parse().unwrap(), jobs: 40, seconds: 3725.4, limit: 3600.0 },
        still(1),
        still(3),
        AlertCause::ServiceTrouble { service: "store".into(), message: "no answer within 3 s".into() },
        AlertCause::DiskLow { place: "/var/lib/refit".into(), free: 3_221_225_472, share: 0.031 },
        AlertCause::TaskFails { task: "record".into(), message: "the database is full".into() },
        unheard(1),
        unheard(4),
    ]
}

pub(super) fn subjects() -> Vec<Subject> {
    let subject = |what, topic: Option<AlertKind>, count| {
        let about = (count == 1 && topic.is_some()).then(|| "forecaster/AAPL".to_owned());
        Subject { what, level: Severity::Warning, topic, about, count }
    };
    let over_age = Some(AlertKind::OverAge);
    vec![
        subject(MessageKind::Raised, over_age, 1),
        subject(MessageKind::Raised, over_age, 37),
        subject(MessageKind::Escalated, over_age, 1),
        subject(MessageKind::Escalated, over_age, 37),
        subject(MessageKind::Resolved, over_age, 1),
        subject(MessageKind::Resolved, over_age, 37),
        subject(MessageKind::Trained, None, 1),
        subject(MessageKind::Trained, None, 4),
        subject(MessageKind::Digest, None, 1),
        subject(MessageKind::Digest, None, 9),
        subject(MessageKind::HandedOn, None, 3),
        subject(MessageKind::Test, None, 0),
        Subject {
            what: MessageKind::Report,
            level: Severity::Info,
            topic: None,
            about: Some("2026/daily_report_20260611".into()),
            count: 1,
        },
    ]
}

pub(super) fn others() -> Vec<Unnamed> {
    vec![Unnamed::Others { count: 17 }]
}

pub(super) fn trained() -> Vec<Trained> {
    let judged = |before, loss_before, loss_after| Judged {
        job: JobId::nil(),
        model: model(),
        mode: Mode::Incremental,
        version: version(2),
        before,
        loss: "CRPS".into(),
        loss_before,
        loss_after,
        seconds: 4.21,
    };
    vec![
        Trained::Promoted(judged(Some(version(1)), Some(0.01234), Some(0.0119))),
        Trained::Promoted(judged(None, None, None)),
        Trained::NotPromoted(judged(Some(version(1)), Some(0.01234), Some(0.0131))),
        Trained::NotPromoted(judged(None, None, None)),
        Trained::Failed { job: JobId::nil(), model: model(), message: "data: no rows".into() },
    ]
}
