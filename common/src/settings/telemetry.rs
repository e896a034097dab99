//! `telemetry`

use std::collections::HashMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Secret, duration};

/// Traces, metrics and logs for an OpenTelemetry collector. `docs/telemetry.md` lists all there are.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Where the collector takes OTLP over HTTP, such as `http://collector:4318`. Without: the variable
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`; without that, nothing is measured or exported.
    pub endpoint: String,
    /// What goes with each request to it: `NAME=VALUE`, several with commas between.
    pub headers: Secret,
    /// How often metrics are measured and exported.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "1h"))]
    pub interval: Duration,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { endpoint: String::new(), headers: Secret::default(), interval: Duration::from_secs(15) }
    }
}

impl Telemetry {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        let endpoint = Some(self.endpoint.as_str()).filter(|endpoint| !endpoint.is_empty()).and_then(endpoint_flaw);
        let headers = headers_of(self.headers.expose()).is_none();
        endpoint
            .map(|reason| ("telemetry.endpoint", reason))
            .or_else(|| headers.then(|| ("telemetry.headers", "write NAME=VALUE, several with commas between".into())))
    }
}

/// Why this is no address of a collector; it is not repeated, for it may hold a password.
pub(crate) fn endpoint_flaw(endpoint: &str) -> Option<String> {
    let address = reqwest::Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match address {
        Some(url) if url.username().is_empty() && url.password().is_none() && url.query().is_none() => None,
        Some(_) => Some(
            "write it without user, password and query: what the collector asks for goes into telemetry.headers".into(),
        ),
        None => Some("write http://HOST:PORT or https://HOST:PORT".into()),
    }
}

/// Headers as they are written in the settings; `None` if they are not.
pub(crate) fn headers_of(text: &str) -> Option<HashMap<String, String>> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let (name, value) = entry.split_once('=')?;
            let (name, value) = (name.trim().to_lowercase(), value.trim());
            let fits = reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
                && reqwest::header::HeaderValue::from_str(value).is_ok();
            fits.then(|| (name, value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_plain_and_headers_are_pairs() {
        for good in ["http://collector:4318", "https://collector/otlp", "http://[::1]:4318"] {
            assert_eq!(endpoint_flaw(good), None, "{good}");
        }
        for bad in
            ["collector:4318", "grpc://collector", "http://refit:hunter2@collector", "http://c?key=hunter2", "http://"]
        {
            assert!(endpoint_flaw(bad).is_some_and(|reason| !reason.contains("hunter2")), "{bad}");
        }
        assert_eq!(headers_of(" a=b , Authorization=Basic x== ").unwrap()["authorization"], "Basic x==");
        assert_eq!(headers_of("").unwrap().len(), 0);
        assert!(["a", "a b=c", "=x", "a=b\nc"].iter().all(|text| headers_of(text).is_none()));
    }
}
