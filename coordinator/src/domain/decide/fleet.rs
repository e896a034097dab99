//! Declines over the whole fleet on one day: merged and capped.

use super::Facts;

/// Lets at most `most` models be trained for a decline today, those that declined most; `already`: those that were. The others are
/// told that they are part of a crowd. Gives the size of the crowd, if somebody has to wait.
pub fn crowd<'a>(fleet: impl IntoIterator<Item = &'a mut Facts>, already: u32, most: u32) -> Option<u32> {
    let mut declines: Vec<_> = fleet
        .into_iter()
        .filter(|facts| facts.active_job.is_none())
        .filter_map(|facts| facts.live.as_mut()?.degraded.as_mut())
        .collect();
    declines.sort_by(|a, b| b.rise.total_cmp(&a.rise));
    let free = most.saturating_sub(already) as usize;
    let size = already.saturating_add(u32::try_from(declines.len()).unwrap_or(u32::MAX));
    let waiting = declines.get_mut(free..).unwrap_or_default();
    waiting.iter_mut().for_each(|decline| decline.one_of = Some(size));
    (!waiting.is_empty()).then_some(size)
}
