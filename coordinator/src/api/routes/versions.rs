//! Versions of a model.

use axum::extract::State;
use common::vocabulary::VersionNumber;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, ModelPath, Path, Query, answer};
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::{Error, Refit};
use crate::views::{JobView, Page, PageQuery, Problem, VersionSummary, VersionView, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(reproduce))
}

/// A version, in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct VersionPath {
    /// The folder of its model's family, such as `forecaster`.
    #[param(inline, value_type = schemas::Segment)]
    family: String,
    /// Its model's name, such as `AAPL`.
    #[param(inline, value_type = schemas::Segment)]
    name: String,
    /// Its number, such as `v1.0`.
    #[param(inline, value_type = schemas::VersionNumber)]
    version: String,
}

impl VersionPath {
    fn parts(self) -> Result<(common::vocabulary::ModelKey, VersionNumber), Rejection> {
        let version = self.version.parse().map_err(Error::from)?;
        Ok((ModelPath { family: self.family, name: self.name }.key()?, version))
    }
}

/// A page of a model's versions, newest first
#[utoipa::path(get, path = "/models/{family}/{name}/versions", tag = "versions", operation_id = "list_versions",
    params(ModelPath, PageQuery),
    responses((status = OK, body = Page<VersionSummary>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Page<VersionSummary>> {
    answer(refit.versions(&path.key()?, query).await)
}

/// One version with its manifest
#[utoipa::path(get, path = "/models/{family}/{name}/versions/{version}", tag = "versions",
    operation_id = "show_version", params(VersionPath),
    responses((status = OK, body = VersionView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(path): Path<VersionPath>) -> ApiResult<VersionView> {
    let (key, version) = path.parts()?;
    answer(refit.version(&key, version).await)
}

/// Train a version again from its manifest; never promoted
#[utoipa::path(post, path = "/models/{family}/{name}/versions/{version}/reproduce", tag = "versions",
    operation_id = "reproduce_version", params(VersionPath),
    responses((status = OK, body = JobView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn reproduce(State(refit): State<Refit>, Path(path): Path<VersionPath>) -> ApiResult<JobView> {
    let (key, version) = path.parts()?;
    answer(refit.reproduce(&key, version).await)
}
