//! Rows become views: what the API and the command line show. Reads only.

mod jobs;
mod line;
mod models;

pub(super) use jobs::{all as jobs, one as job};
pub(super) use models::{ledger_entry, model, models, version};
