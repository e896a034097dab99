//! What the processes say of themselves: lines on stderr, text or JSON. stdout belongs to answers.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::settings::{Log, LogFormat};

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is not one.
    #[error("log.level: {0}")]
    Level(#[from] ParseError),
    /// Something in this process has set up a log already.
    #[error("the log is set up already")]
    Twice(#[from] TryInitError),
}

/// Sets up the log of this process. Call once, first thing after the settings are read.
///
/// # Errors
/// The level cannot be understood, or there is a log already.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    let colours = std::io::stderr().is_terminal();
    Ok(subscriber(log, std::io::stderr, colours)?.try_init()?)
}

fn subscriber<W>(log: &Log, writer: W, colours: bool) -> Result<Box<dyn Subscriber + Send + Sync>, ParseError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // What RabbitMQ's client has to say comes back from its calls as well, and is told once, where it is known what it means.
    let filter = EnvFilter::builder().parse(format!("lapin=off,{}", log.level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(colours);
    Ok(match log.format {
        LogFormat::Text => Box::new(lines.finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Mutex;

    use super::*;

    fn logged(level: &str, format: LogFormat) -> String {
        let mut file = tempfile::tempfile().unwrap();
        let writer = Mutex::new(file.try_clone().unwrap());
        let log = Log { level: level.into(), format };
        tracing::subscriber::with_default(subscriber(&log, writer, false).unwrap(), || {
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
    fn a_level_that_is_none_is_refused() {
        let log = Log { level: "refit=loud".into(), format: LogFormat::Text };
        assert!(init(&log).unwrap_err().to_string().starts_with("log.level: "));
    }
}
