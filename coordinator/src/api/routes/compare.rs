//! Versions of a model side by side.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, ModelPath, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::{Error, Refit};
use crate::views::{CompareView, Problem, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(compare))
}

/// Which two.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pair {
    /// The first version, such as `v1.0`.
    #[param(inline, value_type = schemas::VersionNumber)]
    a: String,
    /// The second, such as `v1.1`.
    #[param(inline, value_type = schemas::VersionNumber)]
    b: String,
}

/// Two versions side by side, and which is better on the rows that both were scored on
#[utoipa::path(get, path = "/models/{family}/{name}/compare", tag = "versions", operation_id = "compare_versions",
    params(ModelPath, Pair), responses((status = OK, body = CompareView), (status = NOT_FOUND, body = Problem)))]
async fn compare(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(pair): Query<Pair>,
) -> ApiResult<CompareView> {
    let number = |text: &str| text.parse().map_err(Error::from);
    answer(refit.compare(&path.key()?, number(&pair.a)?, number(&pair.b)?).await)
}
