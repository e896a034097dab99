//! Trainings of forecasters: [`Rows`] are what a job reads; a [`plan`] says which are fitted in which order; [`Fit`] does it step by
//! step from a [`state`]; the result is calibrated ([`fitted`]) and scored beside others ([`mod@judge`]).

mod fit;
mod fitted;
mod forecasts;
mod judge;
mod material;
mod plan;
mod rows;
mod state;

pub(crate) use fit::Fit;
pub(crate) use fitted::golden;
pub(crate) use forecasts::in_returns;
pub(crate) use judge::{judge, mean_crps};
pub(crate) use rows::Rows;
