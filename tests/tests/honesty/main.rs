//! Honesty of the whole way from bars to a verdict (JUDGING §6), with real trainings of small networks: what cannot be known is
//! not claimed, what can be known is found. Every draw is seeded, so the counts are the same on every run.
#![allow(clippy::unwrap_used)]

mod forecaster;
mod gate;
mod log;
mod market;
mod tabular;
mod text;
mod training;

use common::vocabulary::Mode;
use coordinator::domain::judge::{Against, Outcome, Verdict};
use forecaster::{train, trained};
use gate::{judgement, reliability};
use training::Others;

/// The least rows that are judged on in practice.
const HOLDOUT: u32 = 60;

/// Runs a test's trainings on two threads; results in order of the seeds.
fn for_seeds<T: Send>(seeds: u64, of: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let half = |rest| (0..seeds).filter(|seed| seed % 2 == rest).map(&of).collect::<Vec<T>>();
    let (even, odd) = std::thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        (half(0), odd.join().unwrap())
    });
    even.into_iter().chain(odd).collect()
}

/// How many are true.
fn count(found: &[bool]) -> usize {
    found.iter().filter(|found| **found).count()
}

/// G4: labels that have nothing to do with the past earn neither trust nor distrust.
#[test]
fn shuffled_labels_earn_no_trust() {
    let symbols = refit_tests::prices::symbols();
    let trust = for_seeds(150, |seed| {
        let real = market::real(&symbols[seed as usize % symbols.len()]);
        reliability(&trained(&market::shuffled(&real, seed), seed, HOLDOUT, None))
    });
    let mean = trust.iter().sum::<f64>() / trust.len() as f64;
    assert!((0.45..=0.55).contains(&mean), "mean reliability {mean}");
}

/// G4: on random walks at most 5 % are found better than the baseline.
#[test]
fn random_walks_are_not_beaten() {
    let better = for_seeds(150, |seed| {
        let version = trained(&market::autoregressive(seed, 700, 0.0), seed, HOLDOUT, None);
        let judgement = judgement(&version);
        assert_eq!(judgement.against, Against::Baseline);
        judgement.verdict == Verdict::Better
    });
    assert!(count(&better) * 20 <= better.len(), "{} of {} walks", count(&better), better.len());
}

/// G4: what is there to be found is found: every market in which tomorrow follows today with φ = 0.3.
#[test]
fn autoregression_is_found() {
    let found = for_seeds(6, |seed| {
        let version = trained(&market::autoregressive(seed, 4000, 0.3), seed, 1000, None);
        let judgement = judgement(&version);
        judgement.beats_naive && judgement.outcome == Outcome::Promote && reliability(&version) > 0.5
    });
    assert_eq!(count(&found), found.len());
}

/// G4: another seed is no progress: at most 5 % are found better than the champion of the same recipe.
#[test]
fn two_seeds_of_one_recipe_are_hardly_told_apart() {
    let better = for_seeds(150, |seed| {
        let walk = market::autoregressive(1000 + seed, 700, 0.0);
        let champion = trained(&walk, 2 * seed, HOLDOUT, None);
        let judgement = judgement(&trained(&walk, 2 * seed + 1, HOLDOUT, Some(&champion)));
        assert_eq!(judgement.against, Against::Champion);
        judgement.verdict == Verdict::Better
    });
    assert!(count(&better) * 20 <= better.len(), "{} of {} pairs", count(&better), better.len());
}

/// G9: a version that was trained on gate rows is refused by the evaluator, with both dates.
#[test]
fn who_was_trained_on_gate_rows_is_refused() {
    let bars = market::autoregressive(1, 700, 0.0);
    let (earlier, later) = (&bars[..600], &bars[..]);
    let champion = trained(later, 1, HOLDOUT, None);
    let refused = train(earlier, 2, HOLDOUT, Some(&champion)).err().unwrap().to_string();
    let first = bars[540].date;
    assert!(
        refused.contains(&champion.manifest.seen_through.to_string()) && refused.contains(&first.to_string()),
        "{refused}"
    );
}

/// G9, D2: a model cannot go on from one that reads other columns, or other rows: the trainer itself refuses.
#[test]
fn who_reads_other_columns_is_no_parent() {
    let mut log = text::texts(1, 900, 0.9);
    let parent = text::trained(&log, 1, Others::default());
    text::more(&mut log, 2, 200, 0.9);
    let others = Others { parent: Some(&parent), ..Others::default() };
    assert_eq!(text::trained(&log, 1, others).manifest.mode, Mode::Incremental);
    for (role, column) in [("label", "second"), ("text", "second"), ("positive", "0")] {
        let refused = text::train(&log, text::reading_with(role, column), 1, others).err().unwrap().to_string();
        assert!(refused.contains("an incremental training keeps its parent's"), "{role}: {refused}");
    }
    let sliced = text::train(&log, text::reading_with("group", "second"), 1, others);
    assert!(sliced.is_ok(), "only the verdict looks at groups");
}
