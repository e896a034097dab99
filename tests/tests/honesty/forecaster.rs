//! Small forecasters: what they claim on markets real and made up.

use common::bars::{self, Bar};
use common::vocabulary::{BarsPart, ContentHash, ForecasterHyper, Hyper, ModelKey, Snapshot, SplitPolicy, Symbol};
use domain::judge::{Against, Outcome, Verdict};
use models::run::TrainError;

use crate::gate::{judgement, reliability};
use crate::training::{self, Others, Trained};
use crate::{count, for_seeds, market, mean};

/// The least rows that are judged on in practice.
const HOLDOUT: u32 = 60;

/// A training that must succeed; see [`train`].
fn trained(bars: &[Bar], seed: u64, holdout_rows: u32, champion: Option<&Trained>) -> Trained {
    train(bars, seed, holdout_rows, champion).unwrap()
}

/// Trains on these bars with this seed; `champion` is scored on the same rows.
fn train(bars: &[Bar], seed: u64, holdout_rows: u32, champion: Option<&Trained>) -> Result<Trained, TrainError> {
    let symbol: Symbol = "TEST".parse().unwrap();
    let file = bars::encode(&symbol, bars).unwrap();
    let part = BarsPart {
        hash: ContentHash::of(&file),
        symbol: symbol.clone(),
        rows: bars.len() as u64,
        first: bars[0].date,
        last: bars[bars.len() - 1].date,
    };
    let hyper = ForecasterHyper {
        layers: 1,
        hidden: 8,
        window: 10,
        epochs: 8,
        patience: 3,
        learning_rate: 5e-3,
        seed,
        ..ForecasterHyper::default()
    };
    training::train(
        ModelKey::forecaster(&symbol),
        Snapshot::Bars { symbols: vec![symbol], parts: vec![part] },
        &file,
        Hyper::Forecaster(hyper),
        SplitPolicy { holdout_rows, ..SplitPolicy::default() },
        Others { champion, ..Others::default() },
    )
}

/// G4: labels that have nothing to do with the past earn neither trust nor distrust.
#[test]
fn shuffled_labels_earn_no_trust() {
    let symbols = refit_tests::prices::symbols();
    let trust = for_seeds(150, |seed| {
        let real = market::real(&symbols[seed as usize % symbols.len()]);
        reliability(&trained(&market::shuffled(&real, seed), seed, HOLDOUT, None))
    });
    assert!((0.45..=0.55).contains(&mean(&trust)), "mean reliability {}", mean(&trust));
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
