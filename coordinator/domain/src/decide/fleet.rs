//! Declines over the whole fleet on one day: merged and capped.

use std::collections::HashSet;

use common::vocabulary::ModelKey;

use super::Facts;

/// The models that have to wait, because so many declined on one day that this says more of the world than of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Crowd {
    waiting: HashSet<ModelKey>,
    size: u32,
}

/// A model that has declined and is not being trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Declined {
    /// The model that declines.
    pub model: ModelKey,
    /// The rise of its loss as a share of the baseline's.
    pub rise: f64,
    /// It is trained for that if it is among so many of the day, by its policy.
    pub most: u32,
}

impl Crowd {
    /// Lets those be trained for a decline today that declined most, each as its policy says; `already`: those that were. `declines`:
    /// all of the fleet.
    pub fn of(mut declines: Vec<Declined>, already: u32) -> Self {
        declines.sort_by(|a, b| b.rise.total_cmp(&a.rise).then_with(|| a.model.cmp(&b.model)));
        let size = already.saturating_add(u32::try_from(declines.len()).unwrap_or(u32::MAX));
        let waits = |(before, declined): (usize, Declined)| {
            let free = declined.most.saturating_sub(already) as usize;
            (before >= free).then_some(declined.model)
        };
        Self { waiting: declines.into_iter().enumerate().filter_map(waits).collect(), size }
    }

    /// Its size, if somebody has to wait.
    pub fn size(&self) -> Option<u32> {
        (!self.waiting.is_empty()).then_some(self.size)
    }

    /// Marks a model as part of it, if it has to wait.
    pub fn mark(&self, model: &ModelKey, facts: &mut Facts) {
        let decline = facts.live.as_mut().and_then(|live| live.degraded.as_mut());
        if let Some(decline) = decline.filter(|_| self.waiting.contains(model)) {
            decline.one_of = Some(self.size);
        }
    }
}
