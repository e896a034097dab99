//! What is made of a decision, and the words for its parts.

use super::*;

#[test]
fn a_decision_comes_to_an_action() {
    let mode = Some(Mode::Incremental);
    let of = |facts: &Facts| Action::of(&asked(facts));
    assert_eq!(of(&due()), Action::Retrain { mode });
    assert_eq!(of(&content()), Action::Nothing);
    let cooling = Facts { last_training: Some(day(NOW - 1)), ..due() };
    assert_eq!(of(&cooling), Action::Wait { holds: vec![HoldCode::CoolDown], mode });
    let training = Facts { active_job: Some(JobId::max()), ..cooling };
    assert_eq!(of(&training), Action::WaitForTraining, "whatever else holds it back");
    let by_hand = rules(Policy { auto_retrain: false, ..Policy::default() });
    let recommended = decide(&due(), &by_hand, &Request::default(), day(NOW));
    assert_eq!(Action::of(&recommended), Action::RetrainWhenAsked { mode });
}

#[test]
fn a_live_version_is_outdated_by_its_age_alone() {
    let old = with_live(|live| live.trained_at = day(NOW - 31));
    let unreliable = with_live(|live| live.reliability = Some(0.2));
    assert_eq!([old, unreliable, content()].map(|facts| asked(&facts).is_outdated()), [true, false, false]);
}

#[test]
fn the_parts_of_a_decision_have_the_words_of_the_api() {
    let verdicts = [Verdict::Retrain, Verdict::Recommended, Verdict::HeldBack, Verdict::NotNeeded];
    assert_eq!(verdicts.map(|verdict| verdict.to_string()), ["retrain", "recommended", "held_back", "not_needed"]);
    let bands = [Band::None, Band::Consider, Band::Recommended, Band::Necessary];
    assert_eq!(bands.map(Band::as_str), ["none", "consider", "recommended", "necessary"]);
    let reasons = [ReasonCode::NoModel, ReasonCode::TooOld, ReasonCode::NewSamples, ReasonCode::LowReliability];
    assert_eq!(reasons.map(ReasonCode::as_str), ["no_model", "too_old", "new_samples", "low_reliability"]);
}
