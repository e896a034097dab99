//! Searches are begun, looked at, cancelled and gone on with.

use common::vocabulary::{Mode, ModelKey, Snapshot, Timestamp};
use domain::decide::HoldCode;
use domain::search::{Ladder, SearchOutcome, SearchState, Space, draw};

use super::climb::{self, Trying};
use super::{RESUMABLE_DAYS, cancel, resumable_since, show};
use crate::db::searches::{Search, SearchRecord, Trial};
use crate::db::{self, Connection};
use crate::service::error::{Error, Result};
use crate::service::facts;
use crate::service::planning::evaluate::{self, PlanningRequest};
use crate::service::runtime::Refit;
use crate::service::runtime::lookup::model;
use crate::service::runtime::pages::PageRequest;
use crate::views::{Page, SearchFilter, SearchRequest, SearchView};
use crate::wording;

/// Trials of a search, at most.
const MOST_TRIALS: u32 = 500;
/// One in so many goes on, at most.
const MOST_ETA: u32 = 10;
/// Hyper-parameters that are searched at once, at most.
const MOST_AXES: usize = 50;

impl Refit {
    /// Begins a search for better hyper-parameters of a model. Its trials go into the backlog, behind what somebody waits for.
    ///
    /// # Errors
    /// There is no such model, it is paused, has too few rows or is being searched for; what is to be searched makes no sense.
    pub async fn search(&self, request: SearchRequest) -> Result<SearchView> {
        let key: ModelKey = request.model.parse()?;
        let (core, as_of, moment) = (&self.core, request.as_of, evaluate::moment(request.as_of)?);
        let known = facts::one(&mut *core.db.snapshot().await?, &key, &core.settings, moment).await?;
        if known.model.paused.is_some() {
            return Err(Error::refused(format!("{key} is paused: `refit resume {key}` first")));
        }
        let (rows, least) = (known.facts.rows, known.facts.minimum_rows);
        if rows < least {
            return Err(Error::refused(format!("{key} has {rows} rows, and a training needs {least}")));
        }
        let challenger =
            PlanningRequest { mode: Some(Mode::Complete), force: true, asked: true, ..PlanningRequest::default() };
        let planned = evaluate::plan(&known, &challenger, &core.settings, moment);
        if let Some(hold) = planned.decision.holds.iter().find(|hold| hold.code() == HoldCode::Hindsight) {
            return Err(Error::refused(format!("{key}: {}", wording::text(&hold.obstacle))));
        }
        let ladder = ladder(&request)?;
        if request.space.len() > MOST_AXES {
            return Err(Error::invalid(format!("at most {MOST_AXES} hyper-parameters are searched at once")));
        }
        let own = known.model.hyper;
        let space = Space::given(&own, &request.space).map_err(|error| Error::invalid(error.to_string()))?;
        let seed = request.seed.unwrap_or_default();
        let drawn = draw(&own, &space, seed, ladder.trials).map_err(|error| Error::invalid(error.to_string()))?;
        // Of a small space there are fewer than were asked for.
        let ladder = Ladder { trials: drawn.len() as u32, ..ladder };
        let search = Search {
            id: 0,
            model: key.clone(),
            state: SearchState::Running,
            request: SearchRecord { ladder, space, seed, as_of, moment, split: known.policy.split(), drawn },
            snapshot: None,
            rung: 0,
            created_at: Timestamp::now(),
            ended_at: None,
            challenger: None,
            outcome: None,
        };
        let mut tx = core.db.begin().await?;
        let Some(id) = db::searches::insert(&mut tx, &search).await? else {
            return Err(under_way(&mut tx, &key).await?);
        };
        tx.commit().await.map_err(db::Error::from)?;
        core.searches_changed.notify_one();
        self.search_of(id).await
    }

    /// A page of the searches, newest first.
    ///
    /// # Errors
    /// There is no such model; the cursor or the limit makes no sense.
    pub async fn searches(&self, filter: SearchFilter) -> Result<Page<SearchView>> {
        let mut view = self.core.db.snapshot().await?;
        let key: Option<ModelKey> = filter.model.as_deref().map(str::parse).transpose()?;
        let list = key.as_ref().map_or("searches".to_owned(), |key| format!("searches of {key}"));
        let asked = PageRequest::new(list, filter.limit, filter.cursor.as_deref())?;
        let found = match &key {
            Some(key) => {
                model::find(&mut view, key).await?;
                db::pages::searches::of_model(&mut view, key, asked.after, asked.rows()).await?
            }
            None => db::pages::searches::behind(&mut view, asked.after, asked.rows()).await?,
        };
        let page = asked.page(found, |search| search.id)?;
        let mut items = Vec::with_capacity(page.items.len());
        for search in page.items {
            items.push(show::summary(&mut view, search).await?);
        }
        Ok(Page { items, next: page.next })
    }

    /// One search, with all its trials.
    ///
    /// # Errors
    /// There is none of that number.
    pub async fn search_of(&self, id: i64) -> Result<SearchView> {
        let mut view = self.core.db.snapshot().await?;
        let search = find(&mut view, id).await?;
        show::whole(&mut view, search).await
    }

    /// Cancels a search with the trials that have not ended. What they have found is kept: it can be gone on with.
    ///
    /// # Errors
    /// There is none of that number, or it has no trials to cancel.
    pub async fn cancel_search(&self, id: i64) -> Result<SearchView> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let search = find(&mut tx, id).await?;
        match search.state {
            SearchState::Running => {}
            // What waits for rows goes on waiting; the model will not take over what it has.
            SearchState::Challenging if matches!(search.outcome, Some(SearchOutcome::Waits { .. })) => {}
            SearchState::Challenging => {
                let job = search.challenger.map(|job| job.to_string()).unwrap_or_default();
                return Err(Error::refused(format!(
                    "what it found is being trained: `refit cancel {job}` cancels that"
                )));
            }
            SearchState::Completed | SearchState::Failed | SearchState::Cancelled => {
                return Err(Error::refused(format!("search {id} is over: it is {}", search.state)));
            }
        }
        if !cancel(&mut tx, &search, SearchOutcome::Cancelled).await? {
            return Err(Error::refused(format!("search {id} went on in this very moment: ask again")));
        }
        tx.commit().await.map_err(db::Error::from)?;
        // Whoever leads cancels the trials: also if this is the last that is heard of whoever asked.
        core.searches_changed.notify_one();
        self.search_of(id).await
    }

    /// Goes on with a search that was cancelled, or has failed: what was not measured on its rung is tried again.
    ///
    /// # Errors
    /// There is none of that number, it has not ended so, its rows are gone, or another one of its model is under way.
    pub async fn resume_search(&self, id: i64) -> Result<SearchView> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let search = find(&mut tx, id).await?;
        match search.state {
            SearchState::Cancelled | SearchState::Failed => {}
            SearchState::Running | SearchState::Challenging | SearchState::Completed => {
                return Err(Error::refused(format!("search {id} cannot be gone on with: it is {}", search.state)));
            }
        }
        if search.ended_at.is_some_and(|ended| ended < resumable_since(Timestamp::now())) {
            return Err(Error::refused(format!(
                "search {id} ended more than {RESUMABLE_DAYS} days ago, and its rows are not kept: begin a new one"
            )));
        }
        if db::searches::open_of(&mut tx, &search.model).await?.is_some() {
            return Err(under_way(&mut tx, &search.model).await?);
        }
        let trials = db::searches::trials(&mut tx, id).await?;
        if trials.iter().any(Trial::is_open) {
            let reason = format!("trials of search {id} are still being cancelled");
            return Err(Error::Busy { reason, retry_after: 1 });
        }
        tx.commit().await.map_err(db::Error::from)?;
        let is_unmeasured = |trial: &Trial| trial.rung == search.rung && trial.loss.is_none();
        let once_more = |(trial, snapshot): (Trial, &Snapshot)| {
            let job = climb::job(core, &search, trial.hyper.clone(), snapshot.clone());
            (Trial { job: job.id, ..trial }, job)
        };
        // Before its rows were frozen there were none.
        let open =
            trials.into_iter().filter(is_unmeasured).filter_map(|trial| Some((trial, search.snapshot.as_ref()?)));
        let again: Vec<_> = open.map(once_more).collect();
        let now =
            Search { state: SearchState::Running, outcome: None, ended_at: None, challenger: None, ..search.clone() };
        let put = match climb::put(core, &search, &now, &again, Trying::Again).await {
            Ok(put) => put,
            // Another one of its model was begun in this very moment, unless it is something else.
            Err(error) => {
                let mut view = core.db.snapshot().await?;
                return match db::searches::open_of(&mut view, &search.model).await? {
                    Some(_) => Err(under_way(&mut view, &search.model).await?),
                    None => Err(error),
                };
            }
        };
        if !put {
            return Err(Error::refused(format!("search {id} was changed in this very moment: ask again")));
        }
        core.searches_changed.notify_one();
        self.search_of(id).await
    }
}

fn ladder(request: &SearchRequest) -> Result<Ladder> {
    let (trials, eta) = (request.trials.unwrap_or(27), request.eta.unwrap_or(3));
    if !(2..=MOST_TRIALS).contains(&trials) {
        return Err(Error::invalid(format!("trials = {trials} is out of range: 2 to {MOST_TRIALS}")));
    }
    if !(2..=MOST_ETA).contains(&eta) {
        return Err(Error::invalid(format!("eta = {eta} is out of range: 2 to {MOST_ETA}")));
    }
    Ok(Ladder { trials, eta })
}

async fn find(view: &mut Connection, id: i64) -> Result<Search> {
    db::searches::get(view, id).await?.ok_or_else(|| Error::not_found(format!("search {id}")))
}

async fn under_way(view: &mut Connection, key: &ModelKey) -> Result<Error> {
    let open = db::searches::open_of(view, key).await?;
    Ok(Error::refused(match open {
        Some(open) => {
            format!("search {0} of {key} is under way, one at a time: `refit tune cancel {0}` ends it", open.id)
        }
        None => format!("a search of {key} was under way until this very moment: ask again"),
    }))
}
