//! What a collector saw, in the few words the tests need.

use std::collections::BTreeMap;

/// Attributes, their values as text.
pub type Attributes = BTreeMap<String, String>;

/// A span.
#[derive(Debug, Clone)]
pub struct SeenSpan {
    /// Of which service.
    pub service: String,
    /// Its whole name.
    pub name: String,
    /// `internal`, `producer`, `client`, `consumer`.
    pub kind: String,
    /// The trace it is in.
    pub trace: String,
    /// Its id.
    pub id: String,
    /// The span it is below; empty for a root.
    pub parent: String,
    /// Begin and end, nanoseconds since 1970.
    pub time: (u64, u64),
    /// Trace and span of those it follows from.
    pub links: Vec<(String, String)>,
    /// What is said of it.
    pub attributes: Attributes,
    /// What happened in it.
    pub events: Vec<SeenEvent>,
    /// Why it did not go well.
    pub error: Option<String>,
}

/// Something that happened in a span.
#[derive(Debug, Clone)]
pub struct SeenEvent {
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub attributes: Attributes,
}

/// A metric in one export.
#[derive(Debug, Clone)]
pub struct SeenMetric {
    /// Of which service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// A value each for these attributes; of a histogram, how many values.
    pub points: Vec<(Attributes, f64)>,
    /// The bounds of a histogram.
    pub bounds: Vec<f64>,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct SeenLine {
    /// Of which service.
    pub service: String,
    /// What it says.
    pub body: String,
    /// The trace it was written in; empty for none.
    pub trace: String,
    /// The span it was written in.
    pub span: String,
    /// Its fields.
    pub attributes: Attributes,
}

impl SeenSpan {
    /// Its name without the queue.
    pub fn operation(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// One attribute; empty if it has none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

impl SeenMetric {
    /// The sum of the values whose attributes hold all of these.
    pub fn sum(&self, about: &[(&str, &str)]) -> f64 {
        let fits =
            |attributes: &Attributes| about.iter().all(|(k, v)| attributes.get(*k).is_some_and(|value| value == v));
        self.points.iter().filter(|(attributes, _)| fits(attributes)).map(|(_, value)| value).sum()
    }
}
