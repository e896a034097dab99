//! W3C trace context: what travels with a job from process to process.

use std::fmt;
use std::str::FromStr;

use newtype_uuid::GenericUuid;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, SpanId as Id};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde::{Deserialize, Serialize};

use crate::vocabulary::AttemptId;

/// The context of a span, written as a `traceparent`: `00-<trace>-<span>-<flags>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
    sampled: bool,
}

/// The text is no `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no traceparent (00-<32 hex digits>-<16 hex digits>-<2 hex digits>)")]
pub struct InvalidTraceContext;

impl TraceContext {
    /// The name of the header that carries it.
    pub const HEADER: &'static str = "traceparent";

    /// The context of an attempt's span in this trace. It follows from the attempt's id, so that whoever knows the attempt can put
    /// spans below it and link to it, before it is written and whoever dies meanwhile.
    pub fn of_attempt(self, attempt: AttemptId) -> Self {
        let (_, low) = attempt.into_untyped_uuid().as_u64_pair();
        Self { span: SpanId::from(low), ..self }
    }

    /// Whether spans of this trace are exported: the sampler of the one who began it decided.
    pub fn is_sampled(self) -> bool {
        self.sampled
    }

    /// The context of a span; `None` if that is none.
    pub(super) fn of(span: &SpanContext) -> Option<Self> {
        let (trace, id) = (span.trace_id(), span.span_id());
        span.is_valid().then(|| Self { trace, span: id, sampled: span.is_sampled() })
    }

    pub(super) fn span(self) -> Id {
        self.span
    }

    /// As OpenTelemetry has it: a span of elsewhere.
    pub(super) fn remote(self) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(self.sampled);
        SpanContext::new(self.trace, self.span, flags, true, TraceState::NONE)
    }

    pub(super) fn as_parent(self) -> Context {
        Context::new().with_remote_span_context(self.remote())
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// One header.
struct Header<'a>(&'a str);

impl Extractor for Header<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TraceContext::HEADER).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TraceContext::HEADER]
    }
}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, InvalidTraceContext> {
        let found = TraceContextPropagator::new().extract_with_context(&Context::new(), &Header(text));
        Self::of(found.span().span_context()).ok_or(InvalidTraceContext)
    }
}

impl TryFrom<String> for TraceContext {
    type Error = InvalidTraceContext;

    fn try_from(text: String) -> Result<Self, InvalidTraceContext> {
        text.parse()
    }
}

impl From<TraceContext> for String {
    fn from(context: TraceContext) -> Self {
        context.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        for text in [EXAMPLE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"] {
            assert_eq!(text.parse::<TraceContext>().unwrap().to_string(), text);
        }
        for none in ["", "00", &EXAMPLE[..40], "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ÿ-ÿ-ÿ-ÿ"]
        {
            assert_eq!(none.parse::<TraceContext>(), Err(InvalidTraceContext), "{none}");
        }
    }

    #[test]
    fn the_span_of_an_attempt_follows_from_its_id() {
        let (job, attempt) = (EXAMPLE.parse::<TraceContext>().unwrap(), AttemptId::new_v4());
        let place = job.of_attempt(attempt);
        assert_eq!(place, job.of_attempt(attempt));
        assert_ne!(place, job.of_attempt(AttemptId::new_v4()));
        assert!(place.to_string().starts_with(&EXAMPLE[..36]) && place.to_string().ends_with("-01"), "{place}");
    }
}
