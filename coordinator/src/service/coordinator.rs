//! A running coordinator: opens what it stands on, then does its background work until it is stopped. All of that is listed here.

use std::sync::Arc;
use std::time::Duration;

use common::connect::{Connector, Trust};
use common::retry::retry;
use common::settings::Settings;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::access::Recorder;
use super::alerts;
use crate::db::Database;
use crate::service::error::{Error, Result};
use crate::service::jobs::ring::Ringing;
use crate::service::jobs::{dispatch, reclaim};
use crate::service::monitoring;
use crate::service::planning::evaluate;
use crate::service::results::record;
use crate::service::runtime::background::{Plain, Rhythm, run};
use crate::service::runtime::fault::Fault;
use crate::service::runtime::leader::Leadership;
use crate::service::runtime::{Core, Ports, Refit, events};
use crate::service::schedules::{self, Schedules};
use crate::service::searches;
use crate::service::serving::answers;
use crate::service::serving::predictions::Writer;
use crate::service::state::TaskName;
use crate::service::upkeep::cleanup::{self, Cleanup};
use crate::service::upkeep::gauges::Gauges;
use crate::service::upkeep::standstill::Standstill;
use crate::service::upkeep::{availability, invariants, pulse};
use crate::service::workers::inbox::Inbox;
use crate::service::workers::lease::Leases;

/// What every coordinator does, and remembers nothing of in between.
const EVERYWHERE: [Plain; 4] = [
    Plain {
        name: TaskName::Events,
        rhythm: |_| Rhythm::Woken(|core| core.events.bell(), None),
        round: |core| Box::pin(events::round(core)),
    },
    Plain { name: TaskName::Answers, rhythm: |_| Rhythm::AtOnce, round: |core| Box::pin(answers::round(core)) },
    Plain {
        name: TaskName::Health,
        rhythm: |_| Rhythm::Every(pulse::EVERY),
        round: |core| Box::pin(pulse::round(core)),
    },
    Plain {
        name: TaskName::Decisions,
        rhythm: |_| Rhythm::Woken(|core| core.stale.bell(), None),
        round: |core| Box::pin(evaluate::keep_true(core)),
    },
];

/// How often it is looked whether channels are to be told anything.
const MESSAGES: Duration = Duration::from_secs(2);

/// What the leader alone does.
const LEADERS: [Plain; 12] = [
    Plain {
        name: TaskName::Record,
        rhythm: |_| Rhythm::Woken(|core| core.results.bell(), None),
        round: |core| Box::pin(record::round(core)),
    },
    Plain {
        name: TaskName::Freeze,
        rhythm: |_| Rhythm::Woken(|core| &core.front_changed, Some(dispatch::LOOK)),
        round: |core| Box::pin(dispatch::freeze_front(core)),
    },
    Plain {
        name: TaskName::Dispatch,
        rhythm: |_| Rhythm::Woken(|core| &core.backlog_changed, Some(dispatch::LOOK)),
        round: |core| Box::pin(dispatch::round(core)),
    },
    Plain {
        name: TaskName::Reclaim,
        rhythm: |_| Rhythm::Woken(|core| &core.reclaim, Some(reclaim::LOOK)),
        round: |core| Box::pin(reclaim::round(core)),
    },
    Plain {
        name: TaskName::ScheduleRuns,
        rhythm: |_| Rhythm::Woken(|core| &core.runs_changed, Some(Duration::from_secs(5))),
        round: |core| Box::pin(schedules::perform(core)),
    },
    Plain {
        name: TaskName::Searches,
        rhythm: |_| Rhythm::Woken(|core| &core.searches_changed, Some(Duration::from_secs(5))),
        round: |core| Box::pin(searches::round(core)),
    },
    Plain {
        name: TaskName::ComposeMessages,
        rhythm: |_| Rhythm::Every(MESSAGES),
        round: |core| Box::pin(alerts::compose(core)),
    },
    Plain {
        name: TaskName::Availability,
        rhythm: |_| Rhythm::Every(availability::EVERY),
        round: |core| Box::pin(availability::round(core)),
    },
    Plain {
        name: TaskName::Evaluate,
        rhythm: |core| every(core.settings.coordinator.evaluate_every, Rhythm::Every),
        round: |core| Box::pin(evaluate::round(core)),
    },
    Plain {
        name: TaskName::Monitor,
        rhythm: |core| every(core.settings.coordinator.monitor_every, Rhythm::Later),
        round: |core| Box::pin(monitoring::round(core)),
    },
    Plain {
        name: TaskName::Invariants,
        rhythm: |core| every(core.settings.coordinator.check_every, Rhythm::Later),
        round: |core| Box::pin(invariants::check(core)),
    },
    Plain {
        name: TaskName::BrokenImports,
        rhythm: |_| Rhythm::Every(Duration::from_hours(24)),
        round: |core| Box::pin(cleanup::broken_imports(core)),
    },
];

/// So often; never, if the settings say 0.
fn every(period: Duration, rhythm: fn(Duration) -> Rhythm) -> Rhythm {
    if period.is_zero() { Rhythm::Off } else { rhythm(period) }
}

/// Begins what every coordinator does, but for looking after the lead.
fn stand_by(core: &Arc<Core>, tasks: &mut JoinSet<()>) {
    tasks.spawn(run(core.clone(), Inbox::default));
    tasks.spawn(run(core.clone(), Leases::new));
    tasks.spawn(run(core.clone(), Writer::new));
    tasks.spawn(run(core.clone(), Recorder::new));
    tasks.spawn(run(core.clone(), Standstill::default));
    for task in EVERYWHERE {
        tasks.spawn(run(core.clone(), move || task));
    }
}

/// Begins what the leader alone does.
fn lead(core: &Arc<Core>, tasks: &mut JoinSet<()>) {
    if core.settings.coordinator.evaluate_every.is_zero() {
        // Nothing else would make up for whoever led before and died.
        core.stale.everyone();
    }
    tasks.spawn(run(core.clone(), Gauges::new));
    tasks.spawn(run(core.clone(), Ringing::default));
    tasks.spawn(run(core.clone(), Cleanup::default));
    tasks.spawn(run(core.clone(), Schedules::default));
    tasks.spawn(run(core.clone(), alerts::Look::new));
    tasks.spawn(run(core.clone(), alerts::Deliveries::default));
    for task in LEADERS {
        tasks.spawn(run(core.clone(), move || task));
    }
}

/// Longest wait for a database that is to be told that another may lead: it hears so by itself a few seconds later.
const RESIGN: Duration = Duration::from_secs(3);

/// The coordinator. Dropped, it stops like a process that is killed: nothing is lost, the rows say where it was.
#[derive(Debug)]
pub struct Coordinator {
    refit: Refit,
    tasks: JoinSet<()>,
    /// Until it resigns.
    leadership: Option<AbortOnDropHandle<()>>,
}

impl Coordinator {
    /// Opens database, queue, bus and store of the settings, and starts. What does not answer now is waited for.
    ///
    /// # Errors
    /// One of them refuses to be opened, or the store does not refuse to overwrite a seal.
    pub async fn start(settings: &Settings) -> Result<Self> {
        std::fs::create_dir_all(&settings.data_dir).map_err(|error| {
            let folder = settings.data_dir.display();
            Error::invalid(format!("data_dir = {folder} is no folder that Refit can write to: {error}"))
        })?;
        let connector = Connector::new(settings)?;
        let ports =
            Ports { queue: connector.queue().await?, bus: connector.bus().await?, store: connector.store().await? };
        let fault = Fault::from_env().map_err(Error::invalid)?;
        Self::with(settings.clone(), ports, fault).await
    }

    /// Starts on ports that are open already, with a fault planted or none.
    ///
    /// # Errors
    /// The database cannot be opened, or the store does not refuse a second write of the same name.
    pub async fn with(settings: Settings, ports: Ports, fault: Fault) -> Result<Self> {
        retry(|| ports.store.probe()).await?;
        let (url, trust) = (settings.database_url(), Trust::by(&settings.storage)?);
        let db = retry(|| Database::open(&url, &trust)).await?;
        let core = Arc::new(Core::new(db, ports, settings, fault));
        let mut tasks = JoinSet::new();
        stand_by(&core, &mut tasks);
        let leadership = Some(AbortOnDropHandle::new(tokio::spawn(run(core.clone(), || Leadership::new(lead)))));
        Ok(Self { refit: Refit::new(core), tasks, leadership })
    }

    /// What it can be asked.
    pub fn refit(&self) -> Refit {
        self.refit.clone()
    }

    /// Acts no more, and leaves the lead to another. Questions are answered as before.
    pub async fn resign(&mut self) {
        let Some(leadership) = self.leadership.take() else { return };
        leadership.abort();
        let _aborted = leadership.await;
        if timeout(RESIGN, self.refit.resign()).await.is_err() {
            tracing::warn!("the database does not answer: the seat of the leader is left when its time is over");
        }
    }

    /// Leaves the lead to another, writes down what was served and asked, stops the background work, and closes the database. What does
    /// not answer is not waited for.
    pub async fn stop(mut self) {
        self.resign().await;
        let core = &self.refit.core;
        tokio::join!(core.log.written(), core.trail.written());
        self.tasks.shutdown().await;
        core.log.close();
        core.trail.close();
        core.db.close().await;
    }
}
