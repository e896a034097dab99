//! What the pure parts answer, in the words of the API.

use common::vocabulary::{InputImportance, ModelKey, SliceFigures, Timestamp};

use super::{
    DataAgeView, DecisionView, HoldView, ImportanceView, PauseView, ReasonView, SliceView, TermView, VerdictView,
};
use crate::db::pauses::Pause;
use crate::domain::decide::{Decision, Hold, Reason, Verdict};
use crate::domain::freshness::DataAge;
use crate::domain::judge::{Comparison, Judgement, Outcome};
use crate::domain::score::{Priority, Term};

impl DecisionView {
    /// A decision about a model as of `now`, with the place its training would have in the line.
    pub fn new(
        model: &ModelKey,
        decision: &Decision,
        priority: &Priority,
        data: Option<DataAge>,
        now: Timestamp,
    ) -> Self {
        let due = decision.verdict != Verdict::NotNeeded;
        Self {
            model: model.to_string(),
            verdict: decision.verdict.to_string(),
            band: decision.band.as_str().to_owned(),
            mode: decision.mode.map(|mode| mode.to_string()),
            reasons: decision.reasons.iter().map(ReasonView::from).collect(),
            holds: decision.holds.iter().map(HoldView::from).collect(),
            note: decision.note.clone(),
            score: due.then_some(priority.score),
            terms: if due { priority.terms.iter().map(TermView::from).collect() } else { Vec::new() },
            data: data.map(DataAgeView::from),
            at: now.utc(),
            job: None,
        }
    }
}

impl From<DataAge> for DataAgeView {
    fn from(age: DataAge) -> Self {
        let DataAge { newest, days, old } = age;
        Self { newest, days, old }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self { code: reason.code.to_string(), text: reason.text.clone(), mode: reason.mode.to_string() }
    }
}

impl From<&Hold> for HoldView {
    fn from(hold: &Hold) -> Self {
        Self { code: hold.code.to_string(), text: hold.text.clone(), until: hold.until.map(Timestamp::utc) }
    }
}

impl From<&Pause> for PauseView {
    fn from(pause: &Pause) -> Self {
        Self { since: pause.at.utc(), reason: pause.why.clone() }
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
        Self { name: term.name.clone(), points: term.points }
    }
}

impl From<&Judgement> for VerdictView {
    /// Where nothing could be compared, the figures are 0, over 0 rows.
    fn from(judgement: &Judgement) -> Self {
        let figure = |of: fn(&Comparison) -> f64| judgement.comparison.as_ref().map_or(0.0, of);
        Self {
            verdict: judgement.verdict.to_string(),
            promoted: judgement.outcome == Outcome::Promote,
            against: judgement.against.to_string(),
            difference: figure(|found| found.difference),
            low: figure(|found| found.low),
            high: figure(|found| found.high),
            rows: judgement.comparison.map_or(0, |found| found.rows as u64),
            beats_naive: judgement.beats_naive,
            reasons: judgement.reasons.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::settings::{self, Policy};
    use common::vocabulary::{Category, Family};

    use super::*;
    use crate::domain::decide::{Facts, Request, Rules, decide};
    use crate::domain::judge::{Against, Verdict as Shown};
    use crate::domain::score::{Ask, Standing, score};

    #[test]
    fn a_decision_keeps_its_words_and_numbers() {
        let facts = Facts { rows: 10, minimum_rows: 341, ..Facts::default() };
        let now = Timestamp::default();
        let policy = Policy::default();
        let rules = Rules { bands: policy.bands(Family::Forecaster), policy };
        let decision = decide(&facts, &rules, &Request::default(), now);
        let ask = Ask {
            category: Category::Portfolio,
            priority: None,
            position: 0,
            standing: Standing::NoModel,
            already_training: false,
        };
        let key = "forecaster/AAPL".parse().unwrap();
        let place = score(&ask, &settings::Priority::default(), &Policy::default());
        let view = DecisionView::new(&key, &decision, &place, None, now);
        assert_eq!((view.verdict.as_str(), view.mode.as_deref()), ("held_back", Some("complete")));
        assert_eq!((view.reasons[0].code.as_str(), view.reasons[0].mode.as_str()), ("no_model", "complete"));
        assert_eq!((view.holds[0].code.as_str(), view.holds[0].until), ("too_few_rows", None));
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
            reasons: vec!["Not worse.".into()],
        };
        let view = VerdictView::from(&judgement);
        assert_eq!((view.verdict.as_str(), view.promoted, view.against.as_str()), ("not_worse", true, "champion"));
        assert_eq!((view.difference, view.low, view.high, view.rows), (-0.01, -0.03, 0.01, 60));
        let nothing = VerdictView::from(&Judgement { comparison: None, outcome: Outcome::Wait, ..judgement });
        assert_eq!((nothing.promoted, nothing.low, nothing.rows), (false, 0.0, 0));
    }
}
