//! The audit trail.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{AuditFilter, CallView, Page, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(audit))
}

/// Who changed what, newest first, in pages; never what a call carried
#[utoipa::path(get, path = "/audit", tag = "access", operation_id = "audit", params(AuditFilter),
    responses((status = OK, body = Page<CallView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn audit(State(refit): State<Refit>, Query(filter): Query<AuditFilter>) -> ApiResult<Page<CallView>> {
    answer(refit.audit(filter).await)
}
