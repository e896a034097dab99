//! Jobs in a list: those under way, the backlog, the ended.

use common::vocabulary::{JobId, JobState, ModelKey, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;
use uuid::Uuid;

use super::backlog_snapshot::BacklogSnapshot;
use super::jobs::in_words;
use crate::db::{
    Transaction,
    jobs::Job,
    pages::jobs::{self, Filter, Position},
    pages::versions,
};
use crate::service::error::{Error, Result};
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{BlockedView, JobFilter, JobSummary, Page, ProgressView};

impl Refit {
    /// A page of the jobs: the running first, then the backlog in its order, then the ended, newest first. A job that moves on while
    /// somebody turns the pages is shown where it then is, if that is yet to come.
    ///
    /// # Errors
    /// The filter, the cursor or the limit makes no sense.
    pub async fn jobs(&self, filter: JobFilter) -> Result<Page<JobSummary>> {
        match &filter.id {
            Some(beginning) => by_id(&self.core, beginning, &filter).await,
            None => in_order(&self.core, &filter).await,
        }
    }
}

async fn in_order(core: &Core, filter: &JobFilter) -> Result<Page<JobSummary>> {
    let JobFilter { state, model, ended, limit, cursor, id: _ } = filter;
    let model: Option<ModelKey> = model.as_deref().map(str::parse).transpose()?;
    let asked = PageRequest::new(format!("jobs {state:?} {model:?} {ended:?}"), *limit, cursor.as_deref())?;
    let wanted = Filter { state: *state, model: model.as_ref(), ended: *ended };
    let mut view = core.db.snapshot().await?;
    let jobs = jobs::behind(&mut view, &wanted, asked.after, asked.rows()).await?;
    show(core, &mut view, asked.page(jobs, Position::of)?).await
}

/// Those whose ids begin so: a range of them.
async fn by_id(core: &Core, beginning: &str, filter: &JobFilter) -> Result<Page<JobSummary>> {
    if filter.state.is_some() || filter.model.is_some() || filter.ended.is_some() {
        return Err(Error::invalid("the beginning of an id goes with no other filter: it is asked for alone"));
    }
    let range = range(beginning)?;
    let asked = PageRequest::new(format!("jobs {range:?}"), filter.limit, filter.cursor.as_deref())?;
    let mut view = core.db.snapshot().await?;
    let jobs = jobs::in_range(&mut view, range, asked.after, asked.rows()).await?;
    show(core, &mut view, asked.page(jobs, |job| job.id)?).await
}

/// Hexadecimal digits of an id.
const DIGITS: usize = 32;

/// The first and the last id that begin so.
fn range(beginning: &str) -> Result<(JobId, JobId)> {
    let digits = beginning.replace('-', "");
    let fits = (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let filled = |with: &str| {
        let rest = DIGITS.checked_sub(digits.len())?;
        Uuid::parse_str(&(digits.clone() + &with.repeat(rest))).ok().map(JobId::from_untyped_uuid)
    };
    let none = || Error::invalid(format!("{beginning:?} is not the beginning of an id: hexadecimal digits and dashes"));
    filled("0").zip(filled("f")).filter(|_| fits).ok_or_else(none)
}

/// A handful of statements, whatever the number of jobs.
async fn show(core: &Core, view: &mut Transaction, page: Page<Job>) -> Result<Page<JobSummary>> {
    let backlog = BacklogSnapshot::read(core, view, &page.items).await?;
    let ids: Vec<JobId> = page.items.iter().map(|job| job.id).collect();
    let mut versions = versions::numbers_of_jobs(view, &ids).await?;
    let progress = core.progress();
    Ok(page.map(|job| {
        let id = job.id;
        summary(&backlog, job, versions.remove(&id), progress.get(&id).cloned())
    }))
}

fn summary(
    backlog: &BacklogSnapshot,
    job: Job,
    version: Option<VersionNumber>,
    progress: Option<ProgressView>,
) -> JobSummary {
    let state = job.state();
    JobSummary {
        position: backlog.position_of(&job),
        why: in_words(backlog.status(&job).as_ref(), job.reason.as_ref()),
        blocked: backlog.blocked(&job).map(BlockedView::from),
        score: job.score + backlog.waiting(&job).unwrap_or(0.0),
        id: job.id.into_untyped_uuid(),
        kind: job.kind,
        model: job.model.map(String::from),
        mode: job.mode,
        pool: job.pool.to_string(),
        stand_in: job.stand_in.filter(|_| state != JobState::Queued).map(String::from),
        state,
        enqueued_at: job.enqueued_at.utc(),
        as_of: job.as_of.utc(),
        started_at: job.started_at.map(Timestamp::utc),
        ended_at: job.ended_at.map(Timestamp::utc),
        progress: progress.filter(|_| state == JobState::Running),
        reproduces: job.reproduces.map(|number| number.to_string()),
        version: version.map(|number| number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_range_of_ids() {
        let table = [
            ("018F", Some(("018f0000-0000-0000-0000-000000000000", "018fffff-ffff-ffff-ffff-ffffffffffff"))),
            ("018f0000-0", Some(("018f0000-0000-0000-0000-000000000000", "018f0000-0fff-ffff-ffff-ffffffffffff"))),
            (
                "018f0000-0000-7000-8000-00000000000a",
                Some(("018f0000-0000-7000-8000-00000000000a", "018f0000-0000-7000-8000-00000000000a")),
            ),
            ("", None),
            ("-", None),
            ("no", None),
            ("018f0000-0000-7000-8000-00000000000ab", None),
            ("ééé", None),
        ];
        for (beginning, expected) in table {
            let found = range(beginning).ok().map(|(first, last)| (first.to_string(), last.to_string()));
            assert_eq!(found, expected.map(|(first, last)| (first.into(), last.into())), "{beginning:?}");
        }
    }
}
