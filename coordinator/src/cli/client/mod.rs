//! The API as the command line sees it: requests, answers, and errors in the user's terms.

mod access;
mod alerts;
mod calls;
mod data;
mod ends;
mod events;
mod many;
mod named;
mod predictions;
mod reports;
mod schedules;
mod searches;
mod texts;

use std::time::Duration;

use reqwest::header::ACCEPT_LANGUAGE;
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::exit::{Code, Failure};
use crate::views::Problem;
use crate::wording::Language;

pub(crate) use calls::Whose;
pub(crate) use data::Sent;
pub(crate) use ends::InQueue;
pub(crate) use events::EventStream;
pub(crate) use texts::Texts;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest silence of a coordinator that is asked something. What takes longer (a file of many GiB that is merged, a large cleanup) does not end by it.
const SILENCE: Duration = Duration::from_mins(10);

/// Talks to one coordinator. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
    texts: Texts,
    language: Language,
}

impl Client {
    /// A client of the coordinator at `base`, such as `http://127.0.0.1:7438`. The texts of its answers are for people.
    ///
    /// # Errors
    /// The address is none.
    pub(crate) fn new(base: &str, token: Option<String>) -> Result<Self, Failure> {
        let no_address = |reason: String| {
            Failure::new(Code::Usage, format!("{base:?} is no address of a coordinator: {reason}"))
                .next("it looks like http://127.0.0.1:7438")
        };
        let base = Url::parse(base).map_err(|e| no_address(e.to_string()))?;
        let mut http = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE);
        match base.scheme() {
            "https" => {}
            // Without TLS no certificates are read: a bare machine has none, and reading them takes time.
            "http" => http = http.tls_certs_only([]),
            other => return Err(no_address(format!("{other} is neither http nor https"))),
        }
        let http = http.build().map_err(|e| Failure::failed(format!("cannot set up TLS: {e}")))?;
        Ok(Self { http, base, token, texts: Texts::Visible, language: Language::default() })
    }

    /// The same, with texts taken so.
    pub(crate) fn taking(self, texts: Texts) -> Self {
        Self { texts, ..self }
    }

    /// The same, for somebody who reads this language.
    pub(crate) fn reading(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The address it talks to.
    pub(crate) fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.address());
        let request = self.http.request(method, url).header(ACCEPT_LANGUAGE, self.language.as_str());
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().await.unwrap_or_default();
        Err(self
            .texts
            .read::<Problem>(&text)
            .map(Failure::from)
            .unwrap_or_else(|_| Failure::failed(format!("{} answered {status}; is it Refit?", self.address()))))
    }

    async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let response = self.send(request).await?;
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        self.texts.read(&text).map_err(|error| {
            Failure::failed(format!("the answer of {} is not understood: {error}", self.address()))
                .next("the coordinator may be of another version; `refit --version` shows this one's")
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<T, Failure> {
        self.read(self.request(Method::GET, path).query(query)).await
    }

    /// Asks for what a filter lets through.
    async fn list<F: Serialize + Sync, T: DeserializeOwned>(&self, path: &str, filter: &F) -> Result<T, Failure> {
        self.read(self.request(Method::GET, path).query(filter)).await
    }

    async fn post<B: Serialize + Sync, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Failure> {
        self.read(self.request(Method::POST, path).json(body)).await
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let address = self.address();
        if error.is_connect() {
            return Failure::failed(format!("no coordinator answers at {address}"))
                .next("start one with `refit up`, or name its address with --api URL");
        }
        if error.is_timeout() {
            return Failure::failed(format!("the coordinator at {address} does not answer"))
                .next("it may be frozen or out of reach; --api URL asks another one");
        }
        let cause = std::iter::successors(std::error::Error::source(error), |e| e.source()).last();
        let reason = cause.map_or_else(|| error.to_string(), ToString::to_string);
        Failure::failed(format!("the connection to {address} broke: {reason}"))
            .next("`refit jobs` shows what was begun")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_address_is_too_much(text in ".*") {
            for start in ["", "http://", "http://127.0.0.1:"] {
                if let Ok(client) = Client::new(&format!("{start}{text}"), None) {
                    let _made_or_refused = client.request(Method::GET, "/models").build();
                }
            }
        }
    }
}
