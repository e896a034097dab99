//! What is wrong with the installation, looked for again and again: what is found stands as an alert until it is gone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::alert::{AlertCause, AlertKind, OpenAlert, reconcile};

use super::{causes, silences};
use crate::db;
use crate::service::error::Result;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::{Core, alerting};
use crate::service::state::TaskName;

/// Looks, while this coordinator leads.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Since when causes have been found that are not alerts yet.
    first_seen: HashMap<String, Instant>,
}

#[async_trait]
impl Task for Look {
    fn name(&self) -> TaskName {
        TaskName::Alerts
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        Rhythm::Woken(|core| &core.alerts_changed, Some(core.settings.alerts.look_every))
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let found = causes::find(core).await?;
        let found = self.lasting(found, Instant::now());
        let now = Timestamp::now();
        let mut tx = core.db.begin().await?;
        let open = db::alerts::open_of_kinds(&mut tx, &causes::KINDS).await?;
        // What is a cause already stays one while it is found, however short.
        let open: Vec<OpenAlert> = open.into_iter().map(OpenAlert::from).collect();
        let escalate_after = core.settings.alerts.escalate_after.as_secs_f64();
        let news = db::alerts::write(&mut tx, reconcile(open, found, escalate_after, now), now).await?;
        silences::end(&mut tx, now).await?;
        tx.commit().await.map_err(db::Error::from)?;
        alerting::tell(core, &news);
        Ok(())
    }
}

impl Look {
    /// The causes that have lasted for as long as their kind asks for.
    fn lasting(&mut self, found: Vec<AlertCause>, now: Instant) -> Vec<AlertCause> {
        let before = std::mem::take(&mut self.first_seen);
        let mut lasting = Vec::with_capacity(found.len());
        for cause in found {
            let key = cause.key();
            let since = before.get(&key).copied().unwrap_or(now);
            self.first_seen.insert(key, since);
            if now.duration_since(since).as_secs_f64() >= AlertKind::from(&cause).patience() {
                lasting.push(cause);
            }
        }
        lasting
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A restart of a service is over before it is a cause; whoever leads anew waits anew.
    #[test]
    fn what_passes_by_itself_is_no_cause() {
        let away = |message: &str| AlertCause::ServiceTrouble { service: "bus".into(), message: message.into() };
        let (mut look, start) = (Look::default(), Instant::now());
        let mut at = |seconds, found: Vec<AlertCause>| look.lasting(found, start + Duration::from_secs(seconds)).len();
        assert_eq!(at(0, vec![away("gone")]), 0);
        assert_eq!(at(29, vec![away("refused")]), 0, "the same cause, whatever it says");
        assert_eq!(at(30, vec![away("refused")]), 1);
        assert_eq!(at(31, vec![]), 0);
        assert_eq!(at(32, vec![away("gone")]), 0, "it begins anew");
        let failed = AlertCause::TaskFails { task: "record".into(), message: "x".into() };
        assert_eq!(at(33, vec![failed]), 1, "this one needs no patience");
    }
}
