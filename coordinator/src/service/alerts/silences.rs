//! What nobody wants to be told for a while. When a silence ends, what stands open still is told.

use common::vocabulary::Timestamp;
use domain::alert::{AlertKind, Silence};
use domain::free_text::plain_if_any;
use strum::VariantArray as _;

use super::show;
use crate::db::alerts::{news::Kind, silences::Asked};
use crate::db::{self, Connection};
use crate::service::error::{Error, Result};
use crate::service::runtime::{Refit, lookup};
use crate::views::{SilenceRequest, SilenceView};

/// Longest silence, minutes.
const LONGEST: u32 = 525_600;

impl Refit {
    /// Keeps quiet about some alerts for a while.
    ///
    /// # Errors
    /// It is about nothing, or about something that there is not; the time is out of range.
    pub async fn silence_alerts(&self, request: SilenceRequest) -> Result<SilenceView> {
        let SilenceRequest { alert, kind, model, minutes, reason } = request;
        plain_if_any("reason", reason.as_deref())?;
        if !(1..=LONGEST).contains(&minutes) {
            return Err(Error::invalid(format!("minutes = {minutes} is out of range: 1 to {LONGEST}")));
        }
        let now = Timestamp::now();
        let mut tx = self.core.db.begin().await?;
        let key = match alert {
            Some(id) => Some(super::stand::find(&mut tx, id).await?.cause.key()),
            None => None,
        };
        let model = match model {
            Some(model) => Some(lookup::model::find(&mut tx, &model.parse()?).await?.key),
            None => None,
        };
        let silence = Silence { key, kind, model, until: now.plus_seconds(60.0 * f64::from(minutes)) };
        if !silence.is_about_something() {
            return Err(Error::invalid("say what the silence is about: an alert, a kind or a model"));
        }
        let reason = reason.unwrap_or_default();
        let id = db::alerts::silences::insert(&mut tx, &silence, &reason, now).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(show::silence(Asked { id, silence, reason, created_at: now }))
    }

    /// The silences there are, those that end soonest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn silences(&self) -> Result<Vec<SilenceView>> {
        let all = db::alerts::silences::all(&mut *self.core.db.read().await?).await?;
        Ok(all.into_iter().map(show::silence).collect())
    }

    /// Ends a silence before its time.
    ///
    /// # Errors
    /// There is none of that number.
    pub async fn end_silence(&self, id: i64) -> Result<SilenceView> {
        let now = Timestamp::now();
        let mut tx = self.core.db.begin().await?;
        let asked = db::alerts::silences::remove(&mut tx, id).await?;
        let asked = asked.ok_or_else(|| Error::not_found(format!("silence {id}")))?;
        speak(&mut tx, std::slice::from_ref(&asked.silence), now).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(show::silence(asked))
    }
}

/// Ends the silences whose time is over.
pub(super) async fn end(tx: &mut Connection, now: Timestamp) -> Result<()> {
    let mut ended = Vec::new();
    for asked in db::alerts::silences::all(tx).await?.into_iter().filter(|asked| asked.silence.until <= now) {
        db::alerts::silences::remove(tx, asked.id).await?;
        ended.push(asked.silence);
    }
    speak(tx, &ended, now).await
}

/// Tells what some silences were about and stands open still; not what somebody knows of.
async fn speak(tx: &mut Connection, silences: &[Silence], now: Timestamp) -> Result<()> {
    if silences.is_empty() {
        return Ok(());
    }
    let open = db::alerts::open_of_kinds(tx, AlertKind::VARIANTS).await?;
    let meant = open.into_iter().filter(|alert| alert.acknowledged.is_none());
    let meant = meant.filter(|alert| silences.iter().any(|silence| silence.is_meant(&alert.cause)));
    let told: Vec<(Kind, i64)> = meant.map(|alert| (Kind::Raised, alert.id)).collect();
    db::alerts::news::add(tx, &told, now).await?;
    Ok(())
}
