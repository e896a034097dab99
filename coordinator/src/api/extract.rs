//! What handlers take and give, with problems as their rejections.

use axum::extract::{FromRequest, FromRequestParts};
use axum::response::{IntoResponse, Response};
use common::vocabulary::ModelKey;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::problem::Rejection;
use crate::service::Error;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Rejection))]
pub(crate) struct Json<T>(pub T);

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
pub(crate) type Answer<T> = Result<Json<T>, Rejection>;

/// Turns what the service says into an answer.
pub(crate) fn answer<T>(result: Result<T, Error>) -> Answer<T> {
    result.map(Json).map_err(Rejection::from)
}

/// A model's key, in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ModelPath {
    /// The folder of its family, such as `forecaster`.
    pub family: String,
    /// Its name, such as `AAPL`.
    pub name: String,
}

impl ModelPath {
    /// The key, if it is one.
    pub(crate) fn key(&self) -> Result<ModelKey, Rejection> {
        format!("{}/{}", self.family, self.name).parse().map_err(|error| Error::from(error).into())
    }
}
