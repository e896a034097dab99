//! How long an answer of the database is waited for. A connection whose host has vanished never says so: without a limit, whoever
//! asks on it waits for as long as TCP sends again, which is a quarter of an hour.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::writes::Writes;

/// Whoever gives up after so long without an answer leaves a connection that is taken for dead.
const SUSPICIOUS: Duration = Duration::from_secs(1);

/// The limits of a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Of a transaction that writes, from its turn in this process to its commit.
    pub(super) write: Duration,
    /// Of each row of an answer to whoever reads, or of an answer that comes whole. Longer than a large fleet takes: what is cut here
    /// would be cut again.
    pub(super) read: Option<Duration>,
    /// Of the leader's beat: it must not outlive the trust that it renews by much.
    pub(super) beat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { write: Duration::from_secs(15), read: Some(Duration::from_mins(1)), beat: Duration::from_secs(5) }
    }
}

/// The time limit of one loan of a connection.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    limit: Limit,
    /// An answer has been waited for since then.
    asked: Option<Instant>,
    /// No answer came in time.
    over: bool,
    /// Told when a write does, or does not, get through.
    writes: Option<Arc<Writes>>,
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    /// All answers together.
    Until(Instant),
    /// Every one of them.
    Each(Duration),
    None,
}

impl TimeLimit {
    /// With a transaction that writes.
    pub(super) fn of_a_write(limits: Limits, writes: &Arc<Writes>) -> Self {
        Self { writes: Some(writes.clone()), ..Self::new(Limit::Until(Instant::now() + limits.write)) }
    }

    /// With a transaction of the leader, which says that it lives.
    pub(super) fn of_a_beat(limits: Limits) -> Self {
        Self::new(Limit::Until(Instant::now() + limits.beat))
    }

    /// With each answer; without a limit, if there is none.
    pub(super) fn with_each(limit: Option<Duration>) -> Self {
        Self::new(limit.map_or(Limit::None, Limit::Each))
    }

    fn new(limit: Limit) -> Self {
        Self { limit, asked: None, over: false, writes: None }
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// Those of the answer; [`io::ErrorKind::TimedOut`] if it does not come in time.
    pub(super) async fn wait<T>(&mut self, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let now = Instant::now();
        self.asked = Some(now);
        let answered = match self.limit {
            Limit::Until(end) => timeout_at(end, answer).await,
            Limit::Each(limit) => timeout_at(now + limit, answer).await,
            Limit::None => Ok(answer.await),
        };
        self.asked = None;
        answered.unwrap_or_else(|_| {
            self.over = true;
            self.writes.iter().for_each(|writes| writes.failed());
            Err(silent())
        })
    }

    /// What was to be written is.
    pub(super) fn got_through(&self) {
        self.writes.iter().for_each(|writes| writes.got_through());
    }

    /// Whether no answer came in time.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the connection is to be taken for dead: no answer came in time, or whoever waited for one has given up.
    pub(super) fn gives_it_up(&self) -> bool {
        self.over || self.asked.is_some_and(|asked| asked.elapsed() >= SUSPICIOUS)
    }
}

/// What whoever waited in vain is told.
pub(super) fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer in time, the connection is cut"))
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    /// An answer that takes its time, but little of it.
    async fn soon() -> sqlx::Result<()> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(())
    }

    #[tokio::test]
    async fn a_write_has_one_limit_for_all_of_its_answers() {
        let writes = Arc::default();
        let limits = Limits { write: Duration::from_millis(200), ..Limits::default() };
        let mut time_limit = TimeLimit::of_a_write(limits, &writes);
        time_limit.wait(ready(Ok(()))).await.unwrap();
        assert!(!time_limit.gives_it_up() && writes.failing_for().is_none());
        let error = loop {
            if let Err(error) = time_limit.wait(soon()).await {
                break error;
            }
        };
        assert!(matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut));
        assert!(time_limit.gives_it_up() && writes.failing_for().is_some());
        time_limit.got_through();
        assert!(writes.failing_for().is_none());
    }

    #[tokio::test]
    async fn a_reader_has_one_for_each() {
        let mut time_limit = TimeLimit::with_each(Some(Duration::from_secs(5)));
        for _ in 0..20 {
            time_limit.wait(soon()).await.unwrap();
        }
        let mut time_limit = TimeLimit::with_each(Some(Duration::from_millis(10)));
        assert!(time_limit.wait(pending::<sqlx::Result<()>>()).await.is_err() && time_limit.is_over());
        let mut time_limit = TimeLimit::with_each(None);
        time_limit.wait(soon()).await.unwrap();
    }

    #[tokio::test]
    async fn who_waits_no_longer_leaves_a_connection_that_is_taken_for_dead() {
        let mut time_limit = TimeLimit::with_each(Some(Duration::from_mins(1)));
        time_limit.wait(ready(Ok(()))).await.unwrap();
        assert!(!time_limit.gives_it_up(), "nothing is waited for");
        let waiting = time_limit.wait(pending::<sqlx::Result<()>>());
        assert!(tokio::time::timeout(SUSPICIOUS, waiting).await.is_err());
        assert!(time_limit.gives_it_up());
    }
}
