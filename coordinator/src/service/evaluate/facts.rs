//! Rows become facts: what is known of every model as of a day, from a handful of statements.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use common::settings::Settings;
use common::vocabulary::{JobId, Mode, ModelKey, Symbol, Timestamp, VersionNumber};

use super::tables::Tables;
use crate::db::bars::Series;
use crate::db::facts::{Broken, History, Judged, Live};
use crate::db::models::Model;
use crate::db::watches::{Watch, Watched};
use crate::db::{self, Connection};
use crate::domain::decide::{Decline, Facts, LiveFacts};

/// A model and what is known of it.
pub(in super::super) struct Known {
    /// The model.
    pub(in super::super) model: Model,
    /// Its facts.
    pub(in super::super) facts: Facts,
}

/// What is known of a series up to a day, or of a data set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rows {
    pub(super) count: u64,
    pub(super) newest: Option<NaiveDate>,
    pub(super) import: i64,
    pub(super) revised: i64,
}

/// Everything the statements brought, by model or symbol.
struct Gathered {
    series: HashMap<Symbol, Rows>,
    universal: Rows,
    tables: Tables,
    histories: HashMap<ModelKey, History>,
    active: HashMap<ModelKey, JobId>,
    broken: HashMap<ModelKey, Broken>,
    watches: HashMap<ModelKey, Watched>,
}

/// The facts about every model as of `now`, by key.
pub(in super::super) async fn all(
    view: &mut Connection,
    settings: &Settings,
    now: Timestamp,
) -> db::Result<Vec<Known>> {
    let models = db::models::all(view).await?;
    let gathered = gather(view, &models, settings, now).await?;
    Ok(models.into_iter().map(|model| Known { facts: gathered.facts(&model, settings), model }).collect())
}

async fn gather(view: &mut Connection, models: &[Model], settings: &Settings, now: Timestamp) -> db::Result<Gathered> {
    let cut_short = db::bars::rows_until(view, now.date()).await?;
    let series = series(db::bars::all_series(view).await?, &cut_short, now);
    let universal = series.values().fold(Rows::default(), |all, one| Rows {
        count: all.count.max(one.count),
        newest: all.newest.max(one.newest),
        import: all.import.max(one.import),
        revised: all.revised.max(one.revised),
    });
    let histories = db::facts::histories(view).await?;
    Ok(Gathered {
        series,
        universal,
        tables: Tables::gather(view, models, &histories, settings, now).await?,
        histories,
        active: db::facts::active(view).await?,
        broken: db::facts::broken(view).await?,
        watches: db::watches::all(view).await?,
    })
}

fn series(
    all: BTreeMap<Symbol, Series>,
    cut_short: &BTreeMap<Symbol, (u64, NaiveDate)>,
    now: Timestamp,
) -> HashMap<Symbol, Rows> {
    all.into_iter()
        .map(|(symbol, series)| {
            let (count, newest) = if series.last <= now.date() {
                (series.rows, Some(series.last))
            } else {
                cut_short.get(&symbol).map_or((0, None), |(rows, last)| (*rows, Some(*last)))
            };
            (symbol, Rows { count, newest, import: series.import, revised: series.revised })
        })
        .collect()
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

    fn facts(&self, model: &Model, settings: &Settings) -> Facts {
        let key = &model.key;
        let rows = self.rows(model);
        let history = self.histories.get(key);
        let live = history.and_then(|history| history.live.as_ref());
        let judged = history.map_or(&[][..], |history| &history.judged);
        let rejected: Vec<&Judged> =
            judged.iter().take_while(|version| version.rejected && !version.ever_live).collect();
        let last_complete = judged.iter().find(|version| version.mode != Mode::Incremental);
        let without_skill = judged
            .iter()
            .filter(|version| version.mode != Mode::Incremental)
            .take_while(|version| version.skill.is_some_and(|skill| skill <= 0.0));
        Facts {
            live: live.map(|live| live_facts(live, self.watches.get(key))),
            rows: rows.count,
            newest: rows.newest,
            new_rows: rows.count.saturating_sub(live.map_or(0, |live| live.rows)),
            minimum_rows: settings.policy.split().minimum_rows(&model.hyper),
            last_training: judged.first().map(|version| version.trained_at),
            schema_changed: live.is_some_and(|live| live.shape != model.hyper.shape(model.source.as_ref())),
            forgotten: self.tables.forgotten(key),
            data_revised: live.is_some_and(|live| rows.revised > live.import),
            rejections: rejected.len() as u32,
            last_rejection: rejected.first().map(|version| version.trained_at),
            rows_since_rejection: rejected.first().map_or(0, |version| rows.count.saturating_sub(version.rows)),
            completes_without_skill: without_skill.count() as u32,
            last_complete_at: last_complete.map(|version| version.trained_at),
            rows_since_complete: last_complete.map_or(0, |version| rows.count.saturating_sub(version.rows)),
            paused: model.paused.as_ref().map(|pause| (pause.at, pause.why.clone())),
            active_job: self.active.get(key).copied(),
            data_problem: self
                .broken
                .get(key)
                // Other rows, or other columns of them, may be whole.
                .filter(|broken| broken.import >= rows.import && broken.source == model.source)
                .map(|broken| broken.why.clone())
                .or_else(|| self.tables.unfit(key)),
        }
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
