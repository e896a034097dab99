use std::collections::BTreeMap;

use common::random::{Purpose, Stream};
use common::vocabulary::{Family, Hyper};
use proptest::prelude::*;

use super::*;

fn named(space: &[(&str, &str)]) -> BTreeMap<String, String> {
    space.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn measured(losses: &[Option<f64>]) -> Vec<Measured> {
    (0..).zip(losses).map(|(trial, loss)| Measured { trial, loss: *loss }).collect()
}

#[test]
fn rungs_go_from_many_short_trials_to_few_whole_ones() {
    let rungs = |trials, eta| -> Vec<(u32, f64)> {
        Ladder { trials, eta }.rungs().into_iter().map(|rung| (rung.trials, (rung.share * 1e4).round() / 1e4)).collect()
    };
    assert_eq!(rungs(9, 3), [(9, 0.1111), (3, 0.3333), (1, 1.0)]);
    assert_eq!(rungs(10, 3), [(10, 0.1111), (4, 0.3333), (2, 1.0)]);
    assert_eq!(rungs(2, 2), [(2, 0.5), (1, 1.0)]);
    assert_eq!(rungs(2, 3), [(2, 1.0)], "too few to be thinned out");
    assert_eq!(rungs(200, 3).first(), Some(&(200, 0.037)), "nothing is shorter than a thirtieth");
    assert_eq!(rungs(8, 1), rungs(8, 2));
}

#[test]
fn the_better_ones_climb_and_the_own_goes_all_the_way() {
    let ladder = Ladder { trials: 9, eta: 3 };
    let losses = [Some(9.0), Some(2.0), None, Some(1.0), Some(f64::NAN), Some(5.0), Some(2.0), Some(7.0), Some(8.0)];
    assert_eq!(next(ladder, 0, &measured(&losses)), Step::Climb(vec![0, 1, 3, 6]));
    let of = |trials: &[(u32, Option<f64>)]| -> Vec<Measured> {
        trials.iter().map(|&(trial, loss)| Measured { trial, loss }).collect()
    };
    let above = of(&[(0, Some(4.0)), (1, Some(3.0)), (3, Some(3.0)), (6, Some(3.5))]);
    assert_eq!(next(ladder, 1, &above), Step::Climb(vec![0, 1]), "of equal ones the first");
    let best = |trials: &[(u32, Option<f64>)]| match next(ladder, 2, &of(trials)) {
        Step::Done(best) => (best.trial, best.loss, best.own, best.is_news()),
        other => panic!("{other:?}"),
    };
    assert_eq!(best(&[(0, Some(4.0)), (1, Some(3.0))]), (1, 3.0, 4.0, true));
    assert_eq!(best(&[(0, Some(3.0)), (1, Some(3.0))]), (0, 3.0, 3.0, false));
    for rung in 0..3 {
        let without = of(&[(0, None), (1, Some(3.0))]);
        assert_eq!(next(ladder, rung, &without), Step::OwnUnmeasured, "nothing to measure the others against");
        assert_eq!(next(ladder, rung, &of(&[(1, Some(3.0))])), Step::OwnUnmeasured);
    }
    assert_eq!(next(ladder, 0, &measured(&[None, None])), Step::Unmeasured);
    assert_eq!(next(ladder, 2, &[]), Step::Unmeasured);
}

#[test]
fn what_is_to_be_searched_is_read_by_its_kind() {
    let between = |text, whole| match Axis::read("x", text, whole).map(|axis| axis.values) {
        Ok(Values::Between { low, high, logarithmic, whole }) => Some((low, high, logarithmic, whole)),
        _ => None,
    };
    assert_eq!(between("0.001..0.1", false), Some((0.001, 0.1, true, false)));
    assert_eq!(between("1 .. 9.9", false), Some((1.0, 9.9, false, false)));
    assert_eq!(between("1..10", true), Some((1.0, 10.0, true, true)));
    assert_eq!(between("0..5", true), Some((0.0, 5.0, false, true)));
    let among = |text| match Axis::read("x", text, true).map(|axis| axis.values) {
        Ok(Values::Among { choices }) => Some(choices.join("|")),
        _ => None,
    };
    assert_eq!(among("16, 32,64").as_deref(), Some("16|32|64"));
    assert_eq!(among("svd").as_deref(), Some("svd"));
    for nothing in ["", "1..", "..", "2..1", "1..1", "1..inf", "nan..1", "1,,2", "1..x"] {
        assert!(Axis::read("x", nothing, false).is_err(), "{nothing}");
    }
    assert!(Axis::read("x", "1.5..3", true).is_err(), "a fraction of what is whole");
    assert!(Axis::read("x", &["1"; 51].join(","), true).is_err());
    assert!(Axis::read("x", &["1"; 50].join(","), true).is_ok());
    let told = Axis::read("lr", "much", false).map(|axis| axis.values);
    assert_eq!(told, Ok(Values::Among { choices: vec!["much".into()] }), "drawing says that it is no number");
}

/// E10: what is usual fits every family, and every draw is one that a training takes.
#[test]
fn e10_every_family_has_something_to_search() {
    for family in Family::ALL.iter().copied() {
        let own = Hyper::of(family);
        let fields = own.by_name();
        let space = usual(family);
        assert!(space.0.len() >= 5 && space.0.iter().all(|axis| fields.contains_key(&axis.name)), "{family}");
        let drawn = draw(&own, &space, 1, 60).unwrap();
        assert_eq!((drawn.len(), &drawn[0]), (60, &own));
        assert_eq!(drawn, draw(&own, &space, 1, 60).unwrap(), "the same seed draws the same");
        assert_ne!(drawn[1], draw(&own, &space, 2, 2).unwrap()[1]);
        assert_eq!(Space::given(&own, &BTreeMap::new()).unwrap(), space);
    }
}

#[test]
fn only_what_is_named_is_searched() {
    let own = Hyper::of(Family::Forecaster);
    let space = Space::given(&own, &named(&[("hidden", "16,32"), ("learning_rate", "0.001..0.1")])).unwrap();
    for other in &draw(&own, &space, 3, 20).unwrap()[1..] {
        let (other, own) = (other.by_name(), own.by_name());
        assert!(["16", "32"].contains(&other["hidden"].as_str()));
        assert!((0.001..=0.1).contains(&other["learning_rate"].parse::<f64>().unwrap()));
        assert!(other.iter().all(|(name, value)| own[name] == *value || name == "hidden" || name == "learning_rate"));
    }
    let refused = |space: &[(&str, &str)]| {
        let space = Space::given(&own, &named(space)).unwrap();
        draw(&own, &space, 1, 5).unwrap_err().to_string()
    };
    assert_eq!(refused(&[("hiden", "16,32")]), "there is no hyper-parameter \"hiden\"; did you mean \"hidden\"?");
    assert!(refused(&[("hidden", "many")]).starts_with("hidden = many"));
    assert!(refused(&[("hidden", "50")]).starts_with("what is to be searched holds nothing"), "the default");
    let beyond = |name, text| Space::given(&own, &named(&[(name, text)])).unwrap_err().to_string();
    assert_eq!(beyond("hidden", "4..1e30"), "hidden = 4..1e30 goes beyond what it may be: 4 to 256");
    assert_eq!(beyond("hidden", "16,1000"), "hidden = 16,1000 goes beyond what it may be: 4 to 256");
    assert_eq!(
        beyond("learning_rate", "-1..0.01"),
        "learning_rate = -1..0.01 goes beyond what it may be: 0.000001 to 0.1"
    );
    assert!(beyond("seed", "0..9").contains("luck") && beyond("epochs", "2,4").contains("shorter"));
    let few = Space::given(&own, &named(&[("hidden", "16,32,50")])).unwrap();
    assert_eq!(draw(&own, &few, 1, 9).unwrap().len(), 3, "there are no more");
}

#[test]
fn only_what_was_searched_is_taken_over() {
    let own = Hyper::of(Family::Forecaster);
    let space = Space::given(&own, &named(&[("hidden", "16,32")])).unwrap();
    let found = own.with([("hidden", "32")]).unwrap();
    let changed_meanwhile = own.with([("epochs", "7"), ("hidden", "64")]).unwrap();
    assert_eq!(taken_over(&changed_meanwhile, &found, &space), own.with([("epochs", "7"), ("hidden", "32")]));
    let text = Hyper::of(Family::Text);
    let space = Space::given(&text, &named(&[("chars_min", "2,4")])).unwrap();
    let (found, now) = (text.with([("chars_min", "4")]).unwrap(), text.with([("chars_max", "3")]).unwrap());
    assert!(taken_over(&now, &found, &space).is_err(), "it does not go with what the model has by now");
}

#[test]
fn a_trial_is_made_shorter_by_its_passes() {
    let passes = |family, name: &str, share| shortened(&Hyper::of(family), share).by_name()[name].clone();
    assert_eq!(passes(Family::Forecaster, "epochs", 0.5), "10");
    assert_eq!(passes(Family::Forecaster, "epochs", 0.01), "1");
    assert_eq!(passes(Family::Recommender, "n_epochs", 1.0 / 3.0), "17");
    assert_eq!(passes(Family::Text, "epochs", 0.1), "3");
    assert_eq!(
        (passes(Family::Tabular, "epochs", 0.1), passes(Family::Tabular, "trees", 0.1)),
        ("2".into(), "10".into())
    );
    let without = Hyper::of(Family::Tabular).with([("trees", "0")]).unwrap();
    assert_eq!(shortened(&without, 0.5).by_name()["trees"], "0", "what is left out stays out");
    for family in Family::ALL.iter().copied() {
        assert_eq!(shortened(&Hyper::of(family), 1.0), Hyper::of(family));
    }
}

#[test]
fn states_that_are_over_are_said_so() {
    let over = |state: SearchState| state.is_over();
    assert!(!over(SearchState::Running) && !over(SearchState::Challenging));
    assert!(over(SearchState::Completed) && over(SearchState::Failed) && over(SearchState::Cancelled));
}

proptest! {
    /// Every ladder ends with whole trials, never grows, and no rung is empty.
    #[test]
    fn ladders_thin_out(trials in 2u32..=500, eta in 2u32..=6) {
        let rungs = Ladder { trials, eta }.rungs();
        prop_assert_eq!(rungs[0].trials, trials);
        prop_assert!((rungs[rungs.len() - 1].share - 1.0).abs() < 1e-9);
        prop_assert!(rungs.windows(2).all(|pair| pair[1].trials < pair[0].trials && pair[1].share > pair[0].share));
        prop_assert!(rungs.iter().all(|rung| rung.trials >= 1 && rung.share >= 1.0 / 30.0));
    }

    #[test]
    fn what_is_drawn_lies_between_the_ends(low in 0.001f64..5.0, width in 0.1f64..100.0, whole: bool, seed: u64) {
        let (low, high) = if whole { (low.ceil(), (low + width).ceil() + 1.0) } else { (low, low + width) };
        let axis = Axis::read("x", &format!("{low}..{high}"), whole).unwrap();
        let value: f64 = axis.draw(&mut Stream::new(seed, Purpose::Search, 1, 0)).parse().unwrap();
        prop_assert!((low..=high).contains(&value) && (!whole || value.fract() == 0.0));
    }
}
