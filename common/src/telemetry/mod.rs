//! What the processes say of themselves: lines on stderr, and, if a collector is named, traces, metrics and logs over OTLP.
//!
//! Everything that can be said is in [`table`]: the instruments, the spans and `docs/telemetry.md` follow from it. Without a
//! collector nothing is measured and no span is made; each call is a look at an empty cell.

pub mod catalogue;
mod collector;
mod context;
mod exchange;
mod export;
mod files;
mod gate;
mod log;
mod metric;
#[cfg(test)]
mod page;
mod span;
pub mod table;

use std::sync::OnceLock;
use std::time::Duration;

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use self::collector::Collector;
pub use self::collector::ExportStatus;
pub use self::context::{InvalidTraceContext, TraceContext};
pub use self::exchange::Exchange;
use self::export::Exporting;
pub use self::files::ALERTS;
pub use self::log::init;
pub use self::metric::{Counter, Gauge, Histogram};
pub use self::span::{Draft, Operation, Span, failed, within};
pub use self::table::Attribute;
use crate::settings::Settings;

/// At the end, what is left is sent for so long at most.
const FLUSH: Duration = Duration::from_secs(3);

static EXPORTING: OnceLock<Exporting> = OnceLock::new();

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is not one.
    #[error("log.level: {0}")]
    Level(#[from] ParseError),
    /// Something in this process has set up a log already.
    #[error("the log is set up already")]
    Twice(#[from] TryInitError),
    /// Where telemetry should go makes no sense.
    #[error("{origin}: {reason}")]
    Collector {
        /// The setting or variable.
        origin: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The exporter cannot be made.
    #[error("telemetry cannot be exported: {0}")]
    Exporter(String),
}

/// Sets up the log of this process, and the export if a collector is named; else it may be kept in files, too, as the settings say. The
/// log begins with variables that were ignored.
/// Call once, first thing after the settings are read, and [`finish`] at the end.
///
/// # Errors
/// The level or the collector's address cannot be understood, or there is a log already.
pub fn start(service: &'static str, settings: &Settings, keeps_files: bool) -> Result<(), TelemetryError> {
    set_up(service, settings, keeps_files)?;
    settings.ignored().iter().for_each(|ignored| tracing::warn!("{ignored}"));
    Ok(())
}

fn set_up(service: &'static str, settings: &Settings, keeps_files: bool) -> Result<(), TelemetryError> {
    let Some(collector) = Collector::of(&settings.telemetry)? else {
        let files = if keeps_files { files::of(settings) } else { Ok(None) };
        let unkept = files.as_ref().err().map(ToString::to_string);
        log::init_with_files(&settings.log, files.unwrap_or_default())?;
        unkept.iter().for_each(|error| tracing::warn!(error, "the log is not kept in files"));
        return Ok(());
    };
    let exporting = Exporting::start(service, collector, settings.telemetry.interval)?;
    log::init_with(&settings.log, &exporting)?;
    let status = EXPORTING.get_or_init(|| exporting).status();
    tracing::info!(collector = status.endpoint, "telemetry is exported");
    Ok(())
}

/// Whether telemetry is exported.
pub fn is_on() -> bool {
    EXPORTING.get().is_some()
}

/// How the export goes, if there is one.
pub fn status() -> Option<ExportStatus> {
    EXPORTING.get().map(Exporting::status)
}

/// Something happened that must never happen: counted under the name of what was violated, and said in the log.
pub fn violated(invariant: &'static str, what: impl std::fmt::Display) {
    tracing::error!(invariant, %what, "what must always hold does not");
    table::metric::INVARIANT_VIOLATIONS.add(1, &[(&table::attribute::INVARIANT, invariant)]);
}

/// Sends what is left, and waits no longer than a few seconds for that. Nothing is exported afterwards.
pub async fn finish() {
    let Some(exporting) = EXPORTING.get() else { return };
    let (flushed, end) = tokio::sync::oneshot::channel();
    // Not on the runtime's threads, whose end it waits for: a collector that hangs must not hold the process.
    std::thread::spawn(move || {
        exporting.shut_down(FLUSH);
        flushed.send(())
    });
    let _in_vain = tokio::time::timeout(FLUSH, end).await;
}
