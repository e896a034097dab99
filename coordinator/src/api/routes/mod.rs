//! One file a resource.

mod alerts;
mod audit;
mod backups;
mod channels;
mod cleanups;
mod compare;
mod compat;
mod datasets;
mod dead_letters;
mod decisions;
mod events;
mod forecasts;
mod health;
mod imports;
mod jobs;
mod live;
mod models;
mod monitors;
mod pools;
mod predictions;
mod replays;
mod reports;
mod scheduler;
mod schedules;
mod searches;
mod tokens;
mod trainings;
mod versions;
mod workers;

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;

use super::problem::Rejection;
use super::shared::Shared;

/// Longest wait for an answer; imports take as long as their file.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Largest JSON body: a request for 10,000 models fits.
const LARGEST_BODY: usize = 1 << 20;

/// Every route.
pub(crate) fn all() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(models::routes())
        .merge(datasets::routes())
        .merge(versions::routes())
        .merge(live::routes())
        .merge(compare::routes())
        .merge(backups::routes())
        .merge(decisions::routes())
        .merge(monitors::routes())
        .merge(trainings::routes())
        .merge(jobs::routes())
        .merge(workers::routes())
        .merge(pools::routes())
        .merge(forecasts::routes())
        .merge(predictions::routes())
        .merge(reports::routes())
        .merge(alerts::routes())
        .merge(channels::routes())
        .merge(schedules::routes())
        .merge(scheduler::routes())
        .merge(searches::routes())
        .merge(cleanups::routes())
        .merge(dead_letters::routes())
        .merge(health::routes())
        .merge(tokens::routes())
        .merge(audit::routes())
        .layer(middleware::from_fn(in_time))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        // A copy takes as long as it is large; a stream of rows or of events has neither a size nor an end.
        .merge(backups::copying())
        .merge(replays::slow().layer(DefaultBodyLimit::max(LARGEST_BODY)))
        .merge(imports::routes())
        .merge(datasets::streams())
        .merge(predictions::streams())
        .merge(jobs::streams())
        .merge(events::routes())
}

/// Routes of other services, at their old places.
pub(crate) fn compat() -> OpenApiRouter<Shared> {
    compat::routes().layer(middleware::from_fn(in_time)).layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {} s", TIMEOUT.as_secs());
        Rejection::new(StatusCode::GATEWAY_TIMEOUT, "timeout", detail).hint("ask again in a moment").into_response()
    })
}
