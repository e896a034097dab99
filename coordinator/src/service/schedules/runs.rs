//! Runs, looked at.

use domain::schedule::TrainingParameters;
use domain::score;

use super::manage;
use crate::db::{self, models::Model};
use crate::service::error::{Error, Result};
use crate::service::planning::{enough_new, evaluate};
use crate::service::present;
use crate::service::runtime::Refit;
use crate::service::runtime::pages::PageRequest;
use crate::views::{Page, PageQuery, ScheduleRunView};

/// Hyper-parameters of one task, at most.
const MOST_HYPER: usize = 50;

impl Refit {
    /// A page of the runs of a schedule, the one that was due last first.
    ///
    /// # Errors
    /// There is no such schedule; the cursor or the limit makes no sense.
    pub async fn schedule_runs(&self, name: &str, query: PageQuery) -> Result<Page<ScheduleRunView>> {
        let mut view = self.core.db.snapshot().await?;
        let schedule = manage::find(&mut view, name).await?;
        let asked = PageRequest::new(format!("runs of {}", schedule.id), query.limit, query.cursor.as_deref())?;
        let found = db::pages::schedules::runs(&mut view, schedule.id, asked.after, asked.rows()).await?;
        Ok(asked.page(found, |run| run.due.0)?.map(present::schedule_run))
    }

    /// A page of all runs, newest first.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn all_schedule_runs(&self, query: PageQuery) -> Result<Page<ScheduleRunView>> {
        let asked = PageRequest::new("runs", query.limit, query.cursor.as_deref())?;
        let found = db::pages::schedules::all_runs(&mut *self.core.db.read().await?, asked.after, asked.rows()).await?;
        Ok(asked.page(found, |run| run.id)?.map(present::schedule_run))
    }

    /// One run.
    ///
    /// # Errors
    /// There is none of that number.
    pub async fn schedule_run(&self, id: i64) -> Result<ScheduleRunView> {
        let found = db::schedule_runs::get(&mut *self.core.db.read().await?, id).await?;
        found.map(present::schedule_run).ok_or_else(|| Error::not_found(format!("run {id} of a schedule")))
    }
}

/// Refuses hyper-parameters that none of the models there are can have.
pub(super) fn fits(models: &[Model], parameters: &TrainingParameters) -> Result<()> {
    let mut refused = None;
    for model in models {
        match evaluate::hyper(&model.hyper, &parameters.hyper) {
            Ok(_) => return Ok(()),
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    refused.map_or(Ok(()), |reason| Err(reason.into()))
}

/// Refuses parameters that no training could have.
pub(super) fn check(parameters: &TrainingParameters) -> Result<()> {
    enough_new(parameters.min_new_rows)?;
    parameters.priority.map(score::given).transpose().map_err(Error::invalid)?;
    if parameters.hyper.len() > MOST_HYPER {
        return Err(Error::invalid(format!("a task has at most {MOST_HYPER} hyper-parameters")));
    }
    Ok(())
}
