//! Two versions side by side: what is known of each, and their paired losses on the rows that both were scored on.

use std::collections::BTreeMap;

use common::losses::{Contestant, LossRow, RowLosses};
use common::vocabulary::{JobSpec, ModelKey, VersionNumber};
use domain::judge::{Comparison, Paired, Pairing, SideBySide};
use serde::Serialize;
use serde_json::Value;

use crate::db::{self, Connection, versions::Version};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::lookup::model;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, Refit};
use crate::views::{CompareView, DifferenceView, EstimateView, FigureView, HyperView, SideView};
use crate::wording;

impl Refit {
    /// Shows two versions of a model side by side, and which is better on the rows that both were scored on.
    ///
    /// # Errors
    /// There is no such model or version, or only one is named.
    pub async fn compare(&self, key: &ModelKey, a: VersionNumber, b: VersionNumber) -> Result<CompareView> {
        versions(&self.core, key, a, b).await
    }
}

/// One of the two, with its losses row by row, or why they cannot be read.
struct Side {
    version: Version,
    /// The version that was live when this one was scored.
    champion: Option<VersionNumber>,
    losses: std::result::Result<RowLosses, String>,
}

/// Compares `b` with `a`.
async fn versions(core: &Core, key: &ModelKey, a: VersionNumber, b: VersionNumber) -> Result<CompareView> {
    if a == b {
        return Err(Error::invalid(format!("{a} and {b} are one version: name two")));
    }
    let mut view = core.db.snapshot().await?;
    model::find(&mut view, key).await?;
    let (first, second) = (find(&mut view, key, a).await?, find(&mut view, key, b).await?);
    drop(view);
    let (a, b) = (side(core, first).await?, side(core, second).await?);
    let (difference, text) = difference(&a, &b);
    Ok(CompareView {
        model: key.to_string(),
        figures: figures(&a, &b),
        hyper: hyper(&a.version, &b.version)?,
        a: shown(&a.version),
        b: shown(&b.version),
        difference,
        text,
    })
}

async fn find(
    view: &mut Connection,
    key: &ModelKey,
    number: VersionNumber,
) -> Result<(Version, Option<VersionNumber>)> {
    let version = db::versions::get(view, key, number).await?;
    let version = version.ok_or_else(|| Error::not_found(format!("version {number} of {key}")))?;
    let spec = db::jobs::get(view, version.job).await?.and_then(|job| job.spec);
    let champion = match spec {
        Some(JobSpec::Train(spec)) => spec.contestants.champion.map(|champion| champion.version),
        Some(
            JobSpec::Trial(_) | JobSpec::Evaluate(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_),
        )
        | None => None,
    };
    Ok((version, champion))
}

async fn side(core: &Core, (version, champion): (Version, Option<VersionNumber>)) -> Result<Side> {
    let folder = version.prefix.parse()?;
    let losses = match artifact::losses(core.ports.store.as_ref(), &folder, &version.manifest.files).await {
        Ok(losses) => Ok(losses),
        Err(Unfit::Damaged { file, reason }) => Err(format!("{file} of {} is damaged: {reason}", version.number)),
        Err(Unfit::Port(error)) => return Err(error.into()),
    };
    Ok(Side { version, champion, losses })
}

/// `b` against `a` on their rows in common, and what follows in words.
fn difference(a: &Side, b: &Side) -> (Option<DifferenceView>, String) {
    let (first, second) = (a.version.number.to_string(), b.version.number.to_string());
    let (of_a, of_b) = match (&a.losses, &b.losses) {
        (Ok(of_a), Ok(of_b)) => (of_a, of_b),
        (Err(why), _) | (_, Err(why)) => return (None, format!("{first} and {second} cannot be compared: {why}.")),
    };
    let (reason, paired) = in_common(a, of_a, b, of_b);
    if paired.is_empty() {
        let text = format!(
            "{first} and {second} share no rows that both were scored on, so their losses say nothing of which is better."
        );
        return (None, text);
    }
    let Some(found) = SideBySide::of(&paired) else {
        return (None, format!("{first} and {second} share {} rows: too few to compare them.", paired.len()));
    };
    let Comparison { difference, low, high, rows, .. } = found.comparison;
    let verdict = found.verdict.to_string();
    let shown = DifferenceView { verdict, difference, low, high, rows: rows as u64, because: reason.into() };
    (Some(shown), wording::text(&found.says(b.version.number, a.version.number)))
}

/// The losses of both on the same rows, and how they come to be the same.
fn in_common(a: &Side, of_a: &RowLosses, b: &Side, of_b: &RowLosses) -> (&'static str, Paired) {
    use Contestant::{Challenger, Champion};
    const TOGETHER: &str = "scored_together";
    let pairing = Pairing::of(b.version.manifest.hyper.family());
    if b.champion == Some(a.version.number) {
        (TOGETHER, pairing.pair(of_b, Challenger, Champion))
    } else if a.champion == Some(b.version.number) {
        (TOGETHER, pairing.pair(of_a, Champion, Challenger))
    } else {
        ("holdouts_overlap", pairing.pair(&overlap(of_a, of_b), Challenger, Champion))
    }
}

/// The rows of two holdouts that are the same, as if `b` had been scored beside `a`. A target that was restated between the two is
/// another row.
fn overlap(of_a: &RowLosses, of_b: &RowLosses) -> RowLosses {
    let key = |row: &LossRow| (row.date, row.key.clone());
    let first: BTreeMap<_, &LossRow> = of_a.0.iter().map(|row| (key(row), row)).collect();
    let both = |row: &LossRow| {
        let other = first.get(&key(row)).filter(|other| other.target == row.target)?;
        let scores = [
            (Contestant::Challenger, row.of(Contestant::Challenger)?),
            (Contestant::Champion, other.of(Contestant::Challenger)?),
        ];
        Some(LossRow { scores: scores.into(), ..row.clone() })
    };
    RowLosses(of_b.0.iter().filter_map(both).collect())
}

/// The figures of both, by name: whatever a family measures.
fn figures(a: &Side, b: &Side) -> Vec<FigureView> {
    let (mut of_a, of_b) = (own_figures(a), own_figures(b));
    let mut rows: Vec<FigureView> = Vec::new();
    for (name, figure) in of_b {
        let other = of_a.iter().position(|(other, _)| *other == name).map(|index| of_a.remove(index).1);
        rows.push(FigureView { name, a: other, b: Some(figure) });
    }
    rows.extend(of_a.into_iter().map(|(name, figure)| FigureView { name, a: Some(figure), b: None }));
    rows
}

fn own_figures(side: &Side) -> Vec<(String, EstimateView)> {
    let evaluation = &side.version.manifest.evaluation;
    let plain = |value: f64| EstimateView { value, low: None, high: None };
    let mut figures = Vec::new();
    let against = side.losses.as_ref().ok().and_then(|losses| {
        let pairing = Pairing::of(side.version.manifest.hyper.family());
        let paired = pairing.pair(losses, Contestant::Challenger, evaluation.baseline);
        SideBySide::of(&paired).map(|found| found.comparison)
    });
    if let Some(Comparison { difference, low, high, .. }) = against {
        let estimate = EstimateView { value: difference, low: Some(low), high: Some(high) };
        figures.push(("loss_against_baseline".to_owned(), estimate));
    }
    if let Some(metrics) = evaluation.of(Contestant::Challenger) {
        figures.push((evaluation.loss.to_string(), plain(metrics.loss)));
        figures.extend(metrics.figures.iter().map(|(name, value)| (name.clone(), plain(*value))));
    }
    if let Some(forecasts) = &evaluation.forecasts {
        let rate = forecasts.direction.accuracy;
        let estimate = EstimateView { value: rate.value, low: Some(rate.low), high: Some(rate.high) };
        figures.push(("direction_accuracy".into(), estimate));
    }
    figures
}

/// The hyper-parameters that differ, by name.
fn hyper(a: &Version, b: &Version) -> Result<Vec<HyperView>> {
    let (of_a, of_b) = (fields(&a.manifest.hyper)?, fields(&b.manifest.hyper)?);
    let names: std::collections::BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
    let both = |name: &String| HyperView { name: name.clone(), a: of_a.get(name).cloned(), b: of_b.get(name).cloned() };
    Ok(names.into_iter().map(both).filter(|row| row.a != row.b).collect())
}

fn fields(hyper: &impl Serialize) -> Result<BTreeMap<String, String>> {
    let written = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(match serde_json::to_value(hyper)? {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, written(value))).collect(),
        _ => BTreeMap::new(),
    })
}

fn shown(version: &Version) -> SideView {
    let (manifest, evaluation) = (&version.manifest, &version.manifest.evaluation);
    SideView {
        version: version.number.to_string(),
        status: version.status.as_str().into(),
        mode: version.mode.to_string(),
        parent: version.parent.map(|parent| parent.to_string()),
        trained_at: version.as_of.utc(),
        recorded_at: version.recorded_at.utc(),
        data_through: version.data_through,
        rows: version.data_rows,
        train_rows: manifest.training.train_rows,
        seconds: manifest.training.seconds,
        holdout_rows: evaluation.rows,
        holdout_first: evaluation.first,
        holdout_last: evaluation.last,
        baseline: evaluation.baseline.to_string(),
        reliability: version.reliability,
    }
}
