//! Reports: made when somebody asks, or kept in the store and sent where that is asked.

mod activity;
mod history;
mod incremental;
mod kept;
mod made;
mod model;
mod period;
mod scheduler;
mod tally;

pub(crate) use self::kept::{prune, read};
pub(crate) use self::made::{Asked, check, make};
