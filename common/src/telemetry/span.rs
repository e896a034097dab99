//! Spans. Without telemetry, or without a trace to belong to, a span is nothing and costs nothing.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::SystemTime;

use opentelemetry::trace::{FutureExt, Link, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::EXPORTING;
use super::context::TraceContext;
use super::export::Preset;
use super::table::Attribute;

/// What is done with a message, in the words of OpenTelemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Messaging {
    Send,
    Receive,
    Process,
    Settle,
}

impl Messaging {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Process => "process",
            Self::Settle => "settle",
        }
    }
}

/// A kind of span: one line of the table.
#[derive(Debug)]
pub struct Operation {
    pub(super) name: &'static str,
    pub(super) kind: SpanKind,
    pub(super) messaging: Option<Messaging>,
    pub(super) meaning: &'static str,
    pub(super) attributes: &'static [&'static Attribute],
}

impl Operation {
    /// Begins a trace, or goes on with the one whoever asks has brought.
    pub fn root(&'static self) -> Draft {
        self.draft(Some(Context::current()))
    }

    /// A span below another, of whatever process. Without one: none.
    pub fn under(&'static self, parent: Option<TraceContext>) -> Draft {
        self.draft(parent.map(TraceContext::as_parent))
    }

    /// A span below the one around this code. Without one: none.
    pub fn here(&'static self) -> Draft {
        let current = Context::current();
        self.draft(current.has_active_span().then_some(current))
    }

    fn draft(&'static self, parent: Option<Context>) -> Draft {
        let Some((exporting, parent)) = EXPORTING.get().zip(parent) else { return Draft(DraftState::Nothing) };
        let above = parent.span().span_context().clone();
        if above.is_valid() && (exporting.is_away() || !above.is_sampled()) {
            return Draft(DraftState::ContextOnly { parent, above, own_context: None });
        }
        let builder = SpanBuilder::from_name(self.name).with_kind(self.kind.clone());
        Draft(DraftState::Span(Box::new(Sketch { operation: self, parent, own_context: None, builder })))
    }
}

/// A span that is about to begin.
#[derive(Debug)]
pub struct Draft(DraftState);

#[derive(Debug)]
enum DraftState {
    /// There is no telemetry, or no trace to belong to.
    Nothing,
    /// Nobody would take it: only its context in the trace, so that whatever is below it, and is taken, is of the same trace.
    ContextOnly {
        parent: Context,
        above: SpanContext,
        own_context: Option<TraceContext>,
    },
    Span(Box<Sketch>),
}

#[derive(Debug)]
struct Sketch {
    operation: &'static Operation,
    parent: Context,
    own_context: Option<TraceContext>,
    builder: SpanBuilder,
}

impl Draft {
    fn change(mut self, change: impl FnOnce(&mut Sketch)) -> Self {
        if let DraftState::Span(sketch) = &mut self.0 {
            change(sketch);
        }
        self
    }

    /// Its name goes on with the queue's: `send cpu`.
    pub fn at(self, queue: &str) -> Self {
        self.change(|sketch| sketch.builder.name = Cow::Owned(format!("{} {queue}", sketch.operation.name)))
    }

    /// It began earlier.
    pub fn since(self, start: SystemTime) -> Self {
        self.change(|sketch| sketch.builder.start_time = Some(start))
    }

    /// It is to have this very context in its trace.
    pub fn placed(mut self, at: TraceContext) -> Self {
        match &mut self.0 {
            DraftState::Nothing => {}
            DraftState::ContextOnly { own_context, .. } => *own_context = Some(at),
            DraftState::Span(sketch) => sketch.own_context = Some(at),
        }
        self
    }

    /// It follows from another one.
    pub fn after(self, other: Option<TraceContext>) -> Self {
        let links = other.map(|other| vec![Link::with_context(other.remote())]);
        self.change(|sketch| sketch.builder.links = links)
    }

    /// With a word.
    pub fn text(self, attribute: &Attribute, value: impl Display) -> Self {
        self.change(|sketch| sketch.set(attribute, value.to_string().into()))
    }

    /// With a number.
    pub fn number(self, attribute: &Attribute, value: f64) -> Self {
        self.change(|sketch| sketch.set(attribute, number(value)))
    }

    /// Begins it.
    pub fn begin(self) -> Span {
        let nothing = Span { context: None, operation: None };
        let Some(exporting) = EXPORTING.get() else { return nothing };
        let Sketch { operation, parent, own_context, builder } = match self.0 {
            DraftState::Nothing => return nothing,
            DraftState::ContextOnly { parent, above, .. } if !above.is_sampled() => {
                return Span { context: Some(parent), operation: None };
            }
            DraftState::ContextOnly { parent, above, own_context } => {
                exporting.not_made();
                let id = own_context.map_or_else(|| RandomIdGenerator::default().new_span_id(), TraceContext::span);
                let state = above.trace_state().clone();
                let here = SpanContext::new(above.trace_id(), id, above.trace_flags(), false, state);
                return Span { context: Some(parent.with_remote_span_context(here)), operation: None };
            }
            DraftState::Span(sketch) => *sketch,
        };
        let span = {
            let _preset = own_context.map(|own_context| Preset::of(own_context.span()));
            exporting.tracer().build_with_context(builder, &parent)
        };
        Span { context: Some(parent.with_span(span)), operation: Some(operation) }
    }
}

impl Sketch {
    fn set(&mut self, attribute: &Attribute, value: Value) {
        self.operation.check(attribute);
        self.builder.attributes.get_or_insert_default().push(KeyValue::new(attribute.name, value));
    }
}

/// Whole numbers stay whole.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { Value::I64(value as i64) } else { Value::F64(value) }
}

/// A span under way; it ends when dropped. One that nobody would take is a context in its trace and nothing else.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    context: Option<Context>,
    operation: Option<&'static Operation>,
}

impl Span {
    /// Where it is, for those who go on elsewhere.
    pub fn context(&self) -> Option<TraceContext> {
        TraceContext::of(self.context.as_ref()?.span().span_context())
    }

    /// With a word, known only now.
    pub fn text(&self, attribute: &Attribute, value: impl Display) {
        if let (Some(context), Some(operation)) = (&self.context, self.operation) {
            operation.check(attribute);
            context.span().set_attribute(KeyValue::new(attribute.name, value.to_string()));
        }
    }

    /// Something happened at this moment.
    pub fn event(&self, name: &'static str, values: &[(&Attribute, f64)]) {
        if let (Some(context), Some(operation)) = (&self.context, self.operation) {
            let values = values.iter().map(|(attribute, value)| {
                operation.check(attribute);
                KeyValue::new(attribute.name, number(*value))
            });
            context.span().add_event(name, values.collect());
        }
    }

    /// It did not go well.
    pub fn failed(&self, reason: impl Display) {
        if let (Some(context), Some(_)) = (&self.context, self.operation) {
            context.span().set_status(Status::error(reason.to_string()));
        }
    }

    /// Does some work within it: spans begun there are below it, and lines of the log name it.
    pub async fn around<F: Future>(&self, work: F) -> F::Output {
        match &self.context {
            Some(context) => work.with_context(context.clone()).await,
            None => work.await,
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let (Some(context), Some(_)) = (&self.context, self.operation) {
            context.span().end();
        }
    }
}

impl Operation {
    fn check(&self, attribute: &Attribute) {
        debug_assert!(self.attributes.iter().any(|known| known.name == attribute.name), "{}", attribute.name);
    }
}

/// Does some work below a span of elsewhere, such as of whoever asks over HTTP.
pub async fn within<F: Future>(parent: Option<TraceContext>, work: F) -> F::Output {
    match parent.filter(|_| EXPORTING.get().is_some()) {
        Some(parent) => work.with_context(parent.as_parent()).await,
        None => work.await,
    }
}

/// What the span around this code is about did not go well.
pub fn failed(reason: impl Display) {
    if EXPORTING.get().is_some() {
        Context::current().span().set_status(Status::error(reason.to_string()));
    }
}
