//! Background work has one shape: a named task does a round, rests, and does the next. One driver runs them all, starts again what
//! fails or panics, and writes down how each stands, for health, metrics and whoever asks.

mod driver;
mod plain;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

pub(crate) use self::driver::{panic_words, run};
pub(crate) use self::plain::Plain;
use super::Core;
use crate::service::error::Result;
use crate::service::state::TaskName;

/// Work that is done again and again.
#[async_trait]
pub(crate) trait Task: Send + 'static {
    /// What it is called.
    fn name(&self) -> TaskName;

    /// When its rounds are due.
    fn rhythm(&self, core: &Core) -> Rhythm;

    /// One round. Dropped half-way, or ended by an error or a panic, it leaves nothing that the next one cannot take up.
    async fn round(&mut self, core: &std::sync::Arc<Core>) -> Result<()>;
}

/// When the rounds of a task are due.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rhythm {
    /// One after the other: a round waits by itself.
    AtOnce,
    /// So long after the last one has ended.
    Every(Duration),
    /// The same, and the first is due that long after the start.
    Later(Duration),
    /// When it is rung for, and so long after the last one at the latest, if a time is given.
    Woken(fn(&Core) -> &Notify, Option<Duration>),
    /// Never: the settings turn it off.
    Off,
}

impl Rhythm {
    /// How long after a round the next one begins at the latest; nothing for one that is only rung for.
    fn period(self) -> Option<Duration> {
        match self {
            Self::AtOnce => Some(Duration::ZERO),
            Self::Every(period) | Self::Later(period) => Some(period),
            Self::Woken(_, latest) => latest,
            Self::Off => None,
        }
    }

    /// Waits until the next round is due.
    async fn rest(self, core: &Core) {
        match self {
            Self::AtOnce => {}
            Self::Every(period) | Self::Later(period) => tokio::time::sleep(period).await,
            Self::Woken(bell, None) => bell(core).notified().await,
            Self::Woken(bell, Some(latest)) => {
                let _rung_or_time = tokio::time::timeout(latest, bell(core).notified()).await;
            }
            Self::Off => {}
        }
    }
}
