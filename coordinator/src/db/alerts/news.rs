//! News for channels: each takes them in their order, from where it has got to.

use common::vocabulary::Timestamp;
pub(crate) use domain::alert::NewsKind as Kind;
use domain::alert::{Told, Trained};

use super::super::{Connection, Result, lists, sql};

/// A piece of news.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its number: they grow.
    pub(crate) id: i64,
    /// What has happened.
    pub(crate) kind: Kind,
    /// To what.
    pub(crate) subject: Subject,
    /// When.
    pub(crate) at: Timestamp,
}

/// What something has happened to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Subject {
    /// The alert of this number.
    Alert(i64),
    /// A training.
    Training(Box<Trained>),
}

/// Notes what has happened to alerts; nothing, while nobody is told anything.
pub(crate) async fn add(db: &mut Connection, told: &[(Kind, i64)], now: Timestamp) -> Result<()> {
    if told.is_empty() || !somebody_listens(db).await? {
        return Ok(());
    }
    for told in lists(told) {
        sql("INSERT INTO alert_news (kind, alert, at) VALUES ")
            .rows(told, |(kind, alert)| [<&str>::from(*kind).into(), (*alert).into(), now.0.into()])
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Notes that a training has ended, if a channel takes such notices.
pub(crate) async fn add_training(db: &mut Connection, trained: &Trained, now: Timestamp) -> Result<()> {
    sql("INSERT INTO alert_news (kind, told, at) VALUES ($1, $2, $3)")
        .bind(<&str>::from(Kind::Trained))
        .bind(serde_json::to_string(&Told::Training(trained.clone()))?)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

async fn somebody_listens(db: &mut Connection) -> Result<bool> {
    Ok(sql("SELECT count(*) AS channels FROM alert_channels").fetch_one(db).await?.count("channels")? > 0)
}

/// So many pieces of news behind one, up to a moment.
pub(crate) async fn behind(db: &mut Connection, after: i64, until: Timestamp, most: usize) -> Result<Vec<Entry>> {
    sql("SELECT * FROM alert_news WHERE id > $1 AND at <= $2 ORDER BY id LIMIT $3")
        .bind(after)
        .bind(until.0)
        .bind(most as i64)
        .read_each(db, |row| {
            let subject = match (row.opt_int("alert")?, row.opt_json::<Told>("told")?) {
                (Some(alert), _) => Some(Subject::Alert(alert)),
                (None, Some(Told::Training(trained))) => Some(Subject::Training(Box::new(trained))),
                (None, Some(Told::Alert(alert))) => Some(Subject::Alert(alert.id)),
                (None, None) => None,
            };
            Ok(match subject {
                Some(subject) => {
                    Some(Entry { id: row.int("id")?, kind: row.parsed("kind")?, subject, at: row.time("at")? })
                }
                None => None,
            })
        })
        .await
        .map(|all| all.into_iter().flatten().collect())
}

/// The number of the newest; 0, if there has been none.
pub(crate) async fn newest(db: &mut Connection) -> Result<i64> {
    let row = sql("SELECT id FROM alert_news ORDER BY id DESC LIMIT 1").fetch_optional(db).await?;
    row.map_or(Ok(0), |row| row.int("id"))
}

/// Removes what every channel has taken: how many there were.
pub(crate) async fn remove_taken(db: &mut Connection) -> Result<u64> {
    sql("DELETE FROM alert_news WHERE id <= (SELECT COALESCE(min(taken), 9223372036854775807) FROM alert_channels)")
        .execute(db)
        .await
}
