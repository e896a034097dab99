//! The policy of a model: what the settings say about all, and what it has of its own. Read here only, so that nobody reads the figure of
//! a family where that of a model is meant.

use common::settings::{OwnPolicy, Policy, Settings};
use common::vocabulary::ModelKey;

use crate::db::{self, models::Model};
use crate::service::error::Result;

/// The policy that a model is under.
pub(crate) fn policy_of(model: &Model, settings: &Settings) -> Policy {
    settings.policy.of(model.hyper.family(), &model.policy)
}

/// The same by its key; of a model that is not there, as if it were new.
pub(crate) async fn policy_by_key(view: &mut db::Connection, key: &ModelKey, settings: &Settings) -> Result<Policy> {
    match db::models::get(view, key).await? {
        Some(model) => Ok(policy_of(&model, settings)),
        None => Ok(settings.policy.of(key.folder().parse()?, &OwnPolicy::default())),
    }
}
