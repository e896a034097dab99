//! Imports: rows come in as a stream, so a file's size does not matter.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use common::vocabulary::{Category, Symbol};
use futures::TryStreamExt;
use serde::Deserialize;
use tokio_util::io::StreamReader;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Query, answer};
use crate::api::shared::Shared;
use crate::api::trail::Subject;
use crate::service::{Error, PriceImport, Refit};
use crate::views::{ImportReport, Problem, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::disable())
}

/// Where rows come from.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Whose bars; else the column `symbol` says it, or the name of the file.
    #[param(inline, value_type = Option<schemas::Symbol>)]
    symbol: Option<String>,
    /// The name of the file.
    #[serde(default)]
    file: String,
    /// The category of a model that is new with these bars.
    category: Option<String>,
    /// Take it also if it contradicts many of the bars there are.
    #[serde(default)]
    accept_revision: bool,
}

/// Bring in daily bars as CSV (`date,open,high,low,close,adj_close,volume`); rows that are refused keep no other out
#[utoipa::path(post, path = "/imports", tag = "imports", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = OK, body = ImportReport), (status = REQUEST_TIMEOUT, body = Problem), (status = CONFLICT, body = Problem),
        (status = PAYLOAD_TOO_LARGE, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem),
        (status = TOO_MANY_REQUESTS, body = Problem)))]
async fn import(
    State(refit): State<Refit>,
    subject: Subject,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> ApiResult<ImportReport> {
    subject.is(query.symbol.as_ref().unwrap_or(&query.file));
    let symbol = query.symbol.map(|text| text.parse::<Symbol>()).transpose().map_err(Error::from)?;
    let bytes = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    let import = PriceImport {
        file: query.file,
        symbol,
        category: query.category.map(Category::from),
        accept_revision: query.accept_revision,
    };
    answer(refit.import_prices(import, bytes).await)
}
