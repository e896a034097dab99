//! Judging: the gate's verdict on a recorded version, and what follows, in one transaction with the live pointer.

use std::time::SystemTime;

use common::losses::RowLosses;
use common::ports::StoreKey;
use common::telemetry::table::{attribute, metric, span};
use common::vocabulary::{Evaluation, JobId, JobKind, Seal, Source, Timestamp};
use domain::job_reason::JobReason;
use domain::judge::{Evidence, Judgement, Outcome, Pairing, Recipe, judge};
use domain::ledger::{Cause, LedgerReason};
use domain::transition::{Command, State};

use crate::db::{
    self, Connection,
    jobs::{Job, Purpose},
    ledger::LedgerEntry,
    models::Model,
    verdicts::VerdictRecord,
    versions::{Status, Version},
};
use crate::service::error::{Error, Result};
use crate::service::jobs::lifecycle;
use crate::service::planning::evaluate;
use crate::service::present;
use crate::service::runtime::fault::Step;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, pointer};

/// What a version is judged on.
struct Case {
    job: Job,
    version: Version,
    evaluation: Evaluation,
    losses: RowLosses,
    /// Judged versions of the model, the champion among them.
    others: Vec<Version>,
}

/// Judges the result of a job that stands at judging.
pub(crate) async fn job(core: &Core, id: JobId) -> Result<()> {
    let Some(case) = case(core, id).await? else { return Ok(()) };
    let (version, trace) = (&case.version, case.job.trace);
    let span = span::JUDGE.under(trace).text(&attribute::JOB, id).text(&attribute::MODEL, &version.model);
    let span = span.text(&attribute::VERSION, version.number).begin();
    let verdict = span.around(decide(core, case)).await?;
    if let Some(verdict) = verdict {
        span.text(&attribute::VERDICT, verdict);
        metric::VERDICTS.add(1, &[(&attribute::VERDICT, verdict)]);
    }
    Ok(())
}

/// Judges and carries it out; the word for what became of the version, if that is known now.
async fn decide(core: &Core, case: Case) -> Result<Option<&'static str>> {
    let judgement = judge(&case.evidence());
    core.fault.at(Step::Judged).await;
    conclude(core, &case, judgement).await
}

async fn case(core: &Core, id: JobId) -> Result<Option<Case>> {
    let mut view = core.db.snapshot().await?;
    let Some(job) = db::jobs::get(&mut view, id).await? else { return Ok(None) };
    let (State::Judging { attempt }, Some(model)) = (&job.lifecycle.state, &job.model) else { return Ok(None) };
    let version = match (job.kind, job.challenger()) {
        (JobKind::Evaluate, Some(number)) => db::versions::get(&mut view, model, number).await?,
        (
            JobKind::Train | JobKind::Trial | JobKind::Evaluate | JobKind::Monitor | JobKind::Predict | JobKind::Probe,
            _,
        ) => db::versions::of_job(&mut view, id).await?,
    };
    let Some(version) = version else { return Err(Error::not_found(format!("version of job {id}"))) };
    let mut others = db::versions::of_model(&mut view, model).await?;
    others.retain(|other| other.number != version.number && other.status != Status::Reproduction);
    drop(view);
    let store = core.ports.store.as_ref();
    let (evaluation, files, folder) = match job.kind {
        JobKind::Train | JobKind::Trial | JobKind::Monitor | JobKind::Predict | JobKind::Probe => {
            (version.manifest.evaluation.clone(), version.manifest.files.clone(), version.prefix.parse()?)
        }
        JobKind::Evaluate => {
            let Some(Seal::Result { claim, manifest }) = artifact::seal(store, id, *attempt).await? else {
                return Ok(None);
            };
            let folder = StoreKey::artifact(id, *attempt, claim);
            let manifest = artifact::evaluation(store, &folder, manifest).await?;
            (manifest.evaluation, manifest.files, folder)
        }
    };
    let losses = artifact::losses(store, &folder, &files).await?;
    Ok(Some(Case { job, version, evaluation, losses, others }))
}

impl Case {
    fn evidence(&self) -> Evidence<'_> {
        let champion = self.others.iter().find(|other| other.status == Status::Live);
        let recipe = |version: &Version| (version.manifest.hyper.without_seed(), version.manifest.shape());
        let same = champion.is_none_or(|champion| recipe(champion) == recipe(&self.version));
        let looks = self
            .others
            .iter()
            .filter(|other| other.status == Status::Rejected && other.manifest.evaluation.last == self.evaluation.last);
        Evidence {
            losses: &self.losses,
            pairing: Pairing::of(self.version.manifest.hyper.family()),
            baseline: self.evaluation.baseline,
            recipe: if same { Recipe::Same } else { Recipe::Changed },
            finite: self.evaluation.finite,
            varies: self.evaluation.varies,
            slices: &self.evaluation.slices,
            earlier_looks: looks.count() as u32,
        }
    }
}

/// Verdict, live pointer, ledger and job: all of it or nothing.
async fn conclude(core: &Core, case: &Case, judgement: Judgement) -> Result<Option<&'static str>> {
    let (now, began) = (Timestamp::now(), SystemTime::now());
    let (key, number) = (&case.version.model, case.version.number);
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, case.job.id).await? else { return Ok(None) };
    let Ok(mut next) = lifecycle::next(core, &job, &Command::Judge, now) else { return Ok(None) };
    let job = &mut next.job;
    let Some(model) = db::models::get(&mut tx, key).await? else { return Ok(None) };
    // As it stands now: somebody may have promoted it while the evidence was read.
    let Some(status) = db::versions::get(&mut tx, key, number).await?.map(|version| version.status) else {
        return Ok(None);
    };
    let settled = matches!(status, Status::Judging | Status::Waiting);
    let promoted = if !settled {
        job.reason = Some(JobReason::NothingToJudge { version: number, status: status.as_str().to_owned() });
        false
    } else if reads_otherwise(&model, &case.version) {
        db::versions::set_status(&mut tx, key, number, Status::Superseded).await?;
        job.reason = Some(JobReason::Superseded { version: number, model: key.clone() });
        false
    } else if model.live_seq != job.champion_seq && judgement.outcome == Outcome::Promote {
        let again = evaluate::score_again(&mut tx, job, number, Purpose::ChampionMoved).await?;
        db::versions::set_status(&mut tx, key, number, Status::Waiting).await?;
        job.reason = Some(JobReason::ScoredAgain { job: again, version: number });
        false
    } else {
        settle(&mut tx, job, &model, &case.version, &judgement, now).await?
    };
    if settled {
        let verdict = VerdictRecord { promoted, ..VerdictRecord::from(&judgement) };
        db::versions::set_verdict(&mut tx, key, number, &verdict).await?;
    }
    let version = db::versions::get(&mut tx, key, number).await?;
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Promoted).await;
    core.front_changed.notify_one();
    tracing::info!(model = %key, version = %number, promoted, verdict = %judgement.verdict, "judged");
    if promoted {
        let moved = span::PROMOTE.here().since(began).text(&attribute::MODEL, key).text(&attribute::VERSION, number);
        drop(moved.number(&attribute::LIVE_SEQ, (model.live_seq + 1) as f64).begin());
    }
    let verdict = version.as_ref().filter(|_| settled).and_then(|version| word(version.status));
    if let Some(version) = version {
        core.events.verdict(&present::version(version)?);
    }
    lifecycle::follow(core, vec![next]).await?;
    Ok(verdict)
}

/// Ends a job whose evidence the store has lost since it was recorded: nothing is known of the version any more that could make it
/// live.
pub(crate) async fn without_evidence(core: &Core, id: JobId, lost: &str) -> Result<()> {
    tracing::error!(job = %id, lost, "it cannot be judged any more");
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = lifecycle::next(core, &job, &Command::Judge, Timestamp::now()) else { return Ok(()) };
    next.job.reason = Some(JobReason::NothingComes { lost: lost.to_owned() });
    if let Some(version) = db::versions::of_job(&mut tx, id).await?
        && version.status == Status::Judging
    {
        db::versions::set_status(&mut tx, &version.model, version.number, Status::Rejected).await?;
        next.job.reason = Some(JobReason::CannotBeJudged { version: version.number, lost: lost.to_owned() });
    }
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    lifecycle::follow(core, vec![next]).await
}

/// Whether the model has been told to read other rows or columns than this version does. It was asked for something else then.
fn reads_otherwise(model: &Model, version: &Version) -> bool {
    version.reads() != model.source.as_ref().map(Source::fitted)
}

/// What became of a version, in the word of telemetry.
fn word(status: Status) -> Option<&'static str> {
    match status {
        Status::Live => Some("promote"),
        Status::Rejected => Some("reject"),
        Status::Waiting => Some("wait"),
        Status::Superseded => Some("supersede"),
        Status::Judging | Status::Retired | Status::Reproduction => None,
    }
}

/// Carries the verdict out; says whether the version is live now.
async fn settle(
    tx: &mut Connection,
    job: &mut Job,
    model: &Model,
    version: &Version,
    judgement: &Judgement,
    now: Timestamp,
) -> Result<bool> {
    let (key, number) = (&version.model, version.number);
    let finding = judgement.conclusion.clone();
    if job.lifecycle.cancelling {
        db::versions::set_status(tx, key, number, Status::Rejected).await?;
        job.reason = Some(JobReason::CancelledTooLate { version: number });
        return Ok(false);
    }
    match judgement.outcome {
        Outcome::Promote => {
            let entry = LedgerEntry {
                model: key.clone(),
                live_seq: model.live_seq + 1,
                cause: Cause::Promote,
                version: number,
                previous: model.live,
                job: Some(job.id),
                reason: LedgerReason::Judged { finding: finding.clone() },
                at: now,
                rows: None,
            };
            if !pointer::move_to(tx, version, model.live, entry).await? {
                return Err(Error::refused(format!("the live version of {key} changed meanwhile")));
            }
            job.reason = Some(JobReason::Live { version: number, finding });
            Ok(true)
        }
        Outcome::Reject => {
            db::versions::set_status(tx, key, number, Status::Rejected).await?;
            job.reason = Some(JobReason::Rejected { version: number, finding });
            Ok(false)
        }
        Outcome::Wait => {
            db::versions::set_status(tx, key, number, Status::Waiting).await?;
            job.reason = Some(JobReason::Waits { version: number, finding });
            Ok(false)
        }
    }
}
