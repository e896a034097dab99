//! `policy`

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OwnPolicy;
use crate::vocabulary::{Family, SplitPolicy, Timestamp, TrainBetween};

const DAYS_A_YEAR: f64 = 365.25;
/// However rarely a model is trained: what is said of its inputs should mostly be true.
const MOST_DRIFT_CHANCE: f64 = 0.05;

/// What the settings say about all models. No figure can be read off it: what holds for a model, [`of`](Self::of) says together with
/// what that model has of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Policies(pub(super) Policy);

impl From<Policy> for Policies {
    fn from(policy: Policy) -> Self {
        Self(policy)
    }
}

impl Policies {
    /// The policy of a model of this family that has these values of its own.
    pub fn of(&self, family: Family, own: &OwnPolicy) -> Policy {
        own.wins_over(&self.0).of(family)
    }
}

/// When a model is retrained, and how it is judged: of one model, or what the settings say about all ([`Policies`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether Refit enqueues by itself what it finds due; else it only recommends.
    pub auto_retrain: bool,
    /// Cool-down: days between two automatic trainings of a model.
    #[schemars(range(min = 0.0, max = 3650.0))]
    pub retrain_threshold_days: f64,
    /// New rows from which an incremental training is due.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_new_samples: u32,
    /// New ratings from which a training of a recommender is worth considering: it takes place when somebody asks.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_new_ratings: u32,
    /// New ratings from which it is recommended: Refit trains by itself. At least `min_new_ratings`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub recommended_new_ratings: u32,
    /// New ratings from which it is said to be necessary. At least `recommended_new_ratings`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub necessary_new_ratings: u32,
    /// New labelled texts from which an incremental training of a classifier is due.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_new_texts: u32,
    /// New records from which an incremental training of a tabular model is due.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_new_records: u32,
    /// Cool-down of recommenders: days between two automatic trainings of one.
    #[schemars(range(min = 0.0, max = 3650.0))]
    pub recommender_threshold_days: f64,
    /// Whole days that must have passed before the label of a row of a data set is taken as final; younger rows are not trained on,
    /// counted or scored.
    #[schemars(range(min = 0, max = 3650))]
    pub label_delay_days: u32,
    /// The same for ratings.
    #[schemars(range(min = 0, max = 3650))]
    pub rating_delay_days: u32,
    /// Days after which a version is too old.
    #[schemars(range(min = 0.0, max = 3650.0))]
    pub max_model_age_days: f64,
    /// Days after which a version is trained completely anew. At least `max_model_age_days`.
    #[schemars(range(min = 0.0, max = 3650.0))]
    pub force_retrain_age_days: f64,
    /// Days after which the newest row counts as old: what rests on it says so.
    #[schemars(range(min = 0.0, max = 36500.0))]
    pub max_data_age_days: f64,
    /// Incremental trainings on one complete training before the next complete one.
    #[schemars(range(min = 0, max = 1000))]
    pub max_increments: u32,
    /// Reliability below which an incremental training is not enough.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_reliability_for_update: f64,
    /// Relative rise of the live loss, as a share of the baseline's, from which a version counts as degraded.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub performance_degradation_threshold: f64,
    /// The same from which somebody should know.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub performance_alert_threshold: f64,
    /// Down to here a degraded version stays so. At most `performance_degradation_threshold`.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub performance_recovery_threshold: f64,
    /// Whether a live version that does worse than the one before it is taken back by itself.
    pub auto_rollback: bool,
    /// Most models a day that are trained again for degradation alone; more at once speak of the world, not of the models.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_degraded_per_day: u32,
    /// How often a year, at most, inputs of a model may be said to have drifted that have not: the fewer, the larger a change has to be.
    /// 0: inputs are not looked at.
    #[schemars(range(min = 0.0, max = 12.0))]
    pub drift_false_alarms: f64,
    /// Difference of shares up to which a change of an input does not matter, however certain it is.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_drift_distance: f64,
    /// Reliability below which a forecast is not used.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub reliability_threshold: f64,
    /// Reliability above which a model waits longer for its next training.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub model_quality_threshold: f64,
    /// Newest rows (dates) that nothing is fitted on: the gate judges on them.
    #[schemars(range(min = 40, max = 2000))]
    pub holdout_rows: u32,
    /// Share of the other rows, the newest, for early stopping and calibration.
    #[schemars(range(min = 0.05, max = 0.5))]
    pub validation_share: f64,
    /// Of the rows of a data set: the share, the newest, that nothing is fitted on; at least `holdout_rows`.
    #[schemars(range(min = 0.01, max = 0.5))]
    pub holdout_share: f64,
    /// Whether an incremental training also trains completely on the same rows and reports the gap.
    pub yardstick: bool,
    /// The hours in which trainings are asked for, such as `22:00-06:00`, by the clocks of `schedules.zone`; `always` for any. Who forces
    /// one does not wait for them.
    #[schemars(with = "String")]
    pub train_between: TrainBetween,
    /// What a training is weighed by. `rules`: by age, new rows, drift and decline. `cost`: by regret against its predicted seconds; what
    /// cannot be used as it is, and the limits of age, are as by the rules.
    #[schemars(with = "String")]
    pub retrain_when: RetrainWhen,
    /// With `cost`: so much regret is worth a second of training. Regret is what a live version has lost beyond what was to be expected at its
    /// promotion, in losses of its baseline on one row, times the questions that it is asked for each row that comes.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub regret_per_second: f64,
}

/// What a training is weighed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetrainWhen {
    /// By the rules.
    #[default]
    Rules,
    /// By what it costs.
    Cost,
}

impl Default for Policy {
    fn default() -> Self {
        let split = SplitPolicy::default();
        Self {
            auto_retrain: true,
            retrain_threshold_days: 7.0,
            min_new_samples: 20,
            min_new_ratings: 100,
            recommended_new_ratings: 500,
            necessary_new_ratings: 1000,
            min_new_texts: 100,
            min_new_records: 50,
            recommender_threshold_days: 1.0,
            label_delay_days: 0,
            rating_delay_days: 0,
            max_model_age_days: 30.0,
            force_retrain_age_days: 45.0,
            max_data_age_days: 30.0,
            max_increments: 5,
            min_reliability_for_update: 0.5,
            performance_degradation_threshold: 0.15,
            performance_alert_threshold: 0.2,
            performance_recovery_threshold: 0.05,
            auto_rollback: true,
            max_degraded_per_day: 20,
            drift_false_alarms: 1.0,
            min_drift_distance: 0.1,
            reliability_threshold: 0.6,
            model_quality_threshold: 0.7,
            holdout_rows: split.holdout_rows,
            validation_share: split.validation_share,
            holdout_share: split.holdout_share,
            yardstick: false,
            train_between: TrainBetween::Always,
            retrain_when: RetrainWhen::Rules,
            regret_per_second: 1.0,
        }
    }
}

impl Policy {
    /// The same policy with the figures of a family in the place of the general ones.
    #[must_use]
    pub fn of(&self, family: Family) -> Self {
        match family {
            // The return of a bar is known when it comes.
            Family::Forecaster => Self { label_delay_days: 0, ..self.clone() },
            Family::Recommender => Self {
                min_new_samples: self.min_new_ratings,
                retrain_threshold_days: self.recommender_threshold_days,
                label_delay_days: self.rating_delay_days,
                ..self.clone()
            },
            Family::Text => Self { min_new_samples: self.min_new_texts, ..self.clone() },
            Family::Tabular => Self { min_new_samples: self.min_new_records, ..self.clone() },
        }
    }

    /// The same policy, but that so many new rows are enough to ask for a training, and fewer are not.
    #[must_use]
    pub fn with_enough_new(&self, rows: u32) -> Self {
        Self {
            min_new_samples: rows,
            min_new_texts: rows,
            min_new_records: rows,
            min_new_ratings: rows,
            recommended_new_ratings: self.recommended_new_ratings.max(rows),
            necessary_new_ratings: self.necessary_new_ratings.max(rows),
            ..self.clone()
        }
    }

    /// What so many new rows ask of a family.
    pub fn bands(&self, family: Family) -> Bands {
        let at_once = |rows: u32| Bands { consider: rows, recommended: rows, necessary: None };
        match family {
            Family::Forecaster => at_once(self.min_new_samples),
            Family::Text => at_once(self.min_new_texts),
            Family::Tabular => at_once(self.min_new_records),
            Family::Recommender => Bands {
                consider: self.min_new_ratings,
                recommended: self.recommended_new_ratings,
                necessary: Some(self.necessary_new_ratings),
            },
        }
    }

    /// The last day whose rows have matured, for a policy [of a family](Self::of). Without a delay it is today; else a day counts
    /// once the delay has passed since its end.
    pub fn matured_through(&self, now: Timestamp) -> NaiveDate {
        match self.label_delay_days {
            0 => now.date(),
            days => now.plus_seconds(1.0).plus_days(-f64::from(days) - 1.0).date(),
        }
    }

    /// The chance of a false alarm of drift that each version has: versions follow one another no faster than the cool-down lets them,
    /// and together they may raise so many a year. Nothing where inputs are not looked at.
    pub fn drift_chance(&self) -> Option<f64> {
        let of_version = self.drift_false_alarms * self.retrain_threshold_days.max(1.0) / DAYS_A_YEAR;
        (of_version > 0.0).then(|| of_version.min(MOST_DRIFT_CHANCE))
    }

    /// How rows are parted.
    pub fn split(&self) -> SplitPolicy {
        SplitPolicy {
            holdout_rows: self.holdout_rows,
            validation_share: self.validation_share,
            holdout_share: self.holdout_share,
        }
    }

    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        let (age, new) = (self.max_model_age_days, f64::from(self.min_new_ratings));
        let recommended = f64::from(self.recommended_new_ratings);
        let ascending = [
            ("policy.force_retrain_age_days", self.force_retrain_age_days, "policy.max_model_age_days", age),
            ("policy.recommended_new_ratings", recommended, "policy.min_new_ratings", new),
            (
                "policy.necessary_new_ratings",
                f64::from(self.necessary_new_ratings),
                "policy.recommended_new_ratings",
                recommended,
            ),
            (
                "policy.performance_degradation_threshold",
                self.performance_degradation_threshold,
                "policy.performance_recovery_threshold",
                self.performance_recovery_threshold,
            ),
        ];
        let (key, _, other, least) = ascending.into_iter().find(|(_, value, _, least)| value < least)?;
        Some((key, format!("it must not be less than {other}, which is {least}")))
    }
}

/// From how many new rows on a training is worth considering, recommended and necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands {
    /// It takes place when somebody asks.
    pub consider: u32,
    /// Refit trains by itself.
    pub recommended: u32,
    /// It is overdue; not every family knows that.
    pub necessary: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row's label is final once the delay has passed since the end of its day.
    #[test]
    fn days_mature_whole() {
        let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
        let of = |label_delay_days| Policy { label_delay_days, ..Policy::default() };
        let noon = Timestamp::end_of(day(10)).plus_days(-0.5);
        for (days, through_noon, through_midnight) in [(0, 10, 10), (1, 8, 9), (7, 2, 3)] {
            assert_eq!(of(days).matured_through(noon), day(through_noon));
            assert_eq!(of(days).matured_through(Timestamp::end_of(day(10))), day(through_midnight));
        }
        assert_eq!(of(7).of(Family::Forecaster).label_delay_days, 0);
        assert_eq!(Policy { rating_delay_days: 2, ..of(7) }.of(Family::Recommender).label_delay_days, 2);
    }

    /// A1: whatever the cool-down, the versions of a year together raise no more false alarms than that.
    #[test]
    fn false_alarms_of_drift_are_shared_out_among_the_versions_of_a_year() {
        let policy = |drift_false_alarms, retrain_threshold_days| Policy {
            drift_false_alarms,
            retrain_threshold_days,
            ..Policy::default()
        };
        let of = |alarms, days| policy(alarms, days).drift_chance();
        assert_eq!(of(0.0, 7.0), None);
        assert_eq!(of(1.0, 0.0), of(1.0, 1.0));
        for (alarms, days) in [(1.0, 1.0), (1.0, 7.0), (0.5, 14.0), (2.0, 1.0)] {
            let a_year = of(alarms, days).unwrap() * DAYS_A_YEAR / days;
            assert!((a_year - alarms).abs() < 1e-9, "{alarms} {days}: {a_year}");
        }
        assert_eq!(of(12.0, 365.0), Some(MOST_DRIFT_CHANCE));
    }
}
