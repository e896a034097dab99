//! Everything that can be said, with numbers as they may be.

mod alerts;
mod deciding;
mod jobs;
mod judging;
mod reports;
mod schedules;
mod searches;

use chrono::NaiveDate;
use common::vocabulary::{FailureClass, Family, JobState, Mode, VersionNumber};
use domain::alert::{AlertKind, Severity};
use domain::decide::FromScratch;
use domain::judge::{Against, Pairing, Verdict};
use domain::ledger::Cause;
use domain::monitor::Condition;
use domain::report::ReportKind;
use domain::schedule::{RunState, ScheduleState, TaskKind, Weekday};
use serde_json::{Map, Value};
use strum::VariantNames as _;

use crate::db::versions::Status;
use crate::wording::{Label, Message, arguments};

/// Something that is said.
pub(super) struct Example {
    pub(super) kind: &'static str,
    pub(super) fields: Map<String, Value>,
}

/// The names of the messages of words within sentences.
pub(super) fn words() -> impl Iterator<Item = String> {
    let modes: Vec<&str> = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let families: Vec<&str> = Family::ALL.iter().map(|family| family.as_str()).collect();
    let states: Vec<&str> = JobState::ALL.iter().map(|state| state.as_str()).collect();
    let failures: Vec<&str> = FailureClass::ALL.iter().map(|class| class.as_str()).collect();
    let all: [(&str, &[&str]); 19] = [
        ("mode", &modes),
        ("failure", &failures),
        ("state", &states),
        ("family", &families),
        ("status", &statuses),
        ("from-scratch", FromScratch::VARIANTS),
        ("against", Against::VARIANTS),
        ("unit", Pairing::VARIANTS),
        ("condition", Condition::VARIANTS),
        ("weekday", Weekday::VARIANTS),
        ("severity", Severity::VARIANTS),
        ("topic", <AlertKind as strum::VariantNames>::VARIANTS),
        ("label", Label::VARIANTS),
        ("moved", Cause::VARIANTS),
        ("report", <ReportKind as strum::VariantNames>::VARIANTS),
        ("stands", ScheduleState::VARIANTS),
        ("stands", RunState::VARIANTS),
        ("verdict", Verdict::VARIANTS),
        ("task", <TaskKind as strum::VariantNames>::VARIANTS),
    ];
    let named =
        |(kind, words): &(&str, &[&str])| words.iter().map(|word| arguments::id(kind, word)).collect::<Vec<_>>();
    all.iter().flat_map(named).chain(["needs".to_owned()]).collect::<Vec<_>>().into_iter()
}

/// All of them.
pub(super) fn examples() -> Vec<Example> {
    let kinds = [
        all(deciding::reasons()),
        all(deciding::obstacles()),
        all(deciding::remarks()),
        all(deciding::actions()),
        all(deciding::terms()),
        all(judging::findings()),
        all(judging::compared()),
        all(judging::moves()),
        all(alerts::causes()),
        all(alerts::subjects()),
        all(alerts::others()),
        all(alerts::trained()),
        all(judging::items()),
        all(jobs::reasons()),
        all(jobs::statuses()),
        all(jobs::nevers()),
        all(jobs::next_steps()),
        all(jobs::unscored()),
        all(jobs::unmeant()),
        all(jobs::answers()),
        all(jobs::libraries()),
        all(schedules::timings()),
        all(schedules::outcomes()),
        all(reports::sentences()),
        all(searches::outcomes()),
    ];
    kinds.into_iter().flatten().collect()
}

fn all<M: Message>(messages: Vec<M>) -> Vec<Example> {
    let fields = |message: &M| serde_json::to_value(message).unwrap().as_object().unwrap().clone();
    messages.iter().map(|message| Example { kind: M::KIND, fields: fields(message) }).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn version(major: u32) -> VersionNumber {
    VersionNumber { major, minor: 0 }
}
