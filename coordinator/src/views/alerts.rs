//! Alerts: what somebody should know, and whom it is told.

use chrono::{DateTime, Utc};
use domain::alert::{AlertKind, ChannelKind, MessageKind, Severity};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{PauseView, ToldView, schemas};

/// How an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertState {
    /// Its cause goes on.
    Open,
    /// Its cause goes on, and somebody knows.
    Acknowledged,
    /// Its cause is gone.
    Resolved,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertView {
    /// Its number.
    pub id: i64,
    /// How it stands.
    pub state: AlertState,
    /// How soon somebody should look.
    pub severity: Severity,
    /// What it is about.
    pub kind: AlertKind,
    /// The model it is about, if it is about one.
    pub model: Option<String>,
    /// What it says, with its numbers as they were seen last.
    pub what: ToldView,
    /// Since when its cause goes on.
    pub raised_at: DateTime<Utc>,
    /// When its cause was gone.
    pub ended_at: Option<DateTime<Utc>>,
    /// Since when somebody knows, and what they said.
    pub acknowledged: Option<PauseView>,
    /// Until when channels are not told of it.
    pub silenced_until: Option<DateTime<Utc>>,
}

/// Which alerts to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AlertFilter {
    /// Those whose cause is gone, too.
    pub all: bool,
    /// Only of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AlertKind>,
    /// Only about this model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<schemas::ModelKey>)]
    pub model: Option<String>,
    /// At most so many: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Asks that alerts are not told for a while: those that fit everything that is said, and something must be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SilenceRequest {
    /// The cause of the alert of this number, also when it comes again.
    pub alert: Option<i64>,
    /// Those of this kind.
    pub kind: Option<AlertKind>,
    /// Those about this model.
    #[schema(value_type = Option<schemas::ModelKey>)]
    pub model: Option<String>,
    /// For so many minutes, up to a year.
    #[schema(minimum = 1, maximum = 525_600)]
    pub minutes: u32,
    /// Why, for whoever wonders.
    pub reason: Option<String>,
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SilenceView {
    /// Its number.
    pub id: i64,
    /// The cause it is about: its kind, and whom it concerns.
    pub cause: Option<String>,
    /// The kind it is about.
    pub kind: Option<AlertKind>,
    /// The model it is about.
    pub model: Option<String>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why; may be empty.
    pub reason: String,
}

/// Makes a channel or changes it. What is left out stays as it is; a new one needs its `kind` and where it leads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelRequest {
    /// What it is; it cannot be changed.
    pub kind: Option<ChannelKind>,
    /// Of e-mail: to whom.
    pub to: Option<Vec<String>>,
    /// Of all others: where.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// Of Alertmanager: the bearer token that it asks for.
    pub token: Option<String>,
    /// Only what is at least so severe; everything, if never said.
    pub severity: Option<Severity>,
    /// Only alerts of these kinds; an empty list takes it back.
    pub kinds: Option<Vec<AlertKind>>,
    /// Only about models of these families; an empty list takes it back.
    pub families: Option<Vec<String>>,
    /// Only about models with one of these tags; an empty list takes it back.
    pub tags: Option<Vec<String>>,
    /// Whether every training that ends is told, too, with its loss before and after.
    pub trainings: Option<bool>,
    /// Whose clocks say when it is quiet, and when a digest is due: a name of the IANA's database.
    #[schema(max_length = 64, example = "Europe/Madrid")]
    pub zone: Option<String>,
    /// When only what is critical is told, such as `22:00-07:00`; empty: never.
    #[schema(max_length = 11)]
    pub quiet: Option<String>,
    /// Everything in one message a day, at this time, such as `08:00`; empty: as it comes.
    #[schema(max_length = 5)]
    pub digest: Option<String>,
    /// `en` or `es`; `en`, if never said.
    #[schema(max_length = 35)]
    pub language: Option<String>,
}

/// A channel, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Where it leads, as far as that is no secret.
    pub to: String,
    /// Only what is at least so severe.
    pub severity: Severity,
    /// Only alerts of these kinds; of all, if empty.
    pub kinds: Vec<AlertKind>,
    /// Only about models of these families; of all, if empty.
    pub families: Vec<String>,
    /// Only about models with one of these tags; of all, if empty.
    pub tags: Vec<String>,
    /// Whether every training that ends is told, too.
    pub trainings: bool,
    /// Whose clocks say when.
    pub zone: String,
    /// When only what is critical is told.
    pub quiet: Option<String>,
    /// When everything is told in one message.
    pub digest: Option<String>,
    /// In which language.
    pub language: String,
    /// Since when it is paused, and why.
    pub paused: Option<PauseView>,
    /// Messages that have not got there yet.
    pub waiting: u64,
    /// What went wrong with one of them.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
}

/// A channel that was made or changed. A webhook's key is shown when it is made, and never again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewChannelView {
    /// What a webhook's messages are signed with (Standard Webhooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// All else about it.
    #[serde(flatten)]
    pub about: ChannelView,
}

/// A message to a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageView {
    /// Its id: one that is sent twice has the same.
    pub id: Uuid,
    /// To whom.
    pub channel: String,
    /// What it is about.
    pub what: MessageKind,
    /// How soon somebody should look.
    pub severity: Severity,
    /// Its subject, in the language of whoever asks.
    pub text: String,
    /// What it tells of.
    pub count: u64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is tried next; absent: it was delivered, or given up.
    pub due_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub tries: u32,
    /// When it was delivered.
    pub sent_at: Option<DateTime<Utc>>,
    /// What went wrong the last time.
    pub error: Option<String>,
}
