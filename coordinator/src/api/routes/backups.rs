//! Backups of a model's versions.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, ModelPath, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{BackupRequest, BackupView, Page, PageQuery, Problem, RestoreAnswer, RestoreRequest, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What copies files, and takes as long as that takes.
pub(crate) fn copying() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(restore))
}

/// A backup, in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct BackupPath {
    /// The folder of its model's family, such as `forecaster`.
    #[param(inline, value_type = schemas::Segment)]
    family: String,
    /// Its model's name, such as `AAPL`.
    #[param(inline, value_type = schemas::Segment)]
    name: String,
    /// Its id, such as `20260102T030405.678Z-v1.0`.
    #[param(inline, value_type = schemas::BackupId)]
    id: String,
}

/// A page of a model's backups, newest first
#[utoipa::path(get, path = "/models/{family}/{name}/backups", tag = "backups", operation_id = "list_backups",
    params(ModelPath, PageQuery),
    responses((status = OK, body = Page<BackupView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Page<BackupView>> {
    answer(refit.backups(&path.key()?, query).await)
}

/// Copy a version, whole, to the place of backups; the oldest ones of its model make room
#[utoipa::path(post, path = "/models/{family}/{name}/backups", tag = "backups", operation_id = "create_backup",
    params(ModelPath), request_body = BackupRequest,
    responses((status = OK, body = BackupView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn create(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<BackupRequest>,
) -> ApiResult<BackupView> {
    answer(refit.backup(&path.key()?, request).await)
}

/// Make the version of a backup live again, also with the store gone
#[utoipa::path(post, path = "/models/{family}/{name}/backups/{id}/restore", tag = "backups",
    operation_id = "restore_backup", params(BackupPath), request_body = RestoreRequest,
    responses((status = OK, body = RestoreAnswer), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn restore(
    State(refit): State<Refit>,
    Path(path): Path<BackupPath>,
    Json(request): Json<RestoreRequest>,
) -> ApiResult<RestoreAnswer> {
    let model = ModelPath { family: path.family, name: path.name };
    answer(refit.restore(&model.key()?, &path.id, request).await)
}
