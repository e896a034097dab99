//! Who may ask: the bearer of a token, as far as its scope reaches, or anyone on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use common::vocabulary::ContentHash;
use domain::access::{TokenName, TokenScope};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::OpenApi;

use super::caller::Caller;
use super::problem::Rejection;
use super::scopes::{Needs, Routes};
use super::throttle::{Pace, Throttle};
use super::trail::{UnderWay, remote};
use crate::service::{Bearer, Refit};

/// Who may ask.
#[derive(Clone)]
pub enum Access {
    /// Whoever has this token, and whoever has one that was made with it.
    Token(String),
    /// Anyone who can reach a loopback address, but no page of another site in their browser.
    Loopback,
}

/// The API would be open to the network without a token.
#[derive(Debug, thiserror::Error)]
#[error("the API would answer anyone on {0}: set api.token (REFIT_API__TOKEN), or listen on a loopback address")]
pub struct OpenToTheNetwork(SocketAddr);

impl Access {
    /// The access to an API on this address.
    ///
    /// # Errors
    /// There is no token and the address is not a loopback one.
    pub fn on(address: SocketAddr, token: Option<String>) -> Result<Self, OpenToTheNetwork> {
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(Self::Token(token)),
            None if address.ip().is_loopback() => Ok(Self::Loopback),
            None => Err(OpenToTheNetwork(address)),
        }
    }
}

/// Lets through who may ask, slows down who guesses, and has noted what changes something.
struct Gate {
    access: Access,
    refit: Refit,
    routes: Routes,
    throttle: Mutex<Throttle>,
    /// Answers to wrong tokens that may wait at a time.
    waiting: Semaphore,
}

/// Answers to wrong tokens that wait: more are put off at once, so that guesses do not hold connections open.
const WAITING: usize = 64;
/// What those are told.
const BUSY: Duration = Duration::from_secs(5);

/// What is no operation of the document, and anyone may see: how to ask.
fn is_public(uri: &Uri) -> bool {
    let path = uri.path();
    path == super::DOCUMENT || path == "/docs" || path.starts_with("/docs/")
}

/// Puts the gate before the routes of a document.
pub(crate) fn guard(routes: Router, access: Access, refit: Refit, document: &OpenApi) -> Router {
    // Cross-site requests of a browser are turned away whatever they carry.
    let refused = |_| {
        Rejection::new(StatusCode::FORBIDDEN, "forbidden", "a page of another site may not ask this API")
            .hint("ask from a page of this API, or without a browser")
            .into_response()
    };
    let routes = routes.layer(CsrfLayer::new().with_rejection_response(refused));
    let gate = Gate {
        access,
        refit,
        routes: Routes::of(document),
        throttle: Mutex::default(),
        waiting: Semaphore::new(WAITING),
    };
    routes.layer(middleware::from_fn_with_state(Arc::new(gate), pass))
}

async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    if matches!(gate.access, Access::Loopback) && !names_loopback(&request) {
        return Rejection::new(StatusCode::FORBIDDEN, "forbidden", "an open API answers on localhost only")
            .hint("ask at http://127.0.0.1, or set api.token on the coordinator")
            .into_response();
    }
    let route = gate.routes.find(&request);
    let is_open = is_public(request.uri()) || route.as_ref().is_some_and(|route| route.needs == Needs::Nothing);
    let (presented, from) = (presented(request.headers()), remote(&request));
    let caller = match gate.asker(presented, from).await {
        Asker::Known(caller) => caller,
        Asker::Nobody if is_open => return next.run(request).await,
        Asker::Nobody => return unauthorised("this API needs a bearer token"),
        Asker::Refused(answer) => return answer,
    };
    request.extensions_mut().insert(caller.clone());
    let Some(route) = route else { return next.run(request).await };
    let changes = route.changes(request.method());
    let under_way = changes.then(|| UnderWay::begin(&gate.refit, &caller.by, &route, &mut request));
    let response = match route.needs {
        Needs::Scope(scope) if caller.scope < scope => too_narrow(&caller, scope),
        Needs::Scope(_) | Needs::Nothing => next.run(request).await,
    };
    if let Some(under_way) = under_way {
        under_way.end(response.status()).await;
    }
    response
}

/// Who a request is from.
enum Asker {
    /// The bearer of a token, or whoever is on this machine where none is needed.
    Known(Caller),
    /// Somebody without a token.
    Nobody,
    /// Somebody with a token that is not taken: the answer.
    Refused(Response),
}

impl Gate {
    /// Who presents this. A wrong token is refused wherever it is presented: else whoever guesses would be told elsewhere.
    async fn asker(&self, presented: Option<String>, from: Option<SocketAddr>) -> Asker {
        let admin = |by: &str| Asker::Known(Caller { by: by.to_owned(), scope: TokenScope::Admin, revocable: None });
        let given = match (&self.access, presented) {
            (Access::Token(_), None) => return Asker::Nobody,
            (Access::Loopback, None) => return admin(TokenName::LOCAL),
            (Access::Token(token), Some(given)) if is_same(token, &given) => return admin(TokenName::SETTINGS),
            (Access::Token(_) | Access::Loopback, Some(given)) => given,
        };
        match self.refit.bearer(&given).await {
            Ok(Bearer::Known { name, scope }) => {
                Asker::Known(Caller { by: name.into(), scope, revocable: Some(given.into()) })
            }
            Ok(Bearer::Expired { name, since }) => {
                Asker::Refused(unauthorised(&format!("the token {name} has expired at {since}")))
            }
            Ok(Bearer::Unknown) => Asker::Refused(self.wrong(from).await),
            Err(error) => Asker::Refused(Rejection::from(error).into_response()),
        }
    }

    /// The answer to a wrong token, at the pace its address has earned.
    async fn wrong(&self, from: Option<SocketAddr>) -> Response {
        let from = from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.ip());
        let pace = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).wrong(from, Instant::now());
        let delay = match pace {
            Pace::Later(after) => return later(after),
            Pace::After(delay) => delay,
        };
        let Ok(_place) = self.waiting.try_acquire() else { return later(BUSY) };
        tokio::time::sleep(delay).await;
        unauthorised("this token is not known here: it is wrong, or was revoked")
    }
}

fn unauthorised(detail: &str) -> Response {
    let rejection = Rejection::new(StatusCode::UNAUTHORIZED, "unauthorised", detail)
        .hint("set api.token (REFIT_API__TOKEN) to the coordinator's, or to one of your own: `refit token create NAME --scope read` makes it");
    ([(header::WWW_AUTHENTICATE, "Bearer")], rejection).into_response()
}

fn too_narrow(caller: &Caller, needed: TokenScope) -> Response {
    let Caller { by, scope, .. } = caller;
    let rejection = Rejection::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        format!("the token {by} has the scope {scope}, and this needs the scope {needed}"),
    )
    .hint(format!(
        "an administrator makes such a token by `refit token create NAME --scope {needed}`; it goes where this one came from: \
         api.token, or REFIT_API__TOKEN"
    ));
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
    ([(header::WWW_AUTHENTICATE, challenge)], rejection).into_response()
}

/// Too many wrong tokens.
fn later(after: Duration) -> Response {
    let seconds = after.as_secs_f64().ceil() as u64;
    let rejection = Rejection::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-wrong-tokens",
        "too many wrong tokens came from this address",
    )
    .hint(format!("come back in {seconds} s; the right token is taken at once"));
    ([(header::RETRY_AFTER, seconds.to_string())], rejection).into_response()
}

/// The token that a request carries. What is no text is none, and as wrong as any.
fn presented(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7).unwrap_or((value, b"".as_slice()));
    let token = if scheme.eq_ignore_ascii_case(b"bearer ") { token } else { b"" };
    Some(String::from_utf8_lossy(token).into_owned())
}

/// Whether two tokens are the same; takes as long whatever the second is: digests are compared.
fn is_same(token: &str, given: &str) -> bool {
    let digest = |text: &str| ContentHash::of(text.as_bytes()).to_string();
    digest(token).as_bytes().ct_eq(digest(given).as_bytes()).into()
}

/// Whether the request was sent to this machine by name: a page whose name was made to point here says its own.
fn names_loopback(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str())).unwrap_or_default();
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(n, _)| n);
    name == "localhost" || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_token_only_loopback_is_served() {
        let on = |address: &str, token: Option<&str>| Access::on(address.parse().unwrap(), token.map(Into::into));
        assert!(matches!(on("127.0.0.1:7438", None), Ok(Access::Loopback)));
        assert!(matches!(on("[::1]:7438", Some("")), Ok(Access::Loopback)));
        assert!(matches!(on("0.0.0.0:7438", Some("secret")), Ok(Access::Token(_))));
        assert!(on("0.0.0.0:7438", None).is_err());
    }

    #[test]
    fn a_token_is_what_follows_bearer() {
        let carried = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            presented(&headers)
        };
        assert_eq!(presented(&HeaderMap::new()), None);
        assert_eq!(carried("Bearer hunter2").as_deref(), Some("hunter2"));
        assert_eq!(carried("bearer hunter2").as_deref(), Some("hunter2"));
        for wrong in ["Basic aHVudGVyMg==", "hunter2", "Bearer", ""] {
            assert_eq!(carried(wrong).as_deref(), Some(""), "{wrong}");
        }
        assert!(is_same("hunter2", "hunter2") && !is_same("hunter2", "hunter") && !is_same("hunter2", ""));
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        let asked = |host: &str| {
            let request = Request::builder().header(header::HOST, host).body(axum::body::Body::empty()).unwrap();
            names_loopback(&request)
        };
        for host in ["localhost", "localhost:7438", "127.0.0.1:7171", "[::1]:7171", "[::1]"] {
            assert!(asked(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:7438", "192.168.0.2:7171", ""] {
            assert!(!asked(host), "{host}");
        }
    }
}
