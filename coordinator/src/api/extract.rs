//! What handlers take and give, with problems as their rejections.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use common::vocabulary::ModelKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::objects::Objects;
use super::problem::Rejection;
use crate::service::Error;
use crate::views::schemas;

/// A JSON body, whose objects are objects.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let axum::Json(Objects(body)) = axum::Json::<Objects<T>>::from_request(request, state).await?;
        Ok(Self(body))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The parameters of a query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Rejection))]
pub(crate) struct Query<T>(pub T);

/// The parts of a path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Rejection))]
pub(crate) struct Path<T>(pub T);

/// What every handler answers.
pub(crate) type ApiResult<T> = Result<Json<T>, Rejection>;

/// Turns what the service says into an answer.
pub(crate) fn answer<T>(result: Result<T, Error>) -> ApiResult<T> {
    result.map(Json).map_err(Rejection::from)
}

/// A model's key, in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ModelPath {
    /// The folder of its family, such as `forecaster`.
    #[param(inline, value_type = schemas::Segment)]
    pub family: String,
    /// Its name, such as `AAPL`.
    #[param(inline, value_type = schemas::Segment)]
    pub name: String,
}

impl ModelPath {
    /// The key, if it is one.
    pub(crate) fn key(&self) -> Result<ModelKey, Rejection> {
        format!("{}/{}", self.family, self.name).parse().map_err(|error| Error::from(error).into())
    }
}
