//! What a version was scored on so far: the rows it was promoted by, and those that have come since.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;
use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::settings::Policy;
use common::vocabulary::{Family, ModelKey, VersionNumber};
use domain::judge::{Fleet, Pairing, Skill};
use domain::monitor::{Bound, Condition, Health, Record, Thresholds, assess, bound};

use crate::db::{self, Connection, scores::Score, versions::Version};
use crate::service::error::Result;

/// Rows of a version that are looked at, the newest.
const MOST_ROWS: u32 = 50_000;

/// The losses of one of them as rows of its own.
pub(super) fn scores(losses: &RowLosses, who: Contestant, baseline: Contestant) -> Vec<Score> {
    let score = |row: &LossRow| {
        let (ours, theirs) = (row.of(who)?, row.of(baseline)?);
        let (key, unit) = (row.key.clone(), row.unit.clone());
        Some(Score { date: row.date, key, unit, loss: ours.loss, baseline: theirs.loss, arrived: true })
    };
    losses.0.iter().filter_map(score).collect()
}

/// The skills of whole families, each read once however many of its models are looked at.
#[derive(Default)]
pub(super) struct Fleets(HashMap<Family, Fleet>);

impl Fleets {
    async fn of(&mut self, view: &mut Connection, family: Family) -> Result<&Fleet> {
        Ok(match self.0.entry(family) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(db::versions::fleet(view, family).await?),
        })
    }
}

/// What a version was scored on so far.
pub(super) struct ScoreHistory {
    scores: Vec<Score>,
    pairing: Pairing,
    baseline: Contestant,
}

impl ScoreHistory {
    pub(super) async fn read(view: &mut Connection, version: &Version, baseline: Contestant) -> Result<Self> {
        let scores = db::scores::newest(view, &version.model, version.number, MOST_ROWS).await?;
        Ok(Self { scores, pairing: Pairing::of(version.manifest.hyper.family()), baseline })
    }

    fn losses<'a>(&self, scores: impl Iterator<Item = &'a Score>) -> RowLosses {
        RowLosses(scores.map(|score| row(score, self.baseline, score.baseline)).collect())
    }

    /// Reliability follows all rows that the version had not seen, those of the gate and those since.
    pub(super) async fn trust(
        &self,
        view: &mut Connection,
        version: &Version,
        fleets: &mut Fleets,
    ) -> Result<Option<(Skill, Option<f64>)>> {
        let losses = self.losses(self.scores.iter());
        let Some(skill) = Skill::of(&losses, Contestant::Challenger, self.baseline, self.pairing) else {
            return Ok(None);
        };
        let fleet = fleets.of(view, version.manifest.hyper.family()).await?;
        Ok(Some((skill, fleet.reliability(&version.model, skill))))
    }

    pub(super) fn health(&self, policy: &Policy, before: Option<Condition>) -> Health {
        let thresholds = Thresholds {
            armed: policy.performance_degradation_threshold,
            alert: policy.performance_alert_threshold,
            disarmed: policy.performance_recovery_threshold,
        };
        let held_out = self.losses(self.scores.iter().filter(|score| !score.arrived));
        let arrived = self.losses(self.scores.iter().filter(|score| score.arrived));
        let record = Record { held_out: &held_out, arrived: &arrived, pairing: self.pairing, baseline: self.baseline };
        assess(&record, &thresholds, before)
    }

    /// The version against the one before it, on what has come and both were scored on.
    pub(super) async fn against(
        &self,
        view: &mut Connection,
        key: &ModelKey,
        other: VersionNumber,
    ) -> Result<Option<Bound>> {
        let others = db::scores::newest(view, key, other, MOST_ROWS).await?;
        let others: HashMap<(NaiveDate, &str), f64> =
            others.iter().map(|score| ((score.date, score.key.as_str()), score.loss)).collect();
        let both = self.scores.iter().filter(|score| score.arrived).filter_map(|score| {
            let other = others.get(&(score.date, score.key.as_str()))?;
            Some(row(score, Contestant::Champion, *other))
        });
        let losses = RowLosses(both.collect());
        Ok(bound(&self.pairing.pair(&losses, Contestant::Challenger, Contestant::Champion)))
    }
}

fn row(score: &Score, other: Contestant, loss: f64) -> LossRow {
    let scored = |loss| Scored { loss, prediction: 0.0 };
    LossRow {
        date: score.date,
        key: score.key.clone(),
        unit: score.unit.clone(),
        target: 0.0,
        scores: vec![(Contestant::Challenger, scored(score.loss)), (other, scored(loss))],
    }
}
