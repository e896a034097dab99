//! What was revised is told from what was meant, at every border.

use chrono::Days;

use super::*;

/// A series that moves by up to 2 % a day; `phase` makes another symbol of it.
fn bars(days: std::ops::Range<u64>, phase: f64) -> Vec<Bar> {
    let bar = |day: u64| {
        let close = 100.0 * (1.0 + 0.2 * (day as f64 * 0.1 + phase).sin());
        let close = (close * 100.0).round() / 100.0;
        let date = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
        Bar { date, open: close, high: close, low: close, close, adj_close: close, volume: 1.0 }
    };
    days.map(bar).collect()
}

fn scaled(bars: &[Bar], factor: impl Fn(usize) -> f64) -> Vec<Bar> {
    let cents = |close: f64| (close * 100.0).round() / 100.0;
    bars.iter().enumerate().map(|(at, bar)| Bar { adj_close: cents(bar.adj_close * factor(at)), ..*bar }).collect()
}

const LIMITS: Limits = Limits { revision: 5.0, correction: 20.0, jump: 40.0 };

fn judged(revised: &[Bar]) -> Revision {
    followed(revised, &[])
}

fn followed(revised: &[Bar], new: &[Bar]) -> Revision {
    let known = bars(0..200, 0.0).into_iter().map(|bar| (bar.date, bar)).collect();
    judge(&known, Coming { revised, new, compared: revised.len() }, LIMITS)
}

#[test]
fn one_close_far_off_is_doubted_and_a_handful_near_is_not() {
    let known = bars(0..200, 0.0);
    assert_eq!(judged(&scaled(&known[50..55], |_| 0.85)), Revision::Corrections, "a handful");
    let Revision::Doubtful(doubt) = judged(&scaled(&known[50..51], |_| 1.3)) else { panic!("one far off") };
    let said = doubt.to_string();
    assert!(said.contains("1 of the 1 days") && said.ends_with("more than a correction usually changes"), "{said}");
    let Revision::Doubtful(doubt) = judged(&scaled(&known[50..55], |at| 0.5 + 0.05 * at as f64)) else {
        panic!("five of another company")
    };
    assert!(doubt.to_string().contains("by no steady factor"), "{doubt}");
}

#[test]
fn new_bars_go_on_where_the_known_ones_end() {
    let new = bars(200..205, 0.0);
    assert_eq!(followed(&[], &new), Revision::Corrections);
    assert_eq!(followed(&[], &scaled(&new, |_| 0.7)), Revision::Corrections, "a crash of 30 %");
    let Revision::Doubtful(doubt) = followed(&[], &scaled(&new, |_| 0.25)) else { panic!("a split") };
    assert!(doubt.to_string().contains("as after a split by 4,"), "{doubt}");
    let Revision::Doubtful(doubt) = followed(&[], &scaled(&new, |_| 2.0)) else { panic!("a reverse split") };
    assert!(doubt.to_string().contains("as after a reverse split by 2,"), "{doubt}");
    let Revision::Doubtful(doubt) = followed(&[], &scaled(&new, |_| 1.5)) else { panic!("another company") };
    assert!(!doubt.to_string().contains("split"), "{doubt}");
    assert_eq!(doubt.witnesses().len(), 2);
    // The seam is behind the last known day.
    let before = scaled(&bars(199..205, 0.0), |at| if at == 0 { 0.25 } else { 1.0 });
    assert_eq!(followed(&[], &before), Revision::Corrections);
    // The whole history with its split, and what came after it.
    let whole = scaled(&bars(0..200, 0.0), |_| 0.25);
    assert!(matches!(followed(&whole, &scaled(&new, |_| 0.25)), Revision::Restated { .. }));
    assert!(matches!(followed(&whole, &new), Revision::Doubtful(Doubt::Jump(_))));
}

#[test]
fn corrections_splits_and_dividends_are_usual() {
    let known = bars(0..200, 0.0);
    assert_eq!(judged(&[]), Revision::Corrections);
    assert_eq!(judged(&scaled(&known, |_| 0.98)), Revision::Corrections, "a dividend within the limit");
    let Revision::Restated { factor } = judged(&scaled(&known, |_| 0.25)) else { panic!("a split of four") };
    assert!((factor - 0.25).abs() < 0.001);
    // Four dividends since, each of 2 %.
    let dividends = scaled(&known[..190], |at| 0.98_f64.powi(4 - (at / 48) as i32));
    assert!(matches!(judged(&dividends), Revision::Restated { factor } if factor < 0.93), "{:?}", judged(&dividends));
}

#[test]
fn another_symbol_and_half_a_split_are_doubted() {
    let Revision::Doubtful(doubt) = judged(&bars(150..189, 2.0)) else { panic!("another symbol") };
    let said = doubt.to_string();
    assert!(said.contains("of the 39 days that are known") && said.contains("by no steady factor"), "{said}");
    assert_eq!(doubt.witnesses().len(), 2);
    let half = scaled(&bars(150..189, 0.0), |_| 0.1);
    let Revision::Doubtful(doubt) = judged(&half) else { panic!("half a split") };
    assert!(doubt.to_string().contains("a steady factor of 0.1"), "{doubt}");
    assert!(doubt.to_string().contains("import the whole history in one file"), "{doubt}");
}

/// Days of one close each, which are known to be at 100.
fn plain(days: u64, new: impl Fn(usize) -> f64, limits: Limits) -> Revision {
    let flat = |close: f64, bar: &Bar| Bar { adj_close: close, ..*bar };
    let known = bars(0..days, 0.0).iter().map(|bar| (bar.date, flat(100.0, bar))).collect();
    let revised: Vec<Bar> = bars(0..days, 0.0).iter().enumerate().map(|(at, bar)| flat(new(at), bar)).collect();
    judge(&known, Coming { revised: &revised, new: &[], compared: revised.len() }, limits)
}

#[test]
fn what_changes_by_its_limit_is_not_doubted() {
    let limits = Limits { revision: 12.5, correction: 25.0, jump: 50.0 };
    assert_eq!(plain(1, |_| 125.0, limits), Revision::Corrections);
    assert_ne!(plain(1, |_| 125.1, limits), Revision::Corrections);
    assert_eq!(plain(6, |_| 112.5, limits), Revision::Corrections);
    assert_ne!(plain(6, |_| 112.6, limits), Revision::Corrections);
    let jumps = |close: f64| {
        let [last, first] = [(0, 100.0), (1, close)].map(|(day, adj_close)| Bar { adj_close, ..bars(day..2, 0.0)[0] });
        let known = BTreeMap::from([(last.date, last)]);
        judge(&known, Coming { revised: &[], new: &[first], compared: 0 }, limits) != Revision::Corrections
    };
    assert_eq!([50.0, 49.9, 150.0, 150.1].map(jumps), [false, true, false, true]);
}

/// The seam is between the last known day as the file leaves it and the first one behind it, whatever becomes of older days.
#[test]
fn what_follows_is_compared_with_the_last_known_day_as_it_is_corrected() {
    let limits = Limits { revision: 90.0, correction: 90.0, jump: 50.0 };
    let closes = |closes: [f64; 2]| [0, 1].map(|day| Bar { adj_close: closes[day], ..bars(0..2, 0.0)[day] });
    let known = closes([100.0, 100.0]).map(|bar| (bar.date, bar)).into();
    let new = [Bar { adj_close: 150.0, ..bars(2..3, 0.0)[0] }];
    for (corrected, fits) in [([30.0, 120.0], true), ([120.0, 30.0], false)] {
        let revised = closes(corrected);
        let found = judge(&known, Coming { revised: &revised, new: &new, compared: 2 }, limits);
        assert_eq!(found == Revision::Corrections, fits, "{corrected:?}");
    }
}

/// Nine of ten neighbours agree: a dividend may lie between two bars. Eight do not make a factor.
#[test]
fn a_factor_is_steady_where_nine_of_ten_neighbours_agree() {
    assert!(matches!(plain(11, |at| if at < 5 { 25.0 } else { 24.0 }, LIMITS), Revision::Restated { .. }));
    let twice = plain(
        11,
        |at| {
            if at < 5 {
                25.0
            } else if at < 8 {
                24.0
            } else {
                23.0
            }
        },
        LIMITS,
    );
    assert!(matches!(twice, Revision::Doubtful(Doubt::Contradiction(Contradiction { steady: None, .. }))), "{twice:?}");
}

#[test]
fn the_first_three_changes_are_named() {
    for (count, more) in [(3, false), (4, true)] {
        let changed = scaled(&bars(50..50 + count, 0.0), |at| 0.5 + 0.05 * at as f64);
        let Revision::Doubtful(doubt) = judged(&changed) else { panic!("{count} of another company") };
        let said = doubt.to_string();
        assert_eq!((said.matches(" instead of ").count(), said.contains("…, ")), (3, more), "{said}");
    }
}
