//! Lists in pages: so many rows behind a position in the order of the list, found by an index. None is counted or passed over.

pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod datasets;
pub(crate) mod decisions;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod models;
pub(crate) mod predictions;
pub(crate) mod schedules;
pub(crate) mod searches;
pub(crate) mod tokens;
pub(crate) mod versions;
