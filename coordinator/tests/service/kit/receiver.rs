//! Somebody who is told by HTTP, and fails, hangs or redirects when asked to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What a receiver does with a message.
pub(crate) enum Answer {
    Status(u16),
    Redirect(String),
    Never,
}

/// A message as it has come in.
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

type Answers = Arc<Mutex<VecDeque<Answer>>>;

/// Somebody who listens, and takes everything unless told otherwise.
pub(crate) struct Receiver {
    pub(crate) url: String,
    answers: Answers,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answers, (tell, received)) = (Answers::default(), mpsc::unbounded_channel());
        let take = async |State((answers, tell)): State<(Answers, mpsc::UnboundedSender<Received>)>,
                          request: axum::extract::Request|
               -> Response {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            let _over = tell.send(Received { path: parts.uri.path().into(), headers: parts.headers, text });
            let answer = answers.lock().unwrap().pop_front();
            match answer {
                None => StatusCode::NO_CONTENT.into_response(),
                Some(Answer::Status(status)) => (StatusCode::from_u16(status).unwrap(), "not today").into_response(),
                Some(Answer::Redirect(to)) => {
                    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
                }
                Some(Answer::Never) => std::future::pending().await,
            }
        };
        let app = Router::new().fallback(any(take)).with_state((answers.clone(), tell));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, answers, received }
    }

    pub(crate) fn will(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(crate) async fn next(&mut self) -> Received {
        tokio::time::timeout(Duration::from_secs(60), self.received.recv()).await.expect("a message").unwrap()
    }

    /// What comes in within this time.
    pub(crate) async fn next_within(&mut self, limit: Duration) -> Option<Received> {
        tokio::time::timeout(limit, self.received.recv()).await.ok().flatten()
    }

    /// Nothing more has come in.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}
