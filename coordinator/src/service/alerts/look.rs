//! What is wrong with the installation, looked for again and again: what is found stands as an alert until it is gone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::alert::{AlertCause, Change, OpenAlert, reconcile};

use super::{causes, silences};
use crate::db;
use crate::service::error::Result;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::{Core, alerting};
use crate::service::state::TaskName;

/// Looks, while this coordinator leads.
#[derive(Debug)]
pub(crate) struct Look {
    /// Since when it looks.
    since: Instant,
    /// Since when causes have been found that are not alerts yet.
    first_seen: HashMap<String, Instant>,
}

/// Who has looked for less long has not seen enough of workers and jobs to say that something about them is over.
const ACQUAINTED: Duration = Duration::from_mins(2);

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
        let now = Timestamp::now();
        let mut tx = core.db.begin().await?;
        let open = db::alerts::open_of_kinds(&mut tx, &causes::KINDS).await?;
        let open: Vec<OpenAlert> = open.into_iter().map(OpenAlert::from).collect();
        let found = self.lasting(found, &open, Instant::now());
        let escalate_after = core.settings.alerts.escalate_after.as_secs_f64();
        let mut changes = reconcile(open, found, escalate_after, now);
        changes.retain(|change| self.is_known(change));
        let news = db::alerts::write(&mut tx, changes, now).await?;
        silences::end(&mut tx, now).await?;
        tx.commit().await.map_err(db::Error::from)?;
        alerting::tell(core, &news);
        Ok(())
    }
}

impl Look {
    /// Nothing seen yet.
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), first_seen: HashMap::new() }
    }

    /// Whether it can be told already: who leads anew remembers nothing of workers, jobs and tasks.
    fn is_known(&self, change: &Change) -> bool {
        let Change::Resolve { cause, .. } = change else { return true };
        !causes::REMEMBERED.contains(&cause.kind()) || self.since.elapsed() >= ACQUAINTED
    }

    /// The causes that have lasted for as long as their kind asks for, or are alerts already.
    fn lasting(&mut self, found: Vec<AlertCause>, open: &[OpenAlert], now: Instant) -> Vec<AlertCause> {
        let stands: HashSet<String> = open.iter().map(|alert| alert.cause.key()).collect();
        let before = std::mem::take(&mut self.first_seen);
        let mut lasting = Vec::with_capacity(found.len());
        for cause in found {
            let key = cause.key();
            let since = before.get(&key).copied().unwrap_or(now);
            let lasts = now.duration_since(since).as_secs_f64() >= cause.kind().patience();
            let stands = stands.contains(&key);
            self.first_seen.insert(key, since);
            if lasts || stands {
                lasting.push(cause);
            }
        }
        lasting
    }
}

#[cfg(test)]
mod tests {
    use domain::alert::Severity;

    use super::*;

    fn away(message: &str) -> AlertCause {
        AlertCause::ServiceTrouble { service: "bus".into(), message: message.into() }
    }

    fn open(cause: AlertCause) -> OpenAlert {
        let (raised_at, severity) = (Timestamp(0), Severity::Critical);
        let (escalated_at, seen_at) = (raised_at, raised_at);
        OpenAlert { id: 1, cause, severity, raised_at, escalated_at, seen_at, acknowledged: false }
    }

    /// A restart of a service is over before it is a cause.
    #[test]
    fn what_passes_by_itself_is_no_cause() {
        let (mut look, start) = (Look::new(), Instant::now());
        let mut at =
            |seconds, found: Vec<AlertCause>| look.lasting(found, &[], start + Duration::from_secs(seconds)).len();
        assert_eq!(at(0, vec![away("gone")]), 0);
        assert_eq!(at(29, vec![away("refused")]), 0, "the same cause, whatever it says");
        assert_eq!(at(30, vec![away("refused")]), 1);
        assert_eq!(at(31, vec![]), 0);
        assert_eq!(at(32, vec![away("gone")]), 0, "it begins anew");
        let failed = AlertCause::TaskFails { task: "record".into(), message: "x".into() };
        assert_eq!(at(33, vec![failed]), 1, "this one needs no patience");
    }

    /// Who takes the lead neither takes an alert back nor raises it once more because it remembers nothing.
    #[test]
    fn what_stands_goes_on_under_a_new_leader() {
        let mut look = Look::new();
        let found = look.lasting(vec![away("gone")], &[open(away("gone"))], Instant::now());
        assert_eq!(found.len(), 1, "it is an alert already");
        let over = |cause| Change::Resolve { id: 1, cause };
        let no_worker = AlertCause::NoWorker { pool: "cpu".parse().unwrap(), jobs: 1 };
        let disk = AlertCause::DiskLow { place: "data".into(), free: 1, share: 0.05 };
        assert!(!look.is_known(&over(no_worker.clone())) && look.is_known(&over(disk)));
        look.since = Instant::now().checked_sub(ACQUAINTED).unwrap();
        assert!(look.is_known(&over(no_worker)));
    }
}
