//! What is said about a model's own policy.

use std::collections::BTreeMap;

use common::settings::{OwnPolicy, PolicyChanges, Settings};

use crate::db::models::Model;
use crate::service::error::{Error, Result};
use crate::views::PolicyValue;

/// The key that has a place of its own in requests.
const AUTO_RETRAIN: &str = "auto_retrain";
/// Takes a key back to the settings, as nothing does.
const DEFAULT: &str = "default";

/// What becomes of values that contradict those of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// Whoever says them is told.
    Refused,
    /// The settings give way: they were said before, under other settings.
    GivesWay,
}

/// Whether it is trained by itself, and values by key.
type RequestedPolicy = (Option<bool>, Option<BTreeMap<String, PolicyValue>>);

/// What the model has of its own from here on.
pub(super) fn changed(
    settings: &Settings,
    model: &Model,
    requested: RequestedPolicy,
    conflict: Conflict,
) -> Result<OwnPolicy> {
    let (auto_retrain, values) = requested;
    let mut changes: PolicyChanges = values.into_iter().flatten().map(|(key, value)| (key, text(value))).collect();
    if let Some(on) = auto_retrain
        && changes.insert(AUTO_RETRAIN.into(), Some(on.to_string())).is_some()
    {
        return Err(Error::invalid("auto_retrain is said twice: by itself, and in policy"));
    }
    if changes.is_empty() {
        return Ok(model.policy.clone());
    }
    let own = settings.change_policy(model.hyper.family(), &model.policy, &changes)?;
    match conflict {
        Conflict::Refused => settings.check_policy(&own)?,
        Conflict::GivesWay => {}
    }
    Ok(own)
}

/// As it would stand in the environment; nothing, if it is to be that of the settings.
fn text(value: PolicyValue) -> Option<String> {
    match value {
        PolicyValue::Flag(on) => Some(on.to_string()),
        PolicyValue::Number(number) => Some(number.to_string()),
        PolicyValue::Settings => None,
        PolicyValue::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text != DEFAULT),
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::{Category, Family};

    use super::*;

    #[test]
    fn values_come_as_numbers_flags_or_text() {
        let key = "text/toxicity".parse().unwrap();
        let model = Model::new(key, Family::Text, Category::Other("other".into()));
        let own = |requested: &str| {
            let values: BTreeMap<String, PolicyValue> = serde_json::from_str(requested).unwrap();
            let own = changed(&Settings::default(), &model, (None, Some(values)), Conflict::Refused)?;
            Ok::<_, Error>(serde_json::to_string(&own.values()).unwrap())
        };
        for (requested, stored) in [
            (r#"{"min_new_samples": 30}"#, r#"{"min_new_texts":30}"#),
            (r#"{"min_new_samples": 30.0}"#, r#"{"min_new_texts":30}"#),
            (r#"{"min_new_samples": "30"}"#, r#"{"min_new_texts":30}"#),
            (r#"{"auto_rollback": false, "holdout_share": 0.2}"#, r#"{"auto_rollback":false,"holdout_share":0.2}"#),
            (r#"{"min_new_samples": null, "max_increments": "default", "yardstick": " "}"#, "{}"),
        ] {
            assert_eq!(own(requested).unwrap(), stored);
        }
        let half = own(r#"{"min_new_samples": 30.5}"#).unwrap_err().to_string();
        assert!(half.starts_with("policy.min_new_texts (the model's own)"), "{half}");
        let both = (Some(true), Some([("auto_retrain".to_owned(), PolicyValue::Flag(false))].into()));
        assert!(changed(&Settings::default(), &model, both, Conflict::Refused).is_err());
    }

    /// What a backup says of a model is put back, whatever the settings have come to be.
    #[test]
    fn what_contradicts_the_settings_is_only_refused_where_somebody_can_mend_it() {
        let key = "recommender/movies".parse().unwrap();
        let model = Model::new(key, Family::Recommender, Category::Other("other".into()));
        let requested = || (None, Some([("min_new_ratings".to_owned(), PolicyValue::Number(600.0))].into()));
        let settings = Settings::default();
        assert!(changed(&settings, &model, requested(), Conflict::Refused).is_err());
        let own = changed(&settings, &model, requested(), Conflict::GivesWay).unwrap();
        assert_eq!(settings.policy.of(Family::Recommender, &own).recommended_new_ratings, 600);
    }
}
