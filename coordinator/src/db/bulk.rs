//! Rows of a large answer, from a database that runs in a thread of its own (SQLite): taken in bulk, so that the two threads do not wake each
//! other for every single row. That was half of the time of a decision about a whole fleet.

use std::task::Poll;
use std::time::Duration;

use futures::{Stream, TryStreamExt as _, poll};

/// Rows of an answer that are waited for one by one: most answers are no longer.
const FEW: usize = 64;
/// How long the next rows are let gather: many, and nobody notices.
const GATHERING: Duration = Duration::from_millis(1);

/// The next row, when so many have been taken before.
///
/// # Errors
/// Those of the rows.
pub(super) async fn next<R, E>(
    rows: &mut (impl Stream<Item = Result<R, E>> + Unpin),
    taken: usize,
) -> Result<Option<R>, E> {
    if let Poll::Ready(row) = poll!(rows.try_next()) {
        return row;
    }
    if taken >= FEW {
        tokio::time::sleep(GATHERING).await;
    }
    rows.try_next().await
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn all_rows_come_in_their_order_however_they_arrive() {
        let (send, mut receive) = mpsc::channel::<Result<usize, String>>(16);
        tokio::spawn(async move {
            for row in 0..200 {
                send.send(Ok(row)).await.unwrap();
                if row % 50 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            send.send(Err("torn".to_owned())).await.unwrap();
        });
        let mut rows = futures::stream::poll_fn(move |context| receive.poll_recv(context)).boxed();
        let mut taken = Vec::new();
        let end = loop {
            match next(&mut rows, taken.len()).await {
                Ok(Some(row)) => taken.push(row),
                end => break end,
            }
        };
        assert_eq!((taken, end), ((0..200).collect(), Err("torn".to_owned())));
        assert_eq!(next(&mut rows, 0).await, Ok(None));
    }
}
