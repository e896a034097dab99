//! One file a verb, or a few that belong together.

pub(crate) mod backups;
pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod cleanup;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod dead_letters;
pub(crate) mod forecast;
pub(crate) mod import;
pub(crate) mod jobs;
pub(crate) mod live;
pub(crate) mod models;
pub(crate) mod pause;
pub(crate) mod placement;
pub(crate) mod pools;
pub(crate) mod probe;
pub(crate) mod report;
pub(crate) mod reproduce;
pub(crate) mod retrain;
pub(crate) mod serve;
pub(crate) mod up;
pub(crate) mod versions;
pub(crate) mod workers;
