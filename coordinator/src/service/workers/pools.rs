//! Pools: listed, paused, drained, resumed. Whether a pool is closed is a row, so it outlives coordinators.

use common::vocabulary::{Pool, Timestamp};
use domain::free_text::plain_if_any;

use crate::db::{
    self,
    pauses::{Closed, Pause},
};
use crate::service::error::{Error, Result};
use crate::service::jobs::reclaim;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::scaling::{self, Scaling};
use crate::service::runtime::{Core, Refit};
use crate::views::{Page, PageQuery, PauseRequest, PauseView, PoolState, PoolView, ScalingView};

impl Refit {
    /// A page of the pools that are configured, served, paused, or have jobs, by name.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn pools(&self, query: PageQuery) -> Result<Page<PoolView>> {
        let asked = PageRequest::new("pools", query.limit, query.cursor.as_deref())?;
        let all = scaling::all(&self.core).await?.into_iter().collect();
        Ok(asked.of_all(all, |(pool, _)| pool.clone())?.map(|(pool, scaling)| view(&self.core, pool, scaling)))
    }

    /// What an autoscaler goes by. A pool nobody has heard of wants nothing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scaling(&self, pool: Pool) -> Result<ScalingView> {
        scaling(&self.core, pool).await
    }

    /// Hands out nothing new in a pool; what runs goes on.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn pause_pool(&self, pool: Pool, request: PauseRequest) -> Result<PoolView> {
        close(&self.core, pool, request, false).await
    }

    /// Hands out nothing new in a pool, and has what runs given back with a checkpoint.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn drain_pool(&self, pool: Pool, request: PauseRequest) -> Result<PoolView> {
        close(&self.core, pool, request, true).await
    }

    /// Hands out work in a pool again.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn resume_pool(&self, pool: Pool) -> Result<PoolView> {
        resume(&self.core, pool).await
    }
}

/// What an autoscaler goes by.
pub(crate) async fn scaling(core: &Core, pool: Pool) -> Result<ScalingView> {
    let scaling = scaling::of(core, &pool).await?;
    Ok(numbers(&pool, &scaling))
}

/// Nothing new is handed out to its workers any more; with `drain`, what they hold is given back, too.
pub(crate) async fn close(core: &Core, pool: Pool, request: PauseRequest, drain: bool) -> Result<PoolView> {
    ensure_exists(core, &pool).await?;
    plain_if_any("reason", request.reason.as_deref())?;
    let pause = Pause { at: Timestamp::now(), reason: request.reason.unwrap_or_default() };
    let mut tx = core.db.begin().await?;
    db::pauses::close(&mut tx, &pool, &Closed { pause, drain }).await?;
    tx.commit().await.map_err(db::Error::from)?;
    tracing::info!(%pool, drain, "the pool is closed");
    reclaim::recall(core).await?;
    core.reclaim.notify_one();
    one(core, pool).await
}

/// It gets work again.
pub(crate) async fn resume(core: &Core, pool: Pool) -> Result<PoolView> {
    ensure_exists(core, &pool).await?;
    let mut tx = core.db.begin().await?;
    db::pauses::open(&mut tx, &pool).await?;
    tx.commit().await.map_err(db::Error::from)?;
    tracing::info!(%pool, "the pool is open");
    core.front_changed.notify_one();
    core.backlog_changed.notify_one();
    one(core, pool).await
}

async fn one(core: &Core, pool: Pool) -> Result<PoolView> {
    let scaling = scaling::of(core, &pool).await?;
    Ok(view(core, pool, scaling))
}

/// A name nobody has heard of is a slip.
async fn ensure_exists(core: &Core, pool: &Pool) -> Result<()> {
    let all = scaling::all(core).await?;
    if all.contains_key(pool) {
        return Ok(());
    }
    let names: Vec<&str> = all.keys().map(Pool::as_str).collect();
    Err(Error::NotFound { what: format!("pool {pool}"), hint: Some(format!("there are {}", names.join(", "))) })
}

fn view(core: &Core, pool: Pool, scaling: Scaling) -> PoolView {
    let state = match &scaling.closed {
        None => PoolState::Open,
        Some(Closed { drain: false, .. }) => PoolState::Paused,
        Some(Closed { drain: true, .. }) if scaling.count.running > 0 => PoolState::Draining,
        Some(Closed { drain: true, .. }) => PoolState::Drained,
    };
    let offer = scaling::offers(core).into_iter().find(|offer| offer.pool == pool);
    PoolView {
        state,
        offers: offer.map(|offer| offer.words()),
        scaling: numbers(&pool, &scaling),
        paused: scaling.closed.map(|closed| PauseView::from(&closed.pause)),
    }
}

fn numbers(pool: &Pool, scaling: &Scaling) -> ScalingView {
    ScalingView {
        pool: pool.to_string(),
        wanted: scaling.wanted(),
        capacity: scaling.capacity.into(),
        queued: scaling.count.queued,
        held: scaling.held(),
        dispatched: scaling.count.dispatched,
        running: scaling.count.running,
        free: scaling.free.into(),
        workers: scaling.workers.into(),
    }
}
