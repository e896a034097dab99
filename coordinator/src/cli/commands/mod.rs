//! One file a verb, or a few that belong together.

pub mod batch;
pub mod check;
pub mod cleanup;
pub mod completions;
pub mod config;
pub mod forecast;
pub mod import;
pub mod jobs;
pub mod live;
pub mod models;
pub mod report;
pub mod reproduce;
pub mod retrain;
pub mod serve;
pub mod up;
pub mod versions;
pub mod workers;
