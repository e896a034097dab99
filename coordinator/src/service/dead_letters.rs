//! What nobody could understand, on the queue and on the bus.

use super::Result;
use super::core::Core;
use crate::views::DeadLettersView;

/// All that is kept, newest first.
pub(super) async fn all(core: &Core) -> Result<DeadLettersView> {
    let (queue, bus) = tokio::try_join!(core.ports.queue.dead_letters(), core.ports.bus.dead_letters())?;
    let counted = queue.counted.into_iter().chain(bus.counted).map(|(kind, count)| (kind.to_string(), count)).collect();
    let mut letters: Vec<_> = queue.letters.into_iter().chain(bus.letters).collect();
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.at));
    Ok(DeadLettersView { counted, letters: letters.into_iter().map(Into::into).collect() })
}
