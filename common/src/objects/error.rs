//! What went wrong between us and an object store, in one line.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::path::Path;

use object_store::Error;

use crate::connect::mistrusted;
use crate::ports::PortError;

/// An error about an object in a place, by meaning.
pub(super) fn failed(place: &str, what: &dyn Display, error: &Error) -> PortError {
    let text = reasons(error);
    let code = element(&text, "Code");
    if is_full(error) || matches!(code, Some("XMinioStorageFull" | "QuotaExceeded" | "InsufficientStorage")) {
        return PortError::Full { what: what.to_string() };
    }
    if code == Some("NoSuchBucket") {
        let reason = "there is no such bucket: make it, or correct its name".into();
        return PortError::Unusable { what: place.to_owned(), reason };
    }
    // S3 answers with a page of XML: of all that is in it, these two are for people.
    let reason = match (code, element(&text, "Message")) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(code), None) => code.to_owned(),
        (None, _) => text.clone(),
    };
    if let Some(reason) = mistrusted(&text) {
        return PortError::Unusable { what: place.to_owned(), reason };
    }
    let there = format!("{what} in {place}");
    match error {
        Error::NotFound { .. } => PortError::NotFound { what: what.to_string() },
        Error::InvalidPath { .. }
        | Error::NotSupported { .. }
        | Error::NotImplemented { .. }
        | Error::PermissionDenied { .. }
        | Error::Unauthenticated { .. }
        | Error::UnknownConfigurationKey { .. } => PortError::Unusable { what: there, reason },
        // The list of errors is open; most of the others come and go.
        _ => PortError::Unreachable { what: there, reason },
    }
}

/// What a file of this machine has to do with it.
pub(super) fn file_failed(file: &Path, error: io::Error) -> PortError {
    let what = file.display().to_string();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PortError::Full { what },
        io::ErrorKind::NotFound => PortError::NotFound { what },
        _ => PortError::Unusable { what, reason: error.to_string() },
    }
}

/// What a file of this machine that is to go up has to do with it: no other store, and no other time, would help.
pub(super) fn source_failed(file: &Path, error: io::Error) -> PortError {
    let what = file.display().to_string();
    match error.kind() {
        io::ErrorKind::NotFound => PortError::NotFound { what },
        _ => PortError::Damaged { what, reason: error.to_string() },
    }
}

/// What stands in an element of XML.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

/// Whether the disk or the quota is at the bottom of an error.
fn is_full(error: &Error) -> bool {
    let full = |kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    causes(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| full(cause.kind())))
}

/// An error with its causes, on one line. How often and how long it was tried stands before the first dash, and is left out.
fn reasons(error: &Error) -> String {
    let text = causes(error)
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") });
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.split_once("retry_timeout: ").and_then(|(_, rest)| rest.split_once(" - ")) {
        Some((_, reason)) => reason.to_owned(),
        None => text,
    }
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause| (**cause).source())
}
