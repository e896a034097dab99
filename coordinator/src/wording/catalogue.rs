//! The messages of a language.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use serde_json::{Map, Value};
use unic_langid::LanguageIdentifier;

use super::arguments::{self, Within};
use super::{CODE, Language, format};

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Language::English).0);
static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Language::Spanish).0);

/// The messages of a language.
pub(super) struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

/// A message that cannot be said: a fault of the catalogue, which its tests would have found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{id}: {fault}")]
pub(super) struct Unsaid {
    /// The name of the message.
    id: String,
    fault: String,
}

/// The catalogue of a language.
pub(super) fn of(language: Language) -> &'static Catalogue {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// A catalogue as it is written.
pub(super) fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../locales/en.ftl"),
        Language::Spanish => include_str!("../../locales/es.ftl"),
    }
}

impl Catalogue {
    /// Reads the catalogue of a language, and says what is wrong with it; a test sees to it that nothing is.
    pub(super) fn read(language: Language) -> (Self, Vec<String>) {
        let mut faults = Vec::new();
        let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(resource, errors)| {
            faults.extend(errors.iter().map(ToString::to_string));
            resource
        });
        let tag: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        faults.extend(format::add(&mut bundle, language).err().map(|error| error.to_string()));
        let added = bundle.add_resource(resource);
        faults.extend(added.err().into_iter().flatten().map(|error| error.to_string()));
        (Self { bundle }, faults)
    }

    /// A message of a kind, by its serde form.
    pub(super) fn say(&self, kind: &str, fields: &Map<String, Value>) -> Result<String, Unsaid> {
        let id = arguments::id(kind, fields.get(CODE).and_then(Value::as_str).unwrap_or_default());
        let arguments = arguments::of(fields, self);
        self.sentence(&id, Some(&arguments)).map_err(|fault| Unsaid { id, fault })
    }

    /// A word of a closed list, by the name of its message.
    pub(super) fn word_of(&self, id: &str) -> Option<String> {
        self.sentence(id, None).ok()
    }

    /// A message by its name.
    fn sentence(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Result<String, String> {
        let pattern =
            self.bundle.get_message(id).and_then(|message| message.value()).ok_or("there is no such message")?;
        let mut faults: Vec<FluentError> = Vec::new();
        let formatted = self.bundle.format_pattern(pattern, arguments, &mut faults);
        match faults.is_empty() {
            true => Ok(formatted.into_owned()),
            false => Err(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        }
    }
}

impl Within for Catalogue {
    fn word(&self, id: &str) -> Option<String> {
        self.word_of(id)
    }

    fn message(&self, kind: &str, fields: &Map<String, Value>) -> Option<String> {
        self.say(kind, fields).ok()
    }
}
