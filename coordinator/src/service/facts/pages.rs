//! Many models, a page of them at a time: however large the fleet, no more is held.

use std::collections::{HashMap, HashSet};
use std::vec;

use common::settings::Settings;
use common::vocabulary::{ModelKey, Timestamp};

use super::gathered::Learned;
use super::model_facts::{ModelFacts, with_facts};
use crate::db::models::Model;
use crate::db::{self, Connection, Scope};
use crate::service::error::Result;
use crate::service::runtime::lookup::model;

/// Whom facts are still asked about.
pub(crate) struct Pages {
    rest: Rest,
    most: usize,
    learned: Learned,
}

enum Rest {
    /// Everybody behind this one; behind nobody: all.
    Behind(Option<ModelKey>),
    /// These, in this order.
    Named(vec::IntoIter<ModelKey>),
    Nobody,
}

/// Some models and what is known of them: no more than a page of a whole fleet.
pub(crate) struct FactsPage {
    pub(crate) known: Vec<ModelFacts>,
    keys: Vec<ModelKey>,
    /// Nobody is between them who is not among them.
    whole: bool,
}

impl FactsPage {
    /// What else is read of them.
    pub(crate) fn scope(&self) -> Scope<'_, ModelKey> {
        scope(&self.keys, self.whole)
    }
}

fn scope(keys: &[ModelKey], whole: bool) -> Scope<'_, ModelKey> {
    match keys {
        [first, .., last] if whole => Scope::Part(first, last),
        few => Scope::Of(few),
    }
}

impl Pages {
    /// All models, by key.
    pub(crate) fn all(most: usize) -> Self {
        Self { rest: Rest::Behind(None), most, learned: Learned::default() }
    }

    /// These, by key; what there is not is left out.
    pub(crate) fn some(models: &[ModelKey], most: usize) -> Self {
        let mut models = models.to_vec();
        models.sort();
        models.dedup();
        Self { rest: Rest::Named(models.into_iter()), most, learned: Learned::default() }
    }

    /// These, in the order asked.
    ///
    /// # Errors
    /// There is no model of one of these names.
    pub(crate) async fn named(view: &mut Connection, models: &[ModelKey], most: usize) -> Result<Self> {
        let there: HashSet<ModelKey> = db::models::present(view, models).await?.into_iter().collect();
        if let Some(key) = models.iter().find(|key| !there.contains(key)) {
            return Err(model::unknown(view, key).await?);
        }
        let mut seen = HashSet::new();
        let once: Vec<ModelKey> = models.iter().filter(|key| seen.insert(*key)).cloned().collect();
        Ok(Self { rest: Rest::Named(once.into_iter()), most, learned: Learned::default() })
    }

    /// The facts about the next of them, as of `now`; nothing after the last. A question about few reads the rows of these alone.
    pub(crate) async fn next(
        &mut self,
        view: &mut Connection,
        settings: &Settings,
        now: Timestamp,
    ) -> db::Result<Option<FactsPage>> {
        let (models, whole) = self.models(view).await?;
        if models.is_empty() {
            return Ok(None);
        }
        let keys: Vec<ModelKey> = models.iter().map(|model| model.key.clone()).collect();
        let known = with_facts(view, scope(&keys, whole), models, settings, now, &mut self.learned).await?;
        Ok(Some(FactsPage { known, keys, whole }))
    }

    async fn models(&mut self, view: &mut Connection) -> db::Result<(Vec<Model>, bool)> {
        match &mut self.rest {
            Rest::Behind(last) => {
                let models = db::models::behind(view, last.as_ref(), self.most).await?;
                self.rest = match models.last().filter(|_| models.len() == self.most) {
                    Some(last) => Rest::Behind(Some(last.key.clone())),
                    None => Rest::Nobody,
                };
                Ok((models, true))
            }
            Rest::Named(keys) => loop {
                let keys: Vec<ModelKey> = keys.by_ref().take(self.most).collect();
                let mut models = db::models::all(view, Scope::Of(&keys)).await?;
                // Where none of a page is there, others may be.
                if !models.is_empty() || keys.is_empty() {
                    let places: HashMap<&ModelKey, usize> = keys.iter().zip(0..).collect();
                    models.sort_by_key(|model| places.get(&model.key));
                    break Ok((models, false));
                }
            },
            Rest::Nobody => Ok((Vec::new(), true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::connect::Trust;
    use common::vocabulary::Category;

    use super::*;
    use crate::db::Database;

    const NAMES: [&str; 5] = ["forecaster/A", "forecaster/B", "recommender/x", "tabular/y", "text/z"];

    async fn fleet(folder: &tempfile::TempDir) -> Database {
        let url = format!("sqlite://{}/refit.db", folder.path().display());
        let db = Database::open(&url, &Trust::default()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for name in NAMES {
            let key: ModelKey = name.parse().unwrap();
            let family = key.family().unwrap();
            let model = Model::new(key, family, Category::from("other".to_owned()));
            db::models::register(&mut tx, &model, Timestamp::now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        db
    }

    async fn pages(db: &Database, mut pages: Pages) -> Vec<Vec<String>> {
        let (mut all, settings) = (Vec::new(), Settings::default());
        let mut view = db.snapshot().await.unwrap();
        while let Some(page) = pages.next(&mut view, &settings, Timestamp::now()).await.unwrap() {
            all.push(page.known.iter().map(|known| known.model.key.to_string()).collect());
        }
        all
    }

    #[tokio::test]
    async fn a_fleet_is_gone_through_once_in_the_order_of_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let db = fleet(&folder).await;
        for most in 1..=6 {
            let expected: Vec<Vec<&str>> = NAMES.chunks(most).map(<[&str]>::to_vec).collect();
            assert_eq!(pages(&db, Pages::all(most)).await, expected, "{most}");
        }
    }

    #[tokio::test]
    async fn those_named_come_as_asked_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let db = fleet(&folder).await;
        let named = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<ModelKey>>();
        let mut view = db.snapshot().await.unwrap();
        let asked = named(&["text/z", "forecaster/B", "text/z", "forecaster/A"]);
        let found = Pages::named(&mut view, &asked, 2).await.unwrap();
        assert_eq!(pages(&db, found).await, [vec!["text/z", "forecaster/B"], vec!["forecaster/A"]]);
        assert!(Pages::named(&mut view, &named(&["text/nobody"]), 2).await.is_err());
        let some = named(&["text/a", "text/z", "text/b", "forecaster/A", "text/c", "text/d"]);
        assert_eq!(pages(&db, Pages::some(&some, 2)).await, [vec!["forecaster/A"], vec!["text/z"]]);
    }
}
