//! The audit trail: a call that may have changed something is answered once it is noted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::access::Call;
use tokio::time::Instant;

use crate::db::pages::audit::Filter;
use crate::db::{self, Database};
use crate::service::error::{Error, Result};
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::service::state::TaskName;
use crate::service::state::behind::Sink;
use crate::service::state::trail::lost;
use crate::views::{AuditFilter, CallView, Outcome, Page};

/// How often the last uses of tokens are written, and what is too old is removed.
const TIDY_EVERY: Duration = Duration::from_mins(1);
/// Calls removed in one transaction.
const REMOVED: u32 = 2_000;

impl Refit {
    /// Notes a call, and returns when that is written. A call is answered all the same if that takes too long, for what it did is done:
    /// it is noted when the database takes it.
    pub async fn note(&self, call: Call) {
        let (method, route) = (call.method.clone(), call.route.clone());
        if !self.core.trail.write(call).await {
            tracing::warn!(method, route, "this call was answered before the audit trail had it");
        }
    }

    /// Notes a call that nobody waits for any more.
    pub fn note_later(&self, call: Call) {
        if !self.core.trail.hand(call.clone()) {
            lost(&call, "too many calls wait to be noted");
        }
    }

    /// A page of the audit trail, newest first.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Page<CallView>> {
        let AuditFilter { since, by, limit, cursor } = filter;
        let asked = PageRequest::new(format!("audit {since:?} {by:?}"), limit, cursor.as_deref())?;
        let since = since.map_or(Timestamp(i64::MIN), |since| Timestamp(since.timestamp_micros()));
        let (wanted, mut reader) = (Filter { since, by: by.as_deref() }, self.core.db.read().await?);
        let calls = db::pages::audit::behind(&mut reader, &wanted, asked.after, asked.rows()).await?;
        Ok(asked.page(calls, |(id, _)| *id)?.map(view))
    }
}

/// Writes what is noted, and tidies now and then.
pub(crate) struct Recorder {
    tidy_at: Instant,
}

impl Recorder {
    /// Tidies first.
    pub(crate) fn new() -> Self {
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
        core.trail.round(self.tidy_at, Duration::ZERO, &core.db).await
    }
}

#[async_trait]
impl Sink<Call> for Database {
    async fn write(&self, calls: &[Call]) -> Result<()> {
        // Its commit need not wait for the disk: the change itself did, and a power cut is not in the hands of who is audited.
        let mut tx = self.begin_lazily().await?;
        db::audit::insert(&mut tx, calls).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(())
    }

    fn refused(&self, call: &Call, error: &Error) {
        lost(call, &error.to_string());
    }
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

fn view((id, call): (i64, Call)) -> CallView {
    let Call { at, by, method, route, subject, status, remote } = call;
    CallView { id, at: at.utc(), by, method, route, subject, outcome: Outcome::of(status), status, remote }
}
