//! Reasons, holds and remarks.

use common::drift::Aspect;
use common::vocabulary::{FailureClass, JobId, Mode, Timestamp};
use domain::decide::{Action, Asks, Force, FromScratch, Ground, HoldCode, Instead, Obstacle, Reason, Remark};
use domain::job_reason::JobReason;
use domain::ledger::LedgerReason;
use domain::score::{Term, TermKind};

use super::{day, version};

pub(super) fn reasons() -> Vec<Reason> {
    let (v1, since) = (version(1), day("2026-03-31"));
    let new = |rows, tried, asks, from, next| Ground::NewSamples {
        rows,
        since,
        version: v1,
        given: 1000,
        tried,
        untried: 20,
        asks,
        from,
        next,
    };
    let drift = |columns, column: &str, aspect| Ground::Drift {
        version: v1,
        rows: 240,
        columns,
        of: 12,
        column: column.into(),
        aspect,
        distance: 0.438,
        threshold: 0.162,
    };
    let reasons = [
        (Ground::NoModel, Mode::Complete),
        (Ground::TooOld { version: v1, trained: since, age: 31.25, limit: 30.0 }, Mode::Incremental),
        (Ground::TooOld { version: v1, trained: since, age: 46.0, limit: 45.5 }, Mode::Complete),
        (new(1, None, Asks::Enough, 1, None), Mode::Incremental),
        (new(120, None, Asks::Consider, 100, Some(500)), Mode::Incremental),
        (new(600, Some(version(2)), Asks::Recommended, 500, None), Mode::Incremental),
        (new(1500, None, Asks::Necessary, 1000, None), Mode::Incremental),
        (Ground::SchemaChanged { version: v1 }, Mode::Complete),
        (Ground::DataRevised { version: v1, through: since }, Mode::Complete),
        (Ground::RowsForgotten { version: v1, rows: 1 }, Mode::Complete),
        (Ground::RowsForgotten { version: v1, rows: 3 }, Mode::Complete),
        (Ground::MaxIncrements { version: v1, increments: 5, limit: 5 }, Mode::Complete),
        (Ground::LowReliability { version: v1, reliability: 0.254, limit: 0.5 }, Mode::Complete),
        (Ground::Degraded { version: v1, rise: 0.174, window: 20 }, Mode::Complete),
        (drift(1, "age", Aspect::Values), Mode::Incremental),
        (drift(9, "city", Aspect::Missing), Mode::Complete),
        (Ground::Regret { version: v1, regret: 14.2, seconds: 12.5, per_second: 1.0 }, Mode::Incremental),
        (Ground::Forced, Mode::Incremental),
    ];
    reasons.into_iter().map(|(ground, mode)| Reason { ground, mode }).collect()
}

pub(super) fn obstacles() -> Vec<Obstacle> {
    let (last, v1) = (day("2026-04-04"), version(1));
    let failed = |mode, message: &str, instead| {
        let failure = JobReason::AttemptEnded { number: 1, class: FailureClass::Data, message: message.into() };
        Obstacle::Failed { mode, failure: Box::new(failure), instead }
    };
    let back =
        |reason| Obstacle::RolledBack { from: version(2), day: last, reason: Box::new(reason), needed: 20, rows: 3 };
    let back_off = |rejections, days| Obstacle::BackOff { rejections, last, days, needed: 30, rows: 1 };
    vec![
        Obstacle::Paused { since: last, reason: None },
        Obstacle::Paused { since: last, reason: Some("new feed".into()) },
        Obstacle::DataQuality { problem: "it cannot read the data set churn: there is no column age".into() },
        failed(Mode::Incremental, "one word tells all", Instead::Complete),
        failed(Mode::Incremental, "one word tells all.", Instead::Rows),
        failed(Mode::Quick, "one word tells all", Instead::Columns),
        Obstacle::TooFewRows { rows: 1, newest: None, needed: 341 },
        Obstacle::TooFewRows { rows: 12, newest: Some(last), needed: 341 },
        Obstacle::Hindsight { version: v1, through: last, given: day("2026-04-10") },
        Obstacle::NothingNew { version: v1, rows: 1008, given: 1000, complete: true },
        Obstacle::NothingNew { version: v1, rows: 1008, given: 1000, complete: false },
        Obstacle::ActiveTraining { job: JobId::max() },
        Obstacle::CoolDown { last, age: 6.0, later: false, days: 7.0 },
        Obstacle::CoolDown { last, age: -3.0, later: true, days: 1.0 },
        back_off(1, 14.0),
        back_off(2, 28.0),
        back_off(3, 30.0),
        Obstacle::Waiting { version: version(2), missing: 12, rows: 8, needed: 20 },
        Obstacle::Waiting { version: version(2), missing: 1, rows: 19, needed: 20 },
        back(LedgerReason::ByHand),
        back(LedgerReason::Said { reason: "odd forecasts".into() }),
        Obstacle::Exhausted { completes: 2, last, days: 30.0, needed: 60, rows: 12 },
        Obstacle::ColumnEmptied { column: "age".into(), rows: 400, share: 0.98 },
        Obstacle::Crowd { models: 5 },
        Obstacle::OutsideHours {
            from: "22:00".parse().unwrap(),
            to: "06:00".parse().unwrap(),
            zone: "Europe/Madrid".parse().unwrap(),
        },
    ]
}

pub(super) fn remarks() -> Vec<Remark> {
    let end = Some(Timestamp::end_of(day("2026-04-11")).utc());
    let holds_end = |end, asked, force| Remark::HoldsEnd { end, asked, force };
    let regret = Remark::RegretWouldChangeIt {
        version: version(1),
        regret: 3.2,
        needed: 12.5,
        seconds: 12.5,
        ages: day("2026-04-30"),
    };
    let change = |missing, reliability| Remark::WhatWouldChangeIt {
        version: version(1),
        missing,
        rows: 8,
        needed: 20,
        ages: day("2026-04-30"),
        limit: 0.5,
        reliability,
    };
    vec![
        regret,
        Remark::BecomesComplete { asked: true, reason: FromScratch::NoLive },
        Remark::BecomesComplete { asked: true, reason: FromScratch::OtherShape },
        Remark::BecomesComplete { asked: false, reason: FromScratch::Revised },
        Remark::BecomesComplete { asked: false, reason: FromScratch::Forgotten },
        Remark::ModeAsAsked { mode: Mode::Complete, chosen: Mode::Incremental },
        Remark::NotByItself,
        Remark::WhenAsked { from: 500 },
        Remark::ByForce { holds: vec![HoldCode::CoolDown, HoldCode::BackOff] },
        holds_end(end, false, Force::Works),
        holds_end(end, true, Force::Works),
        holds_end(None, false, Force::Repeats),
        holds_end(None, true, Force::Useless),
        change(12, Some(0.6)),
        change(1, None),
        change(0, None),
    ]
}

pub(super) fn actions() -> Vec<Action> {
    let mode = Some(Mode::Incremental);
    vec![
        Action::Retrain { mode },
        Action::RetrainWhenAsked { mode },
        Action::WaitForTraining,
        Action::Wait { holds: vec![HoldCode::CoolDown, HoldCode::BackOff], mode },
        Action::Nothing,
    ]
}

pub(super) fn terms() -> Vec<Term> {
    let reliability = 0.614;
    let kinds = [
        TermKind::PriorityGiven,
        TermKind::Category { category: "portfolio".into() },
        TermKind::NoLiveVersion,
        TermKind::Outdated,
        TermKind::Reliable { reliability },
        TermKind::Unreliable { reliability },
        TermKind::GoodQuality { reliability },
        TermKind::AlreadyTraining,
        TermKind::Position { position: 3 },
        TermKind::Floor,
        TermKind::Waiting,
        TermKind::Probe,
        TermKind::Monitor,
        TermKind::Trial,
        TermKind::Reproduction,
        TermKind::BatchPrediction,
    ];
    kinds.into_iter().map(|kind| Term { kind, points: 20.0 }).collect()
}
