//! The facts about one model, out of what was gathered for many.

use chrono::NaiveDate;
use common::drift::Drift;
use common::settings::Policy;
use common::vocabulary::{Hyper, Mode, ModelKey, Parting, Symbol, Timestamp, Trainable, VersionNumber, WARM_UP_BARS};
use domain::cost::Features;
use domain::decide::{Decline, Facts, FailedTraining, LiveFacts, ModePrices, RolledBack, Tried};

use super::gathered::Gathered;
use super::rows::Rows;
use crate::db::changes::{Fate, Mark};
use crate::db::facts::{Failed, History, Judged, Live};
use crate::db::ledger::Back;
use crate::db::models::Model;
use crate::db::watches::{Watch, Watched};

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
    pub(super) fn unscored(&self, model: &Model) -> u64 {
        let Some(live) = self.histories.get(&model.key).and_then(|history| history.live.as_ref()) else { return 0 };
        let not_given = self.new_rows(model, live.rows, live.mark);
        let watched = self.watches.get(&model.key).filter(|watched| watched.watch.version == live.version);
        watched.map_or(not_given, |Watched { watch, .. }| {
            let scored = live.mark.map(|_| Mark::from(watch.scored));
            not_given.min(self.new_rows(model, watch.rows, scored))
        })
    }

    /// All that decisions are made of.
    pub(super) fn facts(&self, model: &Model, policy: &Policy, now: Timestamp) -> Facts {
        let key = &model.key;
        let rows = self.rows(model);
        let no_history = History::default();
        let history = self.histories.get(key).unwrap_or(&no_history);
        let live = history.live.as_ref();
        let rejected: Vec<&Judged> = history.rejected().collect();
        let last_complete = history.complete().next();
        let without_skill = history.complete().take_while(|version| version.skill.is_some_and(|skill| skill <= 0.0));
        let since = |version: &Judged| self.new_rows(model, version.rows, version.mark);
        let new_rows = live.map_or(rows.count, |live| self.new_rows(model, live.rows, live.mark));
        Facts {
            live: live.map(|live| live_facts(live, self.watches.get(key))),
            rows: rows.count,
            newest: rows.newest,
            new_rows,
            trainable: live.map_or_else(Trainable::default, |live| self.trainable(model, live, policy)),
            tried: self.tried(model, history),
            rolled_back: self.rolled_back(model, live),
            ends_early: live.and_then(|live| self.ends_early(model, live, policy, now)),
            minimum_rows: policy.split().minimum_rows(&model.hyper),
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
            prices: self.prices(model, rows.count, new_rows),
            paused: model.paused.as_ref().map(|pause| (pause.at, pause.reason.clone())),
            active_job: self.active.get(key).copied(),
            data_problem: self.tables.unfit(key),
            failures: self.failures(model, policy),
        }
    }

    /// What trainings of a model will probably cost.
    fn prices(&self, model: &Model, rows: u64, new_rows: u64) -> ModePrices {
        let Some(prices) = self.prices.get(&model.hyper.family()) else { return ModePrices::default() };
        let of = |mode| prices.of(&model.key, &Features::of(&model.hyper, mode, rows, new_rows));
        ModePrices { complete: of(Mode::Complete), incremental: of(Mode::Incremental) }
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
    fn ends_early(&self, model: &Model, live: &Live, policy: &Policy, now: Timestamp) -> Option<NaiveDate> {
        let through = match self.parting(model)? {
            Parting::Bars { .. } => now.date(),
            Parting::Days { .. } => policy.matured_through(now),
            Parting::Hash { .. } => return None,
        };
        (through < live.data_through).then_some(through)
    }

    /// Rows new to the live version that weights could be fitted on.
    fn trainable(&self, model: &Model, live: &Live, policy: &Policy) -> Trainable {
        let Some(parting) = self.parting(model) else { return Trainable::default() };
        let rows = self.rows(model);
        let new = self.new_rows(model, live.rows, live.mark);
        let came = new > 0 || (model.source.is_some() && rows.import > live.import);
        policy.split().newly_trainable(parting, live.rows, live.rows + new, came)
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
    fn failures(&self, model: &Model, policy: &Policy) -> Vec<FailedTraining> {
        let (rows, split) = (self.rows(model), policy.split());
        let of_these = |failed: &&Failed| {
            let same_rows = (failed.import, failed.rows) == (rows.import, rows.count);
            same_rows && failed.source == model.source && failed.split == split
        };
        let failed = self.failed.get(&model.key).into_iter().flatten().filter(of_these);
        let failed_training = |failed: &Failed| FailedTraining {
            mode: failed.mode,
            parent: failed.parent,
            hyper: failed.hyper.clone(),
            reason: failed.reason.clone(),
        };
        failed.map(failed_training).collect()
    }
}

fn live_facts(live: &Live, watched: Option<&Watched>) -> LiveFacts {
    LiveFacts {
        degraded: watched.and_then(|watched| decline(live.version, &watched.watch)),
        drift: watched.and_then(|watched| drift(live.version, &watched.watch)),
        regret: watched.and_then(|watched| regret(live.version, &watched.watch)),
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

fn regret(live: VersionNumber, watch: &Watch) -> Option<f64> {
    let health = watch.health.as_ref().filter(|_| watch.version == live)?;
    Some(health.regret? * health.asked.unwrap_or(1.0))
}

fn drift(live: VersionNumber, watch: &Watch) -> Option<Drift> {
    watch.inputs.as_ref().filter(|inputs| inputs.version == live)?.drift().cloned()
}
