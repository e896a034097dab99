//! The table as a list: what may be told at all, for the page and for whoever checks what arrives.

use super::span::Operation;
use super::table::{Attribute, attribute, instruments, span};

/// A metric there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricEntry {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its unit, by UCUM: `s`, `{job}`.
    pub unit: &'static str,
    /// The attributes it may have.
    pub attributes: Vec<&'static str>,
    /// What it says.
    pub meaning: &'static str,
}

/// A span there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanEntry {
    /// Its name; one about a message goes on with the queue's.
    pub name: &'static str,
    /// `internal`, `producer`, `client` or `consumer`.
    pub kind: String,
    /// What is done with the message, if it is about one: `send`, `receive`, `process` or `settle`.
    pub operation_type: Option<&'static str>,
    /// The attributes it, or an event in it, may have.
    pub attributes: Vec<&'static str>,
    /// What it is about.
    pub meaning: &'static str,
}

/// Every metric.
pub fn metrics() -> Vec<MetricEntry> {
    let entry = |about: &super::metric::Description, kind| MetricEntry {
        name: about.name,
        kind,
        unit: about.unit,
        attributes: names(about.attributes),
        meaning: about.meaning,
    };
    instruments().iter().map(|instrument| entry(instrument.description(), instrument.kind())).collect()
}

/// Every span.
pub fn spans() -> Vec<SpanEntry> {
    let entry = |operation: &&Operation| SpanEntry {
        name: operation.name,
        kind: format!("{:?}", operation.kind).to_lowercase(),
        operation_type: operation.messaging.map(|messaging| messaging.as_str()),
        attributes: names(operation.attributes),
        meaning: operation.meaning,
    };
    span::ALL.iter().map(entry).collect()
}

/// Every attribute, with what it says.
pub fn attributes() -> Vec<(&'static str, &'static str)> {
    attribute::ALL.iter().map(|Attribute { name, meaning }| (*name, *meaning)).collect()
}

fn names(attributes: &[&'static Attribute]) -> Vec<&'static str> {
    attributes.iter().map(|attribute| attribute.name).collect()
}
