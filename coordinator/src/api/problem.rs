//! Errors as RFC 9457 says: one body for every way a request can fail.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::meant::Unmeant;

use crate::service::{Error, Unfit};
use crate::views::Problem;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A problem that is the answer.
#[derive(Debug)]
pub(crate) struct Rejection {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    hint: Option<String>,
    /// Seconds.
    retry_after: Option<u64>,
}

impl Rejection {
    /// A problem of this kind, such as `not-found`.
    pub(crate) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), hint: None, retry_after: None }
    }

    /// What to do next.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("urn:refit:{}", self.kind),
            title: self.kind.replace('-', " "),
            status: self.status.as_u16(),
            detail: self.detail,
            hint: self.hint,
        };
        let retry_after = self.retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let body = axum::Json(problem).into_response().into_body();
        (self.status, [(header::CONTENT_TYPE, MEDIA_TYPE)], AppendHeaders(retry_after.into_iter().flatten()), body)
            .into_response()
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NotFound { what, hint } => {
                Self { hint, ..Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no {what}")) }
            }
            Error::Refused { .. } => Self::new(StatusCode::CONFLICT, "refused", text),
            Error::Held { hint, .. } => Self::new(StatusCode::CONFLICT, "held", text).hint(hint),
            Error::Invalid { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text),
            Error::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", text),
            Error::TooSlow { .. } => Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", text),
            Error::Busy { retry_after, .. } => {
                Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", text) }
            }
            Error::Unavailable { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", text),
            Error::Unusable { .. } => {
                tracing::error!(error = text, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "unusable", text)
            }
            Error::Unmeant(Unmeant::NoModel { .. }) => Self::new(StatusCode::NOT_FOUND, "not-found", text),
            Error::Unmeant(Unmeant::Several { .. } | Unmeant::OfAnotherFamily { .. }) => {
                Self::new(StatusCode::CONFLICT, "refused", text)
            }
            // The store's own trouble, and no word about what was asked for.
            Error::Artifact(Unfit::Port(port)) => Error::from(port).into(),
            Error::Artifact(damaged @ Unfit::Damaged { .. }) => {
                tracing::error!(error = &damaged as &dyn std::error::Error, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged", text)
                    .hint("`refit reproduce FAMILY/NAME v1.0` makes lost files of a version again")
            }
            Error::Internal(cause) => {
                tracing::error!(error = &*cause, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text)
                    .hint("the coordinator's log says more, under the request's id")
            }
        }
    }
}

impl From<JsonRejection> for Rejection {
    fn from(rejection: JsonRejection) -> Self {
        // A body that is JSON but not what is asked for is as malformed as one that is not JSON.
        let status = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        Self::new(status, "malformed", rejection.body_text())
    }
}

impl From<QueryRejection> for Rejection {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

impl From<PathRejection> for Rejection {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

/// The answer where there is nothing.
pub(crate) async fn unknown_path(uri: Uri) -> Rejection {
    Rejection::new(StatusCode::NOT_FOUND, "not-found", format!("there is nothing at {}", uri.path()))
        .hint("/docs shows what there is")
}

/// The answer where there is something, but not for this method.
pub(crate) async fn wrong_method(method: Method, uri: Uri) -> Rejection {
    let detail = format!("{} does not take {method}", uri.path());
    Rejection::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail).hint("/docs shows what there is")
}
