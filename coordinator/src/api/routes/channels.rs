//! Channels: whom alerts are told, and their messages.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{
    ChannelRequest, ChannelView, MessageView, NewChannelView, Page, PageQuery, PauseRequest, Problem, schemas,
};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, delete))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(test))
        .routes(routes!(messages))
        .routes(routes!(all_messages))
}

/// The channels, by name
#[utoipa::path(get, path = "/channels", tag = "alerts", operation_id = "list_channels",
    responses((status = OK, body = Vec<ChannelView>)))]
async fn list(State(refit): State<Refit>) -> ApiResult<Vec<ChannelView>> {
    answer(refit.channels().await)
}

/// A channel, with what waits for it
#[utoipa::path(get, path = "/channels/{name}", tag = "alerts", operation_id = "get_channel",
    params(("name" = inline(schemas::ChannelName), Path)),
    responses((status = OK, body = ChannelView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ChannelView> {
    answer(refit.channel(&name).await)
}

/// Make a channel, or change it; what is left out stays as it is
#[utoipa::path(put, path = "/channels/{name}", tag = "alerts", operation_id = "put_channel",
    params(("name" = inline(schemas::ChannelName), Path)), request_body = ChannelRequest,
    responses((status = OK, body = NewChannelView), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn put(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Json(request): Json<ChannelRequest>,
) -> ApiResult<NewChannelView> {
    answer(refit.put_channel(&name, request).await)
}

/// Take a channel away, with its messages
#[utoipa::path(delete, path = "/channels/{name}", tag = "alerts", operation_id = "delete_channel",
    params(("name" = inline(schemas::ChannelName), Path)),
    responses((status = OK, body = ChannelView), (status = NOT_FOUND, body = Problem)))]
async fn delete(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ChannelView> {
    answer(refit.delete_channel(&name).await)
}

/// Tell a channel nothing until it is resumed; what happens meanwhile waits
#[utoipa::path(post, path = "/channels/{name}/pause", tag = "alerts", operation_id = "pause_channel",
    params(("name" = inline(schemas::ChannelName), Path)), request_body = PauseRequest,
    responses((status = OK, body = ChannelView), (status = NOT_FOUND, body = Problem)))]
async fn pause(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<ChannelView> {
    answer(refit.pause_channel(&name, request).await)
}

/// Tell a channel again, also what has happened meanwhile
#[utoipa::path(post, path = "/channels/{name}/resume", tag = "alerts", operation_id = "resume_channel",
    params(("name" = inline(schemas::ChannelName), Path)),
    responses((status = OK, body = ChannelView), (status = NOT_FOUND, body = Problem)))]
async fn resume(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ChannelView> {
    answer(refit.resume_channel(&name).await)
}

/// Send a message to a channel that says that it works; answers whether it did
#[utoipa::path(post, path = "/channels/{name}/test", tag = "alerts", operation_id = "test_channel",
    params(("name" = inline(schemas::ChannelName), Path)),
    responses((status = OK, body = MessageView), (status = NOT_FOUND, body = Problem)))]
async fn test(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<MessageView> {
    answer(refit.test_channel(&name).await)
}

/// A page of the messages to a channel, newest first
#[utoipa::path(get, path = "/channels/{name}/messages", tag = "alerts", operation_id = "list_channel_messages",
    params(("name" = inline(schemas::ChannelName), Path), PageQuery),
    responses((status = OK, body = Page<MessageView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn messages(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Page<MessageView>> {
    answer(refit.messages(Some(&name), query).await)
}

/// A page of the messages to all channels, newest first
#[utoipa::path(get, path = "/messages", tag = "alerts", operation_id = "list_messages", params(PageQuery),
    responses((status = OK, body = Page<MessageView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn all_messages(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<MessageView>> {
    answer(refit.messages(None, query).await)
}
