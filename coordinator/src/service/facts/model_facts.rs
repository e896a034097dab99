//! Rows become facts: what is known of models as of a day, from a handful of statements.

use std::collections::{HashMap, HashSet};
use std::slice;

use common::settings::{Policy, Settings};
use common::vocabulary::{ModelKey, Timestamp};
use domain::decide::Facts;

use super::gathered::{Gathered, gather};
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
    with_facts(view, of, models, settings, now).await
}

/// The facts about these models, in their order.
pub(crate) async fn about(
    view: &mut Connection,
    models: Vec<Model>,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<ModelFacts>> {
    let keys: Vec<ModelKey> = models.iter().map(|model| model.key.clone()).collect();
    with_facts(view, Scope::Of(&keys), models, settings, now).await
}

async fn with_facts(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    models: Vec<Model>,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<ModelFacts>> {
    let mut fleet = FleetFacts::of(view, of, models, settings, now).await?;
    Ok(fleet.next(usize::MAX).unwrap_or_default())
}

/// The facts about the models asked for, in the order asked, or about all, if none are named.
pub(crate) async fn asked(
    view: &mut Connection,
    models: &[ModelKey],
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<ModelFacts>> {
    Ok(FleetFacts::asked(view, models, settings, now).await?.next(usize::MAX).unwrap_or_default())
}

/// What there is to know of many models: read in one view, and worked out for some of them at a time.
pub(crate) struct FleetFacts<'a> {
    models: std::vec::IntoIter<Model>,
    gathered: Gathered,
    settings: &'a Settings,
    now: Timestamp,
}

impl<'a> FleetFacts<'a> {
    /// As of `now`, by key; what there is not is left out. A question about few reads the rows of these alone.
    pub(crate) async fn read(
        view: &mut Connection,
        of: Scope<'_, ModelKey>,
        settings: &'a Settings,
        now: Timestamp,
    ) -> db::Result<Self> {
        let models = db::models::all(view, of).await?;
        Self::of(view, of, models, settings, now).await
    }

    /// Of the models asked for, in the order asked, or of all, if none are named.
    pub(crate) async fn asked(
        view: &mut Connection,
        named: &[ModelKey],
        settings: &'a Settings,
        now: Timestamp,
    ) -> Result<Self> {
        let of = Scope::asked(named);
        let mut models = db::models::all(view, of).await?;
        let there: HashSet<&ModelKey> = models.iter().map(|model| &model.key).collect();
        if let Some(key) = named.iter().find(|key| !there.contains(key)) {
            return Err(model::unknown(view, key).await?);
        }
        let mut places = HashMap::new();
        named.iter().enumerate().for_each(|(place, key)| _ = places.entry(key).or_insert(place));
        models.sort_by_key(|model| places.get(&model.key));
        Ok(Self::of(view, of, models, settings, now).await?)
    }

    async fn of(
        view: &mut Connection,
        of: Scope<'_, ModelKey>,
        models: Vec<Model>,
        settings: &'a Settings,
        now: Timestamp,
    ) -> db::Result<Self> {
        let gathered = gather(view, of, &models, settings, now).await?;
        Ok(Self { models: models.into_iter(), gathered, settings, now })
    }

    /// The facts about the next so many models; nothing after the last.
    pub(crate) fn next(&mut self, most: usize) -> Option<Vec<ModelFacts>> {
        let known = |model| {
            let policy = policy_of(&model, self.settings);
            let facts = self.gathered.facts(&model, &policy, self.now);
            let unscored = self.gathered.unscored(&model);
            ModelFacts { model, policy, facts, unscored }
        };
        let next: Vec<ModelFacts> = self.models.by_ref().take(most).map(known).collect();
        Some(next).filter(|next| !next.is_empty())
    }
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
