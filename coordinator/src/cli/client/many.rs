//! Waiting for the ends of many jobs by one stream of events, instead of asking for each.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use common::vocabulary::JobState;
use tokio::time::timeout;
use uuid::Uuid;

use super::{Client, EventStream, InQueue};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::views::{Event, JobEvent};

/// How long the next event is waited for once the last job has ended: they are told a moment later.
const MOMENT: Duration = Duration::from_secs(1);

impl Client {
    /// How many of these jobs were completed, once all have ended. `events` has been opened before they were asked for.
    ///
    /// # Errors
    /// As [`Self::ended`], of any of them.
    pub(crate) async fn count_completed(
        &self,
        out: &Output,
        ids: &[Uuid],
        events: EventStream,
        in_queue: InQueue,
    ) -> Result<usize, Failure> {
        let Some(last) = ids.last() else { return Ok(0) };
        let mut received = ReceivedEnds { ends: HashMap::new(), events: Some(events) };
        // The last in the backlog is asked for by its name, so that what keeps it there is said.
        let ended = self.ended(out, *last, in_queue);
        let job = tokio::select! {
            job = ended => job?,
            never = received.listen() => match never {},
        };
        received.ends.insert(*last, job.state);
        while !received.knows_all(ids) && matches!(timeout(MOMENT, received.next()).await, Ok(true)) {}
        for id in ids {
            if !received.ends.contains_key(id) {
                received.ends.insert(*id, self.ended(out, *id, in_queue).await?.state);
            }
        }
        Ok(ids
            .iter()
            .filter(|id| received.ends.get(id).is_some_and(|end| *end == JobState::Completed.as_str()))
            .count())
    }
}

/// How jobs have ended, as far as that was heard.
struct ReceivedEnds {
    ends: HashMap<Uuid, String>,
    events: Option<EventStream>,
}

impl ReceivedEnds {
    /// Takes in one more event; whether there may be another.
    async fn next(&mut self) -> bool {
        let Some(events) = &mut self.events else { return false };
        match events.next().await {
            Some(Event::Job(JobEvent { job, state, .. })) if state.is_ended() => {
                self.ends.insert(job, state.to_string());
            }
            Some(_) => {}
            None => self.events = None,
        }
        self.events.is_some()
    }

    /// Takes in events, without end.
    async fn listen(&mut self) -> Infallible {
        while self.next().await {}
        std::future::pending().await
    }

    fn knows_all(&self, ids: &[Uuid]) -> bool {
        self.ends.len() >= ids.len() && ids.iter().all(|id| self.ends.contains_key(id))
    }
}
