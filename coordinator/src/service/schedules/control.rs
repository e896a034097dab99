//! The scheduler as a whole: looked at, stopped, started, and asked to look.

use common::vocabulary::Timestamp;
use domain::free_text::plain_if_any;

use super::{fire, manage, presets};
use crate::db::{self, pauses::Pause};
use crate::service::error::Result;
use crate::service::present;
use crate::service::runtime::{Core, Refit};
use crate::views::{PauseRequest, ScheduleRunView, SchedulerView};

/// Schedules that are read at a time.
const AT_ONCE: u32 = 500;

impl Refit {
    /// How the scheduler stands.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scheduler(&self) -> Result<SchedulerView> {
        present::scheduler(&self.core).await
    }

    /// Looks at schedules no more, until it is started again.
    ///
    /// # Errors
    /// The reason is not plain text.
    pub async fn stop_scheduler(&self, request: PauseRequest) -> Result<SchedulerView> {
        plain_if_any("reason", request.reason.as_deref())?;
        let mut tx = self.core.db.begin().await?;
        let before = db::schedules::stopped(&mut tx).await?;
        let reason = request.reason.or_else(|| before.as_ref()?.given_reason()).unwrap_or_default();
        let at = before.map_or_else(Timestamp::now, |before| before.at);
        db::schedules::set_stopped(&mut tx, Some(&Pause { at, reason })).await?;
        tx.commit().await.map_err(db::Error::from)?;
        present::scheduler(&self.core).await
    }

    /// Looks at schedules again. What was due meanwhile is not made up for: somebody wanted it so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn start_scheduler(&self) -> Result<SchedulerView> {
        start(&self.core, Timestamp::now()).await?;
        present::scheduler(&self.core).await
    }

    /// Looks what is due, also while the scheduler is stopped, and gives the runs that are to be done.
    ///
    /// # Errors
    /// The database fails.
    pub async fn look_at_schedules(&self) -> Result<Vec<ScheduleRunView>> {
        let now = Timestamp::now();
        presets::begin(&self.core, now).await?;
        let ids = fire::fire(&self.core, now).await?;
        let mut view = self.core.db.read().await?;
        let mut runs = Vec::with_capacity(ids.len());
        for id in ids {
            runs.extend(db::schedule_runs::get(&mut view, id).await?.map(present::schedule_run));
        }
        Ok(runs)
    }
}

async fn start(core: &Core, now: Timestamp) -> Result<()> {
    let mut tx = core.db.begin().await?;
    if db::schedules::stopped(&mut tx).await?.is_none() {
        return Ok(());
    }
    db::schedules::set_stopped(&mut tx, None).await?;
    let mut after = None;
    loop {
        let page = db::pages::schedules::behind(&mut tx, after.as_ref(), AT_ONCE).await?;
        after = page.last().map(|last| last.name.clone());
        let is_last = page.len() < AT_ONCE as usize;
        for mut schedule in page {
            if schedule.next_due.is_some_and(|due| due <= now) {
                manage::begin(&mut schedule, now);
                db::schedules::save(&mut tx, &schedule).await?;
            }
        }
        if is_last {
            break;
        }
    }
    tx.commit().await.map_err(db::Error::from)?;
    core.schedules_changed.notify_one();
    Ok(())
}
