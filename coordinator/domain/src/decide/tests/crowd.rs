//! Many models that decline on one day, each under its own policy.

use super::*;

/// A model with a limit of its own waits by that one, wherever it stands among the others.
#[test]
fn a_crowd_lets_through_by_each_models_own_limit() {
    let key = |n: u32| -> ModelKey { format!("forecaster/S{n}").parse().unwrap() };
    let declined = |n, rise, most| Declined { model: key(n), rise, most };
    let fleet =
        vec![declined(0, 0.5, 1), declined(1, 0.4, 1), declined(2, 0.3, 3), declined(3, 0.2, 3), declined(4, 0.1, 9)];
    let waits = |already| {
        let crowd = Crowd::of(fleet.clone(), already);
        let told = |n: &u32| {
            let decline = Decline { rise: 0.2, window: 20, one_of: None };
            let mut facts = with_live(|live| live.degraded = Some(decline));
            crowd.mark(&key(*n), &mut facts);
            asked(&facts).verdict == Verdict::HeldBack
        };
        (0..5).filter(told).collect::<Vec<u32>>()
    };
    assert_eq!(waits(0), [1, 3]);
    assert_eq!(waits(1), [0, 1, 2, 3], "one has been trained for it today");
}
