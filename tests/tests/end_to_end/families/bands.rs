//! Bands promise only what can be trained (A1).

use std::fmt::Write;
use std::ops::Range;

use refit_tests::Installation;
use refit_tests::draw::draw;

use crate::families::kit::{import, trained, version};

const MODEL: &str = "recommender/shop";
/// Ratings of a day.
const DAILY: u64 = 300;

/// All ratings there will ever be.
const ALL: u64 = 4200;

/// Ratings in order of time, 300 a day, each of another pair: who and what go together by being odd or even.
fn ratings(rows: Range<u64>) -> String {
    let mut csv = "user,item,rating,time\n".to_owned();
    for row in rows {
        // Coprime with their number: a permutation.
        let pair = row * 1237 % ALL;
        let (user, item) = (pair % 100, pair / 100);
        let value = if user % 2 == item % 2 { 4 } else { 2 } + draw(user, item, 2);
        let at = 1_577_836_800 + row / DAILY * 86_400 + row % DAILY;
        writeln!(csv, "{user},{item},{value},{at}").unwrap();
    }
    csv
}

/// All of the new rows are held out, since days are parted whole: nothing is promised, an incremental training that somebody insists on
/// is refused before a job is made, the complete one that is advised works; and what a band does promise later can be trained.
#[test]
fn a1_a_band_promises_only_what_can_be_trained() {
    let refit = Installation::running();
    import(&refit, "shop", "base.csv", &ratings(0..3000), &["--key", "user,item", "--time", "time"]);
    refit.json(&["model", MODEL, "--set", "n_factors=4", "--set", "members=1"]);
    trained(&refit, MODEL, &[]);
    assert_eq!(version(&refit, MODEL, "v1.0")["status"], "live");

    import(&refit, "shop", "some.csv", &ratings(3000..3120), &[]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert_eq!(decision["band"], "none", "{decision}");
    let refused = refit.refit(&["retrain", MODEL, "--mode", "incremental", "--force"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("not enough to learn from"), "{}", refused.stderr);
    assert!(refused.stderr.contains("a complete one works (--mode complete)"), "{}", refused.stderr);
    trained(&refit, MODEL, &["--mode", "complete"]);

    import(&refit, "shop", "more.csv", &ratings(3120..ALL), &[]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert_eq!(decision["band"], "necessary", "{decision}");
    let job = trained(&refit, MODEL, &["--mode", "incremental"]);
    assert_eq!(job["mode"], "incremental", "{job}");
}
