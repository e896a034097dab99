//! What people call things that the API names in its paths: tokens, schedules, channels.

/// The rule, in words.
pub(crate) const RULE: &str = "letters, digits, '.', '_' and '-' only, 1 to 64 of them, not starting with '.' or '-'";

/// Whether a text keeps it.
pub(crate) fn is_plain_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Declares the name of a kind of thing, and what it is in words.
macro_rules! plain_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = common::vocabulary::InvalidKey;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $crate::plain_name::is_plain_name(text) {
                    return Ok(Self(text.to_owned()));
                }
                let rule = $crate::plain_name::RULE;
                Err(Self::Err { text: text.chars().take(80).collect(), what: $what, rule })
            }
        }

        common::as_text!($name);
    };
}
pub(crate) use plain_name;
