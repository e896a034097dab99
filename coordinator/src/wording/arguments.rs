//! What belongs to a message becomes the arguments of its sentence.

use fluent_bundle::{FluentArgs, FluentValue};
use serde_json::{Map, Value};

/// Arguments that are words of a closed list, and the beginning of the names of their messages: they are worded before the sentence is.
/// Text that somebody typed is never among them.
pub(super) const WORDS: [(&str, &str); 13] = [
    ("against", "against"),
    ("because", "from-scratch"),
    ("chosen", "mode"),
    ("class", "failure"),
    ("condition", "condition"),
    ("family", "family"),
    ("level", "severity"),
    ("mode", "mode"),
    ("state", "state"),
    ("status", "status"),
    ("topic", "topic"),
    ("unit", "unit"),
    ("weekday", "weekday"),
];

/// Arguments that are messages of their own, and of which kind: they are worded before the sentence is.
const WITHIN: [(&str, &str); 9] = [
    ("alerts", "alert"),
    ("because", "never"),
    ("failure", "job"),
    ("finding", "finding"),
    ("held", "hold"),
    ("libraries", "library"),
    ("needs", "needs"),
    ("reason", "ledger"),
    ("unscored", "model"),
];

/// Says what is needed within a sentence.
pub(super) trait Within {
    /// A word of a closed list, by the name of its message.
    fn word(&self, id: &str) -> Option<String>;

    /// A message of a kind.
    fn message(&self, kind: &str, fields: &Map<String, Value>) -> Option<String>;
}

/// The arguments of a message.
pub(super) fn of<'a>(fields: &'a Map<String, Value>, within: &impl Within) -> FluentArgs<'a> {
    let mut arguments = FluentArgs::with_capacity(fields.len());
    for (name, value) in fields {
        let word = kind(&WORDS, name).zip(value.as_str()).and_then(|(kind, value)| within.word(&id(kind, value)));
        let worded = || in_words(kind(&WITHIN, name)?, value, within);
        arguments.set(name.as_str(), word.or_else(worded).map_or_else(|| argument(value), FluentValue::from));
    }
    arguments
}

fn kind(of: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    of.iter().find_map(|(argument, kind)| (*argument == name).then_some(*kind))
}

/// One message, or several.
fn in_words(kind: &str, value: &Value, within: &impl Within) -> Option<String> {
    match value {
        Value::Object(fields) => within.message(kind, fields),
        Value::Array(all) if all.iter().any(Value::is_object) => {
            let all: Option<Vec<String>> = all.iter().map(|one| in_words(kind, one, within)).collect();
            Some(all?.join("; "))
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The name of a message in the catalogues; of a kind that has only one, its name.
pub(super) fn id(kind: &str, code: &str) -> String {
    match code {
        "" => kind.to_owned(),
        code => format!("{kind}-{}", code.replace('_', "-")),
    }
}

/// What there is not is `none`, for a message to choose by; so are `yes` and `no`.
fn argument(value: &Value) -> FluentValue<'_> {
    match value {
        Value::Null => "none".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => number.as_f64().map_or(FluentValue::Error, FluentValue::from),
        Value::String(text) => text.as_str().into(),
        Value::Array(values) if values.is_empty() => "none".into(),
        Value::Array(values) => {
            values.iter().map(|value| value.as_str().unwrap_or_default()).collect::<Vec<_>>().join(", ").into()
        }
        Value::Object(_) => FluentValue::Error,
    }
}
