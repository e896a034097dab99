//! What stands before and behind each signal's queue. Whatever does not fit or does not get through is dropped and counted once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{self, LogBatch, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{self, Span, SpanData, SpanProcessor};

use super::collector::{Collector, Signal};

/// Spans, and log records, that wait for their export at most.
pub(super) const QUEUE: usize = 2048;

/// Lets in what has room, so that the queue behind it never overflows uncounted.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    collector: Arc<Collector>,
    signal: Signal,
    waiting: Arc<AtomicUsize>,
}

impl Gate {
    pub(super) fn new(collector: &Arc<Collector>, signal: Signal) -> Self {
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
pub(super) struct Gated<P> {
    pub(super) processor: P,
    pub(super) gate: Gate,
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
pub(super) struct Counted<E> {
    pub(super) exporter: E,
    pub(super) gate: Gate,
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
        if self.gate.is_shut(1) {
            return Ok(());
        }
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

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::error::OTelSdkError;

    use super::*;

    const SENT: usize = 512;

    #[test]
    fn what_finds_no_room_is_dropped_and_counted_once() {
        let collector = Arc::new(Collector::new("http://collector", Default::default()));
        let gate = Gate::new(&collector, Signal::Traces);
        let entered = (0..QUEUE + 7).filter(|_| gate.enter()).count();
        assert_eq!((entered, collector.status().dropped), (QUEUE, 7));
        gate.leave(SENT);
        gate.sent(SENT, &Err(OTelSdkError::AlreadyShutdown));
        let dropped = 7 + SENT as u64;
        assert_eq!((collector.status().reaches, collector.status().dropped), (false, dropped));
        assert!(!gate.enter() && gate.is_shut(3), "it is left alone");
        assert_eq!(collector.status().dropped, dropped + 4);
        gate.sent(SENT, &Ok(()));
        assert!(gate.enter() && !gate.is_shut(3));
        assert_eq!(collector.status().dropped, dropped + 4);
    }
}
