//! Rows that are written behind: handed over at once, written many together, and kept until they are. A database that is away costs
//! time and no row; a row that the database refuses costs that row alone.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::db::CHUNK;
use crate::service::error::{Error, Result};

/// How long whoever waits for rows to be written does so.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(5);
/// A round lasts no longer while nothing is handed over: who looks sees that it is alive.
const LOOK: Duration = Duration::from_secs(10);

/// Where such rows end.
#[async_trait]
pub(crate) trait Sink<T>: Sync {
    /// Writes all of them, or none.
    async fn write(&self, rows: &[T]) -> Result<()>;

    /// This one is refused, whatever is written with it, and given up.
    fn refused(&self, row: &T, reason: &Error);
}

/// Rows on their way.
#[derive(Debug)]
pub(crate) struct Behind<T> {
    sender: mpsc::Sender<Item<T>>,
    /// Held by whoever writes.
    unwritten: Mutex<Unwritten<T>>,
}

#[derive(Debug)]
enum Item<T> {
    Row(T),
    /// Somebody wants to know when everything before this is written.
    Mark(oneshot::Sender<()>),
}

/// A batch that is taken out, and not written yet: a round that fails leaves it to the next.
#[derive(Debug)]
struct Unwritten<T> {
    items: mpsc::Receiver<Item<T>>,
    rows: Vec<T>,
    marks: Vec<oneshot::Sender<()>>,
}

impl<T: Send + Sync> Behind<T> {
    /// So many rows may wait.
    pub(crate) fn new(room: usize) -> Self {
        let (sender, items) = mpsc::channel(room);
        Self { sender, unwritten: Mutex::new(Unwritten { items, rows: Vec::new(), marks: Vec::new() }) }
    }

    /// Hands rows over without waiting: all of them, or none and `false` if there is no room.
    pub(crate) fn hand(&self, rows: Vec<T>) -> bool {
        let Ok(room) = self.sender.try_reserve_many(rows.len()) else { return false };
        room.zip(rows).for_each(|(permit, row)| permit.send(Item::Row(row)));
        true
    }

    /// Hands a row over, and returns when it is written; `false` when its time is over first: then it waits on, if there was room.
    pub(crate) async fn write(&self, row: T, time_limit: Duration) -> bool {
        let (mark, passed) = oneshot::channel();
        let written = async {
            let Ok(mut room) = self.sender.reserve_many(2).await else { return false };
            for item in [Item::Row(row), Item::Mark(mark)] {
                if let Some(permit) = room.next() {
                    permit.send(item);
                }
            }
            passed.await.is_ok()
        };
        timeout(time_limit, written).await == Ok(true)
    }

    /// Returns when everything handed over until now is written, or given up; at the latest when its time is over.
    pub(crate) async fn written(&self) {
        let marked = async {
            let (mark, passed) = oneshot::channel();
            if self.sender.send(Item::Mark(mark)).await.is_ok() {
                let _writer_gone = passed.await;
            }
        };
        let _still_writing = timeout(TIME_LIMIT, marked).await;
    }

    /// Writes what is handed over next: what comes within `linger` of the first, unless somebody waits. Waits for the first until then,
    /// or for as long as a round may last.
    ///
    /// # Errors
    /// The database is away. The rows are kept for the next round.
    pub(crate) async fn round(&self, until: Instant, linger: Duration, sink: &impl Sink<T>) -> Result<()> {
        let mut unwritten = self.unwritten.lock().await;
        if unwritten.rows.is_empty() && unwritten.marks.is_empty() {
            unwritten.take(until.min(Instant::now() + LOOK), linger).await;
        }
        unwritten.write(sink).await?;
        for mark in unwritten.marks.drain(..) {
            let _nobody_waits = mark.send(());
        }
        Ok(())
    }

    /// What was never written, taken out. Nothing while somebody writes.
    pub(crate) fn rest(&self) -> Vec<T> {
        let Ok(mut unwritten) = self.unwritten.try_lock() else { return Vec::new() };
        while let Ok(item) = unwritten.items.try_recv() {
            unwritten.put(item);
        }
        std::mem::take(&mut unwritten.rows)
    }
}

impl<T: Send + Sync> Unwritten<T> {
    fn put(&mut self, item: Item<T>) {
        match item {
            Item::Row(row) => self.rows.push(row),
            Item::Mark(mark) => self.marks.push(mark),
        }
    }

    /// Cancelled, it leaves what it has taken.
    async fn take(&mut self, until: Instant, linger: Duration) {
        let Ok(Some(first)) = timeout_at(until, self.items.recv()).await else { return };
        self.put(first);
        let until = Instant::now() + linger;
        while self.rows.len() < CHUNK && self.marks.is_empty() {
            match timeout_at(until, self.items.recv()).await {
                Ok(Some(item)) => self.put(item),
                Ok(None) | Err(_) => break,
            }
        }
    }

    /// All together; if that is refused, one by one.
    async fn write(&mut self, sink: &impl Sink<T>) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        match sink.write(&self.rows).await {
            Ok(()) => self.rows.clear(),
            Err(error) if error.concerns_all() => return Err(error),
            Err(_) => {
                while let Some(row) = self.rows.first() {
                    match sink.write(std::slice::from_ref(row)).await {
                        Ok(()) => {}
                        Err(error) if error.concerns_all() => return Err(error),
                        Err(error) => sink.refused(row, &error),
                    }
                    self.rows.remove(0);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Lock;

    use super::*;

    /// Refuses odd numbers, and everything while it is away.
    #[derive(Default)]
    struct Fake {
        is_away: Lock<bool>,
        written: Lock<Vec<u32>>,
        refused: Lock<Vec<u32>>,
    }

    #[async_trait]
    impl Sink<u32> for Fake {
        async fn write(&self, rows: &[u32]) -> Result<()> {
            if *self.is_away.lock().unwrap() {
                return Err(crate::db::Error::Lost { reason: "away".into() }.into());
            }
            if rows.iter().any(|row| row % 2 == 1) {
                return Err(Error::invalid("odd"));
            }
            self.written.lock().unwrap().extend(rows);
            Ok(())
        }

        fn refused(&self, row: &u32, _: &Error) {
            self.refused.lock().unwrap().push(*row);
        }
    }

    async fn round(behind: &Behind<u32>, sink: &Fake) -> Result<()> {
        behind.round(Instant::now(), Duration::ZERO, sink).await
    }

    #[tokio::test]
    async fn what_cannot_be_written_now_is_written_when_that_works_again() {
        let (behind, sink) = (Behind::new(8), Fake::default());
        *sink.is_away.lock().unwrap() = true;
        let write = behind.write(2, TIME_LIMIT);
        tokio::pin!(write);
        assert!(futures::poll!(&mut write).is_pending());
        for _ in 0..3 {
            assert!(round(&behind, &sink).await.is_err());
        }
        assert!(behind.hand(vec![4]));
        *sink.is_away.lock().unwrap() = false;
        round(&behind, &sink).await.unwrap();
        assert!(write.await, "who waited hears of it");
        round(&behind, &sink).await.unwrap();
        assert_eq!(*sink.written.lock().unwrap(), [2, 4]);
        assert!(behind.rest().is_empty());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_so_and_the_row_is_written_later() {
        let (behind, sink) = (Behind::new(8), Fake::default());
        assert!(!behind.write(2, Duration::ZERO).await, "nobody writes");
        round(&behind, &sink).await.unwrap();
        assert_eq!(*sink.written.lock().unwrap(), [2]);
    }

    #[tokio::test]
    async fn a_row_that_is_refused_costs_no_other() {
        let (behind, sink) = (Behind::new(8), Fake::default());
        assert!(behind.hand(vec![2, 3, 4, 5, 6]));
        behind.round(Instant::now(), Duration::from_millis(1), &sink).await.unwrap();
        assert_eq!(*sink.written.lock().unwrap(), [2, 4, 6]);
        assert_eq!(*sink.refused.lock().unwrap(), [3, 5]);
    }

    #[tokio::test]
    async fn what_finds_no_room_is_refused_whole_and_the_rest_can_be_told() {
        let behind = Behind::new(3);
        assert!(behind.hand(vec![1, 2]) && !behind.hand(vec![3, 4]) && behind.hand(vec![5]));
        assert_eq!(behind.rest(), [1, 2, 5]);
    }
}
