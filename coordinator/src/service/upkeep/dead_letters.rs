//! What nobody could understand, on the queue and on the bus.

use crate::service::error::Result;
use crate::service::runtime::Refit;
use crate::views::DeadLettersView;

impl Refit {
    /// Messages that nobody could understand: refused, counted, the newest of each kind kept.
    ///
    /// # Errors
    /// The queue or the bus does not answer.
    pub async fn dead_letters(&self) -> Result<DeadLettersView> {
        let ports = &self.core.ports;
        let (queue, bus) = tokio::try_join!(ports.queue.dead_letters(), ports.bus.dead_letters())?;
        let counted = queue.counted.into_iter().chain(bus.counted);
        let mut letters: Vec<_> = queue.letters.into_iter().chain(bus.letters).collect();
        letters.sort_by_key(|letter| std::cmp::Reverse(letter.at));
        Ok(DeadLettersView {
            counted: counted.map(|(kind, count)| (kind.to_string(), count)).collect(),
            letters: letters.into_iter().map(Into::into).collect(),
        })
    }
}
