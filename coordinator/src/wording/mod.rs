//! What is told to people, in their language.
//!
//! Why something is done or not is decided, kept and sent as data: a variant of an enum with its numbers. Here a sentence is made of
//! it, when somebody reads it: the variant's code names the message in the catalogues (`locales/*.ftl`), its fields are the message's
//! arguments. The catalogues are the only place with sentences.

mod arguments;
mod catalogue;
mod format;
mod language;
mod messages;
mod notice;
mod report;
mod stored;
#[cfg(test)]
mod tests;
mod when;

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::language::{Language, NotSpoken};
pub(crate) use self::notice::{Subject, Unnamed};
pub(crate) use self::report::{Label, ReportText, word};
pub(crate) use self::stored::StoredMessage;
pub(crate) use self::when::When;

/// The field that says what a message is.
const CODE: &str = "code";

/// Something that is told in words. Its serde form is an object: its code as `code`, and what belongs to it.
pub(crate) trait Message: Serialize {
    /// What kind of thing it is: the beginning of its messages' names.
    const KIND: &'static str;
    /// Every code.
    const CODES: &'static [&'static str];
}

/// A message, taken apart and in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RenderedMessage {
    /// What it is.
    pub(crate) code: String,
    /// The sentence.
    pub(crate) text: String,
    /// What belongs to it.
    pub(crate) fields: Map<String, Value>,
}

/// A message taken apart, and in the language of whoever reads it.
pub(crate) fn render<M: Message>(message: &M) -> RenderedMessage {
    render_in(Language::current(), message)
}

/// A message in the language of whoever reads it.
pub(crate) fn text<M: Message>(message: &M) -> String {
    render(message).text
}

/// A message in a language.
pub(crate) fn text_in<M: Message>(language: Language, message: &M) -> String {
    render_in(language, message).text
}

fn render_in<M: Message>(language: Language, message: &M) -> RenderedMessage {
    let mut fields = match serde_json::to_value(message) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    };
    let rendered = catalogue::of(language).say(M::KIND, &fields);
    let code = match fields.remove(CODE) {
        Some(Value::String(code)) => code,
        Some(_) | None => String::new(),
    };
    let text = rendered.unwrap_or_else(|unsaid| {
        tracing::error!(%unsaid, %language, "something cannot be said");
        code.clone()
    });
    RenderedMessage { code, text, fields }
}
