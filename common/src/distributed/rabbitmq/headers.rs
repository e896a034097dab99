//! The headers of a doorbell: W3C trace context, so that a trace goes on in the worker.

use lapin::types::{AMQPValue, FieldTable};

use crate::telemetry::TraceContext;

/// Headers that carry the context.
pub(super) fn of(trace: TraceContext) -> FieldTable {
    let mut headers = FieldTable::default();
    headers.insert(TraceContext::HEADER.into(), AMQPValue::LongString(trace.to_string().into()));
    headers
}

/// The context they carry. One that cannot be read is none: a trace is worth no doorbell.
pub(super) fn trace(headers: Option<&FieldTable>) -> Option<TraceContext> {
    let value = headers?.inner().get(TraceContext::HEADER)?;
    let text = match value {
        AMQPValue::LongString(text) => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        AMQPValue::ShortString(text) => text.to_string(),
        _ => return None,
    };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_travels_and_nonsense_does_not() {
        let context: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
        assert_eq!(trace(Some(&of(context))), Some(context));
        assert_eq!(trace(None), None);
        for nonsense in [AMQPValue::LongString("00-zz".into()), AMQPValue::LongInt(7)] {
            let mut headers = FieldTable::default();
            headers.insert(TraceContext::HEADER.into(), nonsense);
            assert_eq!(trace(Some(&headers)), None);
        }
    }
}
