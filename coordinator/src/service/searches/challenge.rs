//! What a search has found is trained and judged like any other version. Gone live, it is what the model is trained with from then on.

use common::vocabulary::{Hyper, JobId, JobState, Mode};
use domain::search::{Best, SearchOutcome, SearchState};
use newtype_uuid::GenericUuid as _;

use super::{change, end};
use crate::db::jobs::Purpose;
use crate::db::{self, searches::Search, versions::Status};
use crate::service::error::{Error, Result};
use crate::service::planning::train_for;
use crate::service::runtime::Core;
use crate::views::TrainingRequest;

/// Asks for the training of the best trial.
pub(super) async fn ask(core: &Core, search: &Search, best: Best) -> Result<()> {
    let Some(found) = search.request.drawn.get(best.trial as usize) else { return Ok(()) };
    let outcome = SearchOutcome::Challenging { trial: best.trial, loss: best.loss, own: best.own };
    let known = db::searches::training_of(&mut *core.db.read().await?, search, found).await?;
    let job = match known {
        // Whoever asked for it died before that was written down.
        Some(job) => Some(job.id),
        None => match train_for(core, request(search, found), Purpose::Found).await {
            Ok(answer) => answer.items.into_iter().find(|item| item.result == "requested").and_then(|item| item.job),
            Err(Error::Refused { reason }) => {
                let refused = SearchOutcome::Refused { trial: best.trial, reason };
                return end(core, search, SearchState::Failed, refused).await.map(drop);
            }
            Err(error) => return Err(error),
        }
        .map(JobId::from_untyped_uuid),
    };
    // Its model is being trained: when that has ended, it is asked again.
    let Some(job) = job else { return Ok(()) };
    let now =
        Search { state: SearchState::Challenging, challenger: Some(job), outcome: Some(outcome), ..search.clone() };
    change(core, search, &now).await.map(drop)
}

fn request(search: &Search, found: &Hyper) -> TrainingRequest {
    TrainingRequest {
        model: search.model.to_string(),
        mode: Some(Mode::Complete.to_string()),
        force: true,
        hyper: found.by_name(),
        as_of: search.request.as_of,
        ..TrainingRequest::default()
    }
}

/// Looks what has become of the training.
pub(super) async fn follow(core: &Core, search: Search) -> Result<()> {
    let (Some(id), Some(SearchOutcome::Challenging { trial, .. } | SearchOutcome::Waits { trial, .. })) =
        (search.challenger, search.outcome.clone())
    else {
        return Ok(());
    };
    let mut view = core.db.snapshot().await?;
    let state = db::jobs::get(&mut view, id).await?.map(|job| job.state());
    let version = db::versions::of_job(&mut view, id).await?;
    drop(view);
    match (state, version) {
        (Some(state), _) if !state.is_ended() => Ok(()),
        (_, Some(version)) => match version.status {
            // Going live, it ends the search by itself.
            Status::Live => Ok(()),
            Status::Judging => Ok(()),
            Status::Waiting => {
                let outcome = Some(SearchOutcome::Waits { trial, version: version.number });
                if search.outcome == outcome {
                    return Ok(());
                }
                change(core, &search, &Search { outcome, ..search.clone() }).await.map(drop)
            }
            Status::Rejected | Status::Superseded | Status::Retired | Status::Reproduction => {
                let outcome = SearchOutcome::NotBetter { trial, version: version.number };
                end(core, &search, SearchState::Completed, outcome).await.map(drop)
            }
        },
        (state, None) => {
            let state = state.unwrap_or(JobState::Failed);
            end(core, &search, SearchState::Failed, SearchOutcome::Untrained { trial, state }).await.map(drop)
        }
    }
}
