//! Alerts: what stands open, what has been, and what has happened to them that channels have yet to tell.

pub(crate) mod causes;
pub(crate) mod channels;
pub(crate) mod messages;
pub(crate) mod news;
pub(crate) mod silences;

use common::vocabulary::{ModelKey, Timestamp};
use domain::alert::{AlertCause, AlertKind, Change, OpenAlert, Severity};

use super::{Connection, Result, Row, Scope, lists, sql};

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    /// Its number.
    pub(crate) id: i64,
    /// What it is about, as it was seen last.
    pub(crate) cause: AlertCause,
    /// How soon somebody should look.
    pub(crate) severity: Severity,
    /// Since when it stands.
    pub(crate) raised_at: Timestamp,
    /// When it was last said to be worse, or raised.
    pub(crate) escalated_at: Timestamp,
    /// When its numbers were taken.
    pub(crate) seen_at: Timestamp,
    /// When its cause was gone.
    pub(crate) ended_at: Option<Timestamp>,
    /// When somebody said that they know, and what they said.
    pub(crate) acknowledged: Option<(Timestamp, String)>,
}

impl From<Alert> for OpenAlert {
    fn from(alert: Alert) -> Self {
        let Alert { id, cause, severity, raised_at, escalated_at, seen_at, acknowledged, .. } = alert;
        Self { id, cause, severity, raised_at, escalated_at, seen_at, acknowledged: acknowledged.is_some() }
    }
}

/// Those about these models that stand open.
pub(crate) async fn open_of_models(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<Vec<Alert>> {
    const TEXT: &str = "SELECT * FROM alerts WHERE ended_at IS NULL AND model IS NOT NULL";
    of.read_each(db, TEXT, " AND model IN ", read).await
}

/// Those of some kinds that stand open, oldest first.
pub(crate) async fn open_of_kinds(db: &mut Connection, kinds: &[AlertKind]) -> Result<Vec<Alert>> {
    sql("SELECT * FROM alerts WHERE ended_at IS NULL AND kind IN ")
        .one_of(kinds.iter().map(|kind| <&str>::from(*kind)))
        .then(" ORDER BY id")
        .read_each(db, read)
        .await
}

/// Those of some numbers.
pub(crate) async fn numbered(db: &mut Connection, ids: &[i64]) -> Result<Vec<Alert>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in lists(ids) {
        found.extend(
            sql("SELECT * FROM alerts WHERE id IN ").one_of(ids.iter().copied()).read_each(&mut *db, read).await?,
        );
    }
    Ok(found)
}

/// The one of a number.
pub(crate) async fn get(db: &mut Connection, id: i64) -> Result<Option<Alert>> {
    Ok(numbered(db, &[id]).await?.pop())
}

/// How many stand open, by severity.
pub(crate) async fn count_open(db: &mut Connection) -> Result<Vec<(Severity, u64)>> {
    sql("SELECT severity, count(*) AS alerts FROM alerts WHERE ended_at IS NULL GROUP BY severity")
        .read_each(db, |row| Ok((row.parsed("severity")?, row.count("alerts")?)))
        .await
}

/// Writes what becomes of alerts, and gives those that are news: raised, worse, gone. What another coordinator has raised or resolved
/// meanwhile is not news again.
pub(crate) async fn write(
    db: &mut Connection,
    changes: Vec<Change>,
    now: Timestamp,
) -> Result<Vec<(news::Kind, Alert)>> {
    let (mut raised, mut told) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Raise(cause) => raised.push(cause),
            Change::Refresh { id, cause, severity } => _ = set(db, id, &cause, severity, now, None).await?,
            Change::Escalate { id, cause, severity } => {
                if set(db, id, &cause, severity, now, Some(now)).await? {
                    told.push((news::Kind::Escalated, id));
                }
            }
            Change::Resolve { id, .. } => {
                if end(db, id, now).await? {
                    told.push((news::Kind::Resolved, id));
                }
            }
        }
    }
    for causes in lists(&raised) {
        told.extend(raise(db, causes, now).await?.into_iter().map(|id| (news::Kind::Raised, id)));
    }
    news::add(db, &told, now).await?;
    let ids: Vec<i64> = told.iter().map(|(_, id)| *id).collect();
    let mut alerts: std::collections::HashMap<i64, Alert> =
        numbered(db, &ids).await?.into_iter().map(|alert| (alert.id, alert)).collect();
    Ok(told.into_iter().filter_map(|(kind, id)| Some((kind, alerts.remove(&id)?))).collect())
}

async fn raise(db: &mut Connection, causes: &[AlertCause], now: Timestamp) -> Result<Vec<i64>> {
    let mut rows = Vec::with_capacity(causes.len());
    for cause in causes {
        rows.push((cause, serde_json::to_string(cause)?));
    }
    sql("INSERT INTO alerts (key, kind, model, severity, cause, raised_at, escalated_at, seen_at) VALUES ")
        .rows(rows, |(cause, text)| {
            [
                cause.key().into(),
                <&str>::from(cause.kind()).into(),
                cause.model().map(ModelKey::as_str).into(),
                <&str>::from(cause.severity()).into(),
                text.into(),
                now.0.into(),
                now.0.into(),
                now.0.into(),
            ]
        })
        .then(" ON CONFLICT (key) WHERE ended_at IS NULL DO NOTHING RETURNING id")
        .read_each(db, |row| row.int("id"))
        .await
}

/// Writes how one stands. `false`: somebody else has found its cause gone.
async fn set(
    db: &mut Connection,
    id: i64,
    cause: &AlertCause,
    severity: Severity,
    now: Timestamp,
    escalated_at: Option<Timestamp>,
) -> Result<bool> {
    let done =
        sql("UPDATE alerts SET cause = $2, severity = $3, seen_at = $4, escalated_at = COALESCE($5, escalated_at)
         WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(serde_json::to_string(cause)?)
        .bind(<&str>::from(severity))
        .bind(now.0)
        .bind(escalated_at.map(|at| at.0));
    Ok(done.execute(db).await? == 1)
}

/// The cause of one is gone. `false`: somebody else has found that.
async fn end(db: &mut Connection, id: i64, now: Timestamp) -> Result<bool> {
    let done = sql("UPDATE alerts SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL").bind(id).bind(now.0);
    Ok(done.execute(db).await? == 1)
}

/// Somebody knows; what was said before stays where nothing is said now. `false`: it does not stand open.
pub(crate) async fn acknowledge(db: &mut Connection, id: i64, now: Timestamp, reason: &str) -> Result<bool> {
    let done = sql(
        "UPDATE alerts SET acknowledged_at = COALESCE(acknowledged_at, $2),
             acknowledged_why = CASE WHEN $3 = '' THEN acknowledged_why ELSE $3 END WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(now.0)
    .bind(reason);
    Ok(done.execute(db).await? == 1)
}

/// Removes alerts whose cause was gone before a moment, at most so many: how many there were.
pub(crate) async fn remove_before(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let ids = sql("SELECT id FROM alerts WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2")
        .bind(before.0)
        .bind(most as i64)
        .read_each(&mut *db, |row| row.int("id"))
        .await?;
    for ids in lists(&ids) {
        sql("DELETE FROM alert_news WHERE alert IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
        sql("DELETE FROM alerts WHERE id IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
    }
    Ok(ids.len() as u64)
}

pub(super) fn read(row: &Row) -> Result<Alert> {
    let reason = row.opt_text("acknowledged_why")?.unwrap_or_default();
    Ok(Alert {
        id: row.int("id")?,
        cause: row.json("cause")?,
        severity: row.parsed("severity")?,
        raised_at: row.time("raised_at")?,
        escalated_at: row.time("escalated_at")?,
        seen_at: row.time("seen_at")?,
        ended_at: row.opt_time("ended_at")?,
        acknowledged: row.opt_time("acknowledged_at")?.map(|at| (at, reason)),
    })
}
