//! Where telemetry goes, and what did not get there.

use std::collections::HashMap;
use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::TelemetryError;
use super::table::{attribute, metric};
use crate::settings::{Secret, Telemetry, endpoint_flaw, headers_of};

const VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Between two complaints about a collector that comes and goes.
const QUIET: Duration = Duration::from_mins(1);
/// Nothing is made or sent for so long after an export that failed; twice as long after each further one in a row.
const PAUSE: Duration = Duration::from_secs(1);
/// At most so long: then one more is tried.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// How the export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportStatus {
    /// Where it goes.
    pub endpoint: String,
    /// The latest export got there.
    pub reaches: bool,
    /// Spans, log records and exports of metrics that did not, since the start.
    pub dropped: u64,
}

/// A collector, and how well it is reached.
#[derive(Debug)]
pub(super) struct Collector {
    endpoint: String,
    headers: Secret,
    dropped: AtomicU64,
    mood: Mutex<Mood>,
    /// What times are counted from here.
    start: Instant,
    /// Until when it is left alone, milliseconds from there.
    away_until: AtomicU64,
}

#[derive(Debug, Default)]
struct Mood {
    failing: bool,
    /// Exports that failed in a row.
    failures: u32,
    complained: Option<Instant>,
}

impl Collector {
    /// The collector of the settings, else that of the usual variable, if there is one.
    pub(super) fn of(settings: &Telemetry) -> Result<Option<Self>, TelemetryError> {
        let disabled = env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"));
        let usual = env::var(VARIABLE).unwrap_or_default();
        let (endpoint, origin) = match settings.endpoint.as_str() {
            "" => (usual.as_str(), VARIABLE),
            named => (named, "telemetry.endpoint"),
        };
        if disabled || endpoint.is_empty() {
            return Ok(None);
        }
        if let Some(reason) = endpoint_flaw(endpoint) {
            return Err(TelemetryError::Collector { origin, reason });
        }
        Ok(Some(Self::new(endpoint, settings.headers.clone())))
    }

    pub(super) fn new(endpoint: &str, headers: Secret) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let (dropped, away_until) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { endpoint, headers, dropped, mood: Mutex::default(), start: Instant::now(), away_until }
    }

    /// The address for one signal.
    pub(super) fn address(&self, signal: Signal) -> String {
        format!("{}/v1/{}", self.endpoint, signal.as_str())
    }

    /// What goes with each request; the settings have been checked.
    pub(super) fn headers(&self) -> HashMap<String, String> {
        headers_of(self.headers.expose()).unwrap_or_default()
    }

    /// How the export goes.
    pub(super) fn status(&self) -> ExportStatus {
        let reaches = !self.mood.lock().unwrap_or_else(PoisonError::into_inner).failing;
        ExportStatus { endpoint: self.endpoint.clone(), reaches, dropped: self.dropped.load(Ordering::Relaxed) }
    }

    /// Whether it is left alone for now, as it did not take what was sent last: what would be sent need not be made.
    pub(super) fn is_away(&self) -> bool {
        (self.start.elapsed().as_millis() as u64) < self.away_until.load(Ordering::Relaxed)
    }

    /// So much will never get there.
    pub(super) fn dropped(&self, signal: Signal, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        metric::TELEMETRY_DROPPED.add(count, &[(&attribute::SIGNAL, signal.as_str())]);
    }

    /// An export failed: said once, and again only after a while and a success.
    pub(super) fn failed(&self, why: &dyn std::fmt::Display) {
        let mut mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        // Several signals may meet the same outage at once.
        if !self.is_away() {
            let until = self.start.elapsed() + pause_after(mood.failures);
            mood.failures = mood.failures.saturating_add(1);
            self.away_until.store(until.as_millis() as u64, Ordering::Relaxed);
        }
        if !std::mem::replace(&mut mood.failing, true) && mood.complained.is_none_or(|at| at.elapsed() > QUIET) {
            mood.complained = Some(Instant::now());
            tracing::warn!(collector = self.endpoint, %why, "telemetry does not get through; it is dropped and counted");
        }
    }

    /// An export got through.
    pub(super) fn reached(&self) {
        let mut mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        mood.failures = 0;
        self.away_until.store(0, Ordering::Relaxed);
        if std::mem::take(&mut mood.failing) {
            let dropped = self.dropped.load(Ordering::Relaxed);
            tracing::debug!(collector = self.endpoint, dropped, "telemetry gets through again");
        }
    }
}

/// How long it is left alone after so many failures in a row, before the latest.
fn pause_after(failures: u32) -> Duration {
    PAUSE.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_that_fails_is_left_alone_for_longer_each_time_and_not_for_ever() {
        assert_eq!([0, 1, 3, 4, 31, 32, u32::MAX].map(|n| pause_after(n).as_secs()), [1, 2, 8, 16, 16, 16, 16]);
        let collector = Collector::new("http://collector", Secret::default());
        assert!(!collector.is_away());
        collector.failed(&"refused");
        collector.failed(&"refused");
        assert!(collector.is_away());
        collector.reached();
        assert!(!collector.is_away());
    }

    #[test]
    fn what_is_dropped_is_counted_and_success_is_seen() {
        let collector =
            Collector::new("http://collector:4318/", Secret::from("authorization=Bearer hunter2".to_owned()));
        assert_eq!(collector.address(Signal::Traces), "http://collector:4318/v1/traces");
        assert_eq!(collector.headers()["authorization"], "Bearer hunter2");
        assert!(!format!("{collector:?}").contains("hunter2"));
        collector.failed(&"refused");
        collector.dropped(Signal::Traces, 3);
        collector.dropped(Signal::Logs, 1);
        assert_eq!((collector.status().reaches, collector.status().dropped), (false, 4));
        collector.reached();
        assert!(collector.status().reaches);
    }

    #[test]
    fn without_an_address_there_is_no_collector() {
        assert!(Collector::of(&Telemetry { endpoint: String::new(), ..Telemetry::default() }).unwrap().is_none());
        let wrong = Telemetry { endpoint: "collector:4318".into(), ..Telemetry::default() };
        assert!(Collector::of(&wrong).unwrap_err().to_string().starts_with("telemetry.endpoint: "));
    }
}
