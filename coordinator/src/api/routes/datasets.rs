//! Data sets. Rows come in as a stream, so a file's size does not matter.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use common::vocabulary::DatasetName;
use futures::TryStreamExt;
use tokio_util::io::StreamReader;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Path, Query, answer};
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::{Error, Refit};
use crate::views::{DatasetView, Page, PageQuery, Problem, TableImportReport, TableImportRequest, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// What has neither a size nor an end.
pub(crate) fn streams() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::disable())
}

fn name(text: &str) -> Result<DatasetName, Rejection> {
    text.parse().map_err(|error| Error::from(error).into())
}

/// A page of the data sets, by name
#[utoipa::path(get, path = "/datasets", tag = "datasets", operation_id = "datasets", params(PageQuery),
    responses((status = OK, body = Page<DatasetView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<DatasetView>> {
    answer(refit.datasets(query).await)
}

/// One data set: its columns, and how many rows it has
#[utoipa::path(get, path = "/datasets/{name}", tag = "datasets", operation_id = "dataset",
    params(("name" = inline(schemas::DatasetName), Path, description = "Its name, such as `movies`.")),
    responses((status = OK, body = DatasetView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(text): Path<String>) -> ApiResult<DatasetView> {
    answer(refit.dataset(&name(&text)?).await)
}

/// Bring in rows as CSV: new ones, ones that stand for earlier ones of their key, and deletions; all become visible at once, and
/// rows that are refused keep no other out
#[utoipa::path(post, path = "/datasets/{name}/rows", tag = "datasets", operation_id = "import_rows",
    params(("name" = inline(schemas::DatasetName), Path, description = "Its name, such as `movies`; made with the first rows."), TableImportRequest),
    request_body(content = String, content_type = "text/csv"),
    responses((status = OK, body = TableImportReport), (status = REQUEST_TIMEOUT, body = Problem),
        (status = PAYLOAD_TOO_LARGE, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem),
        (status = TOO_MANY_REQUESTS, body = Problem)))]
async fn import(
    State(refit): State<Refit>,
    Path(text): Path<String>,
    Query(request): Query<TableImportRequest>,
    body: Body,
) -> ApiResult<TableImportReport> {
    let bytes = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    answer(refit.import_rows(&name(&text)?, request, bytes).await)
}
