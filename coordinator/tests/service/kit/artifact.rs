//! A small artifact with the losses a test wants.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use common::drift::InputDrift;
use common::losses::{self, Contestant, LossRow, RowLosses, Scored};
use common::ports::{ArtifactStore, StoreKey};
use common::seen::{RowName, Seen, Use};
use common::vocabulary::{
    ArtifactRef, ContentHash, ContestantMetrics, CurvePoint, Evaluation, EvaluationManifest, FileEntry, Hyper, JobSpec,
    Loss, Manifest, ModelKey, MonitorManifest, Monitored, Resumption, Snapshot, SplitPolicy, Subject, TrainSpec,
    TrainingRecord, TrialManifest, TrialSpec, figures, files,
};
use common::wire::Grant;

/// The key of a row that every version was fitted on.
pub(crate) const SEEN_ROW: &str = "seen";

/// How good the version is that a scripted worker delivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quality(pub(crate) f64);

impl Quality {
    /// Clearly better than everyone else.
    pub(crate) const GOOD: Self = Self(0.8);
    /// Clearly worse.
    pub(crate) const BAD: Self = Self(1.3);
}

/// Who is scored on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The version that is being trained.
    Challenger,
    /// The live version that it is judged against.
    Champion,
    /// The live version, on what has come.
    Live,
    /// The one before it, on the same.
    Shadow,
}

/// A row that somebody is scored on.
#[allow(dead_code, reason = "not every suite draws losses of its own")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScoredRow<'a> {
    pub(crate) role: Role,
    pub(crate) model: &'a ModelKey,
    /// Of a version that is being trained there is no artifact yet.
    pub(crate) version: Option<&'a ArtifactRef>,
    /// From 0.
    pub(crate) index: u64,
    pub(crate) date: NaiveDate,
}

/// What losses are drawn from.
pub(crate) type LossOf<'a> = &'a (dyn Fn(ScoredRow<'_>) -> f64 + Sync);

/// Uploads an artifact for a grant, and names its manifest.
pub(crate) async fn upload(store: &dyn ArtifactStore, grant: &Grant, quality: Quality) -> ContentHash {
    upload_from(store, "cpu", grant, quality, None).await
}

/// The same, trained on this device; `inputs`: what monitorings say of them, where that is asked for.
pub(crate) async fn upload_from(
    store: &dyn ArtifactStore,
    device: &str,
    grant: &Grant,
    quality: Quality,
    inputs: Option<&InputDrift>,
) -> ContentHash {
    let loss = |row: ScoredRow<'_>| match row.role {
        Role::Challenger | Role::Live => 0.01 * quality.0 * (1.0 + 0.05 * (row.index as f64 * 1.7).sin()),
        Role::Champion => 0.01,
        Role::Shadow => 0.01 * Quality::GOOD.0,
    };
    upload_with(store, device, grant, &loss, inputs).await
}

/// The same, with losses as somebody draws them.
pub(crate) async fn upload_with(
    store: &dyn ArtifactStore,
    device: &str,
    grant: &Grant,
    loss: LossOf<'_>,
    inputs: Option<&InputDrift>,
) -> ContentHash {
    let claim = grant.claim;
    let folder = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let mut named = BTreeMap::new();
    let put = async |name: &str, body: Vec<u8>| {
        let entry = FileEntry { sha256: ContentHash::of(&body), bytes: body.len() as u64 };
        store.put(&folder.join(name).unwrap(), body.into()).await.unwrap();
        entry
    };
    if let JobSpec::Trial(spec) = &grant.spec {
        return put(files::MANIFEST, serde_json::to_vec(&trial(grant, spec)).unwrap()).await.sha256;
    }
    if let JobSpec::Monitor(spec) = &grant.spec {
        let mut subjects = Vec::new();
        for (index, subject) in spec.subjects.iter().enumerate() {
            let losses = arrived_losses(subject, loss);
            let name = MonitorManifest::losses_of(index);
            named.insert(name.clone(), put(&name, losses::encode(&losses).unwrap().to_vec()).await);
            let (model, version) = (subject.model.clone(), subject.live.version);
            let inputs = subject.inputs.and(inputs).cloned();
            subjects.push(Monitored { model, version, rows: losses.0.len() as u64, error: None, inputs });
        }
        let format = MonitorManifest::FORMAT;
        let manifest =
            MonitorManifest { format, job: claim.job, attempt: claim.attempt, subjects, files: named.clone() };
        return put(files::MANIFEST, serde_json::to_vec(&manifest).unwrap()).await.sha256;
    }
    let (model, snapshot, split, champion) = match &grant.spec {
        JobSpec::Train(spec) => (&spec.model, &spec.snapshot, &spec.split, spec.contestants.champion.as_ref()),
        JobSpec::Evaluate(spec) => (&spec.model, &spec.snapshot, &spec.split, spec.contestants.champion.as_ref()),
        JobSpec::Trial(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => panic!("no artifact"),
    };
    let losses = row_losses(model, snapshot, split, loss, champion);
    let evaluation = evaluation(&losses, champion.is_some());
    named.insert(files::LOSSES.to_owned(), put(files::LOSSES, losses::encode(&losses).unwrap().to_vec()).await);
    let manifest = match &grant.spec {
        JobSpec::Train(spec) => {
            let weights = format!("weights of {:?} on {}", spec.hyper, spec.snapshot.hash()).into_bytes();
            named.insert(files::WEIGHTS.to_owned(), put(files::WEIGHTS, weights).await);
            let seen = Seen::of([(RowName::new(SEEN_ROW, None), Use::Fitted)]).encode().unwrap().to_vec();
            named.insert(files::SEEN.to_owned(), put(files::SEEN, seen).await);
            serde_json::to_vec(&manifest(grant, device, spec, evaluation, named)).unwrap()
        }
        JobSpec::Evaluate(spec) => serde_json::to_vec(&EvaluationManifest {
            format: EvaluationManifest::FORMAT,
            model: spec.model.clone(),
            job: claim.job,
            attempt: claim.attempt,
            challenger: spec.challenger.clone(),
            evaluation,
            files: named,
        })
        .unwrap(),
        JobSpec::Trial(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => panic!("no artifact"),
    };
    put(files::MANIFEST, manifest).await.sha256
}

fn record() -> TrainingRecord {
    TrainingRecord {
        train_rows: 100,
        new_rows: 100,
        validation_rows: 20,
        left_out: 0,
        epochs: 1,
        best_epoch: 1,
        steps: 10,
        seconds: 0.5,
        curve: vec![CurvePoint { epoch: 1, train_loss: 1.0, validation_loss: 1.1 }],
        resumption: Resumption::None,
        peak_memory: None,
    }
}

/// A trial is the better the nearer it is to 100 hidden units, and the longer it is.
fn trial(grant: &Grant, spec: &TrialSpec) -> TrialManifest {
    let Hyper::Forecaster(hyper) = &spec.hyper else { panic!("forecasters are searched for here") };
    let away = (f64::from(hyper.hidden) / 100.0).ln().abs();
    TrialManifest {
        format: TrialManifest::FORMAT,
        model: spec.model.clone(),
        job: grant.claim.job,
        attempt: grant.claim.attempt,
        hyper: spec.hyper.clone(),
        validation_loss: 0.01 * (1.0 + away + 1.0 / f64::from(hyper.epochs)),
        training: record(),
        files: BTreeMap::new(),
    }
}

fn manifest(
    grant: &Grant,
    device: &str,
    spec: &TrainSpec,
    evaluation: Evaluation,
    files: BTreeMap<String, FileEntry>,
) -> Manifest {
    let last = last(&spec.snapshot);
    Manifest {
        format: Manifest::FORMAT,
        model: spec.model.clone(),
        job: grant.claim.job,
        attempt: grant.claim.attempt,
        mode: spec.mode,
        parent: spec.parent.clone(),
        snapshot: spec.snapshot.clone(),
        split: spec.split.clone(),
        hyper: spec.hyper.clone(),
        spec_hash: ContentHash::of(b"spec"),
        seen_through: last - Days::new(90),
        data_through: last,
        device: device.into(),
        libraries: BTreeMap::from([("refit".into(), "test".into())]),
        training: record(),
        evaluation,
        gap: None,
        files,
    }
}

/// The day of the newest row.
fn last(snapshot: &Snapshot) -> NaiveDate {
    match snapshot {
        Snapshot::Bars { .. } => snapshot.last().unwrap(),
        Snapshot::Table { through, .. } => *through,
    }
}

/// What a row is one of several observations of: all of a symbol's are of one, each of a data set is one by itself.
fn unit(snapshot: &Snapshot, row: u64) -> String {
    match snapshot {
        Snapshot::Bars { symbols, .. } => symbols[0].to_string(),
        Snapshot::Table { .. } => format!("row {row}"),
    }
}

fn row_losses(
    model: &ModelKey,
    snapshot: &Snapshot,
    split: &SplitPolicy,
    loss: LossOf<'_>,
    champion: Option<&ArtifactRef>,
) -> RowLosses {
    let last = last(snapshot);
    let rows = (0..u64::from(split.holdout_rows)).map(|i| {
        let date = last - Days::new(u64::from(split.holdout_rows) - i);
        let scored = |loss: f64| Scored { loss, prediction: 0.0 };
        let drawn = |role, version| scored(loss(ScoredRow { role, model, version, index: i, date }));
        let mut scores = vec![(Contestant::Challenger, drawn(Role::Challenger, None))];
        scores.extend(champion.map(|champion| (Contestant::Champion, drawn(Role::Champion, Some(champion)))));
        scores.extend([(Contestant::NoChange, scored(0.01)), (Contestant::Drift, scored(0.0101))]);
        let unit = unit(snapshot, i);
        LossRow { date, key: unit.clone(), unit, target: 0.001, scores }
    });
    RowLosses(rows.collect())
}

/// A row for each weekday beyond the watermark; the version before is a good one.
fn arrived_losses(subject: &Subject, loss: LossOf<'_>) -> RowLosses {
    let last = last(&subject.snapshot);
    let days = (1..).map(|n| subject.beyond.date + Days::new(n)).take_while(|day| *day <= last);
    let rows = days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).enumerate().map(|(i, date)| {
        let scored = |loss: f64| Scored { loss, prediction: 0.0 };
        let (model, index) = (&subject.model, i as u64);
        let drawn = |role, version| scored(loss(ScoredRow { role, model, version: Some(version), index, date }));
        let mut scores = vec![(Contestant::Challenger, drawn(Role::Live, &subject.live))];
        scores.extend(subject.shadow.as_ref().map(|shadow| (Contestant::Champion, drawn(Role::Shadow, shadow))));
        scores.extend([(Contestant::NoChange, scored(0.01)), (Contestant::Drift, scored(0.0101))]);
        LossRow { date, key: "A".into(), unit: "A".into(), target: 0.001, scores }
    });
    RowLosses(rows.collect())
}

fn evaluation(losses: &RowLosses, champion: bool) -> Evaluation {
    let rows = &losses.0;
    let metrics = |contestant| ContestantMetrics {
        contestant,
        loss: rows.iter().map(|row| row.of(contestant).unwrap().loss).sum::<f64>() / rows.len() as f64,
        figures: [(figures::RMSE.to_owned(), 0.02)].into(),
    };
    let mut contestants = vec![metrics(Contestant::Challenger)];
    if champion {
        contestants.push(metrics(Contestant::Champion));
    }
    contestants.extend([metrics(Contestant::NoChange), metrics(Contestant::Drift)]);
    Evaluation {
        rows: rows.len() as u64,
        first: rows[0].date,
        last: rows[rows.len() - 1].date,
        loss: Loss::Crps,
        baseline: Contestant::NoChange,
        contestants,
        forecasts: None,
        slices: Vec::new(),
        importance: Vec::new(),
        finite: true,
        varies: true,
    }
}
