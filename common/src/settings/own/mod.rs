//! A model's own policy: keys of `policy` that it has values of its own for. All others follow the settings.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layers::{self, Given};
use super::policy::{Policy, RetrainWhen};
use super::{Origin, Settings, SettingsError, catalogue};
use crate::nearest::nearest;
use crate::vocabulary::{Family, TrainBetween};

/// The section that a model may have values of its own for.
const SECTION: &str = "policy.";

/// A key that is missing here, or too much, does not compile.
macro_rules! own_policy {
    ($($key:ident: $value:ty),+ $(,)?) => {
        /// The keys of `policy` that a model has values of its own for. Values are in range, and contradict no other of its own.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct OwnPolicy {
            $(#[serde(skip_serializing_if = "Option::is_none")] $key: Option<$value>,)+
        }

        impl OwnPolicy {
            /// The settings with the model's own values in their place.
            fn over(&self, settings: &Policy) -> Policy {
                Policy { $($key: self.$key.unwrap_or(settings.$key),)+ }
            }
        }
    };
}

own_policy! {
    auto_retrain: bool,
    retrain_threshold_days: f64,
    min_new_samples: u32,
    min_new_ratings: u32,
    recommended_new_ratings: u32,
    necessary_new_ratings: u32,
    min_new_texts: u32,
    min_new_records: u32,
    recommender_threshold_days: f64,
    label_delay_days: u32,
    rating_delay_days: u32,
    max_model_age_days: f64,
    force_retrain_age_days: f64,
    max_data_age_days: f64,
    max_increments: u32,
    min_reliability_for_update: f64,
    performance_degradation_threshold: f64,
    performance_alert_threshold: f64,
    performance_recovery_threshold: f64,
    auto_rollback: bool,
    max_degraded_per_day: u32,
    drift_false_alarms: f64,
    min_drift_distance: f64,
    reliability_threshold: f64,
    model_quality_threshold: f64,
    holdout_rows: u32,
    validation_share: f64,
    holdout_share: f64,
    yardstick: bool,
    train_between: TrainBetween,
    retrain_when: RetrainWhen,
    regret_per_second: f64,
}

/// What somebody says about a model's own policy: values by key, as text; none takes a key back to the settings.
pub type PolicyChanges = BTreeMap<String, Option<String>>;

/// A key of the policy that a model is under.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyKey {
    /// Without its section, such as `min_new_samples`.
    pub key: String,
    /// What holds for the model: a number, or yes or no.
    pub value: Value,
    /// Where that comes from.
    pub from: PolicyOrigin,
}

/// Where a value of a model's policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOrigin {
    /// The model has it of its own.
    Own,
    /// The settings have it, from there.
    Settings(Origin),
    /// What the settings have would contradict what the model has of its own, and gives way.
    GivesWay,
}

impl fmt::Display for PolicyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.pad("the model's own"),
            Self::Settings(origin) => origin.fmt(f),
            Self::GivesWay => f.pad("gives way to the model's own"),
        }
    }
}

impl OwnPolicy {
    /// Whether everything follows the settings.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The values it has, by key.
    pub fn values(&self) -> BTreeMap<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields.into_iter().collect(),
            Ok(_) | Err(_) => BTreeMap::new(),
        }
    }

    /// Whether Refit enqueues by itself what it finds due, if the model has a word of its own on it.
    pub fn auto_retrain(&self) -> Option<bool> {
        self.auto_retrain
    }

    /// The same with another word on that; `None`: the settings'.
    #[must_use]
    pub fn with_auto_retrain(self, auto_retrain: Option<bool>) -> Self {
        Self { auto_retrain, ..self }
    }

    /// The policy of the model. Should the settings have come to contradict what it has of its own, they give way.
    pub(super) fn wins_over(&self, settings: &Policy) -> Policy {
        let mut policy = self.over(settings);
        if !self.is_empty() {
            give_way(&mut [
                (&mut policy.min_new_ratings, self.min_new_ratings),
                (&mut policy.recommended_new_ratings, self.recommended_new_ratings),
                (&mut policy.necessary_new_ratings, self.necessary_new_ratings),
            ]);
            give_way(&mut [
                (&mut policy.max_model_age_days, self.max_model_age_days),
                (&mut policy.force_retrain_age_days, self.force_retrain_age_days),
            ]);
            give_way(&mut [
                (&mut policy.performance_recovery_threshold, self.performance_recovery_threshold),
                (&mut policy.performance_degradation_threshold, self.performance_degradation_threshold),
            ]);
        }
        policy
    }
}

/// Values that must ascend: those that are not the model's own keep between those that are.
fn give_way<T: PartialOrd + Copy>(ascending: &mut [(&mut T, Option<T>)]) {
    let own: Vec<Option<T>> = ascending.iter().map(|(_, own)| *own).collect();
    for (place, (value, _)) in ascending.iter_mut().enumerate().filter(|(_, (_, own))| own.is_none()) {
        let (least, most) = (own[..place].iter().flatten().next_back(), own[place..].iter().flatten().next());
        if let Some(least) = least.filter(|least| **value < **least) {
            **value = *least;
        }
        if let Some(most) = most.filter(|most| **value > **most) {
            **value = *most;
        }
    }
}

impl Settings {
    /// A model's own policy with some keys changed, each checked as it would be in the settings.
    ///
    /// # Errors
    /// There is no such key, or it says nothing about models of this family; a value is of the wrong type or out of range.
    pub fn change_policy(
        &self,
        family: Family,
        own: &OwnPolicy,
        changes: &PolicyChanges,
    ) -> Result<OwnPolicy, SettingsError> {
        let (mut values, mut changed_keys) = (own.values(), BTreeSet::new());
        for (name, value) in changes {
            let key = key_of(family, name.strip_prefix(SECTION).unwrap_or(name), &ENTRIES)?;
            if !changed_keys.insert(key.clone()) {
                return Err(invalid(&key, "it is said twice".into()));
            }
            match value {
                None => values.remove(&key),
                Some(text) => values.insert(key.clone(), value_of(&key, text, &ENTRIES)?),
            };
        }
        let whole = Value::Object(values.into_iter().collect());
        serde_json::from_value(whole).map_err(|error| invalid("policy", error.to_string()))
    }

    /// Whether what a model has of its own goes together with itself and with what it has from the settings.
    ///
    /// # Errors
    /// It contradicts them.
    pub fn check_policy(&self, own: &OwnPolicy) -> Result<(), SettingsError> {
        let Some((key, reason)) = own.over(&self.policy.0).contradiction() else { return Ok(()) };
        let name = key.strip_prefix(SECTION).unwrap_or(key);
        let origin = if own.values().contains_key(name) { Origin::Model } else { self.origin(key) };
        let reason = format!("{reason}; a model may have both of its own");
        Err(SettingsError::Invalid { key: key.to_owned(), origin, reason })
    }

    /// The policy that a model is under, key by key, those that say something about its family; and where each value comes from.
    pub fn explain_policy(&self, family: Family, own: &OwnPolicy) -> Vec<PolicyKey> {
        let of = |policy: &Policy| serde_json::to_value(policy).unwrap_or_default();
        let (settings, holds, own) = (of(&self.policy.0), of(&own.wins_over(&self.policy.0)), own.values());
        let explained = |entry: &catalogue::SettingsKey| {
            let key = entry.key.strip_prefix(SECTION)?.to_owned();
            let value = holds.get(&key)?.clone();
            let from = match settings.get(&key) {
                _ if own.contains_key(&key) => PolicyOrigin::Own,
                Some(given) if *given == value => PolicyOrigin::Settings(self.origin(&entry.key)),
                Some(_) | None => PolicyOrigin::GivesWay,
            };
            (name_of(family, &key) == Some(&key)).then_some(PolicyKey { key: key.clone(), value, from })
        };
        ENTRIES.iter().filter_map(explained).collect()
    }
}

/// What the types say of the keys of the section. They are asked once: whoever looks at a model asks for it.
static ENTRIES: LazyLock<Vec<catalogue::SettingsKey>> =
    LazyLock::new(|| catalogue::entries().into_iter().filter(|entry| entry.key.starts_with(SECTION)).collect());

fn invalid(key: &str, reason: String) -> SettingsError {
    SettingsError::Invalid { key: format!("{SECTION}{key}"), origin: Origin::Model, reason }
}

/// The key that is meant by a name for models of a family.
fn key_of(family: Family, name: &str, entries: &[catalogue::SettingsKey]) -> Result<String, SettingsError> {
    let mut known = entries.iter().filter_map(|entry| entry.key.strip_prefix(SECTION));
    if !known.clone().any(|known| known == name) {
        let hint = nearest(name, known.by_ref()).map(|near| format!("{SECTION}{near}"));
        return Err(SettingsError::Unknown { key: format!("{SECTION}{name}"), origin: Origin::Model, hint });
    }
    let foreign = || invalid(name, format!("it says nothing about a model of the family {family}"));
    name_of(family, name).map(str::to_owned).ok_or_else(foreign)
}

/// What a key is called where a family has one of its own in its place; none, if it says nothing about that family.
fn name_of(family: Family, key: &str) -> Option<&str> {
    use Family::{Forecaster, Recommender, Tabular, Text};
    let ours = match key {
        "min_new_samples" => match family {
            Forecaster => key,
            Recommender => "min_new_ratings",
            Text => "min_new_texts",
            Tabular => "min_new_records",
        },
        "retrain_threshold_days" => match family {
            Recommender => "recommender_threshold_days",
            Forecaster | Text | Tabular => key,
        },
        "label_delay_days" => match family {
            Forecaster => return None,
            Recommender => "rating_delay_days",
            Text | Tabular => key,
        },
        "min_new_ratings"
        | "recommended_new_ratings"
        | "necessary_new_ratings"
        | "recommender_threshold_days"
        | "rating_delay_days" => match family {
            Recommender => key,
            Forecaster | Text | Tabular => return None,
        },
        "min_new_texts" => match family {
            Text => key,
            Forecaster | Recommender | Tabular => return None,
        },
        "min_new_records" => match family {
            Tabular => key,
            Forecaster | Recommender | Text => return None,
        },
        "holdout_share" => match family {
            Forecaster => return None,
            Recommender | Text | Tabular => key,
        },
        _ => key,
    };
    Some(ours)
}

/// A value as the settings would take it.
fn value_of(key: &str, text: &str, entries: &[catalogue::SettingsKey]) -> Result<Value, SettingsError> {
    let full = format!("{SECTION}{key}");
    let given = Given { key: full.clone(), value: text.into(), origin: Origin::Model };
    let value = catalogue::values(&layers::alone(given, entries)?).remove(&full).unwrap_or_default();
    let flaw = entries.iter().find(|entry| entry.key == full).and_then(|entry| entry.out_of_range(&value));
    flaw.map_or(Ok(value), |reason| Err(invalid(key, reason)))
}
