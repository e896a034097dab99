//! What is known of the rows of models that read data sets: those that have matured, and what became of those that were given.

use std::collections::{BTreeSet, HashMap};

use common::settings::Settings;
use common::vocabulary::{DatasetName, ModelKey, Timestamp};

use super::rows::Rows;
use crate::db::changes::{Changes, Fate, LogPosition, Mark, Span, Until};
use crate::db::datasets::Dataset;
use crate::db::models::Model;
use crate::db::{self, Connection, Scope};
use crate::service::runtime::lookup::policy_of;

/// By model, and by data set.
pub(crate) struct Tables {
    rows: HashMap<ModelKey, (i64, Rows)>,
    changes: HashMap<i64, Changes>,
    unfit: HashMap<ModelKey, String>,
}

impl Tables {
    /// Reads what the logs say of models, as of `now`; `given`: how far somebody was given the log of a model.
    pub(crate) async fn gather(
        view: &mut Connection,
        of: Scope<'_, ModelKey>,
        models: &[Model],
        given: &HashMap<ModelKey, Vec<Mark>>,
        settings: &Settings,
        now: Timestamp,
    ) -> db::Result<Self> {
        let names: BTreeSet<&DatasetName> =
            models.iter().filter_map(|model| Some(&model.source.as_ref()?.dataset)).collect();
        let names: Vec<DatasetName> = names.into_iter().cloned().collect();
        let of = match of {
            Scope::All => Scope::All,
            Scope::Part(..) | Scope::Of(_) => Scope::Of(&names[..]),
        };
        let all = db::datasets::all(view, of).await?;
        let by_name: HashMap<&DatasetName, &Dataset> = all.iter().map(|dataset| (&dataset.name, dataset)).collect();
        let until: Vec<(&Model, &Dataset, Until)> = models
            .iter()
            .filter_map(|model| Some((model, *by_name.get(&model.source.as_ref()?.dataset)?)))
            .map(|(model, dataset)| {
                let through = policy_of(model, settings).matured_through(now);
                (model, dataset, Until { dataset: dataset.id, upto: dataset.entries, through })
            })
            .collect();
        let unfit = until.iter().filter_map(|(model, dataset, _)| Some((model.key.clone(), unfit(model, dataset)?)));
        let unfit = unfit.collect();
        let changes = db::changes::changes(view, &spans(&until, given)).await?;
        Ok(Self { rows: rows(view, &until).await?, changes, unfit })
    }

    /// The rows a model may be given.
    pub(crate) fn rows(&self, model: &ModelKey) -> Rows {
        self.rows.get(model).map(|(_, rows)| *rows).unwrap_or_default()
    }

    /// Why its model cannot read its data set, as a sentence.
    pub(crate) fn unfit(&self, model: &ModelKey) -> Option<String> {
        self.unfit.get(model).cloned()
    }

    /// What became of the rows that somebody was given of a model.
    pub(crate) fn since(&self, model: &ModelKey, given: Mark) -> Fate {
        let changes = self.rows.get(model).and_then(|(dataset, _)| self.changes.get(dataset));
        changes.map(|changes| changes.since(given)).unwrap_or_default()
    }
}

/// A model may be registered before the first rows of its data set say which columns there are.
fn unfit(model: &Model, dataset: &Dataset) -> Option<String> {
    let missing = model.source.as_ref()?.reading.fits(dataset.schema.as_ref()?).err()?;
    Some(format!("it cannot read the data set {}: {missing}", dataset.name))
}

/// Rows as they stand, without those that have not matured; most have.
async fn rows(
    view: &mut Connection,
    until: &[(&Model, &Dataset, Until)],
) -> db::Result<HashMap<ModelKey, (i64, Rows)>> {
    let goes_on =
        |(_, dataset, until): &&(&Model, &Dataset, Until)| dataset.last.is_some_and(|last| last > until.through);
    let mut partly: Vec<Until> = until.iter().filter(goes_on).map(|(.., until)| *until).collect();
    partly.sort_unstable_by_key(|until| (until.dataset, until.through));
    partly.dedup();
    let unmatured = db::changes::unmatured(view, &partly).await?;
    let rows = |(model, dataset, until): &(&Model, &Dataset, Until)| {
        let count = dataset.rows.saturating_sub(unmatured.get(until).copied().unwrap_or(0));
        let newest = dataset.last.filter(|_| count > 0).map(|last| last.min(until.through));
        let import = dataset.import.as_ref().map_or(0, |(import, ..)| *import);
        let days = dataset.last.zip(dataset.first).map_or(1, |(last, first)| (last - first).num_days() + 1);
        let per_day = dataset.rows as f64 / days.max(1) as f64;
        (model.key.clone(), (dataset.id, Rows { count, newest, import, revised: 0, per_day }))
    };
    Ok(until.iter().map(rows).collect())
}

/// The part of each log that was added since the first of those who were given it.
fn spans(until: &[(&Model, &Dataset, Until)], given: &HashMap<ModelKey, Vec<Mark>>) -> Vec<Span> {
    let mut first: HashMap<i64, (LogPosition, LogPosition)> = HashMap::new();
    for (model, dataset, _) in until {
        let marks = given.get(&model.key).into_iter().flatten();
        let added_since = marks.map(|mark| mark.entry).filter(|entry| *entry < dataset.entries).min();
        if let Some(entry) = added_since {
            let (after, _) = first.entry(dataset.id).or_insert((entry, dataset.entries));
            *after = entry.min(*after);
        }
    }
    first.into_iter().map(|(dataset, (after, upto))| Span { dataset, after, upto }).collect()
}
