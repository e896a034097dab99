//! What is known of the rows of models that read data sets: those that have matured, and those that were taken back.

use std::collections::HashMap;

use common::settings::Settings;
use common::vocabulary::{DatasetName, ModelKey, Timestamp};

use super::facts::Rows;
use crate::db::datasets::Dataset;
use crate::db::entries::{Given, Until};
use crate::db::facts::History;
use crate::db::models::Model;
use crate::db::{self, Connection};

/// By model.
pub(super) struct Tables {
    rows: HashMap<ModelKey, Rows>,
    forgotten: HashMap<ModelKey, u64>,
    unfit: HashMap<ModelKey, String>,
}

impl Tables {
    /// Reads what the logs say of all models, as of `now`.
    pub(super) async fn gather(
        view: &mut Connection,
        models: &[Model],
        histories: &HashMap<ModelKey, History>,
        settings: &Settings,
        now: Timestamp,
    ) -> db::Result<Self> {
        let all = db::datasets::all(view).await?;
        let by_name: HashMap<&DatasetName, &Dataset> = all.iter().map(|dataset| (&dataset.name, dataset)).collect();
        let reading: Vec<(&Model, &Dataset)> =
            models.iter().filter_map(|model| Some((model, *by_name.get(&model.source.as_ref()?.dataset)?))).collect();
        let until: Vec<(&Model, &Dataset, Until)> = reading
            .iter()
            .map(|&(model, dataset)| {
                let through = settings.policy.of(model.hyper.family()).matured_through(now);
                (model, dataset, Until { dataset: dataset.id, upto: dataset.entries, through })
            })
            .collect();
        let unfit = reading.iter().filter_map(|(model, dataset)| Some((model.key.clone(), unfit(model, dataset)?)));
        let unfit = unfit.collect();
        Ok(Self { rows: rows(view, &until).await?, forgotten: forgotten(view, &reading, histories).await?, unfit })
    }

    /// The entries a model may be given.
    pub(super) fn rows(&self, model: &ModelKey) -> Rows {
        self.rows.get(model).copied().unwrap_or_default()
    }

    /// Why its model cannot read its data set, as a sentence.
    pub(super) fn unfit(&self, model: &ModelKey) -> Option<String> {
        self.unfit.get(model).cloned()
    }

    /// Rows that its live version was given and should forget, and could not by an incremental training.
    pub(super) fn forgotten(&self, model: &ModelKey) -> u64 {
        self.forgotten.get(model).copied().unwrap_or_default()
    }
}

/// A model may be registered before the first rows of its data set say which columns there are.
fn unfit(model: &Model, dataset: &Dataset) -> Option<String> {
    let missing = model.source.as_ref()?.reading.fits(dataset.schema.as_ref()?).err()?;
    Some(format!("it cannot read the data set {}: {missing}", dataset.name))
}

/// A log only grows: its matured entries are what is counted. Most have matured whole, and are not read.
async fn rows(view: &mut Connection, until: &[(&Model, &Dataset, Until)]) -> db::Result<HashMap<ModelKey, Rows>> {
    let is_partial =
        |(_, dataset, until): &&(&Model, &Dataset, Until)| dataset.last.is_some_and(|last| last > until.through);
    let mut partial: Vec<Until> = until.iter().filter(is_partial).map(|(.., until)| *until).collect();
    partial.sort_unstable_by_key(|until| (until.dataset, until.through));
    partial.dedup();
    let counts = db::entries::matured(view, &partial).await?;
    let rows = |one: &(&Model, &Dataset, Until)| {
        let (model, dataset, until) = one;
        let count = if is_partial(&one) { counts.get(until).copied().unwrap_or(0) } else { dataset.entries };
        let newest = dataset.last.map(|last| last.min(until.through));
        let import = dataset.import.as_ref().map_or(0, |(import, ..)| *import);
        (model.key.clone(), Rows { count, newest, import, revised: 0 })
    };
    Ok(until.iter().map(rows).collect())
}

async fn forgotten(
    view: &mut Connection,
    reading: &[(&Model, &Dataset)],
    histories: &HashMap<ModelKey, History>,
) -> db::Result<HashMap<ModelKey, u64>> {
    let given = |&(model, dataset): &(&Model, &Dataset)| {
        let live = histories.get(&model.key)?.live.as_ref().filter(|_| !model.hyper.family().can_forget())?;
        let import = dataset.import.as_ref().map_or(0, |(import, ..)| *import);
        let given = Given { dataset: dataset.id, import: live.import, entries: live.rows, upto: dataset.entries };
        (import > live.import).then(|| (model.key.clone(), given))
    };
    let given: Vec<(ModelKey, Given)> = reading.iter().filter_map(given).collect();
    let counts = db::entries::forgotten(view, &given.iter().map(|(_, given)| *given).collect::<Vec<_>>()).await?;
    Ok(given.into_iter().filter_map(|(key, given)| Some((key, *counts.get(&given)?))).collect())
}
