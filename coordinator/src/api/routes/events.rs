//! What happens, as server-sent events.

use std::convert::Infallible;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::caller::Caller;
use crate::api::extract::Query;
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::Listener;
use crate::views::{Event, EventFilter, Problem};

/// What a client that connects again was told last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks proxies that gather answers not to.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens from now on: ids, states and numbers; several changes of a job within a moment are told as one
#[utoipa::path(get, path = "/events", tag = "events", params(EventFilter,
        ("Last-Event-ID" = Option<String>, Header, description = "Goes on behind this id; `missed` says that something is forgotten.")),
    responses((status = OK, body = Event, content_type = "text/event-stream"), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn events(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Query(filter): Query<EventFilter>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let listener = shared.refit.events(&filter, last)?;
    let lapsed = Box::pin(caller.lapsed(shared.refit.clone()));
    let pieces = pieces(listener).take_until(shared.stopping.cancelled_owned()).take_until(lapsed);
    let about = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache"), (BUFFERING, "no")];
    Ok((about, Body::from_stream(pieces)).into_response())
}

fn pieces(listener: Listener) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(listener, |mut listener| async move {
        let piece = listener.next().await;
        Some((Ok(piece), listener))
    })
}
