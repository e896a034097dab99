//! Bodies that nobody reads to the end, because their request was refused first.
//!
//! A connection that is closed while its client still sends is reset, and the answer may be lost with it: the client would see a
//! broken pipe, and not why it was refused. So the rest is read and thrown away, for a while (RFC 9112, section 9.6).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use futures::StreamExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

/// How long the rest of a body is read: long enough for any client to find its answer.
const LONGEST: Duration = Duration::from_secs(5);

/// A request whose body is read to its end, if not by whoever answers.
pub(super) fn read_on(request: Request) -> Request {
    request.map(|body| match body.is_end_stream() {
        true => body,
        false => Body::new(ReadOn { rest: Some(body) }),
    })
}

/// A body that is not dropped before its end.
struct ReadOn {
    /// Until it has ended, or failed.
    rest: Option<Body>,
}

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.rest else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for ReadOn {
    fn drop(&mut self) {
        let Some(rest) = self.rest.take().filter(|rest| !rest.is_end_stream()) else { return };
        // Without a runtime the process ends, and the connection with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(LONGEST, async move {
                let mut rest = rest.into_data_stream();
                while let Some(Ok(_)) = rest.next().await {}
            }));
        }
    }
}
