//! Values that must not be shown.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

const HIDDEN: &str = "***";

/// A password or token. Neither `Debug` nor `Serialize` shows it.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself: never log what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn shown(&self) -> &'static str {
        if self.is_empty() { "" } else { HIDDEN }
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

/// The URL of a service. What is shown of it holds no password.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    /// The URL itself, password included, or another if it is empty.
    pub(super) fn or_else(&self, other: impl FnOnce() -> String) -> String {
        if self.0.is_empty() { other() } else { self.0.clone() }
    }

    /// Whether a place is named.
    pub(super) fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    fn shown(&self) -> Cow<'_, str> {
        without_password(&self.0)
    }
}

/// `scheme://user:password@host?key=secret` as `scheme://user:***@host?***`: a query may hold keys too.
pub fn without_password(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.is_empty() { "".into() } else { HIDDEN.into() };
    };
    let (rest, query) = match rest.split_once('?') {
        // What looks like a query may be the end of a password that was not escaped.
        Some((before, after)) if after.contains('@') && !before.contains('@') => {
            return format!("{scheme}://{HIDDEN}").into();
        }
        Some((before, _)) => (before, "?***"),
        None => (rest, ""),
    };
    // The last @ ends the password, which may hold one itself.
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:{HIDDEN}@{host}{query}").into()
        }
        None => format!("{scheme}://{rest}{query}").into(),
    }
}

impl From<&str> for ServiceUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// The same for both: what is shown, what is written, and the mark in the schema.
macro_rules! hidden {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.shown())
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.shown())
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "writeOnly": true })
            }
            fn inline_schema() -> bool {
                true
            }
        }
    };
}
hidden!(Secret);
hidden!(ServiceUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_secret() {
        let shown = |text: &str| ServiceUrl(text.into()).shown().into_owned();
        assert_eq!(shown("amqp://refit:p@ss:word@host:5672/v"), "amqp://refit:***@host:5672/v");
        assert_eq!(shown("redis://:hunter2@host"), "redis://:***@host");
        assert_eq!(shown("s3://bucket/folder?secret_key=hunter2"), "s3://bucket/folder?***");
        assert_eq!(shown("amqp://refit:what?@host"), "amqp://***");
        assert_eq!(shown("s3://AKIA:s/e+c=r@bucket/folder"), "s3://AKIA:***@bucket/folder");
        assert_eq!(shown("sqlite:///data/bus.db"), "sqlite:///data/bus.db");
        assert_eq!(shown("hunter2"), "***");
        let secret = Secret::from("hunter2".to_owned());
        assert_eq!(
            (format!("{secret:?}"), serde_json::to_string(&secret).unwrap()),
            ("Secret(\"***\")".into(), "\"***\"".into())
        );
        assert_eq!(secret.expose(), "hunter2");
    }
}
