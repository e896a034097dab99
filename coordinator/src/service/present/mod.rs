//! Rows become views: what the API and the command line show. Reads only, and below whoever answers with a view.

mod alerts;
mod backlog_snapshot;
mod job_list;
mod jobs;
mod models;
mod schedules;
mod versions;
mod workers;

pub(crate) use self::alerts::alert;
pub(crate) use self::jobs::one as job;
pub(crate) use self::models::model;
pub(crate) use self::schedules::{COUNTED_DAYS, run as schedule_run, run_counts, schedule, scheduler};
pub(crate) use self::versions::{ledger_entry, shown as version, summary as version_summary};
pub(crate) use self::workers::worker;
