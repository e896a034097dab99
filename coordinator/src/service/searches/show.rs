//! Searches become views.

use std::collections::BTreeMap;

use common::vocabulary::{Hyper, Timestamp};
use newtype_uuid::GenericUuid as _;

use crate::db::searches::{Search, Trial};
use crate::db::{self, Connection};
use crate::service::error::Result;
use crate::views::{BestTrialView, SearchView, ToldView, TrialView};

/// A search without its trials.
pub(super) async fn summary(view: &mut Connection, search: Search) -> Result<SearchView> {
    Ok(SearchView { trials: Vec::new(), ..whole(view, search).await? })
}

/// A search with its trials.
pub(super) async fn whole(view: &mut Connection, search: Search) -> Result<SearchView> {
    let trials = db::searches::trials(view, search.id).await?;
    let rungs = search.request.ladder.rungs();
    let until = search.ended_at.unwrap_or_else(Timestamp::now);
    Ok(SearchView {
        id: search.id,
        model: search.model.to_string(),
        state: search.state,
        rung: (search.rung + 1) as u32,
        rungs: rungs.len() as u32,
        asked: search.request.ladder.trials,
        eta: search.request.ladder.eta,
        seed: search.request.seed,
        searched: search.request.space.0.iter().map(|axis| axis.name.clone()).collect(),
        created_at: search.created_at.utc(),
        ended_at: search.ended_at.map(Timestamp::utc),
        seconds: until.seconds_since(search.created_at).max(0.0),
        best: best(&search, &trials),
        own_loss: furthest(&trials, |trial| trial.trial == 0).and_then(|trial| trial.loss),
        challenger: search.challenger.map(|job| job.into_untyped_uuid()),
        outcome: search.outcome.as_ref().map(ToldView::of),
        trials: trials.iter().map(|trial| shown(&search, trial)).collect(),
    })
}

/// The best trial of the highest rung where any was measured.
fn best(search: &Search, trials: &[Trial]) -> Option<BestTrialView> {
    let rung = furthest(trials, |_| true)?.rung;
    let measured = trials.iter().filter(|trial| trial.rung == rung).filter_map(|trial| Some((trial.loss?, trial)));
    let (loss, best) = measured.min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(BestTrialView { rung: (best.rung + 1) as u32, trial: best.trial, loss, hyper: difference(search, best.trial) })
}

/// The measured trial of the highest rung.
fn furthest(trials: &[Trial], of: impl Fn(&Trial) -> bool) -> Option<&Trial> {
    trials.iter().filter(|trial| of(trial) && trial.loss.is_some()).max_by_key(|trial| trial.rung)
}

fn shown(search: &Search, trial: &Trial) -> TrialView {
    TrialView {
        rung: (trial.rung + 1) as u32,
        trial: trial.trial,
        hyper: difference(search, trial.trial),
        state: trial.state.map(|state| state.to_string()),
        loss: trial.loss,
        seconds: trial.seconds,
        job: trial.job.into_untyped_uuid(),
    }
}

/// What a trial has that the model has not.
fn difference(search: &Search, number: u32) -> BTreeMap<String, String> {
    let drawn = |number: usize| search.request.drawn.get(number).map(Hyper::by_name).unwrap_or_default();
    let own = drawn(0);
    drawn(number as usize).into_iter().filter(|(name, value)| own.get(name) != Some(value)).collect()
}
