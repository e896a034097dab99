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
pub struct Standing {
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
}

#[derive(Debug, Default)]
struct Mood {
    failing: bool,
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
        Self { endpoint, headers, dropped: AtomicU64::new(0), mood: Mutex::default() }
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
    pub(super) fn standing(&self) -> Standing {
        let reaches = !self.mood.lock().unwrap_or_else(PoisonError::into_inner).failing;
        Standing { endpoint: self.endpoint.clone(), reaches, dropped: self.dropped.load(Ordering::Relaxed) }
    }

    /// So much will never get there.
    pub(super) fn dropped(&self, signal: Signal, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        metric::TELEMETRY_DROPPED.add(count, &[(&attribute::SIGNAL, signal.as_str())]);
    }

    /// An export failed: said once, and again only after a while and a success.
    pub(super) fn failed(&self, why: &dyn std::fmt::Display) {
        let mut mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut mood.failing, true) && mood.complained.is_none_or(|at| at.elapsed() > QUIET) {
            mood.complained = Some(Instant::now());
            tracing::warn!(collector = self.endpoint, %why, "telemetry does not get through; it is dropped and counted");
        }
    }

    /// An export got through.
    pub(super) fn reached(&self) {
        let mut mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut mood.failing) {
            let dropped = self.dropped.load(Ordering::Relaxed);
            tracing::debug!(collector = self.endpoint, dropped, "telemetry gets through again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((collector.standing().reaches, collector.standing().dropped), (false, 4));
        collector.reached();
        assert!(collector.standing().reaches);
    }

    #[test]
    fn without_an_address_there_is_no_collector() {
        assert!(Collector::of(&Telemetry { endpoint: String::new(), ..Telemetry::default() }).unwrap().is_none());
        let wrong = Telemetry { endpoint: "collector:4318".into(), ..Telemetry::default() };
        assert!(Collector::of(&wrong).unwrap_err().to_string().starts_with("telemetry.endpoint: "));
    }
}
