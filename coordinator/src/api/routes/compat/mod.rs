//! Routes of the services that Refit takes the place of, at their old places and with their old answers: thin, over what
//! [`Refit`](crate::service::Refit) does anyway. They speak for one model each, by the settings or because there is only one.

mod classifier;
mod recommendations;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;

use crate::api::shared::Shared;
use crate::wording::Language;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    let routes = OpenApiRouter::new().merge(classifier::routes()).merge(recommendations::routes());
    routes.layer(axum::middleware::from_fn(in_spanish))
}

/// Those services spoke Spanish, whoever asked.
async fn in_spanish(request: Request, next: Next) -> Response {
    Language::Spanish.spoken(next.run(request)).await
}
