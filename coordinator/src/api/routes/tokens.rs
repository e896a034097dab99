//! Tokens of the API.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::api::trail::Subject;
use crate::service::Refit;
use crate::views::{NewTokenView, Page, PageQuery, Problem, TokenRequest, TokenView, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A page of the tokens, by name; none can be used by what is shown
#[utoipa::path(get, path = "/tokens", tag = "access", operation_id = "list_tokens", params(PageQuery),
    responses((status = OK, body = Page<TokenView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<TokenView>> {
    answer(refit.tokens(query).await)
}

/// Make a token; it is shown this once
#[utoipa::path(post, path = "/tokens", tag = "access", operation_id = "create_token", request_body = TokenRequest,
    responses((status = OK, body = NewTokenView), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn create(
    State(refit): State<Refit>,
    subject: Subject,
    Json(request): Json<TokenRequest>,
) -> ApiResult<NewTokenView> {
    subject.is(format!("{} {}", request.name, request.scope));
    answer(refit.create_token(request).await)
}

/// Take a token away: it is refused from now on, by other coordinators within five seconds
#[utoipa::path(delete, path = "/tokens/{name}", tag = "access", operation_id = "revoke_token",
    params(("name" = inline(schemas::TokenName), Path)),
    responses((status = OK, body = TokenView), (status = NOT_FOUND, body = Problem)))]
async fn revoke(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<TokenView> {
    answer(refit.revoke_token(&name).await)
}
