//! Alerts as they stand: looked at, and acknowledged.

use common::vocabulary::{ModelKey, Timestamp};
use domain::alert::{AlertKind, News, NewsKind, Told};
use domain::free_text::plain_if_any;
use strum::VariantArray as _;

use super::compose;
use crate::db::{
    self, Connection,
    alerts::{Alert, channels::Channel, messages::Message},
};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{AlertFilter, AlertView, Page, PauseRequest};

impl Refit {
    /// A page of the alerts, newest first: those that stand open, or all.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn alerts(&self, filter: AlertFilter) -> Result<Page<AlertView>> {
        let AlertFilter { all, kind, model, limit, cursor } = filter;
        let model: Option<ModelKey> = model.map(|model| model.parse()).transpose()?;
        let asked = PageRequest::new(format!("alerts {all} {kind:?} {model:?}"), limit, cursor.as_deref())?;
        let which = db::pages::alerts::Which { all, kind, model: model.as_ref() };
        let mut view = self.core.db.snapshot().await?;
        let silences = db::alerts::silences::all(&mut view).await?;
        let found = db::pages::alerts::behind(&mut view, which, asked.after, asked.rows()).await?;
        let now = Timestamp::now();
        Ok(asked.page(found, |alert| alert.id)?.map(|alert| present::alert(alert, &silences, now)))
    }

    /// One alert.
    ///
    /// # Errors
    /// There is none of that number.
    pub async fn alert(&self, id: i64) -> Result<AlertView> {
        let mut view = self.core.db.snapshot().await?;
        let alert = find(&mut view, id).await?;
        Ok(present::alert(alert, &db::alerts::silences::all(&mut view).await?, Timestamp::now()))
    }

    /// Says that somebody knows: it grows no more severe, and is told once more when it is gone.
    ///
    /// # Errors
    /// There is none of that number, or its cause is gone.
    pub async fn acknowledge_alert(&self, id: i64, request: PauseRequest) -> Result<AlertView> {
        plain_if_any("reason", request.reason.as_deref())?;
        let mut tx = self.core.db.begin().await?;
        find(&mut tx, id).await?;
        let reason = request.reason.unwrap_or_default();
        if !db::alerts::acknowledge(&mut tx, id, Timestamp::now(), &reason).await? {
            return Err(Error::refused(format!("the cause of alert {id} is gone: there is nothing to acknowledge")));
        }
        tx.commit().await.map_err(db::Error::from)?;
        self.alert(id).await
    }
}

/// The alert of a number.
pub(super) async fn find(view: &mut Connection, id: i64) -> Result<Alert> {
    db::alerts::get(view, id).await?.ok_or_else(|| Error::NotFound {
        what: format!("alert {id}"),
        hint: Some("`refit alerts list --resolved` shows those there have been".into()),
    })
}

/// All that stands open and that a channel takes, as messages that nobody keeps.
pub(super) async fn handed_on(core: &Core, channel: &Channel) -> Result<Vec<Message>> {
    let now = Timestamp::now();
    let mut view = core.db.snapshot().await?;
    let open = db::alerts::open_of_kinds(&mut view, AlertKind::VARIANTS).await?;
    let raised = open.iter().map(|alert| News { kind: NewsKind::Raised, told: Told::Alert(compose::told(alert)) });
    let wanted = compose::wanted(&mut view, channel, raised.map(|news| (0, news)).collect(), now).await?;
    let bodies = compose::handed_on(wanted.into_iter().map(|(_, news)| news.told));
    Ok(bodies.into_iter().map(|body| compose::message(channel, body, now)).collect())
}
