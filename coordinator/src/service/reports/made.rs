//! A report is made: written as text, JSON and HTML to the store, and sent to channels, to each in its own language.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::NaiveDate;
use common::vocabulary::{MessageId, Timestamp};
use domain::alert::{ChannelKind, ChannelName};
use domain::report::{ReportFormat, ReportKind, ReportName};
use domain::schedule::ReportParameters;
use newtype_uuid::GenericUuid as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use strum::VariantArray as _;
use uuid::{Builder, Uuid};

use super::{incremental, kept, period, scheduler};
use crate::db;
use crate::db::alerts::channels::Channel;
use crate::db::alerts::messages::{Body, Message};
use crate::render::{self, reports::Paper};
use crate::service::error::{Error, Result};
use crate::service::runtime::{Core, Refit};
use crate::views::{MadeReport, ReportRequest};
use crate::wording::{Language, NotSpoken};

/// Columns of a report as text.
const WIDTH: usize = 100;
/// Most channels of one report.
const MOST_CHANNELS: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// Of what.
    pub(crate) kind: ReportKind,
    /// Of a day or week: a day in it.
    pub(crate) day: Option<NaiveDate>,
    /// Whom it is sent to.
    pub(crate) channels: Vec<ChannelName>,
    /// In which language it is kept.
    pub(crate) language: Language,
    /// The run that asks, by its number, and when that was due: made once more for it, it is not sent once more.
    pub(crate) run: Option<(i64, Timestamp)>,
}

impl Asked {
    /// What a run of a schedule asks for.
    pub(crate) fn by_run(parameters: &ReportParameters, run: i64, due: Timestamp) -> Result<Self> {
        let ReportParameters { report, channels, language } = parameters.clone();
        let language =
            language.as_deref().map(|text| text.parse().map_err(|error: NotSpoken| Error::invalid(error.to_string())));
        let language = language.transpose()?.unwrap_or_default();
        Ok(Self { kind: report, day: None, channels, language, run: Some((run, due)) })
    }
}

/// Refuses what a schedule could never make or send.
pub(crate) async fn check(core: &Core, parameters: &ReportParameters) -> Result<()> {
    few_enough(parameters.channels.len())?;
    let asked = Asked::by_run(parameters, 0, Timestamp(0))?;
    receivers(core, &asked.channels).await.map(|_| ())
}

fn few_enough(channels: usize) -> Result<()> {
    match channels {
        0..=MOST_CHANNELS => Ok(()),
        _ => Err(Error::invalid(format!("a report goes to at most {MOST_CHANNELS} channels"))),
    }
}

impl Refit {
    /// Makes a report, keeps it, and sends it where that is asked.
    ///
    /// # Errors
    /// There is no such channel, or it takes no reports; the day has not begun.
    pub async fn make_report(&self, request: ReportRequest) -> Result<MadeReport> {
        let ReportRequest { report, day, channels } = request;
        few_enough(channels.len())?;
        if day.is_some() && matches!(report, ReportKind::Incremental | ReportKind::Scheduler) {
            return Err(Error::invalid(format!("a report {report} is of how things stand now: leave out the day")));
        }
        let channels = channels.iter().map(|name| Ok(name.parse()?)).collect::<Result<Vec<ChannelName>>>()?;
        let asked = Asked { kind: report, day, channels, language: Language::current(), run: None };
        make(&self.core, asked).await
    }
}

/// Makes a report.
pub(crate) async fn make(core: &Core, asked: Asked) -> Result<MadeReport> {
    // Whom it cannot be sent to is said once it is kept.
    let (channels, refused) = match receivers(core, &asked.channels).await {
        Ok(channels) => (channels, None),
        Err(error) if asked.run.is_some() => (Vec::new(), Some(error)),
        Err(error) => return Err(error),
    };
    let others: BTreeSet<&str> = channels.iter().map(|channel| channel.language.as_str()).collect();
    let mut languages = vec![asked.language];
    languages.extend(others.into_iter().filter_map(Language::of_tag).filter(|other| *other != asked.language));
    let mut name = None;
    let unmade: Vec<Language> = Language::ALL.into_iter().filter(|language| !languages.contains(language)).collect();
    for language in languages {
        let (made, files) = language.spoken(written(core, asked.kind, asked.day)).await?;
        let other = Some(language).filter(|language| *language != asked.language);
        for (format, body) in files {
            core.ports.store.put(&kept::key(&made, other, format)?, body).await?;
        }
        name.get_or_insert(made);
    }
    let name = name.ok_or_else(|| Error::Internal("a report was made in no language".into()))?;
    // What it was in other languages when it was made before is out of date.
    for language in unmade {
        for format in ReportFormat::VARIANTS {
            core.ports.store.delete(&kept::key(&name, Some(language), *format)?).await?;
        }
    }
    if let Some(refused) = refused {
        return Err(refused);
    }
    send(core, &name, &channels, asked.run).await?;
    let channels = channels.iter().map(|channel| channel.name.to_string()).collect();
    Ok(MadeReport { name: name.to_string(), channels })
}

/// The channels that are asked for.
async fn receivers(core: &Core, names: &[ChannelName]) -> Result<Vec<Channel>> {
    let mut view = core.db.read().await?;
    let mut channels: Vec<Channel> = Vec::with_capacity(names.len());
    for name in names {
        let Some(channel) = db::alerts::channels::get(&mut view, name).await? else {
            let hint = Some("`refit alerts channels` lists those there are".into());
            return Err(Error::NotFound { what: format!("channel {name}"), hint });
        };
        if channel.address.kind() == ChannelKind::Alertmanager {
            return Err(Error::invalid(format!("channel {name} is an Alertmanager: it takes alerts and no reports")));
        }
        if channels.iter().all(|other| other.name != channel.name) {
            channels.push(channel);
        }
    }
    Ok(channels)
}

type Files = Vec<(ReportFormat, Bytes)>;

/// A report in the reader's language.
async fn written(core: &Core, kind: ReportKind, day: Option<NaiveDate>) -> Result<(ReportName, Files)> {
    let now = Timestamp::now();
    let today = || core.settings.schedules.zone.date_time(now).date_naive();
    Ok(match kind {
        ReportKind::Incremental => {
            let report = incremental::incremental(core, now).await?;
            (ReportName::of(kind, today()), files(&report)?)
        }
        ReportKind::Scheduler => {
            let report = scheduler::scheduler(core).await?;
            (report.name.parse()?, files(&report)?)
        }
        ReportKind::Daily | ReportKind::Weekly => {
            let day = day.unwrap_or_else(|| period::newest(core, kind));
            let report = period::period(core, kind, Some(day)).await?;
            (report.name.parse()?, files(&report)?)
        }
    })
}

fn files<R: Paper + Serialize>(report: &R) -> Result<Files> {
    let document = report.document();
    Ok(vec![
        (ReportFormat::Text, render::text(&document, WIDTH).into()),
        (ReportFormat::Json, serde_json::to_vec_pretty(report)?.into()),
        (ReportFormat::Html, render::html(&document).into()),
    ])
}

/// Puts it on its way to channels.
async fn send(core: &Core, name: &ReportName, channels: &[Channel], run: Option<(i64, Timestamp)>) -> Result<()> {
    if channels.is_empty() {
        return Ok(());
    }
    let now = Timestamp::now();
    let message = |channel: &Channel| {
        let id = run.map_or_else(Uuid::now_v7, |(run, due)| id_of(run, due, &channel.name));
        Message::due(MessageId::from_untyped_uuid(id), &channel.name, Body::report(name.clone()), now)
    };
    let messages: Vec<Message> = channels.iter().map(message).collect();
    let mut tx = core.db.begin().await?;
    db::alerts::messages::insert(&mut tx, &messages).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.messages_changed.notify_one();
    Ok(())
}

/// The id of the message of a run to a channel: always the same one.
fn id_of(run: i64, due: Timestamp, channel: &ChannelName) -> Uuid {
    let digest = Sha256::digest(format!("{run}:{channel}"));
    let mut random = [0; 10];
    random.iter_mut().zip(digest).for_each(|(byte, other)| *byte = other);
    let millis = u64::try_from(due.0.div_euclid(1000)).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_message_to_a_channel() {
        let (due, ops) = (Timestamp(1_700_000_000_000_000), "ops".parse().unwrap());
        assert_eq!(id_of(7, due, &ops), id_of(7, due, &ops));
        assert_ne!(id_of(7, due, &ops), id_of(8, due, &ops));
        assert_ne!(id_of(7, due, &ops), id_of(7, due, &"boss".parse().unwrap()));
        assert_eq!(id_of(7, due, &ops).get_version_num(), 7);
    }
}
