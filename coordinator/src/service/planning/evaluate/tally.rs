//! What an evaluation comes to: counts of all decisions, and the most urgent of them. However large the fleet, no more is held.

use domain::decide::Verdict;

use crate::db::decisions::DecisionRecord;
use crate::views::{DecisionView, EvaluationAnswer, VerdictCounts};

/// Decisions as they are made.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) models: usize,
    verdicts: VerdictCounts,
    pub(super) enqueued: usize,
    /// How many of them are shown.
    shown: usize,
    /// Those, and some more that have come since they were last sorted out.
    urgent: Vec<DecisionRecord>,
}

impl Tally {
    /// Of which so many are shown.
    pub(super) fn new(shown: usize) -> Self {
        Self { models: 0, verdicts: VerdictCounts::default(), enqueued: 0, shown, urgent: Vec::new() }
    }

    /// One more.
    pub(super) fn add(&mut self, decision: DecisionRecord) {
        self.models += 1;
        self.enqueued += usize::from(decision.job.is_some());
        *match decision.verdict {
            Verdict::Retrain => &mut self.verdicts.retrain,
            Verdict::Recommended => &mut self.verdicts.recommended,
            Verdict::HeldBack => &mut self.verdicts.held_back,
            Verdict::NotNeeded => &mut self.verdicts.not_needed,
        } += 1;
        self.urgent.push(decision);
        if self.urgent.len() > self.shown.saturating_mul(2) {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        let score = |decision: &DecisionRecord| decision.score.unwrap_or(0.0);
        self.urgent.sort_by(|a, b| rank(a.verdict).cmp(&rank(b.verdict)).then(score(a).total_cmp(&score(b))));
        self.urgent.truncate(self.shown);
    }

    /// In words, most urgent first.
    pub(super) fn answer(mut self) -> EvaluationAnswer {
        self.sort_out();
        let items = self.urgent.into_iter().map(DecisionView::from).collect();
        EvaluationAnswer { models: self.models, verdicts: self.verdicts, enqueued: self.enqueued, items }
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Retrain => 0,
        Verdict::Recommended => 1,
        Verdict::HeldBack => 2,
        Verdict::NotNeeded => 3,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    fn decision(name: &str, verdict: Verdict, score: f64) -> DecisionRecord {
        DecisionRecord {
            model: format!("forecaster/{name}").parse().unwrap(),
            verdict,
            band: None,
            mode: None,
            reasons: Vec::new(),
            holds: Vec::new(),
            remarks: Vec::new(),
            note: String::new(),
            score: Some(score),
            terms: Vec::new(),
            price: None,
            data: None,
            at: DateTime::<Utc>::default(),
            job: (verdict == Verdict::Retrain).then(Uuid::nil),
        }
    }

    #[test]
    fn the_most_urgent_are_kept_and_all_are_counted() {
        let mut tally = Tally::new(3);
        for n in 0..20 {
            tally.add(decision(&format!("N{n}"), Verdict::NotNeeded, f64::from(n)));
        }
        tally.add(decision("LATE", Verdict::Retrain, 40.0));
        tally.add(decision("HELD", Verdict::HeldBack, -5.0));
        tally.add(decision("SOON", Verdict::Retrain, 10.0));
        assert!(tally.urgent.len() <= 6);
        let answer = tally.answer();
        let shown: Vec<&str> = answer.items.iter().map(|decision| decision.model.as_str()).collect();
        assert_eq!(shown, ["forecaster/SOON", "forecaster/LATE", "forecaster/HELD"]);
        let verdicts = VerdictCounts { retrain: 2, recommended: 0, held_back: 1, not_needed: 20 };
        assert_eq!((answer.models, answer.verdicts, answer.enqueued), (23, verdicts, 2));
        assert_eq!(Tally::new(0).answer().items, []);
    }
}
