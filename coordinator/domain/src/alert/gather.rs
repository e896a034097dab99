//! News become messages: what belongs together is told together, and a flood in one message.

use std::collections::{BTreeMap, HashMap};

use common::vocabulary::{JobId, Mode, ModelKey, Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::{AlertCause, AlertKind, Severity};

/// Items that a message names to people; of more it says how many.
pub const SHOWN: usize = 20;

/// What has happened to an alert.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NewsKind {
    /// Its cause has begun.
    Raised,
    /// It is worse, or nobody has looked.
    Escalated,
    /// Its cause is gone.
    Resolved,
    /// A training has ended.
    Trained,
}

/// What a message is about.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MessageKind {
    /// Causes have begun.
    Raised,
    /// They are worse, or nobody has looked.
    Escalated,
    /// They are gone.
    Resolved,
    /// Trainings have ended.
    Trained,
    /// All that was new since the last one.
    Digest,
    /// Whatever stands open or is over, for somebody who merges by themselves.
    HandedOn,
    /// Somebody tries the channel.
    Test,
    /// A report that was asked for.
    Report,
}

/// An alert that is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldAlert {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub cause: AlertCause,
    /// How soon somebody should look.
    pub severity: Severity,
    /// Since when it stands.
    pub raised_at: Timestamp,
    /// When its cause was gone.
    pub ended_at: Option<Timestamp>,
}

/// A training that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Trained {
    /// Its version is live.
    Promoted(Judged),
    /// Its version is not.
    NotPromoted(Judged),
    /// It failed.
    Failed {
        /// The job.
        job: JobId,
        /// The model.
        model: ModelKey,
        /// What went wrong.
        message: String,
    },
}

/// What came of a training, beside what was live before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The job.
    pub job: JobId,
    /// The model.
    pub model: ModelKey,
    /// How it was trained.
    pub mode: Mode,
    /// What came of it.
    pub version: VersionNumber,
    /// The version that was live before.
    pub before: Option<VersionNumber>,
    /// Which loss it was judged by.
    pub loss: String,
    /// That of the version before, on the rows that were held out.
    pub loss_before: Option<f64>,
    /// That of the new one, on the same rows.
    pub loss_after: Option<f64>,
    /// Seconds of the training.
    pub seconds: f64,
}

impl Trained {
    /// The model.
    pub fn model(&self) -> &ModelKey {
        match self {
            Self::Promoted(judged) | Self::NotPromoted(judged) => &judged.model,
            Self::Failed { model, .. } => model,
        }
    }
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Told {
    /// An alert.
    Alert(ToldAlert),
    /// A training.
    Training(Trained),
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// What has happened.
    pub kind: NewsKind,
    /// To what.
    pub told: Told,
}

/// What goes into one message: what it is about, of which kind all of it is if it is of one, its first items, and how many there are.
pub type Gathered = (MessageKind, Option<AlertKind>, Vec<Told>, u64);

impl Told {
    /// How soon somebody should look.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Alert(alert) => alert.severity,
            Self::Training(_) => Severity::Info,
        }
    }

    /// Whom or what it concerns, by name.
    pub fn subject(&self) -> &str {
        match self {
            Self::Alert(alert) => alert.cause.subject(),
            Self::Training(trained) => trained.model().as_str(),
        }
    }

    fn alert(&self) -> Option<&ToldAlert> {
        match self {
            Self::Alert(alert) => Some(alert),
            Self::Training(_) => None,
        }
    }
}

/// The messages for some news, in their order. Of one kind of cause, more than `most` are one message, which names the first `shown`. What
/// came and went meanwhile is not told.
pub fn gather(news: Vec<News>, most: usize, shown: usize) -> Vec<Gathered> {
    let mut groups: BTreeMap<(NewsKind, Option<AlertKind>), Vec<Told>> = BTreeMap::new();
    for News { kind, told } in settled(news) {
        groups.entry((kind, told.alert().map(|alert| alert.cause.kind()))).or_default().push(told);
    }
    let mut messages = Vec::new();
    for ((news, kind), items) in groups {
        let message = MessageKind::from(news);
        let count = items.len() as u64;
        if items.len() > most {
            messages.push((message, kind, items.into_iter().take(shown).collect(), count));
        } else {
            messages.extend(items.into_iter().map(|item| (message, kind, vec![item], 1)));
        }
    }
    messages
}

/// Of each alert the newest of its news; none, if it came and went.
fn settled(news: Vec<News>) -> Vec<News> {
    let mut first: HashMap<i64, NewsKind> = HashMap::new();
    let mut last: HashMap<i64, usize> = HashMap::new();
    for (place, one) in news.iter().enumerate() {
        if let Some(alert) = one.told.alert() {
            first.entry(alert.id).or_insert(one.kind);
            last.insert(alert.id, place);
        }
    }
    let settle = |(place, mut one): (usize, News)| {
        let Some(alert) = one.told.alert() else { return Some(one) };
        if last.get(&alert.id) != Some(&place) {
            return None;
        }
        let began = first.get(&alert.id) == Some(&NewsKind::Raised);
        match one.kind {
            NewsKind::Resolved if began => return None,
            // Whoever hears of it for the first time hears that it has begun.
            NewsKind::Escalated if began => one.kind = NewsKind::Raised,
            NewsKind::Raised | NewsKind::Escalated | NewsKind::Resolved | NewsKind::Trained => {}
        }
        Some(one)
    };
    news.into_iter().enumerate().filter_map(settle).collect()
}

impl From<NewsKind> for MessageKind {
    fn from(news: NewsKind) -> Self {
        match news {
            NewsKind::Raised => Self::Raised,
            NewsKind::Escalated => Self::Escalated,
            NewsKind::Resolved => Self::Resolved,
            NewsKind::Trained => Self::Trained,
        }
    }
}
