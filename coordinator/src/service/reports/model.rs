//! The history of a model.

use std::collections::BTreeMap;

use common::losses::RowLosses;
use common::vocabulary::{Family, ModelKey, Timestamp};
use domain::decide::Action;

use super::history;
use crate::db::{self, pages, versions::Version};
use crate::service::error::{Result, Unfit};
use crate::service::facts;
use crate::service::planning::evaluate::{self, PlanningRequest};
use crate::service::present;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, Refit};
use crate::views::{CurveView, ForecastPoint, ModelReport, ToldView};

/// Versions, and moves of the live pointer, that are shown.
const SHOWN: u32 = 50;

impl Refit {
    /// The history of a model: its versions, how they did, what was live when, and what they said against what came.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn model_report(&self, key: &ModelKey) -> Result<ModelReport> {
        model(&self.core, key).await
    }
}

async fn model(core: &Core, key: &ModelKey) -> Result<ModelReport> {
    let now = Timestamp::now();
    let mut view = core.db.snapshot().await?;
    let known = facts::one(&mut view, key, &core.settings, now).await?;
    let outcome = evaluate::plan(&known, &PlanningRequest::default(), &core.settings, now);
    let versions = pages::versions::behind(&mut view, key, None, SHOWN).await?;
    let moves = pages::ledger::behind(&mut view, key, None, SHOWN).await?;
    let live = match known.model.live {
        Some(number) => db::versions::get(&mut view, key, number).await?,
        None => None,
    };
    let scores = history::days(&mut view, key).await?;
    let family = known.model.hyper.family();
    let served = match family {
        Family::Forecaster => history::served(&mut view, key).await?,
        Family::Recommender | Family::Text | Family::Tabular => BTreeMap::new(),
    };
    drop(view);
    let losses = match &live {
        Some(version) => losses(core, version).await?,
        None => None,
    };
    let version = known.facts.live.as_ref();
    Ok(ModelReport {
        model: key.to_string(),
        family,
        made_at: now.utc(),
        live: version.map(|version| version.version.to_string()),
        reliability: version.and_then(|version| version.reliability),
        age_days: version.map(|version| now.days_since(version.trained_at)).filter(|age| *age >= 0.0),
        new_rows: known.facts.new_rows,
        action: ToldView::of(&Action::of(&outcome.decision)),
        loss: live.as_ref().map(|version| version.manifest.evaluation.loss),
        versions: versions.into_iter().map(present::version_summary).collect(),
        moves: moves.into_iter().map(present::ledger_entry).collect(),
        scores,
        forecasts: forecasts(family, served, losses.as_ref()),
        reliability_diagram: live.as_ref().map_or_else(Vec::new, |live| history::reliability(live, losses.as_ref())),
        curve: live.iter().flat_map(|live| live.manifest.training.curve.iter().map(CurveView::from)).collect(),
    })
}

/// The losses of a version row by row; none where they are gone or damaged, for a report is no judgement.
async fn losses(core: &Core, version: &Version) -> Result<Option<RowLosses>> {
    let folder = version.prefix.parse()?;
    match artifact::losses(core.ports.store.as_ref(), &folder, &version.manifest.files).await {
        Ok(losses) => Ok(Some(losses)),
        Err(Unfit::Damaged { file, reason }) => {
            tracing::warn!(model = %version.model, version = %version.number, file, reason, "a report goes without it");
            Ok(None)
        }
        Err(Unfit::Port(error)) => Err(error.into()),
    }
}

/// What was said of each day, as it was served; of other days, as it was judged.
fn forecasts(
    family: Family,
    served: BTreeMap<chrono::NaiveDate, ForecastPoint>,
    losses: Option<&RowLosses>,
) -> Vec<ForecastPoint> {
    let mut points = match (family, losses) {
        (Family::Forecaster, Some(losses)) if is_of_one_symbol(losses) => history::judged(losses),
        _ => BTreeMap::new(),
    };
    points.extend(served);
    points.into_values().collect()
}

/// A universal model has a row for each symbol of a day.
fn is_of_one_symbol(losses: &RowLosses) -> bool {
    losses.0.windows(2).all(|pair| pair[0].key == pair[1].key)
}
