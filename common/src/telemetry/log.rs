//! Lines of the log on stderr, text or JSON. stdout belongs to answers.

use std::fmt;
use std::io::IsTerminal;

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::Subscriber;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{ParseError, filter_fn};
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::TelemetryError;
use super::export::Exporting;
use super::files::{ALERTS, LogFile};
use crate::settings::{Log, LogFormat};
use crate::visible::visible;

/// Whoever carries telemetry away must not talk about that in what is carried away.
const CARRIERS: [&str; 6] = ["opentelemetry", "reqwest", "hyper", "h2", "rustls", "tower"];

/// Sets up the log of this process, on stderr alone. Call once, first thing after the settings are read.
///
/// # Errors
/// The level cannot be understood, or there is a log already.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    init_with_files(log, None)
}

/// The same, and lines are kept in files as well: all of them, and those about alerts.
pub(super) fn init_with_files(log: &Log, files: Option<(LogFile, LogFile)>) -> Result<(), TelemetryError> {
    let colours = std::io::stderr().is_terminal();
    Ok(subscriber(log, std::io::stderr, colours, None, files)?.try_init()?)
}

/// The same, and lines are exported as well.
pub(super) fn init_with(log: &Log, exporting: &Exporting) -> Result<(), TelemetryError> {
    let colours = std::io::stderr().is_terminal();
    Ok(subscriber(log, std::io::stderr, colours, Some(exporting), None)?.try_init()?)
}

fn subscriber<W>(
    log: &Log,
    writer: W,
    colours: bool,
    exporting: Option<&Exporting>,
    files: Option<(LogFile, LogFile)>,
) -> Result<Box<dyn Subscriber + Send + Sync>, ParseError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = self::lines(log.format, writer, colours);
    let files = files.map(|(days, alerts)| {
        let about_alerts = filter_fn(|about: &tracing::Metadata<'_>| about.target() == ALERTS);
        self::lines(log.format, days, false).and_then(self::lines(log.format, alerts, false).with_filter(about_alerts))
    });
    let bridge = exporting.map(|exporting| {
        let speaks = |about: &tracing::Metadata<'_>| !CARRIERS.iter().any(|name| about.target().starts_with(name));
        OpenTelemetryTracingBridge::new(exporting.logs()).with_filter(filter_fn(speaks))
    });
    // What RabbitMQ's client and the verifier of certificates have to say comes back from calls as well, and is told once, where it
    // is known what it means.
    let filter = EnvFilter::builder().parse(format!("lapin=off,rustls_platform_verifier=off,{}", log.level))?;
    Ok(Box::new(tracing_subscriber::registry().with(filter).with(lines).with(files).with(bridge)))
}

/// Each event as a line.
fn lines<S, W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    match format {
        LogFormat::Text => lines.fmt_fields(VisibleFields).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// Fields of a line as a terminal may show them: one event is one line, whatever a message holds.
struct VisibleFields;

impl<'writer> FormatFields<'writer> for VisibleFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = String::new();
        DefaultFields::new().format_fields(Writer::new(&mut text), fields)?;
        writer.write_str(&visible(&text))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Mutex;

    use super::*;

    fn logged(level: &str, format: LogFormat) -> String {
        let mut file = tempfile::tempfile().unwrap();
        let writer = Mutex::new(file.try_clone().unwrap());
        let log = Log { level: level.into(), format, ..Log::default() };
        tracing::subscriber::with_default(subscriber(&log, writer, false, None, None).unwrap(), || {
            tracing::info!(job = "j-1", "claimed");
            tracing::debug!("a detail");
            tracing::error!(target: "lapin::channels", "said twice");
        });
        let mut text = String::new();
        std::io::Seek::rewind(&mut file).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn lines_are_for_people_or_for_machines() {
        let text = logged("info", LogFormat::Text);
        assert!(text.contains("INFO") && text.contains("claimed job=\"j-1\"") && text.lines().count() == 1, "{text}");
        let json = logged("debug", LogFormat::Json);
        let line: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!((&line["message"], &line["job"], json.lines().count()), (&"claimed".into(), &"j-1".into(), 2));
        let asked = logged("warn,lapin=error", LogFormat::Text);
        assert!(asked.contains("said twice"), "{asked}");
    }

    #[test]
    fn nothing_in_a_line_steers_a_terminal() {
        let mut file = tempfile::tempfile().unwrap();
        let writer = Mutex::new(file.try_clone().unwrap());
        let log = Log { level: "info".into(), format: LogFormat::Text, ..Log::default() };
        let bad = "\u{1b}[2J\u{9b}31m\u{202e}\r\nINFO all is well";
        tracing::subscriber::with_default(subscriber(&log, writer, false, None, None).unwrap(), || {
            let _span = tracing::info_span!("request", host = %bad).entered();
            tracing::info!(%bad, quoted = bad, "{bad}");
        });
        let mut text = String::new();
        std::io::Seek::rewind(&mut file).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert!(
            !text.contains(|c: char| c != '\n' && crate::visible::steers(c)) && text.lines().count() == 1,
            "{text:?}"
        );
        assert!(text.contains("all is well") && text.contains(r"\u{9b}"), "{text:?}");
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        let log = Log { level: "refit=loud".into(), format: LogFormat::Text, ..Log::default() };
        assert!(init(&log).unwrap_err().to_string().starts_with("log.level: "));
    }
}
