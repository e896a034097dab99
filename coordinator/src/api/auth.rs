//! Who may ask: a bearer token, or anyone on this machine.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;
use tower_http::csrf::CsrfLayer;

use super::problem::Rejection;

/// Who may ask.
#[derive(Clone)]
pub enum Access {
    /// Whoever has this token.
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

/// What anyone may see: whether it lives, and how to ask.
fn is_public(uri: &Uri) -> bool {
    let path = uri.path();
    path == "/api/v1/health" || path == super::DOCUMENT || path.starts_with("/docs")
}

/// Lets through who may ask.
pub(crate) fn guard(routes: Router, access: Access) -> Router {
    // Cross-site requests of a browser are turned away whatever they carry.
    let refused = |_| {
        Rejection::new(StatusCode::FORBIDDEN, "forbidden", "a page of another site may not ask this API")
            .hint("ask from a page of this API, or without a browser")
            .into_response()
    };
    routes.layer(CsrfLayer::new().with_rejection_response(refused)).layer(middleware::from_fn_with_state(access, check))
}

async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    let refused = match &access {
        Access::Token(_) if is_public(request.uri()) => None,
        Access::Token(token) => (!carries(request.headers(), token)).then(|| {
            Rejection::new(StatusCode::UNAUTHORIZED, "unauthorised", "this API needs a bearer token")
                .hint("set api.token (REFIT_API__TOKEN) to the coordinator's")
        }),
        Access::Loopback => (!names_loopback(&request)).then(|| {
            Rejection::new(StatusCode::FORBIDDEN, "forbidden", "an open API answers on localhost only")
                .hint("ask at http://127.0.0.1, or set api.token on the coordinator")
        }),
    };
    match refused {
        Some(rejection) => ([(header::WWW_AUTHENTICATE, "Bearer")], rejection).into_response(),
        None => next.run(request).await,
    }
}

/// Whether the request carries the token; takes as long whatever it carries instead.
fn carries(headers: &HeaderMap, token: &str) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    value.is_some_and(|given| bool::from(given.ct_eq(token.as_bytes())))
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
