//! What is found, what is not, and how often that is wrong.

use super::*;
use crate::random::{Purpose, Stream};

const LOOK: Look = Look { chance: 0.01, least_distance: 0.1, from_rows: 0 };

/// A kind of rows, by what they have to do with one another.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Each by itself.
    Independent,
    /// Each is like the one before, with this correlation.
    Following(f64),
    /// Calm and wild stretches: GARCH(1, 1), as daily returns have it; their size.
    Clusters,
    /// A year of 365 rows, as large as the noise.
    Seasonal,
    /// Nine of ten are 0.
    MostlyZero,
    /// A fifth is missing.
    SometimesMissing,
    /// Always the same.
    Constant,
    /// Never there.
    Empty,
    /// Not a number, or infinite, now and then.
    Broken,
}

const KINDS: [Kind; 9] = [
    Kind::Independent,
    Kind::Following(0.9),
    Kind::Clusters,
    Kind::Seasonal,
    Kind::MostlyZero,
    Kind::SometimesMissing,
    Kind::Constant,
    Kind::Empty,
    Kind::Broken,
];

fn stream(seed: u64) -> Stream {
    Stream::new(seed, Purpose::Simulation, 0, 0)
}

/// Standard normal (Box and Muller).
fn normal(stream: &mut Stream) -> f64 {
    let (radius, angle) = (-2.0 * (1.0 - stream.uniform()).ln(), std::f64::consts::TAU * stream.uniform());
    radius.sqrt() * angle.cos()
}

fn series(kind: Kind, seed: u64, rows: usize) -> Vec<f64> {
    let mut stream = stream(seed);
    let (mut last, mut variance) = (0.0f64, 1.0f64);
    let row = |day: usize| {
        let noise = normal(&mut stream);
        match kind {
            Kind::Independent => noise,
            Kind::Following(correlation) => {
                last = correlation * last + noise;
                last
            }
            Kind::Clusters => {
                variance = 0.02 + 0.08 * last * last + 0.9 * variance;
                last = variance.sqrt() * noise;
                last.abs()
            }
            Kind::Seasonal => (std::f64::consts::TAU * day as f64 / 365.0).sin() + noise,
            Kind::MostlyZero => {
                if stream.uniform() < 0.9 {
                    0.0
                } else {
                    noise
                }
            }
            Kind::SometimesMissing => {
                if stream.uniform() < 0.2 {
                    f64::NAN
                } else {
                    noise
                }
            }
            Kind::Constant => 5.0,
            Kind::Empty => f64::NAN,
            Kind::Broken => match day % 50 {
                0 => f64::INFINITY,
                1 => f64::NEG_INFINITY,
                2 => f64::NAN,
                _ => noise,
            },
        }
    };
    (0..rows).map(row).collect()
}

fn sketch<'a>(columns: impl IntoIterator<Item = (&'a str, Values<'a>)>) -> Sketch {
    let mut sketch = Sketch::new(Familiar::default());
    columns.into_iter().for_each(|(name, values)| sketch.add(name, &values));
    sketch
}

fn compared<'a>(sketch: &Sketch, look: &Look, new: impl IntoIterator<Item = (&'a str, Values<'a>)>) -> Drift {
    match sketch.compare(look, |show| new.into_iter().for_each(|(name, values)| show(name, &values))) {
        InputDrift::Compared(drift) => drift,
        other => panic!("{other:?}"),
    }
}

/// One column of numbers, before and after.
fn of_numbers(old: &[f64], new: &[f64]) -> Drift {
    let sketch = sketch([("x", Values::Numbers(old.to_vec()))]);
    compared(&sketch, &LOOK, [("x", Values::Numbers(new.to_vec()))])
}

/// D8: what has changed is found, whatever it is; what has not is not.
#[test]
fn changes_are_found_by_their_kind() {
    let old = series(Kind::Independent, 1, 2_000);
    let same = series(Kind::Independent, 2, 200);
    let changed = |change: fn(f64) -> f64| same.iter().map(|x| change(*x)).collect::<Vec<f64>>();
    let half = |x: f64| if x > 0.0 { f64::NAN } else { -x.abs() + 2.0 * x.fract().abs() };
    for (name, old, new, found) in [
        ("nothing", old.clone(), same.clone(), None),
        ("a shift", old.clone(), changed(|x| x + 1.0), Some(Aspect::Values)),
        ("a wider spread", old.clone(), changed(|x| x * 4.0), Some(Aspect::Values)),
        ("a narrower spread", old.clone(), changed(|x| x / 8.0), Some(Aspect::Values)),
        ("values that are gone", old.clone(), vec![f64::NAN; 200], Some(Aspect::Missing)),
        ("half of them gone", old.clone(), changed(half), Some(Aspect::Missing)),
        ("numbers that are none", old.clone(), vec![f64::INFINITY; 200], Some(Aspect::Missing)),
        ("a constant, as ever", vec![5.0; 2_000], vec![5.0; 200], None),
        ("another constant", vec![5.0; 2_000], vec![4.0; 200], Some(Aspect::Values)),
        ("a constant that varies", vec![5.0; 2_000], same.clone(), Some(Aspect::Values)),
        ("nothing at all, as ever", vec![f64::NAN; 2_000], vec![f64::NAN; 200], None),
        ("the first values ever", vec![f64::NAN; 2_000], same.clone(), Some(Aspect::Missing)),
        (
            "a flag, more often",
            (0..2_000).map(|i| f64::from(i % 10 == 0)).collect(),
            vec![1.0; 200],
            Some(Aspect::Values),
        ),
    ] {
        let drift = of_numbers(&old, &new);
        let farthest = drift.farthest.first().unwrap();
        assert_eq!(farthest.has_drifted().then_some(farthest.aspect), found, "{name}: {drift:?}");
        assert_eq!((drift.columns, drift.drifted), (1, u32::from(found.is_some())), "{name}");
    }
}

/// A1: rows that are like those of the training raise fewer alarms than was asked for, whatever rows have to do with one another.
#[test]
fn no_change_is_no_drift() {
    let (columns, versions, rows) = (10, 6, 2_000);
    for kind in KINDS {
        let alarms = (0..versions).filter(|version| {
            let all: Vec<Vec<f64>> =
                (0..columns).map(|column| series(kind, version * columns + column, rows + 500)).collect();
            let names: Vec<String> = (0..columns).map(|column| column.to_string()).collect();
            let shown = |from: usize, to: usize| {
                names
                    .iter()
                    .zip(&all)
                    .map(move |(name, column)| (name.as_str(), Values::Numbers(column[from..to].to_vec())))
            };
            let sketch = sketch(shown(0, rows));
            [40, 100, 250, 500].iter().any(|new| compared(&sketch, &LOOK, shown(rows, rows + new)).drifted > 0)
        });
        assert_eq!(alarms.count(), 0, "{kind:?}");
    }
}

/// The trap of summed distances: thousands of categories, each rare.
#[test]
fn many_categories_are_no_drift() {
    let names: Vec<String> = (0..5_000).map(|name| format!("id-{name}")).collect();
    let mut stream = stream(3);
    let mut codes = |rows: usize, among: usize| (0..rows).map(|_| stream.below(among) as u32).collect::<Vec<u32>>();
    let (old, new, fewer) = (codes(3_000, 5_000), codes(300, 5_000), codes(300, 2));
    let of = |codes: Vec<u32>| Values::Names { codes, names: &names };
    let sketch = sketch([("id", of(old))]);
    let drifted = |values| compared(&sketch, &LOOK, [("id", values)]).drifted;
    assert_eq!([drifted(of(new)), drifted(of(fewer))], [0, 1], "few of them are");
    let others: Vec<String> = (0..300).map(|name| format!("new-{name}")).collect();
    assert_eq!(drifted(Values::Names { codes: (0..300).collect(), names: &others }), 0, "one more rare name is none");
}

#[test]
fn a_new_category_is_drift() {
    let names = ["b", "a"].map(str::to_owned).to_vec();
    let old: Vec<u32> = (0..1_000).map(|row| if row % 5 == 4 { MISSING } else { row % 2 }).collect();
    let sketch = sketch([("kind", Values::Names { codes: old.clone(), names: &names })]);
    let drift =
        |codes: Vec<u32>, names: &[String]| compared(&sketch, &LOOK, [("kind", Values::Names { codes, names })]);
    let turned = ["a", "b"].map(str::to_owned);
    assert_eq!(drift(old[..200].to_vec(), &turned).drifted, 0, "codes are by table");
    let drift = drift(vec![0; 200], &["c".to_owned()]);
    let aspects: Vec<Aspect> = drift.farthest.iter().filter(|of| of.has_drifted()).map(|of| of.aspect).collect();
    assert_eq!((aspects, drift.drifted), (vec![Aspect::Values], 1), "{drift:?}");
    assert!(drift.is_everywhere());
}

/// What has been like this for a stretch of the training is known to the version: it is not trained for it over and over.
#[test]
fn what_the_training_has_met_is_no_drift() {
    let mut old = series(Kind::Independent, 4, 3_000);
    let new: Vec<f64> = series(Kind::Independent, 5, 60).into_iter().map(|x| x + 3.0).collect();
    assert_eq!(of_numbers(&old, &new).drifted, 1);
    old[1_500..1_700].iter_mut().for_each(|x| *x += 3.0);
    assert_eq!(of_numbers(&old, &new).drifted, 0);
}

#[test]
fn too_few_rows_say_nothing() {
    let sketch_of = |rows| sketch([("x", Values::Numbers(series(Kind::Independent, 6, rows)))]);
    let compare = |sketch: &Sketch, look: &Look, rows: usize| {
        sketch.compare(look, |show| show("x", &Values::Numbers(vec![9.0; rows])))
    };
    let needed = MIN_TRAINING_ROWS;
    assert_eq!(compare(&sketch_of(255), &LOOK, 100), InputDrift::FewTrainingRows { rows: 255, needed });
    let sketch = sketch_of(256);
    assert_eq!(compare(&sketch, &LOOK, 39), InputDrift::FewNewRows { rows: 39, needed: MIN_ROWS });
    assert!(matches!(compare(&sketch, &LOOK, 40), InputDrift::Compared(Drift { drifted: 1, .. })));
    let later = Look { from_rows: 50, ..LOOK };
    assert_eq!(compare(&sketch, &later, 49), InputDrift::FewNewRows { rows: 49, needed: 50 });
    assert_eq!(compare(&sketch, &LOOK, 0), InputDrift::FewNewRows { rows: 0, needed: MIN_ROWS });
}

#[test]
fn columns_are_found_by_name_and_kind() {
    let old = || Values::Numbers(series(Kind::Independent, 7, 1_000));
    let sketch = sketch([("a", old()), ("b", old())]);
    let new = |shift: f64| Values::Numbers(series(Kind::Independent, 8, 100).into_iter().map(|x| x + shift).collect());
    let drift = compared(&sketch, &LOOK, [("c", new(9.0)), ("b", new(9.0)), ("a", new(0.0))]);
    assert_eq!((drift.columns, drift.drifted, drift.farthest[0].column.as_str()), (2, 1, "b"));
    assert!(!drift.is_everywhere(), "one of two is not most");
    let names = vec![String::new()];
    let drift =
        compared(&sketch, &LOOK, [("a", Values::Names { codes: vec![0; 100], names: &names }), ("b", new(0.0))]);
    assert_eq!((drift.columns, drift.drifted), (1, 0), "a column of another kind is a matter of the schema");
}

/// A larger distance than the threshold is a smaller chance than is allowed, and the other way round.
#[test]
fn a_distance_up_to_what_matters_is_no_drift() {
    let old = series(Kind::Independent, 9, 20_000);
    let new: Vec<f64> = series(Kind::Independent, 10, 2_000).into_iter().map(|x| x + 0.3).collect();
    let sketch = sketch([("x", Values::Numbers(old))]);
    for (least_distance, drifted) in [(0.05, 1), (0.2, 0)] {
        let look = Look { least_distance, ..LOOK };
        let found = compared(&sketch, &look, [("x", Values::Numbers(new.clone()))]);
        assert_eq!(found.drifted, drifted, "{found:?}");
        assert!(found.farthest[0].threshold >= least_distance);
    }
}

#[test]
fn sketches_are_read_back() {
    let known = Known::of(["ann", "bob"], 2);
    let familiar = Familiar { known: [("user".to_owned(), known)].into(), words: vec!["the".into()] };
    assert!(familiar.knows("user", "ann") && !familiar.knows("user", "eve") && !familiar.knows("item", "ann"));
    let mut sketch = Sketch::new(familiar);
    sketch.add("x", &Values::Numbers(series(Kind::Broken, 11, 300)));
    let names = vec!["a".to_owned()];
    sketch.add("kind", &Values::Names { codes: vec![0; 300], names: &names });
    sketch.add("new", &(0..300).map(|row| row % 2 == 0).collect());
    let bytes = sketch.encode().unwrap();
    assert_eq!(Sketch::decode(&bytes).unwrap(), sketch);
    assert!(Sketch::decode(&bytes[..20]).is_err() && Sketch::decode(b"{}").is_err());
    let later = rmp_serde::to_vec_named(&std::collections::BTreeMap::from([("format", 2)])).unwrap();
    assert!(matches!(Sketch::decode(&later), Err(SketchError::Format(2))));
}
