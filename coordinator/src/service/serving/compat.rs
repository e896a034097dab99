//! What the routes of the old services need to know: which model they speak for, and whether it is loaded.

use common::vocabulary::{Family, ModelKey};
use domain::meant::meant;

use super::predict;
use crate::db::{self, Scope};
use crate::service::error::{Error, Result};
use crate::service::runtime::Refit;
use crate::service::runtime::lookup::model;

impl Refit {
    /// The model of a family that is meant where none is named: the one in the settings, else the only one there is.
    ///
    /// # Errors
    /// There is none, or several and none is named; the one named is of another family.
    pub async fn model_meant(&self, family: Family) -> Result<ModelKey> {
        let compat = &self.core.settings.compat;
        let (setting, named) = match family {
            Family::Text => ("compat.classifier", &compat.classifier),
            Family::Recommender => ("compat.recommender", &compat.recommender),
            Family::Forecaster => return Err(Error::invalid("forecasters are asked by their symbols")),
            Family::Tabular => return Err(Error::invalid("models of records are asked by their names")),
        };
        let mut view = self.core.db.snapshot().await?;
        if let Some(key) = named {
            model::find(&mut view, key).await?;
        }
        let all = db::models::all(&mut view, Scope::All).await?.into_iter().map(|model| model.key);
        Ok(meant(family, setting, named.as_ref(), all)?)
    }

    /// Has a worker load the live version of a model, unless one has it loaded; says which version that is.
    ///
    /// # Errors
    /// No such model, one without a live version, or nobody could load it in time.
    pub async fn warm(&self, key: &ModelKey) -> Result<String> {
        Ok(predict::warm(&self.core, key).await?.to_string())
    }

    /// Whether the live version of a model has been loaded, as far as this coordinator has heard.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn is_warm(&self, key: &ModelKey) -> Result<bool> {
        let mut view = self.core.db.snapshot().await?;
        let artifact = match model::find(&mut view, key).await?.live {
            Some(number) => db::versions::artifact(&mut view, key, number).await?,
            None => None,
        };
        Ok(artifact.is_some_and(|artifact| self.core.answers.has_answered(&artifact.manifest)))
    }
}
