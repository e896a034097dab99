//! `/recommendations/from-db`: what a user may like, by their ratings in the data set.

use axum::extract::State;
use common::vocabulary::Family;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json};
use crate::api::shared::Shared;
use crate::service::{Error, Refit};
use crate::views::{Problem, RecommendRequest};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(from_db))
}

/// Who asks, and for how much.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FromDbRequest {
    /// The user: a text or a number.
    user_id: Value,
    /// How many items; 10 if left out.
    n: Option<u32>,
}

/// What a user may like.
#[derive(Debug, Serialize, ToSchema)]
struct FromDbAnswer {
    /// The user, as asked.
    user_id: Value,
    /// Best first; nothing he has rated.
    recommendations: Vec<Recommended>,
    /// Ratings of his in the data set.
    ratings_count: u64,
    /// The model was trained on ratings of his; else he was folded in.
    in_training: bool,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
struct Recommended {
    /// Its id.
    item_id: String,
    /// The rating expected.
    predicted_rating: f64,
    /// Why, in words.
    reason: String,
}

/// What a user may like, also one who came after the last training (of a service that Refit takes the place of)
#[utoipa::path(post, path = "/recommendations/from-db", tag = "compatibility", operation_id = "compat_from_db",
    request_body = FromDbRequest,
    responses((status = OK, body = FromDbAnswer), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn from_db(State(refit): State<Refit>, Json(request): Json<FromDbRequest>) -> ApiResult<FromDbAnswer> {
    let user = match &request.user_id {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Error::invalid("user_id must be a text or a number").into());
        }
    };
    let key = refit.model_meant(Family::Recommender).await?;
    let found = refit.recommend(&key, RecommendRequest { user, n: request.n, ratings: Vec::new() }).await?;
    let item = |item: crate::views::ListedItemView| Recommended {
        item_id: item.item,
        predicted_rating: item.rating,
        reason: item.reason,
    };
    Ok(Json(FromDbAnswer {
        user_id: request.user_id,
        recommendations: found.items.into_iter().map(item).collect(),
        ratings_count: found.stored,
        in_training: found.known,
    }))
}
