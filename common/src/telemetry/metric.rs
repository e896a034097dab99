//! Instruments. Each is silent until telemetry is started.

use std::sync::{Mutex, OnceLock, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{self, Meter};

use super::table::Attribute;

/// Seconds: milliseconds to a day.
pub(super) const BUCKETS: [f64; 18] = [
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1_800.0, 3_600.0, 10_800.0, 43_200.0,
    86_400.0,
];

/// One line of the table.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) meaning: &'static str,
    pub(super) attributes: &'static [&'static Attribute],
}

impl Description {
    fn tagged(&self, attributes: &[(&Attribute, &str)]) -> Vec<KeyValue> {
        attributes
            .iter()
            .map(|(attribute, value)| {
                debug_assert!(self.attributes.iter().any(|known| known.name == attribute.name), "{}", attribute.name);
                KeyValue::new(attribute.name, (*value).to_owned())
            })
            .collect()
    }
}

/// What the table knows of an instrument, whatever its kind.
pub(super) trait Instrument: Sync {
    fn description(&self) -> &Description;
    fn kind(&self) -> &'static str;
    fn register(&'static self, meter: &Meter);
}

/// Counts what happens.
#[derive(Debug)]
pub struct Counter {
    description: Description,
    live: OnceLock<metrics::Counter<u64>>,
}

/// How long things take, in seconds.
#[derive(Debug)]
pub struct Histogram {
    description: Description,
    live: OnceLock<metrics::Histogram<f64>>,
}

/// What is measured now and then, whole each time: what is not there any more is not exported any more.
#[derive(Debug)]
pub struct Gauge {
    description: Description,
    measured: Mutex<Vec<(Vec<KeyValue>, f64)>>,
}

impl Counter {
    pub(super) const fn new(description: Description) -> Self {
        Self { description, live: OnceLock::new() }
    }

    /// So many more.
    pub fn add(&self, count: u64, attributes: &[(&Attribute, &str)]) {
        if let Some(live) = self.live.get() {
            live.add(count, &self.description.tagged(attributes));
        }
    }
}

impl Histogram {
    pub(super) const fn new(description: Description) -> Self {
        Self { description, live: OnceLock::new() }
    }

    /// It took so many seconds.
    pub fn record(&self, seconds: f64, attributes: &[(&Attribute, &str)]) {
        if let Some(live) = self.live.get() {
            live.record(seconds, &self.description.tagged(attributes));
        }
    }
}

impl Gauge {
    pub(super) const fn new(description: Description) -> Self {
        Self { description, measured: Mutex::new(Vec::new()) }
    }

    /// What was measured just now, instead of what was before.
    pub fn measured<const N: usize>(&self, values: impl IntoIterator<Item = ([(&'static Attribute, String); N], f64)>) {
        let tagged = |attributes: &[(&Attribute, String); N]| {
            self.description.tagged(&attributes.each_ref().map(|(attribute, value)| (*attribute, value.as_str())))
        };
        let values = values.into_iter().map(|(attributes, value)| (tagged(&attributes), value)).collect();
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = values;
    }

    /// Somebody else measures from now on.
    pub fn forget(&self) {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Instrument for Counter {
    fn description(&self) -> &Description {
        &self.description
    }

    fn kind(&self) -> &'static str {
        "counter"
    }

    fn register(&'static self, meter: &Meter) {
        let Description { name, unit, meaning, .. } = self.description;
        self.live.get_or_init(|| meter.u64_counter(name).with_unit(unit).with_description(meaning).build());
    }
}

impl Instrument for Histogram {
    fn description(&self) -> &Description {
        &self.description
    }

    fn kind(&self) -> &'static str {
        "histogram"
    }

    fn register(&'static self, meter: &Meter) {
        let Description { name, unit, meaning, .. } = self.description;
        self.live.get_or_init(|| {
            let histogram = meter.f64_histogram(name).with_unit(unit).with_description(meaning);
            histogram.with_boundaries(BUCKETS.to_vec()).build()
        });
    }
}

impl Instrument for Gauge {
    fn description(&self) -> &Description {
        &self.description
    }

    fn kind(&self) -> &'static str {
        "gauge"
    }

    fn register(&'static self, meter: &Meter) {
        let Description { name, unit, meaning, .. } = self.description;
        let gauge = meter.f64_observable_gauge(name).with_unit(unit).with_description(meaning);
        // The meter keeps the callback; the handle is of no further use.
        let _registered = gauge
            .with_callback(|observer| {
                let measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
                measured.iter().for_each(|(attributes, value)| observer.observe(*value, attributes));
            })
            .build();
    }
}
