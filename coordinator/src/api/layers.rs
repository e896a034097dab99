//! What surrounds every request: an id, a span in the log, its language, a panic that stays its own, and an end of waiting for its body.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use common::telemetry::{self, TraceContext};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

use super::problem::Rejection;
use super::unread;
use crate::wording::Language;

/// Longest pause of a client within the body that it sends.
const PAUSE: Duration = Duration::from_secs(30);

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes; the first sees a request first.
pub(crate) fn around(routes: Router) -> Router {
    let layers = ServiceBuilder::new()
        .map_request(unread::read_on)
        .sensitive_request_headers(Arc::from([header::AUTHORIZATION]))
        .set_request_id(REQUEST_ID.clone(), MakeRequestUuid)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .propagate_request_id(REQUEST_ID.clone())
        .layer(axum::middleware::from_fn(go_on))
        .layer(axum::middleware::from_fn(speak))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyTimeoutLayer::new(PAUSE));
    routes.layer(layers)
}

fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

/// Goes on with the trace of whoever asks.
async fn go_on(request: Request, next: Next) -> Response {
    let parent = request.headers().get(TraceContext::HEADER).and_then(|header| header.to_str().ok()?.parse().ok());
    telemetry::within(parent, next.run(request)).await
}

/// Answers in the language that whoever asks likes best.
async fn speak(request: Request, next: Next) -> Response {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
    let language = header.and_then(Language::accepted).unwrap_or_default();
    language.spoken(next.run(request)).await
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Rejection::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the coordinator made a mistake with this request")
        .hint("its log says more, under the request's id")
        .into_response()
}
