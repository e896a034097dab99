//! Rows become facts: what is known of models as of a day, from a handful of statements.

use std::collections::{BTreeMap, HashMap};
use std::slice;

use chrono::NaiveDate;
use common::settings::Settings;
use common::vocabulary::{Hyper, JobId, ModelKey, Parting, Symbol, Timestamp, Trainable, VersionNumber, WARM_UP_BARS};

use super::super::{Result, model};
use super::tables::Tables;
use crate::db::bars::Series;
use crate::db::changes::{Fate, Mark};
use crate::db::facts::{Failed, History, Judged, Live};
use crate::db::ledger::Back;
use crate::db::models::Model;
use crate::db::watches::{Watch, Watched};
use crate::db::{self, Connection, Scope};
use crate::domain::decide::{Decline, Facts, FailedTraining, LiveFacts, RolledBack, Tried};

/// A model and what is known of it.
pub(in super::super) struct Known {
    /// The model.
    pub(in super::super) model: Model,
    /// Its facts.
    pub(in super::super) facts: Facts,
    /// Rows there are that the live version was neither given nor scored on.
    pub(in super::super) unscored: u64,
}

/// What is known of a series up to a day, or of a data set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rows {
    pub(super) count: u64,
    pub(super) newest: Option<NaiveDate>,
    pub(super) import: i64,
    pub(super) revised: i64,
    /// Of a data set: rows of a day, on average.
    pub(super) per_day: f64,
}

/// Everything the statements brought, by model or symbol.
struct Gathered {
    series: HashMap<Symbol, Rows>,
    universal: Rows,
    tables: Tables,
    histories: HashMap<ModelKey, History>,
    active: HashMap<ModelKey, JobId>,
    failed: HashMap<ModelKey, Vec<Failed>>,
    rolled_back: HashMap<ModelKey, Back>,
    watches: HashMap<ModelKey, Watched>,
}

/// The facts about models as of `now`, by key; what there is not is left out. A question about few reads the rows of these alone.
pub(in super::super) async fn facts(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<Known>> {
    let models = db::models::all(view, of).await?;
    let gathered = gather(view, of, &models, settings, now).await?;
    let known =
        |model| Known { facts: gathered.facts(&model, settings, now), unscored: gathered.unscored(&model), model };
    Ok(models.into_iter().map(known).collect())
}

/// The facts about the models asked for, in the order asked, or about all, if none are named.
pub(in super::super) async fn asked(
    view: &mut Connection,
    models: &[ModelKey],
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Known>> {
    let mut known = facts(view, Scope::asked(models), settings, now).await?;
    if let Some(key) = models.iter().find(|key| !known.iter().any(|known| known.model.key == **key)) {
        return Err(model::unknown(view, key).await?);
    }
    known.sort_by_key(|known| models.iter().position(|key| *key == known.model.key));
    Ok(known)
}

/// The facts about a model that must be there.
pub(in super::super) async fn one(
    view: &mut Connection,
    key: &ModelKey,
    settings: &Settings,
    now: Timestamp,
) -> Result<Known> {
    let known = facts(view, Scope::Of(slice::from_ref(key)), settings, now).await?;
    match known.into_iter().next() {
        Some(known) => Ok(known),
        None => Err(model::unknown(view, key).await?),
    }
}

async fn gather(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    models: &[Model],
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Gathered> {
    let all = db::bars::series_of(view, of).await?;
    let series = series(view, all, now).await?;
    let universal = series.values().fold(Rows::default(), |all, one| Rows {
        count: all.count.max(one.count),
        newest: all.newest.max(one.newest),
        import: all.import.max(one.import),
        revised: all.revised.max(one.revised),
        per_day: 0.0,
    });
    let histories = db::facts::histories(view, of).await?;
    let watches = db::watches::all(view, of).await?;
    Ok(Gathered {
        series,
        universal,
        tables: Tables::gather(view, of, models, &given(&histories, &watches), settings, now).await?,
        histories,
        active: db::facts::active(view, of).await?,
        failed: db::facts::failed(view, of).await?,
        rolled_back: db::ledger::rolled_back(view, of).await?,
        watches,
    })
}

/// How far logs were given: to versions, and to the monitoring of the live ones.
fn given(histories: &HashMap<ModelKey, History>, watches: &HashMap<ModelKey, Watched>) -> HashMap<ModelKey, Vec<Mark>> {
    let scored = |key: &ModelKey| watches.get(key).map(|watched| Mark::from(watched.watch.scored));
    histories.iter().map(|(key, history)| (key.clone(), history.marks().chain(scored(key)).collect())).collect()
}

async fn series(
    view: &mut Connection,
    all: BTreeMap<Symbol, Series>,
    now: Timestamp,
) -> db::Result<HashMap<Symbol, Rows>> {
    let cut_short = db::bars::rows_until(view, &all, now.date()).await?;
    let rows = |(symbol, series): (Symbol, Series)| {
        let (count, newest) = if series.last <= now.date() {
            (series.rows, Some(series.last))
        } else {
            cut_short.get(&symbol).map_or((0, None), |(rows, last)| (*rows, Some(*last)))
        };
        (symbol, Rows { count, newest, import: series.import, revised: series.revised, per_day: 0.0 })
    };
    Ok(all.into_iter().map(rows).collect())
}

impl Gathered {
    fn rows(&self, model: &Model) -> Rows {
        let known = match &model.source {
            Some(_) => return self.tables.rows(&model.key),
            None if model.key == ModelKey::universal_forecaster() => Some(&self.universal),
            None => model.key.name().parse::<Symbol>().ok().and_then(|symbol| self.series.get(&symbol)),
        };
        known.copied().unwrap_or_default()
    }

    /// What became of the rows of a model that somebody was given.
    fn since(&self, key: &ModelKey, given: Option<Mark>) -> Fate {
        given.map(|given| self.tables.since(key, given)).unwrap_or_default()
    }

    /// Rows there are that somebody who was given so many was not given: a row that was corrected is none, one that went makes room.
    fn new_rows(&self, model: &Model, rows: u64, given: Option<Mark>) -> u64 {
        (self.rows(model).count + self.since(&model.key, given).gone).saturating_sub(rows)
    }

    /// Rows there are that the live version was neither given nor scored on.
    fn unscored(&self, model: &Model) -> u64 {
        let Some(live) = self.histories.get(&model.key).and_then(|history| history.live.as_ref()) else { return 0 };
        let not_given = self.new_rows(model, live.rows, live.mark);
        let watched = self.watches.get(&model.key).filter(|watched| watched.watch.version == live.version);
        watched.map_or(not_given, |Watched { watch, .. }| {
            let scored = live.mark.map(|_| Mark::from(watch.scored));
            not_given.min(self.new_rows(model, watch.rows, scored))
        })
    }

    fn facts(&self, model: &Model, settings: &Settings, now: Timestamp) -> Facts {
        let key = &model.key;
        let rows = self.rows(model);
        let no_history = History::default();
        let history = self.histories.get(key).unwrap_or(&no_history);
        let live = history.live.as_ref();
        let rejected: Vec<&Judged> = history.rejected().collect();
        let last_complete = history.complete().next();
        let without_skill = history.complete().take_while(|version| version.skill.is_some_and(|skill| skill <= 0.0));
        let since = |version: &Judged| self.new_rows(model, version.rows, version.mark);
        Facts {
            live: live.map(|live| live_facts(live, self.watches.get(key))),
            rows: rows.count,
            newest: rows.newest,
            new_rows: live.map_or(rows.count, |live| self.new_rows(model, live.rows, live.mark)),
            trainable: live.map_or_else(Trainable::default, |live| self.trainable(model, live, settings)),
            tried: self.tried(model, history),
            rolled_back: self.rolled_back(model, live),
            ends_early: live.and_then(|live| self.ends_early(model, live, settings, now)),
            minimum_rows: settings.policy.split().minimum_rows(&model.hyper),
            last_training: history.judged.first().map(|version| version.trained_at),
            schema_changed: live.is_some_and(|live| live.shape != model.hyper.shape(model.source.as_ref())),
            forgotten: live
                .filter(|_| !model.hyper.family().can_forget())
                .map_or(0, |live| self.since(key, live.mark).changed),
            data_revised: live.is_some_and(|live| rows.revised > live.import),
            rejections: rejected.len() as u32,
            last_rejection: rejected.first().map(|version| version.trained_at),
            rows_since_rejection: rejected.first().map_or(0, |version| since(version)),
            completes_without_skill: without_skill.count() as u32,
            last_complete_at: last_complete.map(|version| version.trained_at),
            rows_since_complete: last_complete.map_or(0, since),
            paused: model.paused.as_ref().map(|pause| (pause.at, pause.why.clone())),
            active_job: self.active.get(key).copied(),
            data_problem: self.tables.unfit(key),
            failures: self.failures(model, settings),
        }
    }

    /// How rows are parted; nothing where a model has no rows to read.
    fn parting(&self, model: &Model) -> Option<Parting> {
        match (&model.source, &model.hyper) {
            (Some(source), _) => Some(Parting::of(&source.reading, self.rows(model).per_day)),
            (None, Hyper::Forecaster(hyper)) => Some(Parting::Bars { lead: hyper.window + WARM_UP_BARS }),
            (None, Hyper::Recommender(_) | Hyper::Text(_) | Hyper::Tabular(_)) => None,
        }
    }

    /// The last day whose rows count, if the live version was given rows of later ones, and days say who judges.
    fn ends_early(&self, model: &Model, live: &Live, settings: &Settings, now: Timestamp) -> Option<NaiveDate> {
        let through = match self.parting(model)? {
            Parting::Bars { .. } => now.date(),
            Parting::Days { .. } => settings.policy.of(model.hyper.family()).matured_through(now),
            Parting::Hash { .. } => return None,
        };
        (through < live.data_through).then_some(through)
    }

    /// Rows new to the live version that weights could be fitted on.
    fn trainable(&self, model: &Model, live: &Live, settings: &Settings) -> Trainable {
        let Some(parting) = self.parting(model) else { return Trainable::default() };
        let rows = self.rows(model);
        let new = self.new_rows(model, live.rows, live.mark);
        let came = new > 0 || (model.source.is_some() && rows.import > live.import);
        settings.policy.split().newly_trainable(parting, live.rows, live.rows + new, came)
    }

    /// What was trained since the live version, on the inputs as they are now.
    fn tried(&self, model: &Model, history: &History) -> Option<Tried> {
        let version = history.tried()?;
        let same_inputs = version.shape == model.hyper.shape(model.source.as_ref())
            && self.rows(model).revised <= version.import
            && (model.hyper.family().can_forget() || self.since(&model.key, version.mark).changed == 0);
        same_inputs.then(|| Tried {
            version: version.number,
            waits: !version.rejected,
            rows_since: self.new_rows(model, version.rows, version.mark),
        })
    }

    fn rolled_back(&self, model: &Model, live: Option<&Live>) -> Option<RolledBack> {
        let Back { version, from, at, reason, rows } = self.rolled_back.get(&model.key)?;
        live.filter(|live| live.version == *version)?;
        let rows_since = self.rows(model).count.saturating_sub(*rows);
        Some(RolledBack { from: *from, at: *at, reason: reason.clone(), rows_since })
    }

    /// Trainings of the very rows that there are, read and parted as they would be now, that failed because of them.
    fn failures(&self, model: &Model, settings: &Settings) -> Vec<FailedTraining> {
        let (rows, split) = (self.rows(model), settings.policy.split());
        let of_these = |failed: &&Failed| {
            let same_rows = (failed.import, failed.rows) == (rows.import, rows.count);
            same_rows && failed.source == model.source && failed.split == split
        };
        let failed = self.failed.get(&model.key).into_iter().flatten().filter(of_these);
        let told = |failed: &Failed| FailedTraining {
            mode: failed.mode,
            parent: failed.parent,
            hyper: failed.hyper.clone(),
            why: failed.why.clone(),
        };
        failed.map(told).collect()
    }
}

fn live_facts(live: &Live, watched: Option<&Watched>) -> LiveFacts {
    LiveFacts {
        degraded: watched.and_then(|watched| decline(live.version, &watched.watch)),
        version: live.version,
        trained_at: live.trained_at,
        reliability: live.reliability,
        increments: live.increments,
        data_through: live.data_through,
        rows: live.rows,
    }
}

fn decline(live: VersionNumber, watch: &Watch) -> Option<Decline> {
    let health = watch.health.as_ref().filter(|health| watch.version == live && health.condition.is_degraded())?;
    Some(Decline { rise: health.rise?, window: health.window, one_of: None })
}
