//! Texts of an answer: whoever named a model, a host or a reason may have put into it what steers a terminal.

use std::borrow::Cow;

use common::visible::{steers, visible};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How the texts of answers are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// For people: nothing in them steers a terminal, or begins a line of its own.
    Visible,
    /// As they are, for JSON.
    Faithful,
}

impl Texts {
    /// Reads a document.
    pub(super) fn read<T: DeserializeOwned>(self, document: &str) -> serde_json::Result<T> {
        if self == Self::Faithful || is_plain(document) {
            return serde_json::from_str(document);
        }
        serde_json::from_value(shown(serde_json::from_str(document)?))
    }
}

/// Whether no text in it can hold anything that steers: neither as it is, nor escaped.
fn is_plain(document: &str) -> bool {
    let escapes = |letter: u8| b"bfnrtu".contains(&letter);
    let escaped = document.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && escapes(pair[1]));
    !escaped && !document.contains(steers)
}

fn shown(value: Value) -> Value {
    let text = |text: String| match visible(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shown) => shown,
    };
    match value {
        Value::String(given) => Value::String(text(given)),
        Value::Array(items) => items.into_iter().map(shown).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (text(name), shown(value))).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_see_what_is_there_and_machines_get_it() {
        let document = r#"{"why":"\u001b[2Jall is well\nrefit: done","n":0.1,"at":"2026-01-01T00:00:00Z"}"#;
        let read = |texts: Texts| texts.read::<Value>(document).unwrap();
        assert_eq!(read(Texts::Visible)["why"], r"\u{1b}[2Jall is well\u{a}refit: done");
        assert_eq!(read(Texts::Faithful)["why"], "\u{1b}[2Jall is well\nrefit: done");
        assert_eq!(read(Texts::Visible)["at"], "2026-01-01T00:00:00Z");
    }

    proptest! {
        /// However an answer is built and written, nothing steers in what people see, and nothing is lost in what machines get.
        #[test]
        fn no_text_of_an_answer_steers(texts in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4)) {
            for document in [serde_json::to_string(&texts).unwrap(), serde_json::to_string_pretty(&texts).unwrap()] {
                let shown: BTreeMap<String, String> = Texts::Visible.read(&document).unwrap();
                prop_assert!(shown.iter().all(|(name, text)| !name.contains(steers) && !text.contains(steers)));
                prop_assert_eq!(&Texts::Faithful.read::<BTreeMap<String, String>>(&document).unwrap(), &texts);
            }
        }
    }
}
