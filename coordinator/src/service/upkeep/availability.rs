//! The minutes in which Refit was there for those who want something of it are noted, while this coordinator leads.

use std::sync::Arc;
use std::time::Duration;

use common::vocabulary::Timestamp;

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::{Core, scaling};

/// How often is looked: each minute is noted although a look or the lead is lost.
pub(crate) const EVERY: Duration = Duration::from_secs(20);

/// One look.
pub(crate) async fn round(core: &Arc<Core>) -> Result<()> {
    let pools = scaling::all(core).await?;
    let lacking = scaling::lacking(core, &pools).next().is_some();
    let mut tx = core.db.begin_lazily().await?;
    db::availability::note(&mut tx, Timestamp::now(), lacking).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}
