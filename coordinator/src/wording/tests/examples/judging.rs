//! Verdicts, moves of a live pointer, alerts, items.

use common::wire::ListedReason;
use domain::judge::{Against, Compared, Conclusion, Finding, Pairing};
use domain::ledger::{DoesWorse, LedgerReason};

use super::version;

const CONFIDENCE: f64 = 0.95;

pub(super) fn findings() -> Vec<Finding> {
    use Against::{Baseline, Champion, Universal};
    let (confidence, against) = (CONFIDENCE, Champion);
    let not_worse = |bound, gain_below| {
        let (higher, margin) = (bound > 0.0, 0.02);
        Finding::NotWorse { against, confidence, bound, higher, margin, gain_below }
    };
    let difference = |against, unit, rows| Finding::Difference {
        against,
        unit,
        rows,
        difference: -0.005,
        confidence,
        low: -0.025,
        high: 0.015,
    };
    vec![
        Finding::NotFinite,
        Finding::Constant,
        Finding::SliceBelowFloor { slice: "age=20".into(), rows: 900, loss: 1.4, baseline_loss: 1.0 },
        Finding::Better { against, confidence: 0.975 },
        not_worse(0.0072, None),
        not_worse(0.0, Some(0.001)),
        Finding::NotWorseButChanged { against, gain_below: None },
        Finding::NotWorseButChanged { against, gain_below: Some(0.001) },
        Finding::Worse { against: Universal, confidence },
        Finding::TooFew { against: Baseline, unit: Pairing::Users, rows: 12, needed: 40 },
        Finding::First { against: Baseline },
        Finding::UndecidedRefresh { against, margin: 0.01 },
        Finding::Undecided { against },
        difference(Champion, Pairing::Dates, 60),
        difference(Baseline, Pairing::Texts, 300),
        difference(Universal, Pairing::Records, 300),
        Finding::NothingInCommon { against: Baseline },
        Finding::EarlierLooks { looks: 1 },
        Finding::EarlierLooks { looks: 2 },
    ]
}

pub(super) fn compared() -> Vec<Compared> {
    let said = |code, rows, gain_below| Compared {
        code,
        version: version(2),
        reference: version(1),
        difference: -0.05,
        low: -0.0512,
        high: -0.0488,
        rows,
        needed: 40,
        confidence: CONFIDENCE,
        margin: 0.02,
        gain_below,
    };
    vec![
        said(Conclusion::Better, 60, None),
        said(Conclusion::Worse, 60, None),
        said(Conclusion::NotWorse, 60, None),
        said(Conclusion::NotWorse, 60, Some(0.001)),
        said(Conclusion::TooFew, 12, None),
        said(Conclusion::Undecided, 60, None),
    ]
}

pub(super) fn does_worse() -> DoesWorse {
    let (version, than) = (version(2), version(1));
    DoesWorse { version, than, rows: 40, difference: 0.0812, low: 0.0123, confidence: CONFIDENCE }
}

pub(super) fn moves() -> Vec<LedgerReason> {
    vec![
        LedgerReason::Judged { finding: Finding::Better { against: Against::Champion, confidence: CONFIDENCE } },
        LedgerReason::ByHand,
        LedgerReason::Said { reason: "odd forecasts".into() },
        LedgerReason::DoesWorse(does_worse()),
        LedgerReason::Restored { backup: "20260102T030405.678Z-v1.0".into() },
        LedgerReason::Recorded { text: "as an earlier release has said it".into() },
    ]
}

pub(super) fn items() -> Vec<ListedReason> {
    let rated = |other: Option<&str>| ListedReason::RatedToo { one: "film 1".into(), other: other.map(str::to_owned) };
    vec![ListedReason::Popular { users: 321 }, rated(None), rated(Some("film 3"))]
}
