//! The audit trail: a call that may have changed something is answered once it is noted. Many are written at once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::db::audit::Page;
use crate::db::{self, CHUNK, Database};
use crate::domain::access::Call;
use crate::service::background::{Rhythm, Task, TaskName};
use crate::service::core::Core;
use crate::service::{Error, Refit, Result};
use crate::views::{AuditFilter, AuditPage, CallView, Outcome};

/// Calls that may wait to be written.
const ROOM: usize = 4096;
/// How often a batch is tried, with a rest between.
const TRIES: u32 = 3;
/// The rest.
const REST: Duration = Duration::from_millis(200);
/// How long an answer waits until its call is noted: what then is not stands in the log of the process.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the last uses of tokens are written, and what is too old is removed.
const TIDY_EVERY: Duration = Duration::from_mins(1);
/// A round lasts no longer while nothing is noted: who looks sees that it is alive.
const LOOK: Duration = Duration::from_secs(10);
/// Calls removed in one transaction.
const REMOVED: u32 = 2_000;
/// Calls shown unless asked otherwise.
const SHOWN: u32 = 100;
/// Most calls of one page.
const MOST: u32 = 1_000;

/// Where calls wait to be written.
#[derive(Debug)]
pub(crate) struct Trail {
    sender: mpsc::Sender<Item>,
    /// Held by whoever writes.
    items: Mutex<mpsc::Receiver<Item>>,
}

#[derive(Debug)]
struct Item {
    call: Call,
    written: oneshot::Sender<()>,
}

impl Default for Trail {
    fn default() -> Self {
        let (sender, items) = mpsc::channel(ROOM);
        Self { sender, items: Mutex::new(items) }
    }
}

impl Refit {
    /// Notes a call, and returns when that is written. If it cannot be, the call stands in the log of the process instead, and is
    /// answered all the same: what it did is done.
    pub async fn note(&self, call: Call) {
        let (written, is_written) = oneshot::channel();
        let item = Item { call: call.clone(), written };
        let writing = async { self.core.trail.sender.send(item).await.is_ok() && is_written.await.is_ok() };
        if timeout(PATIENCE, writing).await != Ok(true) {
            lost(&call);
        }
    }

    /// Notes a call that nobody waits for any more.
    pub fn note_later(&self, call: Call) {
        let item = Item { call: call.clone(), written: oneshot::channel().0 };
        if self.core.trail.sender.try_send(item).is_err() {
            lost(&call);
        }
    }

    /// A page of the audit trail, newest first.
    ///
    /// # Errors
    /// More is asked for than a page holds.
    pub async fn audit(&self, filter: AuditFilter) -> Result<AuditPage> {
        let limit = filter.limit.unwrap_or(SHOWN);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid(format!("limit = {limit} is out of range: 1 to {MOST}")));
        }
        let page = Page {
            since: filter.since.map_or(Timestamp(i64::MIN), |since| Timestamp(since.timestamp_micros())),
            by: filter.by.as_deref(),
            before: filter.before.unwrap_or(i64::MAX),
            limit: limit + 1,
        };
        let mut calls = db::audit::page(&mut *self.core.db.read().await?, page).await?;
        let more = calls.len() > limit as usize;
        calls.truncate(limit as usize);
        let next = calls.last().map(|(id, _)| *id).filter(|_| more);
        Ok(AuditPage { calls: calls.into_iter().map(view).collect(), next })
    }
}

/// Writes what is noted, and tidies now and then.
pub(in crate::service) struct Recorder {
    tidy_at: Instant,
}

impl Recorder {
    /// Tidies first.
    pub(in crate::service) fn new() -> Self {
        Self { tidy_at: Instant::now() }
    }
}

#[async_trait]
impl Task for Recorder {
    fn name(&self) -> TaskName {
        TaskName::AuditTrail
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::AtOnce
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        if self.tidy_at <= Instant::now() {
            self.tidy_at = Instant::now() + TIDY_EVERY;
            tidy(core).await?;
        }
        let mut items = core.trail.items.lock().await;
        let mut batch = Vec::new();
        let until = self.tidy_at.min(Instant::now() + LOOK);
        if timeout_at(until, items.recv_many(&mut batch, CHUNK)).await.is_ok() {
            write(&core.db, batch).await?;
        }
        Ok(())
    }
}

/// Writes a batch and tells those who wait. Where it cannot be written they hear nothing, and say so.
async fn write(db: &Database, batch: Vec<Item>) -> Result<()> {
    let (calls, waiting): (Vec<Call>, Vec<_>) = batch.into_iter().map(|item| (item.call, item.written)).unzip();
    let mut tries = 1;
    while let Err(error) = insert(db, &calls).await {
        if tries == TRIES {
            return Err(error);
        }
        tries += 1;
        tokio::time::sleep(REST).await;
    }
    for written in waiting {
        let _nobody_waits = written.send(());
    }
    Ok(())
}

async fn insert(db: &Database, calls: &[Call]) -> Result<()> {
    // Its commit need not wait for the disk: the change itself did, and a power cut is not in the hands of who is audited.
    let mut tx = db.begin_lazily().await?;
    db::audit::insert(&mut tx, calls).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Writes when tokens were last used, and removes calls that are too old to be kept.
async fn tidy(core: &Core) -> Result<()> {
    let used = core.tokens.take_used();
    if !used.is_empty() {
        let mut tx = core.db.begin_lazily().await?;
        for (name, at) in &used {
            db::tokens::set_used(&mut tx, name, *at).await?;
        }
        tx.commit().await.map_err(db::Error::from)?;
    }
    let too_old = Timestamp::now().plus_seconds(-core.settings.api.audit_kept_for.as_secs_f64());
    while db::audit::reaches_before(&mut *core.db.read().await?, too_old).await? {
        let mut tx = core.db.begin_lazily().await?;
        db::audit::remove_before(&mut tx, too_old, REMOVED).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

fn lost(call: &Call) {
    let Call { by, method, route, subject, status, remote, .. } = call;
    tracing::error!(
        by,
        method,
        route,
        subject,
        status,
        remote,
        "this call could not be noted in the audit trail in time"
    );
}

fn view((id, call): (i64, Call)) -> CallView {
    let Call { at, by, method, route, subject, status, remote } = call;
    CallView { id, at: at.utc(), by, method, route, subject, outcome: Outcome::of(status), status, remote }
}
