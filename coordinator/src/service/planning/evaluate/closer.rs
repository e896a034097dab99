//! A closer look at what an incremental training would find to learn: ratings are parted by their days, of which counts alone say too
//! little.

use common::vocabulary::{Mode, Parting, Timestamp, Trainable};
use domain::decide::Verdict;

use super::plan::{PlanningRequest, plan};
use crate::db::changes::{Mark, Span, Until};
use crate::db::{self, Connection};
use crate::service::error::Result;
use crate::service::facts::ModelFacts;
use crate::service::runtime::Core;

/// Looks at the days of the ratings before an incremental training enters the backlog, and notes where there is nothing to learn.
pub(crate) async fn look_closer(
    core: &Core,
    known: &mut ModelFacts,
    planning_request: &PlanningRequest,
    now: Timestamp,
) -> Result<()> {
    if is_doubtful(known)
        && enters_incrementally(core, known, planning_request, now)
        && !finds_something(core, known, now).await?
    {
        known.facts.trainable = Trainable::default();
    }
    Ok(())
}

/// Whether counts leave open what days say.
fn is_doubtful(known: &ModelFacts) -> bool {
    let parted = known.model.source.as_ref().map(|source| Parting::of(&source.reading, 0.0));
    known.facts.trainable.most > 0 && matches!(parted, Some(Parting::Days { validates: true, .. }))
}

fn enters_incrementally(core: &Core, known: &ModelFacts, planning_request: &PlanningRequest, now: Timestamp) -> bool {
    let decision = plan(known, planning_request, &core.settings, now).decision;
    let enters = matches!(decision.verdict, Verdict::Retrain | Verdict::Recommended);
    enters && decision.mode == Some(Mode::Incremental)
}

async fn finds_something(core: &Core, known: &ModelFacts, now: Timestamp) -> Result<bool> {
    let (model, mut view) = (&known.model, core.db.snapshot().await?);
    let (Some(source), Some(live)) = (&model.source, &known.facts.live) else { return Ok(true) };
    let (dataset, version) = (
        db::datasets::get(&mut view, &source.dataset).await?,
        db::versions::get(&mut view, &model.key, live.version).await?,
    );
    let (Some(dataset), Some(version)) = (dataset, version) else { return Ok(true) };
    let Some(given) = Mark::of(&version.manifest.snapshot) else { return Ok(true) };
    let through = known.policy.matured_through(now);
    let log = Until { dataset: dataset.id, upto: dataset.entries, through };
    // What was taken back is learnt, too.
    if taken_back(&mut view, &log, given).await? {
        return Ok(true);
    }
    let days = db::days::of(&mut view, &log, given).await?;
    Ok(known.policy.split().has_become_trainable(&days, &version.manifest.split))
}

async fn taken_back(view: &mut Connection, log: &Until, given: Mark) -> Result<bool> {
    let span = Span { dataset: log.dataset, after: given.entry, upto: log.upto };
    let changes = db::changes::changes(view, &[span]).await?;
    Ok(changes.get(&log.dataset).is_some_and(|changes| changes.since(given).gone > 0))
}
