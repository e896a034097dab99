//! The HTTP API under `/api/v1`: a thin face of [`Refit`]. Routes, document and errors come from one place each.

mod auth;
mod caller;
mod document;
mod extract;
mod layers;
mod objects;
mod paper;
mod problem;
mod routes;
mod scopes;
mod server;
mod shared;
mod throttle;
mod trail;
mod unread;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

pub use auth::{Access, OpenToTheNetwork};
use server::Server;
use shared::Shared;

use crate::service::Refit;

/// Where the operations live.
const PREFIX: &str = "/api/v1";
/// Where the document of them lives.
const DOCUMENT: &str = "/api/v1/openapi.json";

fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(document::Head::openapi()).nest(PREFIX, routes::all()).merge(routes::compat())
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    document::complete(routes().into_openapi())
}

/// The API with its document and the page that shows it (`/docs`), open to whom `access` says.
fn router(shared: Shared, access: Access) -> Router {
    let (document, refit) = (document(), shared.refit.clone());
    let (routes, _) = routes().split_for_parts();
    let routes = routes
        .fallback(problem::unknown_path)
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(shared)
        .merge(SwaggerUi::new("/docs").url(DOCUMENT, document.clone()));
    layers::around(auth::guard(routes, access, refit, &document))
}

/// Answers on `listener`, on so many connections at a time, until `stopping`; then lets running answers end, but not for long.
pub async fn serve(listener: TcpListener, refit: Refit, access: Access, connections: u32, stopping: CancellationToken) {
    let routes = router(Shared { refit, stopping: stopping.clone() }, access);
    Server::new(routes, connections).run(listener, stopping).await;
}
