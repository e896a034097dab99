//! Typed identifiers. A worker's id cannot be passed as a job's.

use std::fmt;
use std::str::FromStr;

use newtype_uuid::{TypedUuid, TypedUuidKind, TypedUuidTag};
use serde::{Deserialize, Serialize};

use super::Family;

macro_rules! uuid_kind {
    ($kind:ident, $tag:literal, $alias:ident, $doc:literal) => {
        #[doc = concat!("The kind of [`", stringify!($alias), "`].")]
        #[derive(Debug)]
        pub enum $kind {}
        impl TypedUuidKind for $kind {
            fn tag() -> TypedUuidTag {
                const TAG: TypedUuidTag = TypedUuidTag::new($tag);
                TAG
            }
        }
        #[doc = $doc]
        pub type $alias = TypedUuid<$kind>;
    };
}

uuid_kind!(JobTag, "job", JobId, "A job: one row of the coordinator's database.");
uuid_kind!(AttemptTag, "attempt", AttemptId, "One dispatch of a job, minted when it leaves the line.");
uuid_kind!(WorkerTag, "worker", WorkerId, "One incarnation of a worker, minted at every start.");
uuid_kind!(CoordinatorTag, "coordinator", CoordinatorId, "One incarnation of a coordinator, minted at every start.");
uuid_kind!(PredictionTag, "prediction", PredictionId, "A prediction that was served; ids grow with time.");
uuid_kind!(MessageTag, "message", MessageId, "A message to a channel; ids grow with time.");
uuid_kind!(ClaimTag, "claim", ClaimId, "One delivery of an attempt to one worker.");

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: {rule}")]
pub struct InvalidKey {
    /// The text, shortened to 80 characters.
    pub text: String,
    /// What it should have been.
    pub what: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
}

impl InvalidKey {
    fn new(text: &str, what: &'static str, rule: &'static str) -> Self {
        Self { text: text.chars().take(80).collect(), what, rule }
    }
}

const SEGMENT_RULE: &str = "letters, digits, '.', '_', '-' and '^' only, 1 to 64 of them, not starting with '.' or '-'";

/// Keys become paths in the store, so a segment can never be `..`, empty, absolute or hidden.
fn is_segment(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-^".contains(&b))
}

macro_rules! text_key {
    ($name:ident) => {
        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = InvalidKey;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }
    };
}

/// A model's name: `family-folder/name`, such as `forecaster/AAPL`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelKey(String);
text_key!(ModelKey);

impl ModelKey {
    /// The universal forecaster, over all symbols.
    pub fn universal_forecaster() -> Self {
        Self("forecaster/universal".into())
    }

    /// The forecaster of one symbol.
    pub fn forecaster(symbol: &Symbol) -> Self {
        Self(format!("forecaster/{symbol}"))
    }

    /// The family that the part before the slash names, if it names one.
    pub fn family(&self) -> Option<Family> {
        self.folder().parse().ok()
    }

    /// The part before the slash.
    pub fn folder(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl TryFrom<String> for ModelKey {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(folder), Some(name), None) if is_segment(folder) && is_segment(name) => Ok(Self(text)),
            (Some(_), Some(_), None) => Err(InvalidKey::new(&text, "model key", SEGMENT_RULE)),
            _ => Err(InvalidKey::new(&text, "model key", "it has the form family/name, such as forecaster/AAPL")),
        }
    }
}

/// A ticker symbol, such as `AAPL` or `BRK.B`; upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(String);
text_key!(Symbol);

impl TryFrom<String> for Symbol {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let upper = text.to_ascii_uppercase();
        if is_segment(&upper) { Ok(Self(upper)) } else { Err(InvalidKey::new(&text, "symbol", SEGMENT_RULE)) }
    }
}

/// The name of a data set, such as `movies`; lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetName(String);
text_key!(DatasetName);

impl TryFrom<String> for DatasetName {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let lower = text.to_ascii_lowercase();
        if is_segment(&lower) { Ok(Self(lower)) } else { Err(InvalidKey::new(&text, "data set", SEGMENT_RULE)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_name_a_family_and_a_model() {
        let key: ModelKey = "forecaster/AAPL".parse().unwrap();
        assert_eq!((key.folder(), key.name()), ("forecaster", "AAPL"));
        for bad in [
            "",
            "AAPL",
            "/AAPL",
            "forecaster/",
            "a/b/c",
            "../AAPL",
            "forecaster/..",
            "forecaster/.hidden",
            "a/-rf",
            "a/b\0",
            "a/é",
        ] {
            assert!(bad.parse::<ModelKey>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        /// Whatever text is taken as a key, as a path it stays below the folder it is joined to.
        #[test]
        fn keys_cannot_leave_the_store(text in ".*") {
            if let Ok(key) = text.parse::<ModelKey>() {
                let path = std::path::Path::new("/store").join(key.as_str());
                prop_assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_) | std::path::Component::RootDir)));
                prop_assert!(path.starts_with("/store"));
                prop_assert_eq!(path.components().count(), 4);
            }
        }
    }
}
