//! Calls that change something are noted: who, what, about what, and what came of it.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use common::vocabulary::Timestamp;
use domain::access::Call;

use super::scopes::Route;
use crate::service::Refit;

/// Characters of a subject that are kept.
const LONGEST: usize = 200;

/// What a call is about, where its path does not say so: a handler tells it, and most need not.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject(Arc<OnceLock<String>>);

impl Subject {
    /// It is about this.
    pub(super) fn is(&self, what: impl Into<String>) {
        let _known_already = self.0.set(what.into());
    }
}

impl<S: Sync> FromRequestParts<S> for Subject {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// A call that is under way. Dropped, it is noted as abandoned: what it did may be done.
pub(super) struct UnderWay {
    refit: Refit,
    call: Option<Call>,
    subject: Subject,
}

impl UnderWay {
    /// A call of this route begins.
    pub(super) fn begin(refit: &Refit, by: &str, route: &Route, request: &mut Request) -> Self {
        let subject = Subject::default();
        request.extensions_mut().insert(subject.clone());
        let call = Call {
            at: Timestamp::now(),
            by: by.to_owned(),
            method: request.method().to_string(),
            route: route.path.clone(),
            subject: named(&route.path, request.uri().path()),
            status: Call::ABANDONED,
            remote: remote(request).map(|remote| remote.ip().to_canonical().to_string()).unwrap_or_default(),
        };
        Self { refit: refit.clone(), call: Some(call), subject }
    }

    /// It is answered with this; returns when that is noted.
    pub(super) async fn end(mut self, status: StatusCode) {
        if let Some(call) = self.complete(status.as_u16()) {
            // Spawned: whoever does not wait for the answer does not keep it from being noted.
            let refit = self.refit.clone();
            let _noted = tokio::spawn(async move { refit.note(call).await }).await;
        }
    }

    fn complete(&mut self, status: u16) -> Option<Call> {
        let call = self.call.take()?;
        let about = Some(call.subject.clone()).filter(|subject| !subject.is_empty());
        let subject = about.or_else(|| self.subject.0.get().cloned()).unwrap_or_default();
        Some(Call { status, subject: subject.chars().take(LONGEST).collect(), ..call })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let status = if std::thread::panicking() { 500 } else { Call::ABANDONED };
        if let Some(call) = self.complete(status) {
            self.refit.note_later(call);
        }
    }
}

/// Where a request came from, if that is known.
pub(super) fn remote(request: &Request) -> Option<SocketAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address)
}

/// The parts of a path that its route leaves open: `forecaster/AAPL` of `/models/{family}/{name}/pause`.
fn named(route: &str, path: &str) -> String {
    let open = route.split('/').zip(path.split('/')).filter(|(part, _)| part.starts_with('{'));
    open.map(|(_, given)| given).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_a_call_is_about() {
        assert_eq!(named("/models/{family}/{name}/pause", "/models/forecaster/AAPL/pause"), "forecaster/AAPL");
        assert_eq!(named("/jobs/{id}/cancel", "/jobs/%1b[2J/cancel"), "%1b[2J");
        assert_eq!(named("/trainings", "/trainings"), "");
    }
}
