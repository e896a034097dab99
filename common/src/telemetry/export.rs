//! The export over OTLP: one HTTP client, a bounded queue and a thread for each signal.

use std::cell::Cell;
use std::env;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry_otlp::{LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, SdkTracer, SdkTracerProvider,
};
use opentelemetry_semantic_conventions::attribute as names;
use reqwest::blocking::Client;

use super::TelemetryError;
use super::collector::{Collector, ExportStatus, Signal};
use super::gate::{Counted, Gate, Gated, QUEUE};
use super::table;

/// Sent at once.
const BATCH: usize = 512;
/// How long they wait at most: what a process that is killed takes with it.
const DELAY: Duration = Duration::from_secs(1);
/// How long a collector may take, retries included.
const ANSWER: Duration = Duration::from_secs(5);
/// A training of so many epochs is told whole.
const EVENTS: u32 = 1000;
const SCOPE: &str = "refit";

/// The export, running.
#[derive(Debug)]
pub(super) struct Exporting {
    collector: Arc<Collector>,
    tracer: SdkTracer,
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    logs: SdkLoggerProvider,
}

impl Exporting {
    /// Starts it. Nothing is connected to: a collector that is away costs a counter.
    pub(super) fn start(
        service: &'static str,
        collector: Collector,
        interval: Duration,
    ) -> Result<Self, TelemetryError> {
        let broken = |error: &dyn std::fmt::Display| TelemetryError::Exporter(error.to_string());
        let client = client().map_err(|reason| broken(&reason))?;
        let collector = Arc::new(collector);
        let resource = resource(service);

        let exporter = addressed(SpanExporter::builder().with_http(), &client, &collector, Signal::Traces);
        let exporter = exporter.build().map_err(|error| broken(&error))?;
        let gate = Gate::new(&collector, Signal::Traces);
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let processor = BatchSpanProcessor::builder(Counted { exporter, gate: gate.clone() });
        let traces = SdkTracerProvider::builder()
            .with_span_processor(Gated { processor: processor.with_batch_config(batches).build(), gate })
            .with_id_generator(Ids(RandomIdGenerator::default()))
            .with_max_events_per_span(EVENTS)
            .with_resource(resource.clone())
            .build();

        let exporter = addressed(LogExporter::builder().with_http(), &client, &collector, Signal::Logs);
        let exporter = exporter.build().map_err(|error| broken(&error))?;
        let gate = Gate::new(&collector, Signal::Logs);
        let batches = logs::BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let processor = BatchLogProcessor::builder(Counted { exporter, gate: gate.clone() });
        let logs = SdkLoggerProvider::builder()
            .with_log_processor(Gated { processor: processor.with_batch_config(batches).build(), gate })
            .with_resource(resource.clone())
            .build();

        let exporter = addressed(MetricExporter::builder().with_http(), &client, &collector, Signal::Metrics);
        let exporter = exporter.build().map_err(|error| broken(&error))?;
        let exporter = Counted { exporter, gate: Gate::new(&collector, Signal::Metrics) };
        let metrics = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(exporter).with_interval(interval).build())
            .with_resource(resource)
            .build();
        let meter = metrics.meter(SCOPE);
        table::instruments().iter().for_each(|instrument| instrument.register(&meter));

        Ok(Self { collector, tracer: traces.tracer(SCOPE), traces, metrics, logs })
    }

    pub(super) fn tracer(&self) -> &SdkTracer {
        &self.tracer
    }

    /// Whether a span that is begun now would be dropped in any case.
    pub(super) fn is_away(&self) -> bool {
        self.collector.is_away()
    }

    /// A span that was not made.
    pub(super) fn not_made(&self) {
        self.collector.dropped(Signal::Traces, 1);
    }

    pub(super) fn logs(&self) -> &SdkLoggerProvider {
        &self.logs
    }

    pub(super) fn status(&self) -> ExportStatus {
        self.collector.status()
    }

    /// Sends what is left; blocks for so long at most, or a little longer.
    pub(super) fn shut_down(&self, within: Duration) {
        std::thread::scope(|scope| {
            // What could not be sent any more is counted where it was tried.
            scope.spawn(|| drop(self.traces.shutdown_with_timeout(within)));
            scope.spawn(|| drop(self.logs.shutdown_with_timeout(within)));
            scope.spawn(|| drop(self.metrics.shutdown_with_timeout(within)));
        });
    }
}

/// The same for all signals: by which client, where, and how patiently.
fn addressed<B: WithExportConfig + WithHttpConfig>(builder: B, client: &Client, to: &Collector, signal: Signal) -> B {
    builder
        .with_http_client(client.clone())
        .with_headers(to.headers())
        .with_endpoint(to.address(signal))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(ANSWER)
}

/// Made on a thread of its own: a blocking client cannot be made within a runtime.
fn client() -> Result<Client, String> {
    let made = std::thread::spawn(|| Client::builder().timeout(ANSWER).build().map_err(|error| error.to_string()));
    made.join().unwrap_or_else(|_| Err("its HTTP client cannot be made".into()))
}

/// Who speaks. `OTEL_RESOURCE_ATTRIBUTES` adds to it, `OTEL_SERVICE_NAME` gives another name.
fn resource(service: &'static str) -> Resource {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let named = env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty());
    Resource::builder()
        .with_service_name(named.unwrap_or_else(|| service.into()))
        .with_attributes([
            KeyValue::new(names::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
            KeyValue::new(names::SERVICE_INSTANCE_ID, uuid::Uuid::new_v4().to_string()),
            KeyValue::new(names::HOST_NAME, host),
            KeyValue::new(names::PROCESS_PID, i64::from(std::process::id())),
        ])
        .build()
}

thread_local! {
    static NEXT: Cell<Option<SpanId>> = const { Cell::new(None) };
}

/// The next span of this thread gets this id.
pub(super) struct Preset;

impl Preset {
    pub(super) fn of(span: SpanId) -> Self {
        NEXT.set(Some(span));
        Self
    }
}

impl Drop for Preset {
    fn drop(&mut self) {
        NEXT.set(None);
    }
}

/// Random ids, but where a span has its place already.
#[derive(Debug)]
struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        self.0.new_trace_id()
    }

    fn new_span_id(&self) -> SpanId {
        NEXT.take().unwrap_or_else(|| self.0.new_span_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_with_a_place_gets_its_id_and_the_next_one_another() {
        let (ids, place) = (Ids(RandomIdGenerator::default()), SpanId::from(7));
        {
            let _preset = Preset::of(place);
            assert_eq!(ids.new_span_id(), place);
            assert_ne!(ids.new_span_id(), place);
        }
        drop(Preset::of(place));
        assert_ne!(ids.new_span_id(), place, "a span that was not made leaves nothing behind");
    }
}
