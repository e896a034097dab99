//! What happens, as server-sent events.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::views::Event;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens from now on; what was before is not told again, and a reader that falls behind misses the oldest
#[utoipa::path(get, path = "/events", tag = "events",
    responses((status = OK, body = Event, content_type = "text/event-stream")))]
async fn events(State(shared): State<Shared>) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    // An event that cannot be written, or was missed, is passed over: the rows tell the state, events only that it changed.
    let events = BroadcastStream::new(shared.refit.events());
    let sent = events.filter_map(|event| std::future::ready(event.ok().and_then(|event| sent(&event)).map(Ok)));
    Sse::new(sent.take_until(shared.stopping.cancelled_owned())).keep_alive(KeepAlive::default())
}

fn sent(event: &Event) -> Option<Sent> {
    Sent::default().event(name(event)).json_data(event).ok()
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Job { .. } => "job",
        Event::Progress { .. } => "progress",
        Event::Verdict { .. } => "verdict",
        Event::Alert { .. } => "alert",
        Event::Decision { .. } => "decision",
        Event::Import { .. } => "import",
        Event::Rows { .. } => "rows",
    }
}
