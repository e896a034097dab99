//! What the pure parts answer, in the words of the API.

use common::vocabulary::{InputImportance, SliceFigures};
use domain::freshness::DataAge;
use domain::score::Term;

use super::{
    DataAgeView, DecisionView, HoldView, ImportanceView, Numbers, PauseView, ReasonView, SliceView, TermView, ToldView,
    VerdictView,
};
use crate::db::decisions::{DecisionRecord, HoldRecord, ReasonRecord};
use crate::db::pauses::Pause;
use crate::db::terms::TermRecord;
use crate::db::verdicts::VerdictRecord;
use crate::wording::{self, Message, RenderedMessage};

/// A decision in the words of whoever reads it.
impl From<DecisionRecord> for DecisionView {
    fn from(kept: DecisionRecord) -> Self {
        let remarks: Vec<ToldView> = kept.remarks.iter().map(ToldView::of).collect();
        let words = remarks.iter().map(|remark| remark.text.as_str()).collect::<Vec<_>>().join(" ");
        Self {
            model: kept.model.to_string(),
            verdict: kept.verdict.to_string(),
            band: kept.band.map(|band| band.as_str().to_owned()).unwrap_or_default(),
            mode: kept.mode.map(|mode| mode.to_string()),
            reasons: kept.reasons.into_iter().map(ReasonView::from).collect(),
            holds: kept.holds.into_iter().map(HoldView::from).collect(),
            note: if remarks.is_empty() { kept.note } else { words },
            remarks,
            score: kept.score,
            terms: kept.terms.into_iter().map(TermView::from).collect(),
            price: kept.price,
            data: kept.data.map(DataAgeView::from),
            at: kept.at,
            job: kept.job,
        }
    }
}

impl From<ReasonRecord> for ReasonView {
    fn from(kept: ReasonRecord) -> Self {
        match kept {
            ReasonRecord::Coded { reason, .. } => {
                let ToldView { code, text, mut numbers } = ToldView::of(&reason);
                numbers.remove("mode");
                Self { code, text, mode: reason.mode.to_string(), numbers }
            }
            ReasonRecord::Recorded { code, text, mode } => {
                Self { code, text, mode: mode.to_string(), numbers: Numbers::default() }
            }
        }
    }
}

impl From<HoldRecord> for HoldView {
    fn from(kept: HoldRecord) -> Self {
        match kept {
            HoldRecord::Coded { obstacle, until, .. } => {
                let ToldView { code, text, numbers } = ToldView::of(&obstacle);
                Self { code, text, until, numbers }
            }
            HoldRecord::Recorded { code, text, until } => Self { code, text, until, numbers: Numbers::default() },
        }
    }
}

impl ToldView {
    /// A message in the words of whoever reads it.
    pub(crate) fn of<M: Message>(message: &M) -> Self {
        wording::render(message).into()
    }
}

impl From<RenderedMessage> for ToldView {
    fn from(message: RenderedMessage) -> Self {
        let RenderedMessage { code, text, mut fields } = message;
        // It is what is told, then, and an object has no field twice.
        fields.remove("text");
        Self { code, text, numbers: Numbers(fields) }
    }
}

impl From<DataAge> for DataAgeView {
    fn from(age: DataAge) -> Self {
        let DataAge { newest, days, old } = age;
        Self { newest, days, old }
    }
}

impl From<&Pause> for PauseView {
    fn from(pause: &Pause) -> Self {
        Self { since: pause.at.utc(), reason: pause.reason.clone() }
    }
}

impl From<&SliceFigures> for SliceView {
    fn from(slice: &SliceFigures) -> Self {
        let SliceFigures { name, rows, loss, baseline_loss, standard_error } = slice.clone();
        Self { name, rows, loss, baseline_loss, standard_error }
    }
}

impl From<&InputImportance> for ImportanceView {
    fn from(input: &InputImportance) -> Self {
        let InputImportance { column, rise, deviation } = input.clone();
        Self { column, rise, deviation }
    }
}

impl From<&Term> for TermView {
    fn from(term: &Term) -> Self {
        let ToldView { code, text, mut numbers } = ToldView::of(term);
        numbers.remove("points");
        Self { name: text, points: term.points, code, numbers }
    }
}

impl From<TermRecord> for TermView {
    fn from(kept: TermRecord) -> Self {
        match kept {
            TermRecord::Coded { term, .. } => Self::from(&term),
            TermRecord::Recorded { name, points } => {
                Self { name, points, code: String::new(), numbers: Numbers::default() }
            }
        }
    }
}

/// A verdict in the words of whoever reads it.
impl From<VerdictRecord> for VerdictView {
    fn from(kept: VerdictRecord) -> Self {
        let findings: Vec<ToldView> = kept.findings.iter().map(ToldView::of).collect();
        Self {
            verdict: kept.verdict.to_string(),
            promoted: kept.promoted,
            against: kept.against.to_string(),
            difference: kept.difference,
            low: kept.low,
            high: kept.high,
            rows: kept.rows,
            beats_naive: kept.beats_naive,
            reasons: match findings.is_empty() {
                true => kept.reasons,
                false => findings.iter().map(|finding| finding.text.clone()).collect(),
            },
            findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use common::settings::{self, Policy};
    use common::vocabulary::{Category, Family, Timestamp, Zone};

    use super::*;
    use domain::decide::{Facts, Request, Rules, decide};
    use domain::judge::{Against, Comparison, Finding, Judgement, Outcome, Verdict as Shown};
    use domain::score::{LiveStatus, ScoreInputs, score};

    #[test]
    fn a_decision_keeps_its_words_and_numbers() {
        let facts = Facts { rows: 10, minimum_rows: 341, ..Facts::default() };
        let now = Timestamp::default();
        let policy = Policy::default();
        let rules = Rules { bands: policy.bands(Family::Forecaster), policy, zone: Zone::UTC };
        let decision = decide(&facts, &rules, &Request::default(), now);
        let inputs = ScoreInputs {
            category: Category::Portfolio,
            priority: None,
            position: 0,
            live: LiveStatus::NoModel,
            already_training: false,
        };
        let key = "forecaster/AAPL".parse().unwrap();
        let priority = score(&inputs, &settings::Priority::default(), &Policy::default());
        let view = DecisionView::from(DecisionRecord::new(&key, &decision, &priority, None, now));
        assert_eq!((view.verdict.as_str(), view.mode.as_deref()), ("held_back", Some("complete")));
        assert_eq!((view.reasons[0].code.as_str(), view.reasons[0].mode.as_str()), ("no_model", "complete"));
        assert_eq!((view.holds[0].code.as_str(), view.holds[0].until), ("too_few_rows", None));
        assert_eq!(
            (view.holds[0].numbers["rows"].as_u64(), view.holds[0].numbers["needed"].as_u64()),
            (Some(10), Some(341))
        );
        assert_eq!((view.score, view.terms.len()), (Some(0.0), 2));
        assert_eq!(view.note, "It is let go when every hold has ended.");
    }

    #[test]
    fn a_verdict_is_shown_even_where_nothing_was_compared() {
        let comparison = Comparison { difference: -0.01, low: -0.03, high: 0.01, bound: 0.005, rows: 60 };
        let judgement = Judgement {
            outcome: Outcome::Promote,
            verdict: Shown::NotWorse,
            against: Against::Champion,
            comparison: Some(comparison),
            beats_naive: false,
            conclusion: Finding::First { against: Against::Baseline },
            details: Vec::new(),
        };
        let view = VerdictView::from(VerdictRecord::from(&judgement));
        assert_eq!((view.verdict.as_str(), view.promoted, view.against.as_str()), ("not_worse", true, "champion"));
        assert_eq!((view.difference, view.low, view.high, view.rows), (-0.01, -0.03, 0.01, 60));
        let said =
            "A first version, and not shown to be worse than the hardest naive baseline: its reliability marks it.";
        assert_eq!((view.reasons[0].as_str(), view.findings[0].text.as_str()), (said, said));
        let judgement = Judgement { comparison: None, outcome: Outcome::Wait, ..judgement };
        let nothing = VerdictView::from(VerdictRecord {
            reasons: vec!["As recorded.".into()],
            findings: Vec::new(),
            ..VerdictRecord::from(&judgement)
        });
        assert_eq!(nothing.reasons, ["As recorded."]);
        assert_eq!((nothing.promoted, nothing.low, nothing.rows), (false, 0.0, 0));
    }
}
