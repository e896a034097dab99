//! `docs/telemetry.md`, from the table.

use std::fmt::Write;

use super::catalogue::{MetricEntry, SpanEntry, attributes, metrics, spans};
use super::metric::BUCKETS;

const PREFACE: &str = "# Telemetry

<!-- Written by a test of `common::telemetry` from `table.rs`: change the words there. -->

Traces, metrics and logs go to an OpenTelemetry collector over OTLP (HTTP, protobuf) once `telemetry.endpoint` names one:

```sh
export REFIT_TELEMETRY__ENDPOINT=http://collector:4318 # or the usual OTEL_EXPORTER_OTLP_ENDPOINT
```

Services are called `refit` and `refit-worker`; `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and
`OTEL_SDK_DISABLED` are heeded. A collector that is away costs nothing but `refit.telemetry.dropped`, which `/api/v1/health` shows too:
after an export that failed nothing is sent for a second, twice as long after each further one, 16 s at most; meanwhile spans are not made,
but their places in the trace are, so that what is told later belongs to the same trace.
";

fn page() -> String {
    let mut page = format!("{PREFACE}\n## Spans\n\n");
    page.push_str(
        "One trace a job: `decide` is its root. `attempt`, `judge` are below that, `send` and `process` below the attempt, `receive` \
         below `send`,\n`claim` and `ack` below `receive`, `load`, `train` and `upload` below `process`, `record` below the attempt, \
         `promote` below `judge`.\nThe context is kept in the job's row and travels as the W3C header `traceparent` with the \
         doorbell, and in the grant. Spans of\nmessages carry their queue in the name: `send refit.cpu`. Lines of the log \
         written within a span carry its ids.\n\nEvery training, \
         prediction and evaluation is traced. Of the probes of one request the first is, and every hundredth \
         after it;\nmetrics count them all.\n\n| span | kind | operation type | attributes | meaning |\n|---|---|---|---|---|\n",
    );
    for SpanEntry { name, kind, operation_type, attributes, meaning } in spans() {
        let operation = operation_type.map(|kind| format!("`{kind}`")).unwrap_or_default();
        writeln!(page, "| `{name}` | {kind} | {operation} | {} | {meaning} |", listed(&attributes)).unwrap();
    }
    page.push_str("\n## Metrics\n\n| metric | kind | unit | attributes | meaning |\n|---|---|---|---|---|\n");
    for MetricEntry { name, kind, unit, attributes, meaning } in metrics() {
        writeln!(page, "| `{name}` | {kind} | `{unit}` | {} | {meaning} |", listed(&attributes)).unwrap();
    }
    let buckets: Vec<String> = BUCKETS.iter().map(f64::to_string).collect();
    writeln!(page, "\nHistograms have these bounds, milliseconds to a day: {}.", buckets.join(", ")).unwrap();
    page.push_str(
        "Gauges are measured by the leading coordinator every `telemetry.interval`, from a few statements over all jobs.\n",
    );
    page.push_str("\n## Attributes\n\n| attribute | meaning |\n|---|---|\n");
    for (name, meaning) in attributes() {
        writeln!(page, "| `{name}` | {meaning} |").unwrap();
    }
    page
}

fn listed(attributes: &[&str]) -> String {
    attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The page follows from the table. A stale one is rewritten, and the test fails once.
#[test]
fn the_page_of_telemetry_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/telemetry.md");
    let page = page();
    if std::fs::read_to_string(path).unwrap_or_default() != page {
        std::fs::write(path, page).unwrap();
        panic!("docs/telemetry.md was out of date and has been rewritten: look at it and commit it");
    }
}

#[test]
fn names_are_told_apart_and_every_attribute_is_of_use() {
    let mut names: Vec<&str> = metrics().iter().map(|metric| metric.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    let of_metrics = metrics().into_iter().flat_map(|metric| metric.attributes);
    let used: Vec<&str> = spans().into_iter().flat_map(|span| span.attributes).chain(of_metrics).collect();
    let unused: Vec<&str> =
        attributes().into_iter().map(|(name, _)| name).filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
