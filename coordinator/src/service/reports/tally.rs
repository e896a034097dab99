//! Trainings that ended, counted as they come: a fleet's are not held.

use std::collections::{BTreeMap, HashMap, HashSet};

use common::vocabulary::{Family, JobState, ModelKey};

use crate::db::reports::trainings::Ended;
use crate::views::{FamilyFigures, HealthFigures, ModelFailures, NotPromoted, ToldView, VerdictView};

/// A mean of what there is.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1;
        }
    }

    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

#[derive(Debug, Default)]
struct OfFamily {
    models: HashSet<ModelKey>,
    completed: u64,
    promoted: u64,
    failed: u64,
    cancelled: u64,
    seconds: Mean,
}

/// What trainings came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    families: BTreeMap<&'static str, (Family, OfFamily)>,
    waited: Mean,
    seconds: Mean,
    not_promoted: Vec<NotPromoted>,
    failures: HashMap<ModelKey, (u64, ToldView)>,
    /// Rows of lists.
    most: usize,
}

impl Tally {
    /// Nothing yet; lists hold at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// One more.
    pub(super) fn add(&mut self, ended: Ended) {
        let Ok(family) = ended.model.folder().parse::<Family>() else { return };
        let (_, of) = self.families.entry(family.as_str()).or_insert_with(|| (family, OfFamily::default()));
        of.models.insert(ended.model.clone());
        self.waited.add(ended.waited);
        match ended.state {
            JobState::Completed => {
                of.completed += 1;
                of.promoted += u64::from(ended.is_live);
                of.seconds.add(ended.seconds);
                self.seconds.add(ended.seconds);
                if !ended.is_live && self.not_promoted.len() < self.most {
                    let Some((version, verdict)) = ended.version else { return };
                    let verdict = verdict.map(VerdictView::from);
                    let (model, version) = (ended.model.to_string(), version.to_string());
                    self.not_promoted.push(NotPromoted { model, version, verdict });
                }
            }
            JobState::Failed => {
                of.failed += 1;
                let reason = || ToldView::of(&ended.reason);
                self.failures.entry(ended.model).or_insert_with(|| (0, reason())).0 += 1;
            }
            JobState::Cancelled => of.cancelled += 1,
            JobState::Queued | JobState::Dispatched | JobState::Running | JobState::Judging => {}
        }
    }

    /// The figures of all families together.
    pub(super) fn health(&self) -> HealthFigures {
        let all = |of: fn(&OfFamily) -> u64| self.families.values().map(|(_, family)| of(family)).sum::<u64>();
        let (completed, failed) = (all(|of| of.completed), all(|of| of.failed));
        HealthFigures {
            completed,
            failed,
            cancelled: all(|of| of.cancelled),
            success_rate: (completed + failed > 0).then(|| completed as f64 / (completed + failed) as f64),
            promoted: all(|of| of.promoted),
            mean_training_seconds: self.seconds.value(),
            mean_waiting_seconds: self.waited.value(),
            ..HealthFigures::default()
        }
    }

    /// Family by family, what did not go live, and what failed: most failures first.
    pub(super) fn lists(self) -> (Vec<FamilyFigures>, Vec<NotPromoted>, Vec<ModelFailures>) {
        let figures = |(family, of): (Family, OfFamily)| FamilyFigures {
            family,
            models: of.models.len() as u64,
            completed: of.completed,
            promoted: of.promoted,
            failed: of.failed,
            cancelled: of.cancelled,
            mean_seconds: of.seconds.value(),
        };
        let families = self.families.into_values().map(figures).collect();
        let failed = |(model, (failures, reason)): (ModelKey, (u64, ToldView))| ModelFailures {
            model: model.to_string(),
            failures,
            reason,
        };
        let mut failures: Vec<ModelFailures> = self.failures.into_iter().map(failed).collect();
        failures.sort_by(|a, b| b.failures.cmp(&a.failures).then_with(|| a.model.cmp(&b.model)));
        failures.truncate(self.most);
        let mut not_promoted = self.not_promoted;
        not_promoted.sort_by(|a, b| (&a.model, &a.version).cmp(&(&b.model, &b.version)));
        (families, not_promoted, failures)
    }
}
