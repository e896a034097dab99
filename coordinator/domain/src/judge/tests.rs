//! The gate over made-up losses: rules by table, size and power by simulation with fixed seeds.

use chrono::{Days, NaiveDate};
use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::vocabulary::Family;

use super::*;

/// Independent standard normal draws: SplitMix64 and Box–Muller.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Losses of a few contestants, one row a date.
fn losses(contestants: &[(Contestant, Vec<f64>)]) -> RowLosses {
    let rows = contestants[0].1.len();
    let row = |index: usize| LossRow {
        date: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(index as u64),
        key: "AAPL".into(),
        unit: "AAPL".into(),
        target: 0.0,
        scores: contestants.iter().map(|(who, all)| (*who, Scored { loss: all[index], prediction: 0.0 })).collect(),
    };
    RowLosses((0..rows).map(row).collect())
}

fn evidence(losses: &RowLosses) -> Evidence<'_> {
    Evidence {
        losses,
        pairing: Pairing::Dates,
        baseline: Contestant::NoChange,
        recipe: Recipe::Same,
        finite: true,
        varies: true,
        earlier_looks: 0,
        slices: &[],
    }
}

/// Alternating around `1 + difference`, so that the interval has about this half width.
fn around(difference: f64, half_width: f64, rows: usize) -> Vec<f64> {
    let mut draws = Draws(7);
    let noise: Vec<f64> = (0..rows).map(|_| draws.normal()).collect();
    let raw = MeanEstimate::of(&noise).unwrap();
    let scale = half_width / (2.0 * raw.standard_error);
    noise.iter().map(|z| 1.0 + difference + scale * (z - raw.mean)).collect()
}

/// A challenger with a given relative difference to the champion; the baseline is as good as the champion.
fn challenge(difference: f64, half_width: f64, rows: usize) -> RowLosses {
    losses(&[
        (Contestant::Challenger, around(difference, half_width, rows)),
        (Contestant::Champion, vec![1.0; rows]),
        (Contestant::NoChange, vec![1.0; rows]),
    ])
}

/// A5, G2: what each verdict leads to, for a refresh and for other hyper-parameters.
#[test]
fn g2_a_challenger_is_promoted_only_when_shown_to_be_fit() {
    use Outcome::*;
    use Verdict::*;
    let table = [
        // difference, half width, rows, verdict, refresh, changed hyper-parameters
        (-0.030, 0.020, 60, Better, Promote, Promote),
        (-0.005, 0.020, 60, NotWorse, Promote, Wait),
        (-0.0012, 0.0005, 120, Better, Promote, Promote),
        (-0.0008, 0.0005, 120, NotWorse, Promote, Wait),
        (0.008, 0.006, 60, NotWorse, Promote, Wait),
        (0.008, 0.006, 120, Worse, Reject, Reject),
        (0.010, 0.020, 60, Inconclusive, Wait, Wait),
        (-0.005, 0.010, 120, NotWorse, Promote, Wait),
        (-0.005, 0.020, 120, Inconclusive, Wait, Wait),
        (0.030, 0.020, 60, Worse, Reject, Reject),
        (-0.030, 0.020, 40, Better, Promote, Promote),
        (-0.030, 0.020, 39, Inconclusive, Wait, Wait),
    ];
    for (difference, half_width, rows, verdict, refresh, changed) in table {
        let losses = challenge(difference, half_width, rows);
        let name = format!("{difference} ± {half_width} on {rows} rows");
        let same = judge(&evidence(&losses));
        assert_eq!((same.verdict, same.outcome), (verdict, refresh), "{name}");
        let other = judge(&Evidence { recipe: Recipe::Changed, ..evidence(&losses) });
        assert_eq!((other.verdict, other.outcome), (verdict, changed), "{name}, other hyper-parameters");
        assert_eq!((same.against, same.comparison.unwrap().rows), (Against::Champion, rows), "{name}");
        assert_eq!(same.beats_naive, verdict == Better, "{name}");
    }
}

/// G2: what is exactly at a border: an interval that ends at 0 shows nothing, a bound at the margin or a least gain suffices.
#[test]
fn g2_each_border_belongs_to_one_side() {
    let table = [
        // difference, low, high, bound, rows
        (-0.010, -0.020, -0.001, -0.002, 60, Verdict::Better),
        (-0.010, -0.020, 0.000, -0.001, 60, Verdict::NotWorse),
        (-0.001, -0.002, -0.0005, -0.0006, 60, Verdict::Better),
        (0.010, 0.001, 0.022, 0.020, 119, Verdict::NotWorse),
        (0.010, 0.001, 0.022, 0.010, 120, Verdict::NotWorse),
        (0.010, 0.001, 0.022, 0.011, 120, Verdict::Worse),
        (0.020, 0.000, 0.040, 0.030, 60, Verdict::Inconclusive),
        (0.020, 0.001, 0.040, 0.030, 60, Verdict::Worse),
        (0.020, 0.001, 0.040, 0.030, 40, Verdict::Worse),
        (0.020, 0.001, 0.040, 0.030, 39, Verdict::Inconclusive),
    ];
    for (difference, low, high, bound, rows, expected) in table {
        let found = Comparison { difference, low, high, bound, rows };
        assert_eq!(gate::verdict(&found), expected, "{found:?}");
    }
}

#[test]
fn outcomes_and_verdicts_have_their_words() {
    let outcomes = [Outcome::Promote, Outcome::Reject, Outcome::Wait];
    assert_eq!(outcomes.map(|outcome| outcome.to_string()), ["promote", "reject", "wait"]);
    let verdicts = [Verdict::Better, Verdict::NotWorse, Verdict::Inconclusive, Verdict::Worse];
    assert_eq!(verdicts.map(|verdict| verdict.to_string()), ["better", "not_worse", "inconclusive", "worse"]);
    let against = [Against::Champion, Against::Baseline, Against::Universal];
    assert_eq!(against.map(|against| against.to_string()), ["champion", "baseline", "universal"]);
}

/// G2: a gain that is told from 0 for sure and is no gain all the same says so.
#[test]
fn g2_next_to_nothing_is_no_progress() {
    let judgement = judge(&evidence(&challenge(-0.0008, 0.0005, 120)));
    let gain_below = |judgement: &Judgement| match judgement.conclusion {
        Finding::NotWorse { gain_below, .. } => gain_below,
        _ => panic!("{judgement:?}"),
    };
    assert_eq!(gain_below(&judgement), Some(0.001));
    assert_eq!(gain_below(&judge(&evidence(&challenge(0.008, 0.006, 60)))), None);
}

/// G2: a first version goes live unless it is worse than what would answer in its place.
#[test]
fn g2_a_first_version_must_not_be_worse_than_its_stand_in() {
    use Contestant::{Challenger, NoChange, Universal};
    let against = |difference, half_width, universal: Option<f64>| {
        let mut all = vec![(Challenger, around(difference, half_width, 60))];
        all.extend(universal.map(|loss| (Universal, vec![loss; 60])));
        all.push((NoChange, vec![1.0; 60]));
        let judgement = judge(&evidence(&losses(&all)));
        (judgement.outcome, judgement.verdict, judgement.against)
    };
    assert_eq!(against(-0.03, 0.02, None), (Outcome::Promote, Verdict::Better, Against::Baseline));
    assert_eq!(against(0.01, 0.05, None), (Outcome::Promote, Verdict::Inconclusive, Against::Baseline));
    assert_eq!(against(0.03, 0.02, None), (Outcome::Reject, Verdict::Worse, Against::Baseline));
    assert_eq!(against(0.00, 0.02, Some(1.01)), (Outcome::Promote, Verdict::NotWorse, Against::Baseline));
    assert_eq!(against(0.00, 0.02, Some(0.95)), (Outcome::Reject, Verdict::Worse, Against::Universal));
}

/// G5: where nothing is shown, what is said depends on the rows, and on what that leads to.
#[test]
fn g5_what_is_undecided_says_why() {
    use Contestant::{Challenger, NoChange};
    let too_few = |against| Finding::TooFew { against, unit: Pairing::Dates, rows: 39, needed: 40 };
    let first = |rows| {
        let losses = losses(&[(Challenger, around(0.01, 0.05, rows)), (NoChange, vec![1.0; rows])]);
        let judgement = judge(&evidence(&losses));
        (judgement.outcome, judgement.conclusion)
    };
    assert_eq!(first(39), (Outcome::Wait, too_few(Against::Baseline)));
    assert_eq!(first(40), (Outcome::Promote, Finding::First { against: Against::Baseline }));
    let later = |rows, recipe| judge(&Evidence { recipe, ..evidence(&challenge(0.01, 0.05, rows)) }).conclusion;
    let against = Against::Champion;
    assert_eq!(later(39, Recipe::Same), too_few(against));
    assert_eq!(later(40, Recipe::Same), Finding::UndecidedRefresh { against, margin: 0.02 });
    assert_eq!(later(40, Recipe::Changed), Finding::Undecided { against });
}

/// G2: what is not sane is never promoted, however good its losses look.
#[test]
fn g2_an_unfit_version_is_rejected_whatever_its_losses() {
    let good = challenge(-0.1, 0.01, 60);
    for (unfit, finding) in [
        (Evidence { finite: false, ..evidence(&good) }, Finding::NotFinite),
        (Evidence { varies: false, ..evidence(&good) }, Finding::Constant),
    ] {
        let judgement = judge(&unfit);
        assert_eq!((judgement.outcome, judgement.verdict), (Outcome::Reject, Verdict::Worse));
        assert_eq!(judgement.conclusion, finding);
    }
    let nothing = RowLosses::default();
    let judgement = judge(&evidence(&nothing));
    assert_eq!((judgement.outcome, judgement.comparison), (Outcome::Wait, None));
}

/// G5: what is said carries the numbers.
#[test]
fn g5_a_judgement_explains_itself() {
    let losses = challenge(-0.005, 0.020, 60);
    let findings = judge(&evidence(&losses)).findings();
    let [conclusion, champion, baseline] = findings.as_slice() else { panic!("{findings:?}") };
    let Finding::NotWorse { against: Against::Champion, confidence, bound, higher: true, margin, gain_below: None } =
        *conclusion
    else {
        panic!("{conclusion:?}")
    };
    assert!((confidence, margin) == (0.95, 0.02) && bound > 0.0 && bound <= margin, "{conclusion:?}");
    let Finding::Difference { against: Against::Champion, unit, rows, difference, low, high, .. } = *champion else {
        panic!("{champion:?}")
    };
    assert_eq!((unit, rows), (Pairing::Dates, 60));
    let near = |a: f64, b: f64| (a - b).abs() < 5e-5;
    assert!(near(difference, -0.005) && near(low, -0.025) && near(high, 0.015), "{champion:?}");
    assert!(matches!(baseline, Finding::Difference { against: Against::Baseline, rows: 60, .. }), "{baseline:?}");
}

/// Looking again at the same rows asks for more.
#[test]
fn every_further_look_halves_the_chance_of_error() {
    let losses = challenge(-0.021, 0.020, 60);
    let width = |earlier_looks| {
        let judgement = judge(&Evidence { earlier_looks, ..evidence(&losses) });
        let found = judgement.comparison.unwrap();
        (judgement.verdict == Verdict::Better, found.high - found.low)
    };
    let ((first, narrow), (second, wide)) = (width(0), width(1));
    assert!(first && !second && narrow < wide);
    let again = judge(&Evidence { earlier_looks: 2, ..evidence(&losses) });
    let of_interval = |finding: &&Finding| matches!(finding, Finding::Difference { .. });
    let first = again.details.iter().find(of_interval);
    assert!(
        matches!(first, Some(Finding::Difference { confidence, .. }) if (confidence - 0.9875).abs() < 1e-9),
        "{first:?}"
    );
    assert!(again.details.contains(&Finding::EarlierLooks { looks: 2 }), "{:?}", again.details);
}

/// Several symbols: a date is one observation, however many symbols it has and in whatever order the rows come.
#[test]
fn symbols_of_one_date_are_averaged() {
    let one = challenge(-0.005, 0.020, 60);
    let mut many = one.clone();
    for (place, row) in one.0.iter().enumerate() {
        for (symbol, factor) in [("MSFT", 0.5), ("KO", 1.5)] {
            let mut copy = row.clone();
            copy.key = symbol.into();
            copy.scores.iter_mut().for_each(|(_, scored)| scored.loss *= factor);
            many.0.insert((place * 7) % many.0.len(), copy);
        }
    }
    let series = |losses: &RowLosses| Series::pair(losses, Contestant::Challenger, Contestant::Champion);
    assert_eq!((many.0.len(), series(&many).len()), (180, 60));
    let (few, all) = (series(&one), series(&many));
    assert!(few.model.iter().zip(&all.model).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!(few.reference.iter().zip(&all.reference).all(|(a, b)| (a - b).abs() < 1e-12));
}

/// Share of 2,000 simulated challenges with each verdict: differences with the given mean, and noise that follows its past by
/// `memory`, of about the size seen between two forecasters (3 % a row).
fn shares(mean: f64, memory: f64, rows: usize) -> (f64, f64, f64) {
    let mut draws = Draws(20_240_101);
    let mut count = [0.0; 3];
    let runs = 2_000;
    for _ in 0..runs {
        let mut noise = draws.normal();
        let differences: Vec<f64> = (0..rows)
            .map(|_| {
                noise = memory * noise + (1.0 - memory * memory).sqrt() * draws.normal();
                1.0 + mean + 0.03 * noise
            })
            .collect();
        let losses = losses(&[(Contestant::Challenger, differences), (Contestant::Champion, vec![1.0; rows])]);
        match judge(&evidence(&losses)).verdict {
            Verdict::Better => count[0] += 1.0,
            Verdict::NotWorse => count[1] += 1.0,
            Verdict::Worse => count[2] += 1.0,
            Verdict::Inconclusive => {}
        }
    }
    let [better, not_worse, worse] = count.map(|n| n / f64::from(runs));
    (better, not_worse, worse)
}

/// G4, size: without any difference at most 5 % look better, also where differences depend on the day before.
#[test]
fn g4_equal_models_are_seldom_called_better() {
    for (memory, rows) in [(0.0, 60), (0.0, 250), (0.2, 60), (0.2, 250)] {
        let (better, _, worse) = shares(0.0, memory, rows);
        assert!(better <= 0.05 && worse <= 0.05, "better {better}, worse {worse} with {memory} on {rows} rows");
    }
}

/// G4, power: what is clearly better or worse is found, and a refresh that is as good passes.
#[test]
fn g4_real_differences_are_found() {
    let (better, ..) = shares(-0.015, 0.0, 60);
    assert!(better > 0.9, "{better}");
    let (better, not_worse, _) = shares(0.0, 0.0, 60);
    assert!(better + not_worse > 0.95, "{better} + {not_worse}");
    let (better, not_worse, worse) = shares(0.04, 0.0, 60);
    assert!(better + not_worse == 0.0 && worse > 0.95, "{better}, {not_worse}, {worse}");
}

/// G4: a challenger exactly at the margin passes as not worse in about 5 % of cases, no more.
#[test]
fn g4_the_margin_is_kept() {
    let (better, not_worse, _) = shares(0.02, 0.0, 60);
    assert!(better == 0.0 && (0.02..=0.08).contains(&not_worse), "{not_worse}");
    let (_, not_worse, _) = shares(0.01, 0.0, 250);
    assert!((0.02..=0.08).contains(&not_worse), "{not_worse}");
}

#[test]
fn a_skill_is_measured_against_the_baseline() {
    let losses = challenge(-0.030, 0.020, 60);
    let skill = Skill::of(&losses, Contestant::Challenger, Contestant::NoChange, Pairing::Dates).unwrap();
    assert!((skill.mean - 0.03).abs() < 1e-9 && skill.rows == 60, "{skill:?}");
    assert_eq!(Skill::of(&losses, Contestant::Universal, Contestant::NoChange, Pairing::Dates), None, "not scored");
}

/// G4: models without skill have on average a reliability of one half; with the spread the prior assumes, it is calibrated.
#[test]
fn g4_reliability_is_a_probability() {
    let mut draws = Draws(42);
    let (mut mean, mut sure, mut right) = (0.0, 0.0, 0.0);
    let runs = 2_000;
    for _ in 0..runs {
        let without = Skill { mean: 0.012 * draws.normal(), standard_error: 0.012, rows: 60 };
        mean += without.reliability(&Prior::of(Family::Forecaster), 0.0).unwrap() / f64::from(runs);

        let truth = 0.01 * draws.normal();
        let measured = Skill { mean: truth + 0.012 * draws.normal(), standard_error: 0.012, rows: 60 };
        let reliability = measured.reliability(&Prior::of(Family::Forecaster), 0.0).unwrap();
        if (0.7..0.9).contains(&reliability) {
            sure += 1.0;
            right += if truth > 0.0 { 1.0 } else { 0.0 };
        }
    }
    assert!((0.47..=0.53).contains(&mean), "{mean}");
    assert!((0.74..=0.86).contains(&(right / sure)), "{right} of {sure}");
}
