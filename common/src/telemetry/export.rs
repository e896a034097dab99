//! The export over OTLP: one HTTP client, a bounded queue and a thread for each signal. Whatever does not fit or does not get
//! through is dropped and counted once.

use std::cell::Cell;
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_otlp::{LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, LogBatch, LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{
    self, BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, SdkTracer, SdkTracerProvider, Span,
    SpanData, SpanProcessor,
};
use opentelemetry_semantic_conventions::attribute as names;
use reqwest::blocking::Client;

use super::TelemetryError;
use super::collector::{Collector, Signal, Standing};
use super::table;

/// Spans, and log records, that wait for their export at most.
const QUEUE: usize = 2048;
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

    pub(super) fn standing(&self) -> Standing {
        self.collector.standing()
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

/// Lets in what has room, so that the queue behind it never overflows uncounted.
#[derive(Debug, Clone)]
struct Gate {
    collector: Arc<Collector>,
    signal: Signal,
    waiting: Arc<AtomicUsize>,
}

impl Gate {
    fn new(collector: &Arc<Collector>, signal: Signal) -> Self {
        Self { collector: collector.clone(), signal, waiting: Arc::default() }
    }

    /// Nothing enters while the collector is left alone.
    fn enter(&self) -> bool {
        if self.collector.is_away() {
            self.collector.dropped(self.signal, 1);
            return false;
        }
        let entered = self.waiting.fetch_add(1, Ordering::AcqRel) < QUEUE;
        if !entered {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            self.collector.dropped(self.signal, 1);
        }
        entered
    }

    fn leave(&self, count: usize) {
        self.waiting.fetch_sub(count, Ordering::AcqRel);
    }

    /// Whether what had entered before the collector failed is not sent any more.
    fn is_shut(&self, count: usize) -> bool {
        let is_shut = self.collector.is_away();
        if is_shut {
            self.collector.dropped(self.signal, count as u64);
        }
        is_shut
    }

    fn sent(&self, count: usize, result: &OTelSdkResult) {
        match result {
            Ok(()) => self.collector.reached(),
            Err(error) => {
                self.collector.dropped(self.signal, count as u64);
                self.collector.failed(error);
            }
        }
    }
}

/// A processor behind a gate.
#[derive(Debug)]
struct Gated<P> {
    processor: P,
    gate: Gate,
}

impl<P: SpanProcessor> SpanProcessor for Gated<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.processor.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.gate.enter() {
            self.processor.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.processor.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.processor.set_resource(resource);
    }
}

impl<P: LogProcessor> LogProcessor for Gated<P> {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.gate.enter() {
            self.processor.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.processor.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.processor.set_resource(resource);
    }
}

/// An exporter whose failures are counted.
#[derive(Debug)]
struct Counted<E> {
    exporter: E,
    gate: Gate,
}

impl<E: trace::SpanExporter> trace::SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        self.gate.leave(count);
        if self.gate.is_shut(count) {
            return Ok(());
        }
        let result = self.exporter.export(batch).await;
        self.gate.sent(count, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: logs::LogExporter> logs::LogExporter for Counted<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let count = batch.iter().count();
        self.gate.leave(count);
        if self.gate.is_shut(count) {
            return Ok(());
        }
        let result = self.exporter.export(batch).await;
        self.gate.sent(count, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Counted<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.exporter.export(metrics).await;
        self.gate.sent(1, &result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
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
    use opentelemetry_sdk::error::OTelSdkError;

    use super::*;

    #[test]
    fn what_finds_no_room_is_dropped_and_counted_once() {
        let collector = Arc::new(Collector::new("http://collector", Default::default()));
        let gate = Gate::new(&collector, Signal::Traces);
        let entered = (0..QUEUE + 7).filter(|_| gate.enter()).count();
        assert_eq!((entered, collector.standing().dropped), (QUEUE, 7));
        gate.leave(BATCH);
        gate.sent(BATCH, &Err(OTelSdkError::AlreadyShutdown));
        let dropped = 7 + BATCH as u64;
        assert_eq!((collector.standing().reaches, collector.standing().dropped), (false, dropped));
        assert!(!gate.enter() && gate.is_shut(3), "it is left alone");
        assert_eq!(collector.standing().dropped, dropped + 4);
        gate.sent(BATCH, &Ok(()));
        assert!(gate.enter() && !gate.is_shut(3));
        assert_eq!(collector.standing().dropped, dropped + 4);
    }

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
