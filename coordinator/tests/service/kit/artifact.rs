//! A small artifact with the losses a test wants.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use common::drift::InputDrift;
use common::losses::{self, Contestant, LossRow, RowLosses, Scored};
use common::ports::{ArtifactStore, StoreKey};
use common::seen::{RowName, Seen, Use};
use common::vocabulary::{
    ContentHash, ContestantMetrics, CurvePoint, Evaluation, EvaluationManifest, FileEntry, JobSpec, Loss, Manifest,
    MonitorManifest, Monitored, Resumption, Snapshot, SplitPolicy, Subject, TrainSpec, TrainingRecord, figures, files,
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
    let claim = grant.claim;
    let folder = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let mut named = BTreeMap::new();
    let put = async |name: &str, body: Vec<u8>| {
        let entry = FileEntry { sha256: ContentHash::of(&body), bytes: body.len() as u64 };
        store.put(&folder.join(name).unwrap(), body.into()).await.unwrap();
        entry
    };
    if let JobSpec::Monitor(spec) = &grant.spec {
        let mut subjects = Vec::new();
        for (index, subject) in spec.subjects.iter().enumerate() {
            let losses = arrived_losses(subject, quality);
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
    let (snapshot, split, champion) = match &grant.spec {
        JobSpec::Train(spec) => (&spec.snapshot, &spec.split, spec.contestants.champion.is_some()),
        JobSpec::Evaluate(spec) => (&spec.snapshot, &spec.split, spec.contestants.champion.is_some()),
        JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => panic!("no artifact"),
    };
    let losses = row_losses(snapshot, split, quality, champion);
    let evaluation = evaluation(&losses, champion);
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
        JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => panic!("no artifact"),
    };
    put(files::MANIFEST, manifest).await.sha256
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
        training: TrainingRecord {
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
        },
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

fn row_losses(snapshot: &Snapshot, split: &SplitPolicy, quality: Quality, champion: bool) -> RowLosses {
    let last = last(snapshot);
    let rows = (0..u64::from(split.holdout_rows)).map(|i| {
        let wobble = 1.0 + 0.05 * (i as f64 * 1.7).sin();
        let scored = |loss: f64| Scored { loss, prediction: 0.0 };
        let mut scores = vec![(Contestant::Challenger, scored(0.01 * quality.0 * wobble))];
        if champion {
            scores.push((Contestant::Champion, scored(0.01)));
        }
        scores.extend([(Contestant::NoChange, scored(0.01)), (Contestant::Drift, scored(0.0101))]);
        let date = last - Days::new(u64::from(split.holdout_rows) - i);
        let unit = unit(snapshot, i);
        LossRow { date, key: unit.clone(), unit, target: 0.001, scores }
    });
    RowLosses(rows.collect())
}

/// A row for each weekday beyond the watermark; the version before is a good one.
fn arrived_losses(subject: &Subject, quality: Quality) -> RowLosses {
    let last = subject.snapshot.last().unwrap();
    let days = (1..).map(|n| subject.beyond.date + Days::new(n)).take_while(|day| *day <= last);
    let rows = days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).enumerate().map(|(i, date)| {
        let wobble = 1.0 + 0.05 * (i as f64 * 1.7).sin();
        let scored = |loss: f64| Scored { loss, prediction: 0.0 };
        let mut scores = vec![(Contestant::Challenger, scored(0.01 * quality.0 * wobble))];
        if subject.shadow.is_some() {
            scores.push((Contestant::Champion, scored(0.01 * Quality::GOOD.0)));
        }
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
