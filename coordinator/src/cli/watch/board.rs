//! What is known of the watched jobs. No IO: events and rows go in; news, and what is to be looked at, come out.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::views::{Event, JobEvent, JobView, ProgressView, VersionView};

/// Looks that may fail in a row before the coordinator is given up.
const MOST_FAILED_LOOKS: u32 = 15;

/// The watched jobs, as they stand.
pub(crate) struct Board {
    wanted: Vec<Uuid>,
    jobs: HashMap<Uuid, JobView>,
    /// What keeps jobs in the backlog, as far as it has been told.
    blocked: HashSet<String>,
    failed_looks: u32,
    next_look: usize,
}

/// What follows from an event.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// Nothing that is watched.
    Nothing,
    /// It is worth showing.
    Show(News),
    /// This job has changed: its row says how.
    LookAt(Uuid),
    /// Any of them may have.
    LookAtAll,
}

/// Something worth showing.
#[derive(Debug, PartialEq)]
pub(crate) enum News {
    /// A job left the backlog.
    Started(Uuid),
    /// A running job got on; whether another quarter of its steps is done.
    Progress(Uuid, bool),
    /// Its version was judged.
    Verdict(Box<VersionView>),
    /// It ended; whether its verdict is still untold.
    Ended(Uuid, bool),
    /// It went back into the backlog.
    Requeued(Uuid),
    /// Something keeps it in the backlog until somebody acts. Said once for all jobs that it keeps there.
    Blocked(Uuid),
}

impl Board {
    /// A board of these jobs, of which nothing is known yet.
    pub(crate) fn new(wanted: &[Uuid]) -> Self {
        let (jobs, blocked) = (HashMap::new(), HashSet::new());
        Self { wanted: wanted.to_vec(), jobs, blocked, failed_looks: 0, next_look: 0 }
    }

    /// Takes in an event.
    pub(crate) fn apply(&mut self, event: Event) -> Next {
        match event {
            Event::Job(JobEvent { job, state, .. }) => match self.jobs.get(&job) {
                Some(known) if known.ended_at.is_none() && known.state != state.as_str() => Next::LookAt(job),
                Some(_) | None => Next::Nothing,
            },
            Event::Progress { job, progress, .. } => {
                let Some(known) = self.jobs.get_mut(&job).filter(|job| job.ended_at.is_none()) else {
                    return Next::Nothing;
                };
                let before = known.progress.as_ref().map_or(0, quarter);
                let another = quarter(&progress) > before;
                known.progress = Some(progress);
                Next::Show(News::Progress(job, another))
            }
            Event::Missed => Next::LookAtAll,
            Event::Verdict(_) | Event::Alert { .. } | Event::Decision { .. } | Event::Import(_) | Event::Rows(_) => {
                Next::Nothing
            }
        }
    }

    /// Takes in a job as it was a moment ago. Rows and events overtake each other: what is older than what is known is passed over.
    pub(crate) fn see(&mut self, job: JobView) -> Vec<News> {
        self.failed_looks = 0;
        let id = job.id;
        let known = self.jobs.get(&id);
        if !self.wanted.contains(&id) || known.is_some_and(|known| known.ended_at.is_some() || age(&job) < age(known)) {
            return Vec::new();
        }
        let (was, is) = (known.map(is_waiting), is_waiting(&job));
        let ended = job.ended_at.is_some();
        let blocked = job.blocked.as_ref().is_some_and(|blocked| self.blocked.insert(blocked.text.clone()));
        self.jobs.insert(id, job);
        let mut news = match (was, is) {
            _ if ended => vec![News::Ended(id, true)],
            (Some(true) | None, false) => vec![News::Started(id)],
            (Some(false), true) => vec![News::Requeued(id)],
            (Some(true) | None, true) | (Some(false), false) => Vec::new(),
        };
        news.extend(blocked.then_some(News::Blocked(id)));
        news
    }

    /// A look at the rows failed; whether to go on all the same.
    pub(crate) fn forgive(&mut self) -> bool {
        self.failed_looks += 1;
        self.failed_looks <= MOST_FAILED_LOOKS
    }

    /// One job.
    pub(crate) fn job(&self, id: Uuid) -> Option<&JobView> {
        self.jobs.get(&id)
    }

    /// The jobs waiting, those sooner to run first.
    pub(crate) fn line(&self) -> Vec<&JobView> {
        let mut line: Vec<_> = self.jobs.values().filter(|job| is_waiting(job)).collect();
        line.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.enqueued_at.cmp(&b.enqueued_at)).then(a.id.cmp(&b.id)));
        line
    }

    /// Up to `at_most` jobs not known to have ended, others each time.
    pub(crate) fn unended(&mut self, at_most: usize) -> Vec<Uuid> {
        let open = |id: &&Uuid| self.jobs.get(id).is_none_or(|job| job.ended_at.is_none());
        let open: Vec<Uuid> = self.wanted.iter().filter(open).copied().collect();
        let from = if self.next_look < open.len() { self.next_look } else { 0 };
        let chosen: Vec<Uuid> = open.into_iter().skip(from).take(at_most).collect();
        self.next_look = from + chosen.len();
        chosen
    }

    /// Whether every watched job has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.wanted.iter().all(|id| self.jobs.get(id).is_some_and(|job| job.ended_at.is_some()))
    }

    /// How many have ended.
    pub(crate) fn ended(&self) -> usize {
        self.jobs.values().filter(|job| job.ended_at.is_some()).count()
    }

    /// How many are watched.
    pub(crate) fn total(&self) -> usize {
        self.wanted.len()
    }

    /// The jobs, in the order asked for.
    pub(crate) fn into_jobs(mut self) -> Vec<JobView> {
        self.wanted.iter().filter_map(|id| self.jobs.remove(id)).collect()
    }
}

/// Grows with the lifecycle of a job: whether it has ended, its attempts, and how far the last of them is.
fn age(job: &JobView) -> (bool, usize, bool, bool) {
    let last = job.attempts.last();
    let (started, over) = (last.and_then(|last| last.started_at), last.and_then(|last| last.ended_at));
    (job.ended_at.is_some(), job.attempts.len(), started.is_some(), over.is_some())
}

/// Quarters of its steps that are done, 0 to 4; early stopping may skip some.
fn quarter(progress: &ProgressView) -> u64 {
    (4 * progress.step).checked_div(progress.steps).unwrap_or(0)
}

fn is_waiting(job: &JobView) -> bool {
    matches!(job.state.as_str(), "queued" | "dispatched")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use common::vocabulary::{JobKind, JobState};

    use super::*;
    use crate::views::{AttemptView, BlockedView, Blocker};

    fn job(number: u128, score: f64, state: &str) -> JobView {
        let ended = matches!(state, "completed" | "failed" | "cancelled").then_some(DateTime::UNIX_EPOCH);
        JobView {
            id: Uuid::from_u128(number),
            kind: "train".into(),
            model: Some("forecaster/AAPL".into()),
            mode: Some("complete".into()),
            pool: "cpu".into(),
            stand_in: None,
            preemptions: 0,
            slot_free_seconds: None,
            state: state.into(),
            score,
            terms: Vec::new(),
            position: None,
            why: String::new(),
            standing: None,
            reason: None,
            blocked: None,
            enqueued_at: DateTime::UNIX_EPOCH,
            as_of: DateTime::UNIX_EPOCH,
            started_at: None,
            ended_at: ended,
            attempts: Vec::new(),
            progress: None,
            curve: Vec::new(),
            reproduces: None,
            version: None,
            verdict: None,
            comparison: None,
            batch: None,
        }
    }

    fn progress(step: u64) -> ProgressView {
        ProgressView { phase: "training".into(), epoch: 1, epochs: 8, step, steps: 8, loss: None, seconds_left: None }
    }

    #[test]
    fn the_line_is_in_score_order_and_empties_as_jobs_start() {
        let ids = [1, 2, 3].map(Uuid::from_u128);
        let mut board = Board::new(&ids);
        for (number, score) in [(1, 40.0), (2, -5.0), (3, 20.0)] {
            assert!(board.see(job(number, score, "queued")).is_empty());
        }
        assert_eq!(board.line().iter().map(|job| job.id).collect::<Vec<_>>(), [ids[1], ids[2], ids[0]]);
        assert_eq!(board.see(job(2, -5.0, "running")), [News::Started(ids[1])]);
        assert_eq!(board.line().len(), 2);
        assert_eq!(board.see(job(2, -5.0, "queued")), [News::Requeued(ids[1])]);
    }

    #[test]
    fn an_ended_job_stays_ended_whatever_comes_late() {
        let id = Uuid::from_u128(1);
        let mut board = Board::new(&[id]);
        board.see(job(1, 0.0, "running"));
        assert_eq!(board.see(job(1, 0.0, "completed")), [News::Ended(id, true)]);
        assert!(board.is_done());
        assert!(board.see(job(1, 0.0, "running")).is_empty());
        let late = Event::Progress { job: id, model: "forecaster/AAPL".into(), progress: progress(3) };
        assert_eq!(board.apply(late), Next::Nothing);
        assert!(board.is_done() && board.unended(9).is_empty());
    }

    #[test]
    fn what_comes_late_starts_nothing_anew() {
        let attempt = |started| AttemptView {
            number: 1,
            worker: None,
            started_at: started,
            ended_at: None,
            outcome: None,
            message: None,
            resumed_from: None,
        };
        let mut board = Board::new(&[Uuid::from_u128(1)]);
        let with = |state, attempts| JobView { attempts, ..job(1, 0.0, state) };
        assert_eq!(board.see(with("running", vec![attempt(Some(DateTime::UNIX_EPOCH))])).len(), 1);
        assert!(board.see(with("dispatched", vec![attempt(None)])).is_empty());
        assert!(board.see(with("queued", vec![])).is_empty());
        let over = AttemptView { ended_at: Some(DateTime::UNIX_EPOCH), ..attempt(Some(DateTime::UNIX_EPOCH)) };
        assert_eq!(board.see(with("queued", vec![over])), [News::Requeued(Uuid::from_u128(1))]);
    }

    #[test]
    fn a_change_of_a_watched_job_is_looked_at_once() {
        let id = Uuid::from_u128(1);
        let mut board = Board::new(&[id]);
        board.see(job(1, 0.0, "queued"));
        let changed = |number, state| {
            let (job, kind) = (Uuid::from_u128(number), JobKind::Train);
            Event::Job(JobEvent { job, kind, model: None, state, attempts: 1, revision: 1 })
        };
        assert_eq!(board.apply(changed(1, JobState::Queued)), Next::Nothing, "that is known");
        assert_eq!(board.apply(changed(2, JobState::Running)), Next::Nothing, "nobody asked for it");
        assert_eq!(board.apply(changed(1, JobState::Running)), Next::LookAt(id));
        assert_eq!(board.apply(Event::Missed), Next::LookAtAll);
        board.see(job(1, 0.0, "completed"));
        assert_eq!(board.apply(changed(1, JobState::Judging)), Next::Nothing, "it has ended");
    }

    #[test]
    fn progress_tells_when_another_quarter_is_done() {
        let id = Uuid::from_u128(1);
        let mut board = Board::new(&[id]);
        board.see(job(1, 0.0, "running"));
        let mut apply =
            |step| board.apply(Event::Progress { job: id, model: "forecaster/AAPL".into(), progress: progress(step) });
        let next = [1, 2, 3, 8].map(&mut apply);
        let quarters = [false, true, false, true].map(|another| Next::Show(News::Progress(id, another)));
        assert_eq!(next, quarters, "the rest was skipped");
    }

    #[test]
    fn what_keeps_jobs_in_the_line_is_told_once() {
        let mut board = Board::new(&[1, 2].map(Uuid::from_u128));
        let text = "pool cpu is paused since 2026-05-01 08:00";
        let blocked = BlockedView { by: Blocker::ClosedPool, text: text.into(), next: "resume it".into() };
        let held = |number| JobView { blocked: Some(blocked.clone()), ..job(number, 0.0, "queued") };
        assert_eq!(board.see(held(1)), [News::Blocked(Uuid::from_u128(1))]);
        assert!(board.see(held(1)).is_empty() && board.see(held(2)).is_empty());
    }

    #[test]
    fn jobs_nobody_asked_for_are_passed_over() {
        let mut board = Board::new(&[Uuid::from_u128(1)]);
        assert!(board.see(job(2, 0.0, "running")).is_empty());
        assert!(board.line().is_empty() && board.job(Uuid::from_u128(2)).is_none());
    }

    #[test]
    fn looks_go_round_over_a_long_list() {
        let ids: Vec<_> = (1..=5).map(Uuid::from_u128).collect();
        let mut board = Board::new(&ids);
        assert_eq!(board.unended(3), ids[..3]);
        assert_eq!(board.unended(3), ids[3..]);
        assert_eq!(board.unended(3), ids[..3]);
    }
}
