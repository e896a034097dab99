//! One look at many models: a page of them is read while the one before it is decided on, and that while the decisions before are
//! written. No more of a fleet is held at a time than these pages.

use common::vocabulary::{ModelKey, Timestamp};
use domain::decide::{Crowd, Declined, ReasonCode};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::again::Waiting;
use super::alerts::OpenAlerts;
use super::tally::Tally;
use super::{EvaluationEntry, PlanningRequest, Written, look_closer, overlook, write};
use crate::db::models::Model;
use crate::db::{self, Connection};
use crate::service::error::{Error, Result};
use crate::service::facts::{ModelFacts, Pages};
use crate::service::runtime::fault::Step;
use crate::service::runtime::lookup::policy_of;
use crate::service::runtime::{Core, alerting};
use crate::views::Event;

/// Models that are read in one view.
const PAGE: usize = 4000;
/// Decisions written in one transaction.
const CHUNK: usize = 1000;

/// How models are decided on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// The moment that the decisions are for.
    pub(super) now: Timestamp,
    /// What is due enters the backlog.
    pub(super) enqueue: bool,
    /// The models named must be there, and are in the order of their urgency.
    pub(super) ranked: bool,
}

/// What a page of models is decided on with, of one view.
struct Known {
    facts: Vec<ModelFacts>,
    open: OpenAlerts,
    waiting: Waiting,
    /// When it was read, by the wall clock.
    seen: Timestamp,
}

/// A round under way.
struct Progress {
    round: Round,
    /// Of the whole fleet, as it was when the first model that has declined came; no other is in it.
    crowd: Option<Crowd>,
    /// The place of the next model among those asked for, if it counts.
    position: Option<u32>,
    waiting: Waiting,
    writing: Option<JoinHandle<Result<Written>>>,
    tally: Tally,
}

/// Decides on these models (on all, if none are named), keeps the decisions and adds them up.
pub(super) async fn decide(core: &Core, models: &[ModelKey], round: Round, tally: Tally) -> Result<Tally> {
    let mut pages = match round.ranked {
        _ if models.is_empty() => Pages::all(PAGE),
        true => Pages::named(&mut *core.db.read().await?, models, PAGE).await?,
        false => Pages::some(models, PAGE),
    };
    let position = (round.ranked && !models.is_empty()).then_some(0);
    let mut progress = Progress { round, crowd: None, position, waiting: Waiting::default(), writing: None, tally };
    let done = page_by_page(core, &mut pages, &mut progress).await;
    // Whatever stood in the way of the rest: what has been written is told.
    progress.written(core).await?;
    let Progress { waiting, tally, .. } = progress;
    if done.is_ok() {
        waiting.score_again(core, round.now).await?;
    }
    if tally.enqueued > 0 {
        core.fault.at(Step::Enqueued).await;
        core.front_changed.notify_one();
        core.backlog_changed.notify_one();
    }
    done.map(|()| tally)
}

async fn page_by_page(core: &Core, pages: &mut Pages, progress: &mut Progress) -> Result<()> {
    let round = progress.round;
    let mut page = read(core, pages, round).await?;
    while let Some(known) = page {
        (page, ()) = tokio::try_join!(read(core, pages, round), progress.decide(core, known))?;
    }
    Ok(())
}

/// What there is to know of the next models; nothing after the last.
async fn read(core: &Core, pages: &mut Pages, Round { now, enqueue, .. }: Round) -> Result<Option<Known>> {
    let seen = Timestamp::now();
    let mut view = core.db.snapshot().await?;
    let Some(page) = pages.next(&mut view, &core.settings, now).await? else { return Ok(None) };
    let open = OpenAlerts::read(&mut view, page.scope()).await?;
    let waiting = match enqueue {
        true => Waiting::read(&mut view, page.scope()).await?,
        false => Waiting::default(),
    };
    Ok(Some(Known { facts: page.known, open, waiting, seen }))
}

/// Whether so many declined at once that it says more of the day than of them.
async fn crowd(core: &Core, view: &mut Connection, now: Timestamp) -> Result<Crowd> {
    let trained = db::decisions::trained_for(view, ReasonCode::Degraded.as_str(), now).await?;
    let declined = |model: Model, rise: f64| Declined {
        most: policy_of(&model, &core.settings).max_degraded_per_day,
        model: model.key,
        rise,
    };
    let crowd = Crowd::of(db::watches::declines(view, declined).await?, trained);
    if let Some(size) = crowd.size() {
        tracing::warn!(models = size, "many models declined today; not all of them are trained for it");
    }
    Ok(crowd)
}

impl Progress {
    /// Decides on a page, and has it written.
    async fn decide(&mut self, core: &Core, known: Known) -> Result<()> {
        let Known { facts, mut open, waiting, seen } = known;
        let Round { now, enqueue, .. } = self.round;
        self.waiting.join(waiting);
        let mut facts = facts.into_iter();
        loop {
            let mut chunk: Vec<ModelFacts> = facts.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            self.mark_crowd(core, &mut chunk).await?;
            overlook(core, &mut chunk);
            let mut decided = Vec::with_capacity(chunk.len());
            for known in &mut chunk {
                if enqueue {
                    look_closer(core, known, &PlanningRequest::default(), now).await?;
                    self.waiting.look(known);
                }
                let position = self.position.unwrap_or_default();
                self.position = self.position.map(|position| position + 1);
                let asked = PlanningRequest { position, ..PlanningRequest::default() };
                decided.push(EvaluationEntry::new(known, &asked, &core.settings, (now, seen), enqueue, &mut open));
            }
            // While the chunk before it is written.
            self.written(core).await?;
            self.writing = Some(tokio::spawn(write(core.db.begin().await?, decided).in_current_span()));
        }
    }

    async fn mark_crowd(&mut self, core: &Core, chunk: &mut [ModelFacts]) -> Result<()> {
        let declined = |known: &ModelFacts| known.facts.live.as_ref().is_some_and(|live| live.degraded.is_some());
        if !chunk.iter().any(declined) {
            return Ok(());
        }
        let crowd = match self.crowd.take() {
            Some(crowd) => crowd,
            None => crowd(core, &mut *core.db.snapshot().await?, self.round.now).await?,
        };
        chunk.iter_mut().for_each(|known| crowd.mark(&known.model.key, &mut known.facts));
        self.crowd = Some(crowd);
        Ok(())
    }

    /// Waits until the last chunk is written, tells of it and adds it up.
    async fn written(&mut self, core: &Core) -> Result<()> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        let Written { entries, news } = writing.await.map_err(|panic| Error::Internal(Box::new(panic)))??;
        alerting::tell(core, &news);
        for entry in entries {
            core.events.send(|| Event::from(&entry.decision));
            if let Some(job) = &entry.job {
                core.stale.model(&entry.model);
                core.events.job(job);
            }
            self.tally.add(entry.decision);
        }
        Ok(())
    }
}
