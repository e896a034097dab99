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

impl Crowd {
    /// Lets at most `most` models be trained for a decline today, those that declined most; `already`: those that were. `declines`:
    /// every model of the fleet that has declined and is not being trained, and by how much.
    pub fn of(mut declines: Vec<(ModelKey, f64)>, already: u32, most: u32) -> Self {
        declines.sort_by(|(a, rise), (b, other)| other.total_cmp(rise).then_with(|| a.cmp(b)));
        let size = already.saturating_add(u32::try_from(declines.len()).unwrap_or(u32::MAX));
        let free = most.saturating_sub(already) as usize;
        Self { waiting: declines.into_iter().skip(free).map(|(model, _)| model).collect(), size }
    }

    /// Its size, if somebody has to wait.
    pub fn size(&self) -> Option<u32> {
        (!self.waiting.is_empty()).then_some(self.size)
    }

    /// Tells a model that it is part of it, if it has to wait.
    pub fn tell(&self, model: &ModelKey, facts: &mut Facts) {
        let decline = facts.live.as_mut().and_then(|live| live.degraded.as_mut());
        if let Some(decline) = decline.filter(|_| self.waiting.contains(model)) {
            decline.one_of = Some(self.size);
        }
    }
}
