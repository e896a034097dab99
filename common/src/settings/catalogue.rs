//! Every key there is, with what the types say of it: from the schema of [`Settings`], so that nothing is said twice.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Settings;

/// One key.
pub(super) struct SettingsKey {
    /// Such as `api.listen`.
    pub(super) key: String,
    /// What it means.
    pub(super) description: String,
    /// Its value must not be shown, and may stand in a file named by `<key>_file`.
    pub(super) secret: bool,
    /// It may have no value.
    optional: bool,
    minimum: Option<Bound>,
    maximum: Option<Bound>,
}

/// The end of a range.
#[derive(Clone, Copy)]
enum Bound {
    Number(f64),
    Duration(Duration),
}

/// All keys, in the order of the page of settings: those without a section first.
pub(super) fn entries() -> Vec<SettingsKey> {
    let settings = SchemaSettings::default().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<Settings>();
    let mut entries = Vec::new();
    collect("", schema.as_value(), &mut entries);
    entries.sort_by_key(|entry: &SettingsKey| entry.key.contains('.'));
    entries
}

fn collect(key: &str, schema: &Value, entries: &mut Vec<SettingsKey>) {
    match schema.get("properties").and_then(Value::as_object) {
        Some(fields) => {
            for (name, field) in fields {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(&key, field, entries);
            }
        }
        None => entries.push(SettingsKey {
            key: key.to_owned(),
            description: schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " "),
            secret: schema.get("writeOnly").is_some(),
            optional: schema.get("type").is_some_and(Value::is_array),
            minimum: schema.get("minimum").and_then(bound),
            maximum: schema.get("maximum").and_then(bound),
        }),
    }
}

fn bound(value: &Value) -> Option<Bound> {
    match value {
        Value::String(text) => humantime::parse_duration(text).ok().map(Bound::Duration),
        other => other.as_f64().map(Bound::Number),
    }
}

/// The values of settings by key, secrets hidden.
pub(super) fn values(settings: &Settings) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    let tree = serde_json::to_value(settings).unwrap_or_default();
    flatten("", tree, &mut values);
    values
}

fn flatten(key: &str, value: Value, values: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(&key, field, values);
            }
        }
        leaf => {
            values.insert(key.to_owned(), leaf);
        }
    }
}

/// A value as people read it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Value::Number(number) => number.as_f64().map_or(String::new(), |number| number.to_string()),
        other => other.to_string(),
    }
}

/// The variable of the environment for a key.
pub(super) fn variable(key: &str) -> String {
    format!("REFIT_{}", key.replace('.', "__").to_uppercase())
}

impl SettingsKey {
    /// What is wrong with a value that is out of range.
    pub(super) fn out_of_range(&self, value: &Value) -> Option<String> {
        let below = self.minimum.is_some_and(|minimum| minimum.compare(value).is_some_and(|side| side.is_gt()));
        let above = self.maximum.is_some_and(|maximum| maximum.compare(value).is_some_and(|side| side.is_lt()));
        // JSON has no word for NaN and infinity: there they are null.
        let infinite = value.is_null() && !self.optional;
        match (below || above, infinite) {
            (_, true) => Some(format!("a finite number is needed: {}", self.range())),
            (true, false) => Some(format!("{} is out of range: {}", shown(value), self.range())),
            (false, false) => None,
        }
    }

    /// The range in words; empty without one.
    pub(super) fn range(&self) -> String {
        match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) => format!("{minimum} to {maximum}"),
            (Some(minimum), None) => format!("at least {minimum}"),
            (None, Some(maximum)) => format!("at most {maximum}"),
            (None, None) => String::new(),
        }
    }
}

impl Bound {
    /// How this end lies to a value, if both are of a kind.
    fn compare(self, value: &Value) -> Option<std::cmp::Ordering> {
        match self {
            Self::Number(end) => end.partial_cmp(&value.as_f64()?),
            Self::Duration(end) => Some(end.cmp(&humantime::parse_duration(value.as_str()?).ok()?)),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(end) => write!(f, "{end}"),
            Self::Duration(end) => write!(f, "{}", humantime::format_duration(*end)),
        }
    }
}
