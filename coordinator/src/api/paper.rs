//! Reports as whoever asks wants them: as data, as text, or as a page.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::report::ReportFormat;
use serde::Serialize;

use super::extract::Json;
use super::problem::Rejection;
use crate::render::reports::Paper;
use crate::render::{html, text};
use crate::service::Error;

/// Columns of a report as text.
const WIDTH: usize = 100;
/// What a page may do: show itself.
const NOTHING_LOADED: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A report in the form that is asked for: by name, else by the header `Accept`, else as JSON.
pub(super) fn report<R: Paper + Serialize>(
    result: Result<R, Error>,
    format: Option<ReportFormat>,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    let report = result?;
    Ok(match format.unwrap_or_else(|| accepted(headers)) {
        ReportFormat::Json => Json(report).into_response(),
        ReportFormat::Text => file(ReportFormat::Text, text(&report.document(), WIDTH)),
        ReportFormat::Html => file(ReportFormat::Html, html(&report.document())),
    })
}

/// A file of a report.
pub(super) fn file(format: ReportFormat, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING_LOADED));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The form that a client names first of those there are; browsers name HTML.
fn accepted(headers: &HeaderMap) -> ReportFormat {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let named = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let known = |range: &str| match range {
        "text/html" => Some(ReportFormat::Html),
        "text/plain" => Some(ReportFormat::Text),
        "application/json" => Some(ReportFormat::Json),
        _ => None,
    };
    named.filter_map(known).next().unwrap_or(ReportFormat::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_shown_a_page_and_programs_data() {
        for (accept, format) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", ReportFormat::Html),
            ("*/*", ReportFormat::Json),
            ("text/plain", ReportFormat::Text),
            ("application/json, text/html", ReportFormat::Json),
            ("", ReportFormat::Json),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepted(&headers), format, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()), ReportFormat::Json);
    }
}
