//! `/model/…`: state, backup and reload of a classifier of texts, as its own service answered.

use axum::extract::State;
use chrono::{DateTime, Utc};
use common::vocabulary::{Family, ModelKey, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json};
use crate::api::shared::Shared;
use crate::service::{Refit, Result};
use crate::views::{BackupRequest, CheckRequest, Problem, VersionView};

/// What those services called such a model.
const MODEL_TYPE: &str = "LogisticRegression";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(needs_retrain))
        .routes(routes!(backup))
        .routes(routes!(reload))
}

/// The state of the classifier.
#[derive(Debug, Serialize, ToSchema)]
struct ModelStatus {
    /// There is a live version.
    model_exists: bool,
    /// Its age, such as `3 días`.
    model_age: Option<String>,
    /// A training is due.
    needs_retraining: bool,
    /// What it was made of; empty without one.
    metadata: Option<ModelMetadata>,
    /// Backups there are.
    backups_count: usize,
    /// Some worker has loaded it.
    server_model_loaded: bool,
    /// What it is.
    server_model_type: Option<&'static str>,
}

/// What a version was made of.
#[derive(Debug, Serialize, ToSchema)]
struct ModelMetadata {
    /// Rows it was trained on.
    training_samples: u64,
    /// What it is.
    model_type: &'static str,
    /// Slots that its features are hashed into.
    vectorizer_features: u64,
    /// When it was made, UTC, such as `2024-01-15T10:30:00`.
    last_updated: String,
}

/// Whether a training is due.
#[derive(Debug, Serialize, ToSchema)]
struct NeedsRetrain {
    /// It is.
    needs_retraining: bool,
    /// Whole days since the live version was made.
    model_age_days: Option<i64>,
    /// What to do.
    recommendation: String,
}

/// A backup was made.
#[derive(Debug, Serialize, ToSchema)]
struct BackupMade {
    /// In words.
    message: &'static str,
    /// It was.
    backup_created: bool,
}

/// The live version is loaded.
#[derive(Debug, Serialize, ToSchema)]
struct Reloaded {
    /// In words.
    message: &'static str,
    /// It is.
    model_loaded: bool,
    /// What it is.
    model_type: &'static str,
}

/// The state of the classifier (of a service that Refit takes the place of)
#[utoipa::path(get, path = "/model/status", tag = "compatibility", operation_id = "compat_model_status",
    responses((status = OK, body = ModelStatus), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn status(State(refit): State<Refit>) -> ApiResult<ModelStatus> {
    let key = refit.model_meant(Family::Text).await?;
    let live = refit.model(&key).await?.live;
    Ok(Json(ModelStatus {
        model_exists: live.is_some(),
        model_age: live.as_ref().map(|live| in_days(age(live, Timestamp::now().utc()))),
        needs_retraining: due(&refit, &key).await?.is_some(),
        metadata: live.as_ref().map(metadata),
        backups_count: refit.backup_count(&key).await?,
        server_model_loaded: refit.is_warm(&key).await?,
        server_model_type: live.map(|_| MODEL_TYPE),
    }))
}

/// Whether a training of the classifier is due (of a service that Refit takes the place of)
#[utoipa::path(get, path = "/model/needs-retrain", tag = "compatibility", operation_id = "compat_needs_retrain",
    responses((status = OK, body = NeedsRetrain), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn needs_retrain(State(refit): State<Refit>) -> ApiResult<NeedsRetrain> {
    let key = refit.model_meant(Family::Text).await?;
    let live = refit.model(&key).await?.live;
    let due = due(&refit, &key).await?;
    Ok(Json(NeedsRetrain {
        needs_retraining: due.is_some(),
        model_age_days: live.map(|live| age(&live, Timestamp::now().utc())),
        recommendation: match due {
            None => "Modelo está actualizado".into(),
            Some(reasons) => format!("Se recomienda reentrenar el modelo: {reasons}"),
        },
    }))
}

/// Back the live classifier up (of a service that Refit takes the place of)
#[utoipa::path(post, path = "/model/backup", tag = "compatibility", operation_id = "compat_backup",
    responses((status = OK, body = BackupMade), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn backup(State(refit): State<Refit>) -> ApiResult<BackupMade> {
    let key = refit.model_meant(Family::Text).await?;
    refit.backup(&key, BackupRequest::default()).await?;
    Ok(Json(BackupMade { message: "Backup creado exitosamente", backup_created: true }))
}

/// Have a worker load the live classifier (of a service that Refit takes the place of). It would be loaded by the first question
/// anyway: nothing has to be reloaded after a training
#[utoipa::path(post, path = "/model/reload", tag = "compatibility", operation_id = "compat_reload",
    responses((status = OK, body = Reloaded), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem),
        (status = SERVICE_UNAVAILABLE, body = Problem)))]
async fn reload(State(refit): State<Refit>) -> ApiResult<Reloaded> {
    let key = refit.model_meant(Family::Text).await?;
    refit.warm(&key).await?;
    Ok(Json(Reloaded { message: "Modelo recargado exitosamente", model_loaded: true, model_type: MODEL_TYPE }))
}

/// Why a training is due, if it is. Nothing is enqueued.
async fn due(refit: &Refit, key: &ModelKey) -> Result<Option<String>> {
    let request = CheckRequest { models: vec![key.to_string()], ..CheckRequest::default() };
    let decision = refit.check(request).await?.items.into_iter().next();
    let due = decision.filter(|decision| ["retrain", "recommended"].contains(&decision.verdict.as_str()));
    Ok(due.map(|decision| decision.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join(" ")))
}

fn metadata(live: &VersionView) -> ModelMetadata {
    let hash_bits = number(&live.manifest, "/hyper/hash_bits");
    ModelMetadata {
        training_samples: number(&live.manifest, "/training/train_rows"),
        model_type: MODEL_TYPE,
        vectorizer_features: 1_u64.checked_shl(u32::try_from(hash_bits).unwrap_or(u32::MAX)).unwrap_or_default(),
        last_updated: live.recorded_at.format("%Y-%m-%dT%H:%M:%S").to_string(),
    }
}

fn number(manifest: &Value, pointer: &str) -> u64 {
    manifest.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// Whole days since it was made.
fn age(live: &VersionView, now: DateTime<Utc>) -> i64 {
    (now - live.trained_at).num_days().max(0)
}

fn in_days(days: i64) -> String {
    if days == 1 { "1 día".into() } else { format!("{days} días") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_as_they_were() {
        assert_eq!([0, 1, 3].map(in_days), ["0 días", "1 día", "3 días"]);
    }
}
