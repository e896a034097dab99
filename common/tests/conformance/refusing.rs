//! What every event bus promises while it takes no writes: it counts as an outage, and is used again when it is over.

use std::sync::Arc;

use common::ports::{Cursor, EventBus, Mailbox, PortError};

use crate::bus::{bodies, body};
use crate::support::{LIMIT, soon};

/// A bus that can be made to take no writes, though it answers.
pub(crate) trait Refusing {
    /// A further instance on the same bus.
    async fn connect(&self) -> Arc<dyn EventBus>;
    /// From now on it takes none.
    async fn refuse(&self);
    /// It does again.
    async fn relent(&self);
}

/// Whoever asks whether it is there is told that it is not, in words, and so is who writes; later both work as before.
pub(crate) async fn a_bus_that_takes_no_writes_is_an_outage(fixture: &impl Refusing) {
    let bus = fixture.connect().await;
    bus.post(Mailbox::Coordinator, body(0)).await.unwrap();
    bus.probe().await.unwrap();
    fixture.refuse().await;
    // What is left of a page may still take one.
    let outage = soon("an outage", async {
        loop {
            if let Err(outage) = bus.probe().await {
                return outage;
            }
        }
    });
    let outage = outage.await;
    assert!(matches!(outage, PortError::Unreachable { .. } | PortError::Full { .. }), "{outage}");
    let refused = bus.post(Mailbox::Coordinator, body(1)).await.unwrap_err();
    assert!(matches!(refused, PortError::Unreachable { .. } | PortError::Full { .. }), "{refused}");

    fixture.relent().await;
    soon("a bus that takes writes", async { while bus.probe().await.is_err() {} }).await;
    let tail = bus.tail(Mailbox::Coordinator).await.unwrap();
    let read = soon("message", bus.read(Mailbox::Coordinator, tail, 1, LIMIT));
    let (read, posted) = tokio::join!(read, bus.post(Mailbox::Coordinator, body(2)));
    posted.unwrap();
    assert_eq!(read.unwrap()[0].body, body(2));
    assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, tail).await, [body(2)]);
    assert!(
        !bodies(bus.as_ref(), Mailbox::Coordinator, Cursor::default()).await.contains(&body(1)),
        "refused, and taken"
    );
}
