//! OTLP's protobuf messages, read. `None`: the body is none.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

use super::seen::{Attributes, SeenEvent, SeenLine, SeenMetric, SeenSpan};

/// The spans of a body.
pub(super) fn spans(body: &[u8]) -> Option<Vec<SeenSpan>> {
    let request = ExportTraceServiceRequest::decode(body).ok()?;
    let mut seen = Vec::new();
    for of in request.resource_spans {
        let service = service(of.resource.as_ref());
        let spans = of.scope_spans.into_iter().flat_map(|scope| scope.spans);
        seen.extend(spans.map(|span| seen_span(span, &service)));
    }
    Some(seen)
}

fn seen_span(span: Span, service: &str) -> SeenSpan {
    let kind = span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase();
    debug_assert!(span.kind() != SpanKind::Unspecified);
    let failed = span.status.filter(|status| status.code() == StatusCode::Error);
    SeenSpan {
        service: service.to_owned(),
        name: span.name,
        kind,
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        time: (span.start_time_unix_nano, span.end_time_unix_nano),
        links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
        attributes: attributes(&span.attributes),
        events: span
            .events
            .into_iter()
            .map(|event| SeenEvent { attributes: attributes(&event.attributes), name: event.name })
            .collect(),
        error: failed.map(|status| status.message),
    }
}

/// The metrics of a body.
pub(super) fn metrics(body: &[u8]) -> Option<Vec<SeenMetric>> {
    let request = ExportMetricsServiceRequest::decode(body).ok()?;
    let mut seen = Vec::new();
    for of in request.resource_metrics {
        let service = service(of.resource.as_ref());
        let metrics = of.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
        seen.extend(metrics.filter_map(|metric| seen_metric(metric, &service)));
    }
    Some(seen)
}

fn seen_metric(metric: Metric, service: &str) -> Option<SeenMetric> {
    let (kind, points, bounds) = match metric.data? {
        Data::Sum(sum) => ("counter", numbers(&sum.data_points), Vec::new()),
        Data::Gauge(gauge) => ("gauge", numbers(&gauge.data_points), Vec::new()),
        Data::Histogram(histogram) => {
            let bounds = histogram.data_points.first().map(|point| point.explicit_bounds.clone()).unwrap_or_default();
            let points = histogram.data_points.iter().map(|point| (attributes(&point.attributes), point.count as f64));
            ("histogram", points.collect(), bounds)
        }
        Data::ExponentialHistogram(_) | Data::Summary(_) => return None,
    };
    Some(SeenMetric { service: service.to_owned(), name: metric.name, unit: metric.unit, kind, points, bounds })
}

fn numbers(points: &[NumberDataPoint]) -> Vec<(Attributes, f64)> {
    let value = |point: &NumberDataPoint| match point.value {
        Some(number_data_point::Value::AsDouble(value)) => value,
        Some(number_data_point::Value::AsInt(value)) => value as f64,
        None => f64::NAN,
    };
    points.iter().map(|point| (attributes(&point.attributes), value(point))).collect()
}

/// The lines of a body.
pub(super) fn lines(body: &[u8]) -> Option<Vec<SeenLine>> {
    let request = ExportLogsServiceRequest::decode(body).ok()?;
    let mut seen = Vec::new();
    for of in request.resource_logs {
        let service = service(of.resource.as_ref());
        let records = of.scope_logs.into_iter().flat_map(|scope| scope.log_records);
        seen.extend(records.map(|record| SeenLine {
            service: service.clone(),
            body: record.body.as_ref().map(text).unwrap_or_default(),
            trace: hex(&record.trace_id),
            span: hex(&record.span_id),
            attributes: attributes(&record.attributes),
        }));
    }
    Some(seen)
}

fn service(resource: Option<&Resource>) -> String {
    let attributes = resource.map(|resource| attributes(&resource.attributes)).unwrap_or_default();
    attributes.get("service.name").cloned().unwrap_or_default()
}

fn attributes(pairs: &[KeyValue]) -> Attributes {
    pairs.iter().map(|pair| (pair.key.clone(), pair.value.as_ref().map(text).unwrap_or_default())).collect()
}

fn text(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
