//! Rows become facts: what is known of models as of a day, from a handful of statements.

use std::slice;

use common::settings::{Policy, Settings};
use common::vocabulary::{ModelKey, Timestamp};
use domain::decide::Facts;

use super::gathered::{Learned, gather};
use super::pages::Pages;
use crate::db::models::Model;
use crate::db::{self, Connection, Scope};
use crate::service::error::Result;
use crate::service::runtime::lookup::{model, policy_of};

/// A model and what is known of it.
pub(crate) struct ModelFacts {
    /// The model.
    pub(crate) model: Model,
    /// The policy it is under.
    pub(crate) policy: Policy,
    /// Its facts.
    pub(crate) facts: Facts,
    /// Rows there are that the live version was neither given nor scored on.
    pub(crate) unscored: u64,
}

/// The facts about models as of `now`, by key; what there is not is left out. A question about few reads the rows of these alone.
pub(crate) async fn facts(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<ModelFacts>> {
    let models = db::models::all(view, of).await?;
    with_facts(view, of, models, settings, now, &mut Learned::default()).await
}

/// The facts about these models, in their order.
pub(crate) async fn about(
    view: &mut Connection,
    models: Vec<Model>,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<ModelFacts>> {
    let keys: Vec<ModelKey> = models.iter().map(|model| model.key.clone()).collect();
    with_facts(view, Scope::Of(&keys), models, settings, now, &mut Learned::default()).await
}

pub(super) async fn with_facts(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    models: Vec<Model>,
    settings: &Settings,
    now: Timestamp,
    learned: &mut Learned,
) -> db::Result<Vec<ModelFacts>> {
    let gathered = gather(view, of, &models, settings, now, learned).await?;
    let known = |model| {
        let policy = policy_of(&model, settings);
        let facts = gathered.facts(&model, &policy, now);
        let unscored = gathered.unscored(&model);
        ModelFacts { model, policy, facts, unscored }
    };
    Ok(models.into_iter().map(known).collect())
}

/// The facts about these models, each once and in this order, or about all, if none are named.
pub(crate) async fn asked(
    view: &mut Connection,
    models: &[ModelKey],
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<ModelFacts>> {
    if models.is_empty() {
        return Ok(facts(view, Scope::All, settings, now).await?);
    }
    let mut all = Pages::named(view, models, usize::MAX).await?;
    Ok(all.next(view, settings, now).await?.map(|page| page.known).unwrap_or_default())
}

/// The facts about a model that must be there.
pub(crate) async fn one(
    view: &mut Connection,
    key: &ModelKey,
    settings: &Settings,
    now: Timestamp,
) -> Result<ModelFacts> {
    let known = facts(view, Scope::Of(slice::from_ref(key)), settings, now).await?;
    match known.into_iter().next() {
        Some(known) => Ok(known),
        None => Err(model::unknown(view, key).await?),
    }
}
