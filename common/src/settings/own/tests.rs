//! A model's own policy: what is taken, what is refused, and what holds.

use proptest::prelude::*;

use super::super::Sources;
use super::{OwnPolicy, Policy, PolicyChanges, PolicyOrigin, Settings, catalogue};
use crate::vocabulary::Family::{self, Forecaster, Recommender, Tabular, Text};

fn changes(said: &[(&str, &str)]) -> PolicyChanges {
    let change = |(key, value): &(&str, &str)| ((*key).to_owned(), Some((*value).to_owned()).filter(|v| !v.is_empty()));
    said.iter().map(change).collect()
}

/// What a model has of its own once this is said, on the settings as they come.
fn own(family: Family, said: &[(&str, &str)]) -> Result<OwnPolicy, String> {
    let settings = Settings::default();
    let own =
        settings.change_policy(family, &OwnPolicy::default(), &changes(said)).map_err(|error| error.to_string())?;
    settings.check_policy(&own).map_err(|error| error.to_string())?;
    Ok(own)
}

fn shown(own: &OwnPolicy) -> String {
    serde_json::to_string(&own.values()).unwrap()
}

/// Every key of the section can be a model's own, and reaches the policy of some family.
#[test]
fn every_key_can_be_a_models_own() {
    let keys: Vec<String> = catalogue::entries().into_iter().map(|entry| entry.key).collect();
    let keys: Vec<&str> = keys.iter().filter_map(|key| key.strip_prefix("policy.")).collect();
    assert_eq!(keys.len(), serde_json::to_value(Policy::default()).unwrap().as_object().unwrap().len());
    for key in keys {
        let holds = |family: Family| {
            let value = match key {
                "auto_retrain" | "auto_rollback" => "false",
                "yardstick" => "true",
                "train_between" => "22:00-06:00",
                "retrain_when" => "cost",
                "necessary_new_ratings" => "2000",
                "recommended_new_ratings" => "700",
                "performance_recovery_threshold" | "validation_share" | "holdout_share" | "min_drift_distance" => {
                    "0.12"
                }
                "drift_false_alarms" => "2",
                key if key.ends_with("_threshold") || key == "min_reliability_for_update" => "0.9",
                "force_retrain_age_days" => "60",
                "max_model_age_days" => "20",
                _ => "44",
            };
            let own = own(family, &[(key, value)]).ok()?;
            let policies = Settings::default().policy;
            Some(policies.of(family, &own) != policies.of(family, &OwnPolicy::default()))
        };
        let families: Vec<bool> = Family::ALL.iter().copied().filter_map(holds).collect();
        assert!(!families.is_empty() && families.iter().all(|holds| *holds), "{key}: {families:?}");
    }
}

#[test]
fn a_general_name_means_the_key_of_the_family() {
    for (family, said, stored) in [
        (Forecaster, ("min_new_samples", "30"), r#"{"min_new_samples":30}"#),
        (Forecaster, ("policy.min_new_samples", "30"), r#"{"min_new_samples":30}"#),
        (Text, ("min_new_samples", "30"), r#"{"min_new_texts":30}"#),
        (Tabular, ("min_new_samples", "30"), r#"{"min_new_records":30}"#),
        (Recommender, ("min_new_samples", "30"), r#"{"min_new_ratings":30}"#),
        (Recommender, ("retrain_threshold_days", "2"), r#"{"recommender_threshold_days":2.0}"#),
        (Recommender, ("label_delay_days", "2"), r#"{"rating_delay_days":2}"#),
        (Text, ("label_delay_days", "2"), r#"{"label_delay_days":2}"#),
        (Text, ("auto_retrain", "false"), r#"{"auto_retrain":false}"#),
    ] {
        assert_eq!(shown(&own(family, &[said]).unwrap()), stored);
    }
}

/// In the words of the settings.
#[test]
fn what_the_settings_would_refuse_is_refused() {
    for (family, said, reason) in [
        (
            Text,
            &[("min_new_text", "30")][..],
            "there is no setting \"policy.min_new_text\" (the model's own); did you mean policy.min_new_texts?",
        ),
        (Text, &[("qqqqqqqq", "30")], "there is no setting \"policy.qqqqqqqq\" (the model's own)"),
        (Text, &[("holdout_rows", "5")], "policy.holdout_rows (the model's own): 5 is out of range: 40 to 2000"),
        (Text, &[("min_new_texts", "0")], "policy.min_new_texts (the model's own): 0 is out of range: 1 to 1000000"),
        (
            Text,
            &[("validation_share", "NaN")],
            "policy.validation_share (the model's own): a finite number is needed: 0.05 to 0.5",
        ),
        (
            Text,
            &[("holdout_rows", "many")],
            "policy.holdout_rows (the model's own): string \"many\", but an integer is needed",
        ),
        (
            Forecaster,
            &[("min_new_texts", "30")],
            "policy.min_new_texts (the model's own): it says nothing about a model of the family forecaster",
        ),
        (
            Forecaster,
            &[("label_delay_days", "3")],
            "policy.label_delay_days (the model's own): it says nothing about a model of the family forecaster",
        ),
        (
            Text,
            &[("min_new_samples", "30"), ("min_new_texts", "40")],
            "policy.min_new_texts (the model's own): it is said twice",
        ),
        (
            Text,
            &[("force_retrain_age_days", "10")],
            "policy.force_retrain_age_days (the model's own): it must not be less than policy.max_model_age_days, which is 30; a model may have both of its own",
        ),
        (
            Recommender,
            &[("min_new_ratings", "600")],
            "policy.recommended_new_ratings (default): it must not be less than policy.min_new_ratings, which is 600; a model may have both of its own",
        ),
        (
            Text,
            &[("performance_recovery_threshold", "0.5")],
            "policy.performance_degradation_threshold (default): it must not be less than policy.performance_recovery_threshold, which is 0.5; a model may have both of its own",
        ),
    ] {
        assert_eq!(own(family, said).unwrap_err(), reason);
    }
    own(Recommender, &[("min_new_ratings", "600"), ("recommended_new_ratings", "700")]).unwrap();
}

#[test]
fn a_key_is_changed_or_taken_back_and_the_others_stay() {
    let settings = Settings::default();
    let before = own(Text, &[("min_new_texts", "30"), ("max_increments", "2")]).unwrap();
    let change = |said: &[(&str, &str)]| shown(&settings.change_policy(Text, &before, &changes(said)).unwrap());
    assert_eq!(change(&[("max_increments", "3")]), r#"{"max_increments":3,"min_new_texts":30}"#);
    assert_eq!(change(&[("max_increments", "")]), r#"{"min_new_texts":30}"#);
    assert_eq!(change(&[("min_new_samples", ""), ("max_increments", "")]), "{}");
    assert_eq!(change(&[]), shown(&before));
}

#[test]
fn what_is_not_a_models_own_follows_the_settings() {
    let own = own(Text, &[("min_new_texts", "30")]).unwrap();
    let variables = [("REFIT_POLICY__MIN_NEW_TEXTS", "70"), ("REFIT_POLICY__MAX_INCREMENTS", "9")];
    let sources = variables.into_iter().fold(Sources::none(), |all, (name, value)| all.with_variable(name, value));
    let settings = Settings::load(&sources).unwrap();
    let policy = settings.policy.of(Text, &own);
    assert_eq!((policy.min_new_samples, policy.bands(Text).recommended, policy.max_increments), (30, 30, 9));
    let explained = settings.explain_policy(Text, &own);
    let of = |key: &str| {
        let found = explained.iter().find(|found| found.key == key).unwrap();
        (found.value.to_string(), found.from.to_string())
    };
    assert_eq!(of("min_new_texts"), ("30".into(), "the model's own".into()));
    assert_eq!(of("max_increments"), ("9".into(), "environment REFIT_POLICY__MAX_INCREMENTS".into()));
    assert_eq!(of("holdout_rows"), ("60".into(), "default".into()));
    assert!(explained.iter().all(|found| !["min_new_samples", "min_new_ratings"].contains(&found.key.as_str())));
}

/// Settings that come to contradict what a model has of its own give way, and are said to.
#[test]
fn the_models_own_wins_over_settings_that_contradict_it() {
    let bands = [("min_new_ratings", "100"), ("necessary_new_ratings", "600")];
    let own = own(Recommender, &bands).unwrap();
    for (recommended, holds) in [("50", 100), ("300", 300), ("900", 600)] {
        let sources = Sources::none()
            .with_variable("REFIT_POLICY__MIN_NEW_RATINGS", "10")
            .with_variable("REFIT_POLICY__RECOMMENDED_NEW_RATINGS", recommended);
        let settings = Settings::load(&sources).unwrap();
        assert_eq!(settings.policy.of(Recommender, &own).recommended_new_ratings, holds);
        let explained = settings.explain_policy(Recommender, &own);
        let key = explained.iter().find(|found| found.key == "recommended_new_ratings").unwrap();
        assert_eq!(key.from == PolicyOrigin::GivesWay, holds.to_string() != recommended);
    }
}

proptest! {
    /// Whatever the settings come to be, no policy contradicts itself, and what is the model's own holds.
    #[test]
    fn no_model_is_under_a_policy_that_contradicts_itself(
        theirs in proptest::collection::vec(1u32..1000, 3),
        ours in proptest::collection::vec(proptest::option::of(1u32..1000), 3),
    ) {
        let keys = ["min_new_ratings", "recommended_new_ratings", "necessary_new_ratings"];
        let mut theirs = theirs;
        theirs.sort_unstable();
        let mut given: Vec<u32> = ours.iter().flatten().copied().collect();
        given.sort_unstable();
        let mut given = given.into_iter();
        let said: PolicyChanges = keys.into_iter().zip(&ours).filter(|(_, own)| own.is_some())
            .map(|(key, _)| (key.to_owned(), given.next().map(|value| value.to_string()))).collect();
        let own = Settings::default().change_policy(Recommender, &OwnPolicy::default(), &said).unwrap();
        let settings = Policy {
            min_new_ratings: theirs[0],
            recommended_new_ratings: theirs[1],
            necessary_new_ratings: theirs[2],
            ..Policy::default()
        };
        let policy = own.wins_over(&settings);
        prop_assert_eq!(policy.contradiction(), None);
        let holds = serde_json::to_value(&policy).unwrap();
        prop_assert!(own.values().iter().all(|(key, value)| holds[key] == *value));
    }
}
